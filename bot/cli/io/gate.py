"""The bot's own gate over whole histories, for commands: what it doubts is said on standard error."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Sequence

from bot.market.model import FetchAnswer, Market, MarketKind
from bot.market.quality.beside_days import of_their_days
from bot.market.quality.outliers import SuspectPrice
from bot.market.quality.reconcile import GateContext, reconcile
from bot.market.quality.splits import lasting_leaps, unadjusted
from bot.market.releases import with_validity
from bot.signals.bars import Bars
from bot.signals.sessions import Sessions
from bot.signals.timeframe import Timeframe, label

LEAST_ALONE = 2.0
"""Times by which prices must leap, and stay, to be asked about in a market without shares, as one of volatility."""


def believed(
    bars: Bars, market: Market, sessions: Sessions, *, history: Bars | None = None, sister: Bars | None = None
) -> Bars:
    """The bars that pass the gate, as of the last closed one; `history` are those that the bot believed before."""
    if not len(bars):
        return bars
    now = int(time.time())
    closed = bars.end[bars.end <= now]
    context = GateContext(market, sessions, int(closed[-1]) if len(closed) else now, None, history, sister)
    passed = reconcile([FetchAnswer(bars, Bars.empty(market.name, bars.timeframe), "file")], context)
    unit = "session" if bars.timeframe is Timeframe.D1 else "bar"
    told = [
        _counted(len(passed.doubts), "price", "not believed", [_doubt(each, bars.timeframe) for each in passed.doubts]),
        _left_out(passed.held),
        _counted(len(passed.missing), unit, "missing", [label(at, bars.timeframe) for at in passed.missing.tolist()]),
        *_leaps(passed.bars, market, sister),
    ]
    if any(told):
        name = market.name if bars.timeframe.has_dates else f"{market.name} {bars.timeframe}"
        print(f"{name}: {'; '.join(filter(None, told))}", file=sys.stderr)
    return with_validity(passed.bars, market.calendar)


def of_its_days(bars: Bars, days: Bars | None, market: Market, sessions: Sessions) -> Bars:
    """Bars within a day without what can't be of their days; says which on standard error."""
    held = of_their_days(bars, days or Bars.empty(market.name, Timeframe.D1), sessions, market.kind)
    if held.told:
        print(f"{market.name} {bars.timeframe}: {held.told}", file=sys.stderr)
    return held.bars


def _doubt(suspect: SuspectPrice, timeframe: Timeframe) -> str:
    return f"{label(suspect.start, timeframe)} {' and '.join(suspect.prices)}: {suspect.reason}"


def _left_out(held: Sequence[str]) -> str:
    """As "14 bars left out, the last: …", and for each reason so where there are several, the commonest first."""
    told = [each.partition(" (")[0] for each in held]
    kinds: dict[str, list[str]] = {}
    for each in told:
        reason = each.partition(": ")[2]
        kinds.setdefault(re.sub(r"[-+]?\d[\d.,e+%-]*", "", reason.partition(":")[0]), []).append(each)
    if len(kinds) < 2:
        return _counted(len(told), "bar", "left out", told)
    ordered = sorted(kinds.values(), key=len, reverse=True)
    parts = (each[0] if len(each) == 1 else f"{len(each)}, the last: {each[-1]}" for each in ordered)
    return f"{len(told)} bars left out ({'; '.join(parts)})"


def _leaps(bars: Bars, market: Market, sister: Bars | None) -> list[str]:
    """Where prices leap and stay: a split that the file has not adjusted, or a file that is joined of two things.

    Only what has shares is split; what has neither shares nor a sister leaps by itself, unless it doubles.
    """
    if bars.timeframe is not Timeframe.D1 or market.kind is MarketKind.MACRO:
        return []
    shares = market.kind is MarketKind.EQUITY or (market.kind is MarketKind.INDEX and sister is not None)
    splits = unadjusted(bars, sister) if shares else []
    leaps = [
        each
        for each in lasting_leaps(bars, sister, splits=shares)
        if shares or market.kind is MarketKind.CRYPTO or not 1 / LEAST_ALONE < each[1] < LEAST_ALONE
    ]
    told = [(start, f"{ratio:.3g}", "an unadjusted split?") for start, ratio in splits]
    told += [(start, f"{ratio:.3g}", "all of one market and currency?") for start, ratio in leaps]
    return [
        f"from {label(start, Timeframe.D1)} on prices are {ratio} times those before: {question}"
        for start, ratio, question in sorted(told)
    ]


def _counted(count: int, what: str, how: str, which: list[str]) -> str:
    """As "4 prices not believed, the last: …"; "" where there is none."""
    if not count:
        return ""
    return f"{count} {what}{'' if count == 1 else 's'} {how}, {'' if count == 1 else 'the last: '}{which[-1]}"
