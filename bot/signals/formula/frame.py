"""All that a formula may look at: its own bars, other markets, earlier firings, named series."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

from bot.signals.bars import Bars, FloatArray, IntArray, Mask

Cache = dict[tuple[str, str], Any]
"""Values at each bar by the clock and the key of the part that has them, and what functions make of their series."""


@dataclass(frozen=True, eq=False)
class FiredHistory:
    """Where another rule fired: the ends of all bars of its market, and whether it fired at each."""

    ends: IntArray
    fired: Mask


@dataclass(frozen=True, eq=False)
class Frame:
    """All that a formula can see at the closes of `bars`, which are its clock.

    `others` holds whole histories of other markets: each is joined as known at the time, so nothing in them
    is seen too early. `names` are series on this clock, one value per bar. `pinned` are levels that the rule's
    author knows. Equal sub-expressions over one frame, or over frames made by `with_names`, are computed once: what
    is in `shared` depends on the bars alone, so a frame of other bars must start with an empty one. `past` is the frame
    that this one is the `ending` of.
    """

    bars: Bars
    others: Mapping[str, Bars] = field(default_factory=dict)
    fired: Mapping[str, FiredHistory] = field(default_factory=dict)
    names: Mapping[str, FloatArray] = field(default_factory=dict)
    pinned: tuple[float, ...] = ()
    past: Self | None = field(default=None, repr=False)
    shared: Cache = field(default_factory=dict, repr=False)
    own: Cache = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        """Refuse a named series that does not fit the bars."""
        for name, values in self.names.items():
            if values.shape != (len(self.bars),):
                raise ValueError(f"{name} has shape {values.shape}; allowed: ({len(self.bars)},)")

    def with_names(
        self,
        names: Mapping[str, FloatArray],
        pinned: tuple[float, ...] = (),
        fired: Mapping[str, FiredHistory] | None = None,
    ) -> Self:
        """The same bars for another rule: what depends on bars alone stays computed."""
        past = self.past
        if past and past.pinned != pinned:
            past = past.with_names({}, pinned)
        fired = self.fired if fired is None else fired
        return type(self)(self.bars, self.others, fired, names, pinned, past, self.shared)

    def ending(self, first: int) -> Self:
        """The bars from the one at `first` on, and of the other markets what they need.

        Windows see these bars alone, so they are wrong before they have passed over as many as they look back; what
        depends on all of the past is computed from all of it. Named series have no past.
        """
        bars, then = self.bars.slice(first, len(self.bars)), int(self.bars.end[first])
        others = {
            name: other.slice(max(len(other.known_at(then)) - 1 - len(bars), 0), len(other))
            for name, other in self.others.items()
        }
        return replace(self, bars=bars, others=others, names={}, past=self, shared={})
