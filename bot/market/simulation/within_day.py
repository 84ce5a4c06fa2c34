"""Prices within a simulated day: a random walk from its open over both extremes to its close."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from bot.signals.bars import FloatArray, IntArray

_STEPS = 288
"""Steps of a day's walk: five minutes around the clock."""

_RANGE = 1.6
"""Range of a random walk in standard deviations of its end: so wide a day is expected to stray as much."""

_WAYS = np.array([0.35, 1.0, 0.35])
"""How long the ways to an extreme, to the other and to the close take, as a rule."""

_RUNGS = np.linspace(0, 1, _STEPS + 1)


class Stretch(NamedTuple):
    """What a market did in part of each of some days: the first price, highest, lowest, last, share of the volume."""

    first: FloatArray
    high: FloatArray
    low: FloatArray
    last: FloatArray
    volume: FloatArray


def stretches(walks: FloatArray, which: IntArray, began: FloatArray, until: FloatArray, pace: FloatArray) -> Stretch:
    """Stretches between two fractions of days; `which` is the row of each one's day in `walks`."""
    first, last = _at(walks, which, began), _at(walks, which, until)
    inner, beyond = np.ceil(began * _STEPS).astype(np.int64), np.floor(until * _STEPS).astype(np.int64) + 1
    some, row = beyond > inner, which * (_STEPS + 1)
    ends = np.stack([row + inner, row + np.where(some, beyond, inner + 1)], axis=1).ravel()
    flat = np.append(walks.ravel(), np.zeros(2))
    highest, lowest = np.maximum.reduceat(flat, ends)[::2], np.minimum.reduceat(flat, ends)[::2]
    high, low = np.maximum(first, last), np.minimum(first, last)
    high, low = np.where(some, np.maximum(high, highest), high), np.where(some, np.minimum(low, lowest), low)
    return Stretch(first, high, low, last, np.interp(until, _RUNGS, pace) - np.interp(began, _RUNGS, pace))


def pace_of(*, everyday: bool) -> FloatArray:
    """How much of a day's moves and volume is over at each step: most near open and close, or while New York trades."""
    middle = (np.arange(_STEPS) + 0.5) / _STEPS
    busy = 1 + 0.5 * np.cos(2 * np.pi * (middle - 15 / 24)) if everyday else 0.4 + 9 * (middle - 0.5) ** 2
    return np.concatenate([[0.0], np.cumsum(busy / busy.sum())[:-1], [1.0]])


def walks_of(days: Sequence[int], prices: FloatArray, pace: FloatArray, symbol: str, seed: int) -> FloatArray:
    """Prices at each step of each day, as (day, step); `prices` has (open, one extreme, the other, close) by day.

    A day's walk depends on nothing but the day, so that it is the same from wherever one looks at it.
    """
    return np.stack([_walk(_draws(symbol, seed, day), each, pace) for day, each in zip(days, prices.T, strict=True)])


class _Draws(NamedTuple):
    legs: FloatArray
    steps: FloatArray


@lru_cache(maxsize=4_096)
def _draws(symbol: str, seed: int, day: int) -> _Draws:
    """The random numbers of a day."""
    stream = np.random.default_rng([seed, zlib.crc32(symbol.encode()), zlib.crc32(b"within"), day])
    return _Draws(stream.exponential(size=3), stream.standard_normal(_STEPS))


def _walk(draws: _Draws, prices: FloatArray, pace: FloatArray) -> FloatArray:
    """A walk through the four prices that never leaves the range of the two in the middle."""
    low, high = prices[1:3].min(), prices[1:3].max()
    turns = _turns(draws.legs, pace)
    moves = (high - low) / _RANGE * np.sqrt(np.diff(pace)) * draws.steps
    free = np.concatenate([[0.0], np.cumsum(moves)])
    walk = free - np.interp(pace, pace[turns], free[turns]) + np.interp(pace, pace[turns], prices)
    walk = np.where(walk > high, 2 * high - walk, walk)
    walk = np.where(walk < low, 2 * low - walk, walk)
    walk[turns] = prices
    return np.asarray(np.clip(walk, low, high))


def _turns(legs: FloatArray, pace: FloatArray) -> IntArray:
    """The steps at which a walk is at each of its four prices; it has the longest way between the two extremes."""
    lasts = np.cumsum(_WAYS * (0.5 + legs))
    first = int(np.clip(np.searchsorted(pace, lasts[0] / lasts[2]), 1, _STEPS - 2))
    second = int(np.clip(np.searchsorted(pace, lasts[1] / lasts[2]), first + 1, _STEPS - 1))
    return np.array([0, first, second, _STEPS])


def _at(walks: FloatArray, which: IntArray, fraction: FloatArray) -> FloatArray:
    """Price at a fraction of each day, in a straight line between two steps."""
    place = np.clip(fraction, 0, 1) * _STEPS
    step = np.minimum(place.astype(np.int64), _STEPS - 1)
    before, after, part = walks[which, step], walks[which, step + 1], place - step
    return np.asarray(np.where(part == 1, after, before + part * (after - before)))
