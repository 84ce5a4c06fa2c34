"""The gate: which of a source's bars are believed, and which ones should be there and are not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.market.expected_bars import between, expected_bars
from bot.market.model import FetchAnswer
from bot.market.outliers import USUAL_RANGE_BARS, SuspectPrice, suspect_prices
from bot.market.splits import leapt, repeated, rescaled
from bot.signals.bars import COLUMNS, PRICES, Bars, IntArray
from bot.signals.sessions import ROUND_THE_CLOCK, Sessions
from bot.signals.timeframe import Instant, Timeframe

_NOISE_RATIO = 1e-5
"""Relative error of vendors' prices: 32-bit numbers, and highs that were rounded apart from closes."""

_SAME_CLOSE_RATIO = 1e-3
"""How far a vendor's later close may be from the first, as a ratio, for the bar to count as unchanged."""

_MEASURED_BY_BARS = 3 * USUAL_RANGE_BARS
"""Known bars before an answer that its own are measured by."""

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Gated:
    """Bars that passed; why others are held back; starts of the bars that should be there.

    `suspect` has the starts of the bars held back, `held` the reasons, in the same order. A bar with a doubtful
    high, low or open has passed without that price, and `doubts` say which. `rescaled` is by how much the source's
    prices differ from all that was known, 1.0 as a rule: after a split the whole history must be fetched anew.
    `notes` tell what other sources contributed.
    """

    bars: Bars
    held: tuple[str, ...]
    suspect: IntArray
    missing: IntArray
    doubts: tuple[SuspectPrice, ...] = ()
    rescaled: float = 1.0
    notes: tuple[str, ...] = ()


def gate(
    answer: FetchAnswer,
    sessions: Sessions,
    now: Instant,
    since: Instant | None = None,
    *,
    history: Bars | None = None,
    sister: Bars | None = None,
) -> Gated:
    """The answer's closed bars, checked one by one against the sessions, against themselves and what surrounds them.

    Bars are expected from `since` on (a start); by default from the answer's first bar. In passing a high or
    a low that is off by no more than float noise is put right. Of equities' bars within a day only sessions
    without any bar are missing: in a quiet half hour nobody trades. A bar held back is not missing.

    `history` are the bars known of the market: daily bars are measured by the latest of them, and what was believed
    once of a bar stays believed. `sister` is a market that moves alike, whose bars bear out what stands alone.
    """
    bars = _without_noise(answer.bars)
    reasons = np.full(len(bars), "", dtype=object)
    for check, reason in _CHECKS:
        odd = check(bars, sessions, now) & (reasons == "")
        reasons[odd] = [_said(bars, int(at), reason) for at in np.flatnonzero(odd)]
    past = _Past(bars, history, sister, sessions)
    past.hold_impostors(bars, reasons)
    passed = reasons == ""
    believed, found = past.doubted(picked(bars, passed))
    return Gated(
        believed,
        tuple(reasons[~passed]),
        bars.start[~passed],
        _missing(bars, sessions, now, since),
        found,
        past.scale,
    )


_IMPOSTORS = (
    (leapt, "it leaps away from the bars before; a split served unadjusted?"),
    (repeated, "it is the bar before once more"),
)


class _Past:
    """What is known from before the answer, in the answer's prices, and what daily bars look like beside it."""

    def __init__(self, bars: Bars, history: Bars | None, sister: Bars | None, sessions: Sessions) -> None:
        self._known = history if history is not None else Bars.empty(bars.market, bars.timeframe)
        self._sister = sister
        self._lonely = sessions.calendar != ROUND_THE_CLOCK  # the wicks of crypto are trades
        self.scale = rescaled(self._known, bars)
        count = int(np.searchsorted(self._known.start, bars.start[0])) if len(bars) else 0
        latest = self._known.slice(max(0, count - _MEASURED_BY_BARS), count)
        scaled: dict[str, Any] = {name: getattr(latest, name) * self.scale for name in PRICES}
        self._latest = replace(latest, **scaled)

    def hold_impostors(self, bars: Bars, reasons: NDArray[np.object_]) -> None:
        """Note which of the daily bars without a reason are another share count's, or the one before again."""
        if bars.timeframe is not Timeframe.D1:
            return
        for check, reason in _IMPOSTORS:
            places = np.flatnonzero(reasons == "")
            odd = check(self._latest.merged(picked(bars, places)), self._sister)[len(self._latest) :]
            reasons[places[odd]] = [_said(bars, int(at), reason) for at in places[odd]]

    def doubted(self, bars: Bars) -> tuple[Bars, tuple[SuspectPrice, ...]]:
        """The bars without the prices that are doubtful; of a bar that is known those that were believed stay."""
        if bars.timeframe is not Timeframe.D1:
            return bars, ()
        context = self._latest.merged(bars)
        found = suspect_prices(context, self._sister, len(self._latest), lonely=self._lonely)
        columns: dict[str, Any] = {name: np.array(getattr(bars, name)) for name in PRICES}
        for doubt in found:
            at = int(np.searchsorted(bars.start, doubt.start))
            for name in doubt.prices:
                columns[name][at] = self._before(name, doubt.start, float(bars.close[at]))
        left = replace(bars, **columns)
        return left, tuple(doubt for doubt in found if unsettled(doubt, left))

    def _before(self, name: str, start: Instant, close: float) -> float:
        """The price that was believed of a known bar, where its close is still the same; else unknown."""
        at = self._known.position(start)
        if at is None or abs(float(self._known.close[at]) / close - 1) > _SAME_CLOSE_RATIO:
            return np.nan
        return float(getattr(self._known, name)[at])


