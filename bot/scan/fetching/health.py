"""Health of a series: when it was asked for, who answered, and what is wrong with its bars."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from bot.scan.fetch_plan import Asked
from bot.scan.fetching.answers import Checked
from bot.signals.timeframe import Instant, label

_TOLD = 5
"""Things that may be wrong with a series at once, of those that are said."""


@dataclass(frozen=True, slots=True)
class Health:
    """How a series fares: when it was asked for, who answered last, and what is wrong now ("" if nothing).

    `source` names all sources that have the close of the newest bar. `odd` are the starts of the bars that the gate
    holds back, or lets through without a price that it doubts. `strange` is since when other prices are told than the
    known ones, without an explanation.
    """

    asked: Asked = field(default_factory=Asked)
    source: str = ""
    trouble: str = ""
    odd: tuple[Instant, ...] = ()
    strange: Instant | None = None

    def after(self, checked: Checked) -> Health:
        """How the series fares once these answers are judged."""
        (name, timeframe), passed = checked.given.need.series, checked.passed
        missing = [f"{label(start, timeframe)} is missing" for start in passed.missing[-3:].tolist()]
        doubted = [f"{name} {label(each.start, timeframe)}: {each.reason}" for each in passed.doubts[-3:]]
        problems = checked.given.answers[0].problems
        return Health(
            asked=replace(self.asked, answered=checked.given.now),
            source=checked.sources,
            trouble="; ".join([*passed.held, *doubted, *missing, *passed.notes, *problems][:_TOLD]),
            odd=(*passed.suspect.tolist(), *(each.start for each in passed.doubts)),
            strange=(self.strange or checked.given.now) if passed.strange != 1.0 else None,
        )
