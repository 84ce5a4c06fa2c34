"""The gate of macro series: a figure is believed unless it is in another unit than those known."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from bot.market.model import FetchAnswer
from bot.market.quality.gate import Gated, picked
from bot.signals.bars import Bars, FloatArray, Mask

_OTHER_UNIT_RATIO = 20.0
"""By how much a figure must leave a steady series to be in another unit: millions for billions, percents for shares."""

_STEADY_RATIO = 5.0
"""How far apart the largest and the smallest of the figures before may be, as a ratio, in a series that is steady."""

_MEASURED_BY = 26
"""Figures before it that a figure is measured by: half a year of weeks."""


def macro_gate(answer: FetchAnswer, history: Bars | None) -> Gated:
    """The answer's figures, but those held back that are in another unit.

    No figure is ever missing: it may come late, be left out or be moved as its publisher likes, and the one before
    stands meanwhile. Of a series that changes its sign or its size as it likes, nothing can be told.
    """
    bars = answer.bars
    before = history.known_at(int(bars.end[0]) - 1).close if history is not None and len(bars) else np.empty(0)
    odd = _other_unit(np.concatenate([before, bars.close]))[len(before) :]
    held = ("on another scale than the figures before; is it in another unit?",) * int(odd.sum())
    return Gated(picked(bars, ~odd), held, bars.start[odd], np.empty(0, dtype=np.int64))


def _other_unit(values: FloatArray) -> Mask:
    """Which values leave the steady ones before them by more than any true change would; each is judged once."""
    odd = np.zeros(len(values), dtype=bool)
    for at in range(_first_doubtful(values), len(values)):
        window = values[at - _MEASURED_BY : at][~odd[at - _MEASURED_BY : at]]
        if len(window):
            odd[at] = bool(_leaves(values[at : at + 1], window.min(), window.max())[0])
    return odd


def _first_doubtful(values: FloatArray) -> int:
    """The first value that leaves those before it, none of which does; their number where there is none."""
    if len(values) <= _MEASURED_BY:
        return len(values)
    windows = sliding_window_view(values[:-1], _MEASURED_BY)
    leaves = _leaves(values[_MEASURED_BY:], windows.min(axis=1), windows.max(axis=1))
    return _MEASURED_BY + int(leaves.argmax()) if leaves.any() else len(values)


def _leaves(value: FloatArray, least: FloatArray, most: FloatArray) -> Mask:
    """Whether a value, or each of several, is in another unit than steady ones between `least` and `most`."""
    steady = (least > 0) & (most < _STEADY_RATIO * least)
    return steady & ~((least / _OTHER_UNIT_RATIO < value) & (value < most * _OTHER_UNIT_RATIO))
