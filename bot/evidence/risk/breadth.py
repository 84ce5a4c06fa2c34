"""Breadth of the altcoins: how many do better than Bitcoin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.evidence.performance import CHANGE_SPANS_SECONDS, MAX_GAP_SECONDS, performance
from bot.signals.bars import Bars
from bot.signals.timeframe import Instant

_SPAN = "90d"
assert _SPAN in CHANGE_SPANS_SECONDS


@dataclass(frozen=True, slots=True)
class Breadth:
    """Members of a basket against a benchmark over 90 days, as of the benchmark's last close.

    `ahead` are the members that beat it, `counted` those with a change to compare, both in the order given; `missing`
    the others. `share` is None where none counts.
    """

    benchmark: str
    as_of: Instant
    ahead: tuple[str, ...]
    counted: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def share(self) -> float | None:
        """Share of the counted members that beat the benchmark."""
        return len(self.ahead) / len(self.counted) if self.counted else None


def breadth(members: Sequence[Bars], benchmark: Bars, now: Instant) -> Breadth | None:
    """Breadth as known at `now`; None where the benchmark itself has no change over 90 days.

    A member whose last close is not within MAX_GAP_SECONDS of the benchmark's is missing: two spans of time can't be
    compared.
    """
    mark = performance(benchmark, now)
    bar = mark.changes[_SPAN] if mark else None
    if mark is None or bar is None:
        return None
    changes = {member.market: _change(member, now, mark.as_of) for member in members}
    counted = {name: change for name, change in changes.items() if change is not None}
    return Breadth(
        benchmark=benchmark.market,
        as_of=mark.as_of,
        ahead=tuple(name for name, change in counted.items() if change > bar),
        counted=tuple(counted),
        missing=tuple(name for name, change in changes.items() if change is None),
    )


def _change(member: Bars, now: Instant, as_of: Instant) -> float | None:
    own = performance(member, now)
    return own.changes[_SPAN] if own and abs(own.as_of - as_of) <= MAX_GAP_SECONDS else None
