"""Lead and lag of two markets, with the band that chance fills."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from bot.signals.bars import FloatArray
from bot.signals.indicators.windows import MIN_KNOWN_BARS

MAX_LAG_SESSIONS = 20
"""Sessions by which either may go before the other."""

_LOOKS = 2 * MAX_LAG_SESSIONS + 1
_FAR = NormalDist().inv_cdf((1 + 0.95 ** (1 / _LOOKS)) / 2)
"""Standard deviations that the largest of so many looks stays within, 95 times of 100."""


@dataclass(frozen=True, slots=True)
class LeadLag:
    """Correlations by lag: at lag k the leader's return is set beside the follower's k sessions later.

    `lag` has the largest one in size, `largest`; of equals the one nearest to 0. `band`: in 95 of 100 cases two
    markets that know nothing of each other show no larger one at any of these lags. `n` is the number of pairs.
    """

    by_lag: tuple[float, ...]
    lag: int
    largest: float
    band: float
    n: int

    @property
    def leaves_band(self) -> bool:
        """Whether there is more to the largest correlation than the best of so many looks."""
        return abs(self.largest) > self.band


def lead_lag(x: FloatArray, y: FloatArray) -> LeadLag | None:
    """The lag, from -MAX_LAG_SESSIONS to MAX_LAG_SESSIONS, at which x and y go together most.

    Sessions without both returns are left out. None below MIN_KNOWN_BARS pairs, or where either never moves.
    """
    known = np.isfinite(x) & np.isfinite(y)
    x, y = x[known], y[known]
    if len(x) < MIN_KNOWN_BARS or not (np.ptp(x) > 0 and np.ptp(y) > 0):
        return None
    lags = range(-MAX_LAG_SESSIONS, MAX_LAG_SESSIONS + 1)
    by_lag = [_at(x, y, lag) for lag in lags]
    best = max(lags, key=lambda lag: (abs(by_lag[lag + MAX_LAG_SESSIONS]), -abs(lag)))
    return LeadLag(tuple(by_lag), best, by_lag[best + MAX_LAG_SESSIONS], _band(x, y), len(x))


def _at(x: FloatArray, y: FloatArray, lag: int) -> float:
    """Pearson's correlation of x with y `lag` places later; 0 where what is left of either does not move."""
    early = x[: len(x) - lag] if lag >= 0 else x[-lag:]
    late = y[lag:] if lag >= 0 else y[:lag]
    early, late = early - early.mean(), late - late.mean()
    size = float(np.sqrt((early @ early) * (late @ late)))
    return float(early @ late) / size if size > 0 else 0.0


def _band(x: FloatArray, y: FloatArray) -> float:
    """What the largest correlation of so many lags stays under, 95 times of 100, where there is nothing.

    y is shifted against x in a circle by every number of places that brings no true lag into sight, which keeps what
    each of them does by itself; their correlations then have the spread that chance gives. All of them at once are one
    product of Fourier transforms.
    """
    x, y = x - x.mean(), y - y.mean()
    size = np.sqrt((x @ x) * (y @ y))
    around = np.fft.irfft(np.conj(np.fft.rfft(x)) * np.fft.rfft(y), len(x)) / size
    spread = float(np.sqrt(np.mean(around[MAX_LAG_SESSIONS + 1 : len(x) - MAX_LAG_SESSIONS] ** 2)))
    return spread * _FAR
