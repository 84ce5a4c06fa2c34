"""Exponential backoff with jitter: how long to wait before the next attempt."""

from __future__ import annotations

MOST_DOUBLINGS = 64
"""Attempts beyond which the pause grows no further, so that no power overflows."""


def exponential(attempt: int, jitter: float, *, first: float, longest: float, factor: float = 2.0) -> float:
    """Seconds to wait after the `attempt`-th failure in a row, counted from 0.

    The pause is `first`, then `factor` times as long each time, at most `longest`; `jitter`, a random number in
    [0, 1), takes up to half of it away, so that many who failed together do not come back together.
    """
    pause = min(longest, first * factor ** min(attempt, MOST_DOUBLINGS))
    return pause * (0.5 + jitter / 2)
