"""Answers to one need on their way from the sources through the gate into the store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.market.model import FetchAnswer, Market
from bot.market.quality.gate import Gated
from bot.scan.fetching.fetch_plan import Need
from bot.scan.series import Series
from bot.signals.timeframe import Instant


@dataclass(frozen=True, slots=True)
class Answers:
    """What the sources of one series said to one need; `complete` once none is left that could be asked."""

    need: Need
    now: Instant
    answers: tuple[FetchAnswer, ...]
    complete: bool


@dataclass(frozen=True, slots=True)
class Checked:
    """The answers to one need, and what of them passed the gate."""

    given: Answers
    passed: Gated

    @property
    def sources(self) -> str:
        """Who has the close of the newest bar: the source that told it, and those that confirmed it."""
        bars = self.passed.bars
        confirmed = self.passed.confirmed.get(int(bars.start[-1]), ()) if len(bars) else ()
        return " and ".join(dict.fromkeys((self.given.answers[0].source, *confirmed)))


@dataclass(frozen=True, slots=True)
class AskAgain:
    """What has to be asked before the gate can judge; `before` are the answers to the same need so far."""

    need: Need
    before: tuple[FetchAnswer, ...] = ()


@dataclass(frozen=True, slots=True)
class Fetched:
    """What one fetch brought: how many bars are new, and the starts of those that change what was known.

    `revised` are those that a vendor corrected, and those that came late, after a bar that follows them.
    """

    series: Series
    added: int
    revised: tuple[Instant, ...]


def up_to_last(market: Market, answers: Sequence[FetchAnswer]) -> list[str]:
    """The sources in the order of the config up to the last one that has answered."""
    names, told = [source.name for source in market.sources], {answer.source for answer in answers}
    last = max((at for at, name in enumerate(names) if name in told), default=-1)
    return names[: last + 1]
