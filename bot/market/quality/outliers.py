"""Highs and lows that neither the close, nor the bars before, nor a sister market bear out."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import bottleneck as bn
import numpy as np

from bot.signals.bars import Bars, FloatArray, Mask
from bot.signals.timeframe import Instant

if TYPE_CHECKING:
    from numpy.typing import NDArray

USUAL_RANGE_BARS = 20
"""Bars before a bar whose median true range is the unit that its prices are measured in."""

_USUAL_RANGE_LEAST_BARS = 10
"""Bars of those that must be known, or nothing is said."""

APART_RANGES = 0.75
"""Usual ranges by which a price may leave what the sister bears out before it is doubted, if the two are that close."""

_APART_USUALLY = 5.0
"""As APART_RANGES, in multiples of the distance that the two kept on 19 of 20 of the bars before."""

_PAIR_LEAST_BARS = 40
"""Bars before a bar that must be known to tell how far a market and its sister usually part."""

_ALONE = 1.5
"""As APART_RANGES, at most, however far the two usually part, and where she has no bar yet."""

_UNSEEN = {"high": 5.0, "low": 8.0}
"""As APART_RANGES, where there is no sister to ask. Panics reach down and come back within a day: lows may more."""

_UNSEEN_CRYPTO = {"high": 8.0, "low": 8.0}
"""As _UNSEEN, in roused ranges: the wicks of crypto are trades, and come in swarms."""

_UNSEEN_RECORD = 4.2
"""As _UNSEEN, in multiples of how far a price went at most in the year before: volatility reaches far now and then."""

_YEAR_BARS = 250

_COARSE_SHARE = 0.01
"""Share of a year's closes that are those of the bar before, from which on a bar may be another's double by chance."""

_REPEATS_LEAST_BARS = 100
"""Bars that must be known for that share."""

_STALE = 0.5
"""Units by which a price that is repeated with the open must leave both closes behind to matter."""

_SISTER_LATE_BARS = 5
"""Bars that a sister may lack and still be waited for."""


class SuspectPrice(NamedTuple):
    """Prices of the bar that starts at `start` which are not believed, by their columns, as the source told them."""

    start: Instant
    prices: Mapping[str, float]
    reason: str


def suspect_prices(bars: Bars, sister: Bars | None, first: int, *, crypto: bool = False) -> list[SuspectPrice]:
    """What is doubtful about the daily bars from position `first` on; the bars before are what they are measured by.

    A sister bears out a price no further than she went herself. A market without one is judged by its own closes, and
    `crypto` more mildly. A price that nobody knows is no doubt.
    """
    most, unit = (_UNSEEN_CRYPTO, roused_range(bars)) if crypto else (_UNSEEN, usual_range(bars))
    found = (_side(bars, sister, name, most[name], unit) for name in ("high", "low"))
    return sorted((doubt for side in found for doubt in side if doubt.start >= _start(bars, first)), key=_order)


@lru_cache(maxsize=2)  # of a market and its sister, which every check measures by
def usual_range(bars: Bars) -> FloatArray:
    """Median true range of the 20 bars before each bar; unknown where fewer than 10 of them are known."""
    if len(bars) < _USUAL_RANGE_LEAST_BARS:
        return np.full(len(bars), np.nan)
    return _before(bn.move_median(_true_range(bars), min(USUAL_RANGE_BARS, len(bars)), _USUAL_RANGE_LEAST_BARS))


@lru_cache(maxsize=2)
def log_closes(bars: Bars) -> FloatArray:
    """Logs of the closes; unknown where a close is zero or below."""
    return logs(bars.close)


def logs(prices: FloatArray) -> FloatArray:
    """Logs of prices; unknown where one is zero or below."""
    return np.log(np.where(prices > 0, prices, np.nan))


def roused_range(bars: Bars) -> FloatArray:
    """The usual range, or half the true range of the bar before where that is more: a wild bar is seldom alone.

    Unknown where the usual range is.
    """
    usual = usual_range(bars)
    return np.where(np.isnan(usual), np.nan, np.fmax(usual, _before(_true_range(bars)) / 2))


def _true_range(bars: Bars) -> FloatArray:
    before = _before(bars.close)
    return np.asarray(np.fmax(bars.high, before) - np.fmin(bars.low, before))


def unusual(again: Mask, judged: Mask) -> Mask:
    """Of the bars that repeat something those in runs that begin where a bar can be judged and none of 20 before did.

    Where repeats are the custom, as in a market that hardly trades, they tell of nothing.
    """
    odd = np.zeros(len(again), dtype=bool)
    if not again.any():
        return odd
    edges = np.flatnonzero(np.diff(again, prepend=False, append=False)).reshape(-1, 2)
    for first, last in edges.tolist():
        odd[first:last] = judged[first] and not again[max(0, first - USUAL_RANGE_BARS) : first].any()
    return odd


def usually_apart(apart: FloatArray, at: int) -> float:
    """What a market and its sister part by before it is odd, from how far apart they were on the year before `at`.

    Unknown where fewer than 40 bars tell.
    """
    known = apart[max(0, at - _YEAR_BARS) : at]
    known = known[np.isfinite(known)]
    return _APART_USUALLY * quantile(known, 0.95) if len(known) >= _PAIR_LEAST_BARS else np.nan


def quantile(known: FloatArray, share: float) -> float:
    """As np.quantile of known values, at a tenth of its time: hundreds of bars are asked for theirs."""
    ordered, place = np.sort(known), (len(known) - 1) * share
    at = int(place)
    low, high = float(ordered[at]), float(ordered[min(at + 1, len(known) - 1)])
    part, step = place - at, high - low
    return low + step * part if part < 0.5 else high - step * (1 - part)


@lru_cache(maxsize=1)
def chance_repeats(bars: Bars) -> Mask:
    """Where a bar may be the one before once more by chance: closes often repeat, and it has a volume of its own."""
    if len(bars) <= _REPEATS_LEAST_BARS:
        return np.zeros(len(bars), dtype=bool)
    known = np.isfinite(bars.close) & np.isfinite(_before(bars.close))
    again = np.where(known, _repeated(bars.close), np.nan)
    share = _before(bn.move_mean(again, min(_YEAR_BARS, len(bars)), _REPEATS_LEAST_BARS))
    return np.asarray((share > _COARSE_SHARE) & (bars.volume > 0) & ~_repeated(bars.volume))


def _start(bars: Bars, first: int) -> Instant:
    return int(bars.start[first]) if first < len(bars) else 2**62


def _order(doubt: SuspectPrice) -> tuple[Instant, str]:
    return doubt.start, doubt.reason


def _side(bars: Bars, sister: Bars | None, name: str, most: float, unit: FloatArray) -> list[SuspectPrice]:
    """The doubtful highs (or lows); without a sister those beyond `most` of the units from both closes."""
    reach = _reach(bars, name, usual_range(bars))
    beside = _Beside(bars, sister, name)
    alone = _alone(reach, beside)
    unheard = (reach > _ALONE) & beside.awaited
    far = reach if unit is usual_range(bars) else _reach(bars, name, unit)
    unseen = (far > np.fmax(most, _UNSEEN_RECORD * _farthest_before(far))) & np.isnan(beside.excess)
    same = unusual(_repeated(bars.open) & _repeated(getattr(bars, name)), usual_range(bars) > 0)
    again = (reach > _STALE) & same & ~(beside.excess < _STALE) & ~chance_repeats(bars)
    told = sister.market if sister is not None else ""
    reasons = (
        (again, f"open and {name} are those of the bar before", True),
        (alone, f"the {name} stands alone: neither the close nor {told} went there", False),
        (unheard, f"the {name} stands alone, and {told} has no bar yet", False),
        (unseen & ~beside.awaited, f"the {name} stands alone, more than {most:g} usual ranges from both closes", False),
    )
    suspects: dict[int, SuspectPrice] = {}
    for mask, reason, whole in reasons:
        for at in np.flatnonzero(mask).tolist():
            suspects.setdefault(at, _doubt(bars, at, name, reason, with_open=whole or bool(beside.opens_beyond[at])))
    return list(suspects.values())


def _alone(reach: FloatArray, beside: _Beside) -> Mask:
    """Where a price leaves both closes, and what the sister bears out, further behind than the two usually part."""
    least = np.minimum(reach, beside.excess - np.fmax(beside.reach, 0))
    odd: Mask = np.asarray(least > APART_RANGES)
    apart = np.abs(beside.excess)
    for at in np.flatnonzero(odd).tolist():
        odd[at] = least[at] > np.fmin(_ALONE, usually_apart(apart, at))
    return odd


def _farthest_before(reach: FloatArray) -> FloatArray:
    """How far a price went at most on the 250 bars before each; unknown where nothing is known."""
    if not len(reach):
        return reach
    farthest: FloatArray = bn.move_max(reach, min(_YEAR_BARS, len(reach)), 1)
    return _before(farthest)


def _doubt(bars: Bars, at: int, name: str, reason: str, *, with_open: bool) -> SuspectPrice:
    columns = ("open", name) if with_open else (name,)
    return SuspectPrice(int(bars.start[at]), {each: float(getattr(bars, each)[at]) for each in columns}, reason)


def _reach(bars: Bars, name: str, unit: FloatArray) -> FloatArray:
    """How far a bar's high (or low) leaves behind both its close and the one before, in units."""
    before = _before(bars.close)
    far = bars.high - np.fmax(bars.close, before) if name == "high" else np.fmin(bars.close, before) - bars.low
    return np.asarray(far / np.where(unit > 0, unit, np.nan))


