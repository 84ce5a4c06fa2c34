"""Random numbers that are the same on every machine and with every version of numpy: the splitmix64 generator.

numpy.random would take 7 MB along, into a process that needs them now and then.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Final

import numpy as np

from bot.signals.bars import FloatArray, IntArray

if TYPE_CHECKING:
    from numpy.typing import NDArray

_STEP: Final = np.uint64(0x9E3779B97F4A7C15)
_MIXES: Final = ((np.uint64(30), np.uint64(0xBF58476D1CE4E5B9)), (np.uint64(27), np.uint64(0x94D049BB133111EB)))
_LAST_SHIFT: Final = np.uint64(31)
_UNUSED_BITS: Final = np.uint64(11)  # a float holds 53


def bits(seed: int, count: int) -> NDArray[np.uint64]:
    """The generator's first numbers of 64 bits."""
    state = np.arange(1, count + 1, dtype=np.uint64)
    state *= _STEP
    state += np.uint64(seed)
    for shift, factor in _MIXES:  # in place: a million of them are 8 MB each time
        state ^= state >> shift
        state *= factor
    state ^= state >> _LAST_SHIFT
    return state


def uniform(seed: int, *shape: int) -> FloatArray:
    """Numbers from 0 up to 1, all as likely."""
    numbers = bits(seed, prod(shape))
    numbers >>= _UNUSED_BITS
    return np.asarray(numbers.reshape(shape) * 2.0**-53, dtype=np.float64)


def indices(seed: int, below: int, *shape: int) -> IntArray:
    """Whole numbers from 0 up to below `below`, all as likely."""
    drawn = uniform(seed, *shape)
    drawn *= below
    return drawn.astype(np.int64)


def normal(seed: int, *shape: int) -> FloatArray:
    """Standard normal numbers, by the transform of Box and Muller."""
    radius, turn = uniform(seed, 2, *shape)
    return np.asarray(np.sqrt(-2 * np.log1p(-radius)) * np.cos(2 * np.pi * turn))
