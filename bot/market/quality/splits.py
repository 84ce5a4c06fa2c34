"""Daily bars that can't be of this market as a whole: at the price of another share count, or the last one again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import bottleneck as bn
import numpy as np

from bot.market.quality.outliers import chance_repeats, log_closes, logs, unusual, usual_range
from bot.signals.bars import Bars, FloatArray, Mask, shared
from bot.signals.timeframe import Instant

_LEAST = 0.2
"""A gap of less than this, as a ratio, is no split that anybody makes."""

_RANGES = 8.0
"""Usual ranges that a gap must exceed: what is used to leaps may leap."""

_SETTLED = 5
"""Bars at the new price after which it is believed: vendors mend a split within days."""

_LEAST_SHARED_BARS = 3
"""Bars that an answer must share with the known ones to tell whether it speaks of the same."""

_SPLIT_RATIO = 0.02
"""How far the prices may be from where a reported split brings them, as a ratio."""

_SHARES = np.array([2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 10.0, 12.0, 15.0, 20.0, 25.0, 30.0])
"""How many shares funds make of one, or one of how many."""

_DAYS_MOVE = 0.05
"""How far the market itself may move in the day of a split, as a ratio."""


def leapt(bars: Bars, sister: Bars | None) -> Mask:
    """The bars behind a gap that both the open and the close show and the sister does not, until it has settled.

    A price that comes back within five bars was never there.
    """
    far = np.zeros(len(bars), dtype=bool)
    gaps = _own_gaps(bars, sister)
    for place, at in enumerate(gaps):
        if far[at - 1]:
            continue  # the way back
        back = _return(bars.close, at, gaps[place + 1 :])
        if back is not None:
            far[at:back] = True
        elif len(bars) - at < _SETTLED:
            far[at:] = True
    return far


def unadjusted(bars: Bars, sister: Bars | None) -> list[tuple[Instant, float]]:
    """The bars from which on prices stay at a split's ratio to those before, and that ratio; the sister did not move.

    What has settled is believed, since the market may have moved so; but a split that is not adjusted looks the same.
    """
    found = []
    for at, ratio in _lasting(bars, sister):
        shares = _nearest_split(max(ratio, 1 / ratio))
        if shares:
            found.append((int(bars.start[at]), shares if ratio > 1 else 1 / shares))
    return found


def lasting_leaps(bars: Bars, sister: Bars | None, *, splits: bool = True) -> list[tuple[Instant, float]]:
    """The same for leaps that stay and are no split's, of what has no `splits` for all of them.

    They are believed: a market may leap. But where a file is joined of two markets, currencies or units it looks so.
    """
    leaps = _lasting(bars, sister)
    return [
        (int(bars.start[at]), ratio) for at, ratio in leaps if not (splits and _nearest_split(max(ratio, 1 / ratio)))
    ]


def _lasting(bars: Bars, sister: Bars | None) -> list[tuple[int, float]]:
    """Positions of gaps that the sister has not and that stay for five bars, with the ratio of their closes."""
    closes = log_closes(bars)
    found = []
    for at in _own_gaps(bars, sister):
        later = closes[at : at + _SETTLED + 1] - closes[at - 1]
        if len(later) > _SETTLED and bool((later * np.sign(later[0]) > abs(later[0]) / 2).all()):
            found.append((at, float(np.exp(later[0]))))
    return found


def _nearest_split(move: float) -> float:
    """How many shares were made of one where prices moved so, 0 where it is no split's ratio."""
    shares = float(_SHARES[np.argmin(np.abs(np.log(_SHARES) - np.log(move)))])
    return shares if abs(move / shares - 1) < _DAYS_MOVE else 0.0


def repeated(bars: Bars, _sister: Bars | None = None) -> Mask:
    """The bars that are the one before once more, or nothing but its close, in a market that has a range."""
    before = bars.prefix(max(len(bars) - 1, 0))
    again = np.zeros(len(bars), dtype=bool)
    if not len(before):
        return again
    same = {name: getattr(bars, name)[1:] == getattr(before, name) for name in ("open", "high", "low", "close")}
    flat = (bars.high == bars.low)[1:]
    again[1:] = same["close"] & (flat | (same["open"] & same["high"] & same["low"]))
    return unusual(again & ~chance_repeats(bars), (usual_range(bars) > 0) & _ranged(bars))


