"""At which bars does an episode begin, so that a rule fires?"""

from __future__ import annotations

import numpy as np

from bot.signals.bars import FloatArray, IntArray


def firings(truth: FloatArray, quiet: int) -> IntArray:
    """Positions at which a rule fires, ascending: yes here, and after the last yes at least `quiet` bars of no.

    `truth` is 1 yes, 0 no, NaN unknown. Only bars where the formula is known to be no bring an episode to its
    end: an outage in the middle of one, however long, never makes it fire anew. Before the first yes nothing is
    asked for, so a rule may fire at the first bar that it can judge. Each position depends on earlier bars only.
    """
    yes = np.flatnonzero(truth == 1)
    noes = np.cumsum(truth == 0)[yes]
    begins = np.ones(len(yes), dtype=np.bool_)
    begins[1:] = np.diff(noes) >= quiet
    return yes[begins]
