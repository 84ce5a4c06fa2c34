"""Memory that was freed and that the allocator keeps: given back to the system."""

from __future__ import annotations

import ctypes

_TRIM = getattr(ctypes.CDLL(None), "malloc_trim", None)  # of glibc; other C libraries have none


def give_back_memory() -> None:
    """Give it back. Years of bars pass through the process at once now and then: an eighth of its size afterwards."""
    if _TRIM is not None:
        _TRIM(0)
