"""Memory that was freed and that the allocator keeps: given back to the system."""

from __future__ import annotations

import ctypes

_LIBC = ctypes.CDLL(None)
_TRIM, _OPTION = getattr(_LIBC, "malloc_trim", None), getattr(_LIBC, "mallopt", None)  # of glibc; others have none
_M_ARENA_MAX = -8


def keep_one_heap() -> None:
    """Have all threads take memory from one heap, not each from its own with rests of its own: before they start."""
    if _TRIM is not None and _OPTION is not None:
        _OPTION(_M_ARENA_MAX, 1)


def give_back_memory() -> None:
    """Give it back, in a fraction of a millisecond. Years of bars pass through the process at once now and then."""
    if _TRIM is not None:
        _TRIM(0)