class _Beside:
    """What the sister says of each bar: unknown where she has none of that session.

    `excess` is how far the price lies beyond what her own high (or low) stands for in this market's terms, `reach`
    how far she left her own closes behind, `awaited` whether she is only late, `opens_beyond` whether the open
    lies beyond it as well.
    """

    def __init__(self, bars: Bars, sister: Bars | None, name: str) -> None:
        unknown = np.full(len(bars), np.nan)
        self.excess, self.reach = unknown, unknown
        self.awaited = self.opens_beyond = np.zeros(len(bars), dtype=bool)
        if sister is None or not len(sister) or not len(bars):
            return
        at = np.searchsorted(sister.start, bars.start).clip(max=len(sister) - 1)
        same = sister.start[at] == bars.start
        extreme = getattr(sister, name)
        ratios = [extreme / sister.close, extreme / _before(sister.close)]
        told = [_there(ratio, at, same) * close for ratio, close in zip(ratios, self._closes(bars), strict=True)]
        unit = usual_range(bars)
        sign, bound = (1, np.fmax(*told)) if name == "high" else (-1, np.fmin(*told))
        self.excess = sign * (getattr(bars, name) - bound) / np.where(unit > 0, unit, np.nan)
        self.opens_beyond = sign * (bars.open - bound) > _STALE * unit
        self.reach = _there(_reach(sister, name, usual_range(sister)), at, same)
        self.awaited = self._late(bars, sister)

    @staticmethod
    def _closes(bars: Bars) -> tuple[FloatArray, FloatArray]:
        return bars.close, _before(bars.close)

    @staticmethod
    def _late(bars: Bars, sister: Bars) -> Mask:
        """The newest bars, where she lacks a few of them only: a sister that fell silent is not waited for."""
        late = bars.start > sister.start[-1]
        return late if np.count_nonzero(late) <= _SISTER_LATE_BARS else np.zeros(len(bars), dtype=bool)


def _there(values: FloatArray, at: NDArray[np.intp], same: Mask) -> FloatArray:
    return np.where(same, values[at], np.nan)


def _before(values: FloatArray) -> FloatArray:
    return np.concatenate([[np.nan], values[:-1]])[: len(values)]


def _repeated(values: FloatArray) -> Mask:
    return np.asarray(values == _before(values))
