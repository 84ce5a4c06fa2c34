"""Backtests side by side: how often rules fired, and how their alerts ended."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isnan, nan
from typing import NamedTuple

import numpy as np

from bot.cli.io.tables import TextTable
from bot.problem import ProblemError
from bot.signals.bars import Bars
from bot.signals.formula import ConditionReach, Nearest
from bot.signals.replay.alert_outcomes import RuleStats, events_between, rule_stats
from bot.signals.replay.event import Event, EventKind
from bot.signals.replay.forward_returns import HORIZONS_BARS, ForwardReturns, forward_returns
from bot.signals.replay.replay import Replay
from bot.signals.replay.rule import Rule
from bot.signals.timeframe import DAY, Instant, Timeframe, label
from bot.views.formatting import numbers

_OUTCOMES = (EventKind.CONFIRMED, EventKind.HELD, EventKind.FAILED, EventKind.RESUMED, EventKind.MILESTONE)
_A_ROW = 10
"""Years in a row, where one rule's are told in lines."""

NOTE = "Stood, lost (failed for good) and open add up to all alerts; the rest may happen on the way."


@dataclass(frozen=True, slots=True)
class Span:
    """From which bar to which, by their starts; None is open. Raises ProblemError where it ends before it begins."""

    since: Instant | None
    until: Instant | None

    def __post_init__(self) -> None:
        """Refuse a span that can hold nothing."""
        if self.since is not None and self.until is not None and self.until < self.since:
            first = label(self.since, Timeframe.D1)
            raise ProblemError.of("--to", f"before --from; allowed: {first} or later")

    def positions(self, bars: Bars) -> slice:
        """Positions of the bars within."""
        first = 0 if self.since is None else int(bars.start.searchsorted(self.since))
        last = len(bars) if self._last is None else int(bars.start.searchsorted(self._last, side="right"))
        return slice(first, last)

    def events(self, replay: Replay) -> list[Event]:
        """What happened on these bars."""
        return events_between(replay, self.since, self._last)

    @property
    def _last(self) -> Instant | None:
        """The last instant within: a date is meant to its end, which bars within a day start before."""
        return self.until if self.until is None or self.until % DAY else self.until + DAY - 1


class Line(NamedTuple):
    """One rule's backtest: what it said, counted, and the bars that were looked at, by name; empty where none were.

    `unknown` is the share of these bars on which the rule could not be evaluated, NaN where there are none. `since` is
    the first of them on which it could fire, from which on `tally` and `returns` are; empty where it never could.
    `whole` says from when to when there are any bars, whatever the span.
    """

    rule: Rule
    first: str
    last: str
    tally: RuleStats
    unknown: float
    since: str
    returns: tuple[ForwardReturns, ...]
    whole: str = ""


def line_of(replay: Replay, span: Span) -> Line:
    """One rule's line, over the bars of a span."""
    within = range(len(replay.bars))[span.positions(replay.bars)]
    first, last = (replay.bars.label(at) for at in (within[0], within[-1])) if within else ("", "")
    known = known_positions(replay, span)
    stats = rule_stats(replay, span.events(replay), known)
    since = replay.bars.label(known.start) if known.start < known.stop else ""
    returns = forward_returns(replay, known)
    whole = f"{replay.bars.label(0)} to {replay.bars.label(-1)}" if len(replay.bars) else ""
    return Line(replay.rule, first, last, stats, unknown_share(replay, span), since, returns, whole)


def known_positions(replay: Replay, span: Span) -> slice:
    """Positions of the bars of a span on which the rule could fire at all."""
    within = span.positions(replay.bars)
    return slice(min(max(within.start, replay.known_from), within.stop), within.stop)


def unknown_share(replay: Replay, span: Span) -> float:
    """Share of the bars of a span on which the rule was unknown; NaN where there is no bar."""
    truth = replay.truth[span.positions(replay.bars)]
    return float(np.isnan(truth).mean()) if len(truth) else nan


def totals(lines: Sequence[Line]) -> TextTable:
    """One row a rule: how many alerts, how many a year, and the median of days between two."""
    counts = ("alerts", "a year", "apart")
    table = TextTable("How often", ("#", "rule", "market", "years", *counts), right=counts)
    for number, line in enumerate(lines, start=1):
        tally = line.tally
        apart = "–" if tally.median_gap_days is None else f"{numbers.number(tally.median_gap_days, 0)} d"
        years = f"{line.since[:4]}–{line.last[:4]}" if line.since else "unknown" if line.first else "no bars"
        table.add(str(number), line.rule.id, line.rule.market, years, str(tally.alerts), _rate(tally), apart)
    shares = ", ".join(f"#{number} {_unknown(line)}" for number, line in enumerate(lines, start=1))
    table.caption = f"unknown on so many of the bars: {shares}"
    return table


def endings(lines: Sequence[Line]) -> TextTable:
    """One row a rule that looks at what becomes of its alerts: counts on the way, counts and shares of the ends."""
    counts = (*(kind.value for kind in _OUTCOMES), "stood", "lost", "open")
    table = TextTable("What became of them", ("#", *counts), right=counts)
    for number, line in enumerate(lines, start=1):
        tally = line.tally
        if tally.followed and tally.alerts:
            way = ["–" if (count := tally.outcomes.get(kind)) is None else str(count) for kind in _OUTCOMES]
            table.add(str(number), *way, *(share(count, tally.alerts) for count in tally.endings.values()))
    table.caption = NOTE if len(table) else "none of these rules follows its alerts"
    return table


