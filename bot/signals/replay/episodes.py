"""Episodes of a yes/no series: the bars at which one begins, so that a rule fires, and where it is over."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from bot.signals.bars import FloatArray, IntArray

NEVER = int(np.iinfo(np.int64).max)
"""A position after every bar."""


@dataclass(frozen=True, eq=False)
class Episodes:
    """Some episodes of a yes/no series in a row, as columns of positions; `fires` is where each begins.

    `truth` is the series, unknown where there is no close, and `quiet` the bars without a yes that end an episode.
    """

    truth: FloatArray
    quiet: int
    fires: IntArray

    @classmethod
    def of(cls, truth: FloatArray, quiet: int, first: int = 0) -> Episodes:
        """Those that begin at `first` or later."""
        fires = firings(truth, quiet)
        return cls(truth, quiet, fires[fires.searchsorted(first) :] if first else fires)

    @cached_property
    def yes(self) -> IntArray:
        """Every yes of the series."""
        return np.flatnonzero(self.truth == 1)

    @cached_property
    def last_yes(self) -> IntArray:
        """The last yes of each so far."""
        found: IntArray = self.yes[np.searchsorted(self.yes, self._following) - 1]
        return found

    @cached_property
    def ends(self) -> IntArray:
        """Where each is over: at the first no that is `quiet` bars after its last yes, or where the next one begins.

        NEVER where it lives.
        """
        noes = np.append(np.flatnonzero(self.truth == 0), NEVER)
        over: IntArray = np.minimum(noes[np.searchsorted(noes, self.last_yes + max(self.quiet, 1))], self._following)
        return over

    @property
    def _following(self) -> IntArray:
        return np.append(self.fires[1:], NEVER)[: len(self.fires)]


def is_over(truth: FloatArray, quiet: int) -> bool:
    """Whether an episode that began before the first bar has ended, whenever that was."""
    noes = np.flatnonzero(truth == 0)
    yes = np.append(-1, np.flatnonzero(truth == 1))
    last_yes = yes[np.searchsorted(yes, noes) - 1]
    return bool((noes - last_yes >= max(quiet, 1)).any())


def firings(truth: FloatArray, quiet: int) -> IntArray:
    """Positions where a rule fires, ascending: yes here, on none of the `quiet` bars before, and a no since the last.

    `truth` is 1 yes, 0 no, NaN unknown. Unknown bars count as time that passes, but only a bar known to be no ends
    an episode: an outage in the middle of one, however long, never makes a rule fire anew. Before the first yes
    nothing is asked for, so a rule may fire at the first bar that it can judge. With a `quiet` of 0 it fires at every
    yes. Each position depends on earlier bars only.
    """
    yes: IntArray = (truth == 1).nonzero()[0]
    if len(yes) < 2:
        return yes
    later = (yes[1:] - yes[:-1] > quiet).nonzero()[0] + 1
    if quiet and np.isnan(truth[yes[0] :]).any():  # else all bars between two yeses are noes
        noes = np.flatnonzero(truth == 0)
        later = later[noes.searchsorted(yes[later]) > noes.searchsorted(yes[later - 1])]
    return np.concatenate([yes[:1], yes[later]])


def certain_from(truth: FloatArray, quiet: int) -> int:
    """Position from which `firings` are right, whatever the formula was before the first bar; their number if none."""
    if not quiet:
        return 0
    unknown = np.isnan(truth)
    return len(truth) if unknown.all() else min(max(int(unknown.argmin()) + 1, quiet), len(truth))
