"""Episodes of a yes/no series: the bars at which one begins, so that a rule fires."""

from __future__ import annotations

import numpy as np

from bot.signals.bars import FloatArray, IntArray


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
