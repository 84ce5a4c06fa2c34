"""Health of a series: when it was asked for, who answered, and what is wrong with its bars."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from bot.market.feed import NoSource
from bot.scan.fetching.answers import Checked
from bot.scan.fetching.fetch_plan import Asked, Need
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

    def unanswered(self, error: NoSource, due: Need) -> Health:
        """How it fares where no source had a bar. Where one of them works, asking again soon is of no use."""
        asked = replace(self.asked, in_vain=due.in_vain + 1) if error.any_works else self.asked
        return replace(self, asked=asked, trouble=error.brief)

    def after(self, checked: Checked, *, brought: bool) -> Health:
        """How the series fares once these answers are judged; `brought`: bars that were not known."""
        (name, timeframe), passed = checked.given.need.series, checked.passed
        missing = [f"{label(start, timeframe)} is missing" for start in passed.missing[-3:].tolist()]
        doubted = [f"{name} {label(each.start, timeframe)}: {each.reason}" for each in passed.doubts[-3:]]
        problems, due = checked.given.answers[0].problems, checked.given.need
        # What the gate holds back has come, and is asked for again until it is believed.
        new = brought or len(passed.suspect) or len(checked.given.answers[0].forming) or due.reason == "verify"
        return Health(
            asked=replace(self.asked, answered=checked.given.now, in_vain=0 if new else due.in_vain + 1),
            source=checked.sources,
            trouble="; ".join([*passed.held, *doubted, *missing, *passed.notes, *problems][:_TOLD]),
            odd=(*passed.suspect.tolist(), *(each.start for each in passed.doubts)),
            strange=(self.strange or checked.given.now) if passed.strange != 1.0 else None,
        )