def unsettled(doubt: SuspectPrice, bars: Bars) -> bool:
    """Whether a price that was doubted is still unknown in these bars, which have the bar in question."""
    at = int(np.searchsorted(bars.start, doubt.start))
    return any(np.isnan(getattr(bars, name)[at]) for name in doubt.prices)


def _without_noise(bars: Bars) -> Bars:
    body = np.fmax(bars.open, bars.close), np.fmin(bars.open, bars.close)
    high = np.where((bars.high < body[0]) & (bars.high >= body[0] * (1 - _NOISE_RATIO)), body[0], bars.high)
    low = np.where((bars.low > body[1]) & (bars.low <= body[1] * (1 + _NOISE_RATIO)), body[1], bars.low)
    return Bars(
        bars.market, bars.timeframe, bars.start, bars.end, bars.open, high, low, bars.close, bars.volume
    )  # fmt: skip


def _unknown(bars: Bars, _sessions: Sessions, _now: Instant) -> Mask:
    return ~np.isfinite(bars.close)


def _impossible(bars: Bars, _sessions: Sessions, _now: Instant) -> Mask:
    """A vendor's zero stands for a price that it does not have; infinity for one that it divided by zero."""
    prices = np.stack([getattr(bars, name) for name in PRICES])
    return np.asarray((np.isinf(prices) | ((prices <= 0) & (bars.close > 0))).any(axis=0) | (bars.close == 0))


def _inconsistent(bars: Bars, _sessions: Sessions, _now: Instant) -> Mask:
    top = np.fmax(np.fmax(bars.open, bars.close), bars.low)
    bottom = np.fmin(np.fmin(bars.open, bars.close), bars.high)
    return (bars.high < top) | (bars.low > bottom)


def _open(bars: Bars, _sessions: Sessions, now: Instant) -> Mask:
    return bars.end > now


def _sessionless(bars: Bars, sessions: Sessions, _now: Instant) -> Mask:
    """Only daily bars: how bars within a day are cut is the vendor's choice."""
    if bars.timeframe is not Timeframe.D1:
        return np.zeros(len(bars), dtype=bool)
    return ~np.isin(bars.start, sessions.start)


_CHECKS: tuple[tuple[Callable[[Bars, Sessions, Instant], Mask], str], ...] = (
    (_unknown, "the close is unknown"),
    (_impossible, "a price is zero, negative or infinite"),
    (_inconsistent, "high and low do not hold open and close"),
    (_open, "it has not closed yet"),
    (_sessionless, "the market had no session"),
)


def _said(bars: Bars, at: int, reason: str) -> str:
    prices = " ".join(f"{name} {float(getattr(bars, name)[at]):.10g}" for name in PRICES)
    return f"{bars.market} {bars.label(at)}: {reason} ({prices})"


def picked(bars: Bars, which: Mask | IntArray) -> Bars:
    """Some of the bars, by a mask or by ascending positions."""
    arrays = {name: getattr(bars, name)[which] for name in ("start", "end", *COLUMNS)}
    return Bars(bars.market, bars.timeframe, **arrays)


def _missing(bars: Bars, sessions: Sessions, now: Instant, since: Instant | None) -> IntArray:
    first = since if since is not None else (int(bars.start[0]) if len(bars) else now)
    due = between(sessions, first, now)
    if not len(due):
        return due.start
    whole = bars.timeframe is Timeframe.D1 or sessions.calendar == ROUND_THE_CLOCK
    starts, ends = expected_bars(due, bars.timeframe) if whole else (due.opens, due.closes)
    inside = bars.end[(bars.end > starts[0]) & (bars.end <= ends[-1])]
    there = bars.start if whole else starts[np.searchsorted(ends, inside)]
    return starts[(starts >= first) & (ends <= now) & ~np.isin(starts, there)]