def rescaled(known: Bars, told: Bars) -> float:
    """By how much the closes told now differ from those known of the same bars: 0.5 after a split of two for one.

    1.0 where they agree, differ by less than a split does, or share fewer than three bars.
    """
    here, there = shared(known.start, told.start)
    ratios = np.exp(logs(told.close[there]) - logs(known.close[here]))
    ratios = ratios[np.isfinite(ratios)]
    if len(ratios) < _LEAST_SHARED_BARS:
        return 1.0
    middle = float(bn.median(ratios))
    alike = np.max(np.abs(ratios / middle - 1)) < 0.02
    return middle if alike and abs(np.log(middle)) > np.log1p(_LEAST) else 1.0


def estranged(known: Bars, told: Bars, same: float) -> bool:
    """Whether a third of the closes told now are others than those known of the same bars, by more than a ratio.

    So are those of a source that adjusts for dividends, shifts its dates, or tells of another market or currency; a
    vendor corrects a bar or two. False where fewer than three are.
    """
    here, there = shared(known.start, told.start)
    apart = np.abs(told.close[there] / known.close[here] - 1)
    apart = apart[np.isfinite(apart)]
    others = int(np.count_nonzero(apart > same))
    return others >= _LEAST_SHARED_BARS and others * 3 > len(apart)


def reported(splits: Sequence[tuple[Instant, float]], scale: float) -> bool:
    """Whether the newest split that a source reports, or several of them together, bring prices to that scale."""
    together = 1.0
    for _, ratio in sorted(splits, reverse=True):
        together *= ratio
        if abs(scale * together - 1) < _SPLIT_RATIO:
            return True
    return False


def _own_gaps(bars: Bars, sister: Bars | None) -> list[int]:
    """Positions of the gaps that the sister has not."""
    gaps = _gaps(bars)
    return np.flatnonzero(gaps & ~_followed(bars, sister)).tolist() if gaps.any() else []


def _gaps(bars: Bars) -> Mask:
    close = log_closes(bars)
    before = np.concatenate([[np.nan], close[:-1]])[: len(bars)]
    if not (np.abs(close - before) > np.log1p(_LEAST)).any():
        return np.zeros(len(bars), dtype=bool)
    unit = np.maximum(usual_range(bars), 0) / np.exp(before)
    moves = np.stack([logs(bars.open), close]) - before
    together = np.sign(moves[0]) == np.sign(moves[1])
    least = np.maximum(np.log1p(_LEAST), np.log1p(_RANGES * unit))  # unknown where the unit is
    return np.asarray((np.abs(moves) > least).all(axis=0) & together)


def _followed(bars: Bars, sister: Bars | None) -> Mask:
    """Where the sister went at least half as far the same way."""
    if sister is None or not len(sister) or not len(bars):
        return np.zeros(len(bars), dtype=bool)
    at = np.searchsorted(sister.start, bars.start).clip(max=len(sister) - 1)
    hers = np.where(sister.start[at] == bars.start, _moves(sister)[at], np.nan)
    own = _moves(bars)
    return np.asarray((np.sign(hers) == np.sign(own)) & (np.abs(hers) > np.abs(own) / 2))


def _moves(bars: Bars) -> FloatArray:
    return np.diff(log_closes(bars), prepend=np.nan)


def _return(close: FloatArray, at: int, later: Iterable[int]) -> int | None:
    """Position of the gap, within five bars, that leads back to where the price came from."""
    return next(
        (gap for gap in later if gap - at < _SETTLED and abs(float(close[gap] / close[at - 1]) - 1) < _LEAST), None
    )


def _ranged(bars: Bars) -> bool:
    """Whether the market's bars have a range at all: of a series of closes nothing can be told."""
    spread = bars.high - bars.low
    return bool(np.isfinite(spread).any() and bn.nanmedian(spread) > 0)