def by_year(lines: Sequence[Line]) -> TextTable:
    """One row a year: how often each rule fired. A dash: it could not fire yet."""
    counted = [*(f"#{number}" for number, _ in enumerate(lines, start=1)), "all"]
    table = TextTable("Alerts by year", ("year", *counted), right=counted)
    years = [year for line in lines for year in line.tally.by_year]
    for year in range(min(years, default=0), max(years, default=-1) + 1):
        counts = [line.tally.by_year.get(year) for line in lines]
        cells = ["–" if count is None else str(count or "·") for count in counts]
        table.add(str(year), *cells, str(sum(count or 0 for count in counts)))
    return table


def in_words(line: Line) -> Iterator[str]:
    """One rule's figures in lines of text."""
    tally, rule = line.tally, line.rule
    whose = f"{rule.id} on {rule.market} {rule.timeframe}"
    if not line.first:
        yield f"{whose}: no bars in this span, so no alerts" + (
            f"; there are bars from {line.whole}" if line.whole else ""
        )
        return
    yield f"{whose}: {line.first} to {line.last}"
    alerts, span = numbers.count(tally.alerts, "alert"), numbers.number(tally.years, 1)
    if line.since != line.first:
        yield (
            f"could fire from {line.since} on" if line.since else "could not fire: not all of its conditions were known"
        )
    yield f"{alerts}, {_rate(tally)} a year, {_apart(tally)}" if tally.alerts else f"{alerts} in {span} years"
    if tally.followed and tally.alerts:
        endings, outcomes = (
            [f"{name} {share(count, tally.alerts)}" for name, count in counted.items()]
            for counted in (tally.endings, tally.outcomes)
        )
        yield f"in the end: {', '.join(endings)}"
        yield f"on the way: {', '.join(outcomes) or 'nothing is looked for'}"
    if tally.alerts:
        yield from _afterwards(line)
    yield f"unknown on {_unknown(line)} of the bars"
    years = [f"{year} {count}" for year, count in tally.by_year.items() if count]
    for at in range(0, len(years), _A_ROW):
        yield " · ".join(years[at : at + _A_ROW])


def _afterwards(line: Line) -> Iterator[str]:
    """The market's returns after the alerts, a line for each horizon."""
    yield f"{line.rule.market} afterwards, beside what it did after any bar:"
    for each in line.returns:
        known = (
            f"higher {each.higher} of {each.firings}, median {_percent(each.median)}" if each.firings else "none known"
        )
        later = f"; {each.open} too recent" if each.open else ""
        usual = f"any bar {_part(each.base_higher)}, {_percent(each.base_median)}"
        yield f"  {each.bars:>2} bars: {known} ({usual}){later}"


def afterwards(lines: Sequence[Line]) -> TextTable:
    """One row a rule: how often its market stood higher some bars after its alerts, and the median return."""
    horizons = [f"{bars} bars" for bars in HORIZONS_BARS]
    table = TextTable("What its market did afterwards", ("#", *horizons), right=horizons)
    for number, line in enumerate(lines, start=1):
        cells = [
            f"{each.higher} of {each.firings}, {_percent(each.median)}" if each.firings else "–"
            for each in line.returns
        ]
        if line.tally.alerts:
            table.add(str(number), *cells)
    table.caption = "higher so often, and the median; `backtest RULE` has any bar beside it"
    return table


def never_met(replay: Replay, reaches: Sequence[ConditionReach]) -> Iterator[str]:
    """Why a rule has no alerts, in lines: what was never met and how near it came, or what was never met together."""
    known = [each for each in reaches if each.known]
    never = [each for each in known if not each.yes]
    for each in never:
        yield f"never met: {each.text}{_how_near(replay, each.nearest)}"
    if known and not never:
        shares = (f"{each.text} on {each.yes / each.known:.0%}" for each in known)
        yield f"{'never all at one bar' if len(known) > 1 else 'yes, but never anew'}: {'; '.join(shares)}"


def _how_near(replay: Replay, nearest: Nearest | None) -> str:
    if nearest is None:
        return ""
    bar = replay.bars.label(nearest.position)
    if not nearest.constant:
        apart = f" ({_percent(nearest.left / nearest.right - 1)})" if nearest.right > 0 else ""
        values = f"{numbers.price(nearest.left)} against {numbers.price(nearest.right)}{apart}"
        return f"; nearest on {bar}: {values}"
    measured = nearest.left if nearest.constant == "right" else nearest.right
    most = (nearest.symbol[0] == ">") is (nearest.constant == "right")
    return f"; it was {numbers.price(measured)} at {'most' if most else 'least'}, on {bar}"


def _percent(ratio: float) -> str:
    return numbers.percent(ratio, tight=True)


def _part(share: float) -> str:
    return numbers.percent(share, sign=False, digits=0, tight=True)


def _rate(tally: RuleStats) -> str:
    return numbers.number(tally.per_year, 1)


def _apart(tally: RuleStats) -> str:
    if tally.median_gap_days is None:
        return "too few to say how far apart"
    return f"half of them within {numbers.number(tally.median_gap_days, 0)} days of the one before"


def _unknown(line: Line) -> str:
    if isnan(line.unknown):
        return "–"
    return f"{line.unknown:.0%}" if line.unknown >= 0.005 or not line.unknown else "less than 1%"


def share(count: int | None, of: int) -> str:
    """As "3 (60%)"; a dash where nothing is looked for."""
    if count is None:
        return "–"
    return f"{count} ({count / of:.0%})" if count else "0"
