"""Closes that nothing bears out: neither what the market usually does, nor its sister, nor the bars that follow."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import bottleneck as bn
import numpy as np

from bot.market.quality.outliers import (
    APART_RANGES,
    USUAL_RANGE_BARS,
    log_closes,
    logs,
    roused_range,
    usual_range,
    usually_apart,
)
from bot.signals.bars import Bars, FloatArray, Mask
from bot.signals.timeframe import DAY

if TYPE_CHECKING:
    from numpy.typing import NDArray

ALONE_RANGES = 14.0
"""Roused ranges (`roused_range`) that a close may move in one bar where there is no sister to ask."""

ALONE_RECORD = 1.25
"""As ALONE_RANGES, in multiples of the largest move of the year before: what has leapt may leap again."""

SHARED_RATIO = 1.3
"""How far a market and its sister may have gone alike, if that is beyond ALONE_RANGES too: US trading halts at 20 %."""

CRYPTO_SHARED_RATIO = 2.0
"""As SHARED_RATIO, for coins, which lost four tenths on 2020-03-12."""

_YEAR_BARS = 250

LARGEST_SPLIT = 30.0
"""How many shares a fund makes of one, or one of how many, at most: beyond, a source tells another unit."""

_UNIT_GAP_DAYS = 10
"""Days within which a coin goes no further than LARGEST_SPLIT; in years it may."""

_STAYS_BARS = 5
"""Later bars that keep to a close which the sister did not share, after which it is believed."""

_UNIT_LEAP = float(np.log(LARGEST_SPLIT))


class SuspectClose(NamedTuple):
    """Position of a bar whose close is not believed, and why."""

    at: int
    reason: str


def suspect_closes(
    bars: Bars, sister: Bars | None, first: int, believed: Mask | None = None, *, crypto: bool = False
) -> list[SuspectClose]:
    """The daily bars from position `first` on whose close is doubted; those before are what they are measured by.

    A close is measured from the last one that is believed. `believed` marks bars that are known to be true. A sister
    bears out a move no further than she moved herself, and no leap by which one vendor's mistake would show in both;
    without her bar of that day a move is doubted only where it is beyond ALONE_RANGES ranges. A later bar that keeps to
    the new price bears it out, five where she did not move; but no number of them a leap by LARGEST_SPLIT, which is to
    another unit.
    """
    if len(bars) < 2:
        return []
    judge = _Judge(bars, sister, CRYPTO_SHARED_RATIO if crypto else SHARED_RATIO, crypto=crypto)
    known = believed if believed is not None else np.zeros(len(bars), dtype=bool)
    found: list[SuspectClose] = []
    at = max(first, 1)
    for odd in np.flatnonzero(judge.odd(np.arange(len(bars)) - 1) & ~known).tolist():
        if odd >= at:
            at = _run(judge, known, found, odd)
    return found


def usual_move(bars: Bars) -> FloatArray:
    """What each bar's close usually moves at most, as a ratio: the larger of the usual range and twice the usual move.

    Unknown where fewer than ten bars before are known.
    """
    before = _before(bars.close)
    moves = np.abs(np.diff(log_closes(bars), prepend=np.nan))
    if len(bars) <= 10:
        return np.full(len(bars), np.nan)
    usual = _before(bn.move_median(moves, min(USUAL_RANGE_BARS, len(bars)), 10))
    return np.fmax(usual_range(bars) / before, 2 * usual)


def _run(judge: _Judge, known: Mask, found: list[SuspectClose], at: int) -> int:
    """Judge the bar at `at` and those after it from the last believed close; the position where all is well again."""
    last = at - 1
    while at < len(judge.close):
        reason = "" if known[at] else judge.doubt(at, last)
        if not reason:
            return at + 1
        found.append(SuspectClose(at, reason))
        at += 1
    return at


class _Judge:
    """Closes of a market beside those of its sister, NaN where she has no bar of the day."""

    def __init__(self, bars: Bars, sister: Bars | None, shared: float, *, crypto: bool) -> None:
        self.bars = bars
        self._crypto = crypto
        self._shared = float(np.log(shared))
        self.close = log_closes(bars)
        self.unit = usual_move(bars)
        self.beside = _aligned(bars, sister)
        self.name = sister.market if sister is not None else ""
        roused = np.fmax(self.unit, roused_range(bars) / _before(bars.close))
        alone = np.fmax(ALONE_RANGES * roused, ALONE_RECORD * _largest_before(self.close))
        self._alone = np.where(np.isnan(self.unit), np.nan, alone)
        self._apart = np.abs(np.diff(self.close - self.beside, prepend=np.nan))

    def odd(self, before: NDArray[np.intp]) -> Mask:
        """Where a close, measured from the bar before it, may be in doubt: a superset that costs one pass."""
        own = np.abs(self.close - self.close[before])
        hers = self.beside - self.beside[before]
        alone = np.isnan(hers) & (own > self._alone)
        apart = (_excess(self.close - self.close[before], hers) > APART_RANGES * self.unit) & ~np.isnan(hers)
        stale = (own == 0) & (hers != 0)
        both = own > np.fmax(self._alone, self._shared)
        return np.asarray(alone | apart | stale | both | (own > _UNIT_LEAP))

    def doubt(self, at: int, last: int) -> str:
        """Why the close at `at` is doubted, measured from the believed one at `last`; "" where it is not."""
        if strange := self._other_unit(at, last):
            return strange
        own, hers = float(self.close[at] - self.close[last]), float(self.beside[at] - self.beside[last])
        beyond = abs(own) > self._alone[at] and not self._stays(self.close, at, last, 1)
        if np.isnan(hers):
            return self._told(at, last, "") if beyond else ""
        excess = abs(hers) if own == 0 else float(_excess(np.array(own), np.array(hers)))
        usually = usually_apart(self._apart, at)
        near = 0.0 if own == 0 else APART_RANGES * float(self.unit[at])  # to the cent the same is seldom by chance
        least = self._alone[at] if np.isnan(usually) else max(near, usually)
        parted = excess > least and not self._stays(self.close - self.beside, at, last, _STAYS_BARS)
        shared = beyond and abs(own) > self._shared  # one vendor's mistake may show in both
        return self._told(at, last, f", and {self.name} {np.expm1(hers):+.1%}") if parted or shared else ""

    def _other_unit(self, at: int, last: int) -> str:
        """What is said of a close that is told in another unit than the one at `last`; "" where it is not.

        All that follows is in that unit until it is back half of the way.
        """
        if self._crypto and self.bars.start[last + 1] - self.bars.start[last] > _UNIT_GAP_DAYS * DAY:
            return ""
        own = float(self.close[at] - self.close[last])
        if not abs(own) > _UNIT_LEAP / 2:
            return ""
        leap = np.nanmax(np.abs(self.close[last + 1 : at + 1] - self.close[last]), initial=0.0)
        if not leap > _UNIT_LEAP or not abs(own) > leap / 2 or self._starts_apart(at, last):
            return ""
        return f"its prices are {np.exp(own):.3g} times those of {self.bars.label(last)}, as in another unit"

    def _starts_apart(self, at: int, last: int) -> bool:
        """Whether it is the first bars of all that are told in another unit, and those after them keep to theirs."""
        return last < _STAYS_BARS and self._stays(self.close, at, last, _STAYS_BARS)

    @staticmethod
    def _stays(level: FloatArray, at: int, last: int, bars: int) -> bool:
        """Whether so many later bars, each of them, lie nearer to the level at `at` than to the one before it."""
        later = level[at + 1 : at + 1 + bars]
        later = later[np.isfinite(later)]
        nearer = np.abs(later - level[at]) < np.abs(later - level[last])
        return len(later) >= bars and bool(nearer.all())

    def _told(self, at: int, last: int, beside: str) -> str:
        move = float(np.expm1(self.close[at] - self.close[last]))
        if move == 0:
            return f"the close is that of the bar before{beside}"
        opened = float(np.expm1(logs(self.bars.open)[at] - self.close[last]))
        seen = "" if np.isnan(opened) else f", where the open was {opened:+.1%}"
        return f"the close stands alone: {move:+.1%} from the last one{seen}{beside}"


def _excess(own: FloatArray, hers: FloatArray) -> FloatArray:
    """How much further a market went than its sister did the same way; what she went the other way counts as far."""
    same = np.sign(own) == np.sign(hers)
    far, her_far = np.abs(own), np.abs(hers)
    return np.where(same, np.maximum(far - her_far, 0), far + np.minimum(far, her_far))


def _largest_before(logs: FloatArray) -> FloatArray:
    """The largest move of the 250 bars before each, as far as they are known; unknown where none is."""
    moves = np.abs(np.diff(logs, prepend=np.nan))
    largest: FloatArray = bn.move_max(moves, min(_YEAR_BARS, len(moves)), 1)
    return _before(largest)


def _aligned(bars: Bars, sister: Bars | None) -> FloatArray:
    """Logs of the sister's closes on the bars' days."""
    if sister is None or not len(sister) or not len(bars):
        return np.full(len(bars), np.nan)
    at = np.searchsorted(sister.start, bars.start).clip(max=len(sister) - 1)
    return np.where(sister.start[at] == bars.start, log_closes(sister)[at], np.nan)


def _before(values: FloatArray) -> FloatArray:
    return np.concatenate([[np.nan], values[:-1]])[: len(values)]
