"""Daily returns of two markets over the same spans of time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bot.evidence.closes import Closes
from bot.signals.bars import Bars, FloatArray, IntArray
from bot.signals.timeframe import DAY, Instant

MAX_PAIRING_WAIT_SECONDS = DAY
"""How long after a session's close the other market's close may come to count as that session's."""


@dataclass(frozen=True, eq=False)
class Pairs:
    """Daily log returns of a leader and a follower, one per session of the leader, NaN where unknown.

    `start` names the leader's bars, `end` is the instant from which both of a session's closes were known.
    """

    leader: str
    follower: str
    start: IntArray
    end: IntArray
    x: FloatArray
    y: FloatArray


def pairs(leader: Bars, follower: Bars, now: Instant) -> Pairs:
    """The returns of both from session to session of the leader, from closes that had come by `now`.

    A session's close is paired with the follower's first close at or after it. A crypto day closes at 24:00 UTC, three
    or four hours after the session; the last close before the session's would be of the day before, which shares three
    hours of twenty-four with it and would show a correlation of nothing.
    """
    own = Closes.of(leader.known_at(now))
    other = Closes.of(follower.known_at(now))
    at = np.searchsorted(other.end, own.end)
    done = at < len(other)
    at = at[done]
    paired = other.end[at] - own.end[done] <= MAX_PAIRING_WAIT_SECONDS
    return Pairs(
        leader=leader.market,
        follower=follower.market,
        start=own.start[done],
        end=other.end[at],
        x=_log_returns(own.price[done]),
        y=_log_returns(np.where(paired, other.price[at], np.nan)),
    )


def _log_returns(price: FloatArray) -> FloatArray:
    return np.diff(np.log(price), prepend=np.nan)
