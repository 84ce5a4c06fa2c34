"""Episodes of a yes/no series: the bars at which one begins, so that a rule fires, and where it is over."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bot.signals.bars import FloatArray, IntArray

NEVER = int(np.iinfo(np.int64).max)
"""A position after every bar."""


@dataclass(frozen=True, eq=False)
class Episodes:
    """Some episodes of a yes/no series in a row, as columns of positions.

    `fires` is where each begins, `last_yes` its last yes so far, and `ends` where it is over: at the first no that is
    `quiet` bars after that yes, or where the next one begins; NEVER where it lives. `yes` is every yes of the series.
    """

    fires: IntArray
    last_yes: IntArray
    ends: IntArray
    yes: IntArray

    @classmethod
    def of(cls, truth: FloatArray, quiet: int, first: int = 0) -> Episodes:
        """Those that begin at `first` or later; `truth` is unknown where there is no close, and nothing ends there."""
        yes = np.flatnonzero(truth == 1)
        fires = firings(truth, quiet)
        fires = fires[np.searchsorted(fires, first) :]
        following = np.append(fires[1:], NEVER)[: len(fires)]
        last_yes = yes[np.searchsorted(yes, following) - 1]
        noes = np.append(np.flatnonzero(truth == 0), NEVER)
        over = noes[np.searchsorted(noes, last_yes + max(quiet, 1))]
        return cls(fires, last_yes, np.minimum(over, following), yes)


def is_over(truth: FloatArray, quiet: int) -> bool:
    """Whether an episode that began before the first bar has ended, whenever that was."""
    noes = np.flatnonzero(truth == 0)
    yes = np.append(-1, np.flatnonzero(truth == 1))
    last_yes = yes[np.searchsorted(yes, noes) - 1]
    return bool((noes - last_yes >= max(quiet, 1)).any())


def firings(truth: FloatArray, quiet: int) -> IntArray:
    """Positions where a rule fires, ascending: yes here, on none of the `quiet` bars before, and a no since the last.

    `truth` is 1 yes, 0 no, NaN unknown. UnknownValue bars count as time that passes, but only a bar known to be no ends
    an episode: an outage in the middle of one, however long, never makes a rule fire anew. Before the first yes
    nothing is asked for, so a rule may fire at the first bar that it can judge. With a `quiet` of 0 it fires at every
    yes. Each position depends on earlier bars only.
    """
    yes = np.flatnonzero(truth == 1)
    if len(yes) < 2:
        return yes
    noes = np.searchsorted(np.flatnonzero(truth == 0), yes)
    begins = np.ones(len(yes), dtype=np.bool_)
    begins[1:] = (np.diff(yes) > quiet) & (np.diff(noes) >= min(quiet, 1))
    return yes[begins]


def certain_from(truth: FloatArray, quiet: int) -> int:
    """Position from which `firings` are right, whatever the formula was before the first bar; their number if none."""
    if not quiet:
        return 0
    known = np.flatnonzero(~np.isnan(truth))
    return min(max(int(known[0]) + 1, quiet), len(truth)) if len(known) else len(truth)
