"""Memory of a long-running process: one heap, what was freed given back, a collector that looks less often."""

from __future__ import annotations

import ctypes
import gc
import os

_LIBC = ctypes.CDLL(None)
_TRIM, _OPTION = getattr(_LIBC, "malloc_trim", None), getattr(_LIBC, "mallopt", None)  # of glibc; others have none
_M_ARENA_MAX, _M_MMAP_THRESHOLD = -8, -3
_LARGE_BYTES = 128 << 10  # glibc's own to begin with; left alone, it grows with the largest array that was freed
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
_YOUNG_OBJECTS = 5_000  # Python's own 700 are a dozen messages on their way, of which none is a cycle


def resident_bytes(pid: int) -> int | None:
    """What a process holds, pages that it shares with others included; None where it has ended, or no system says."""
    try:
        with open(f"/proc/{pid}/statm", encoding="ascii") as told:  # noqa: PTH123  # a Path interns what it is made of
            return int(told.read().split()[1]) * _PAGE_BYTES
    except (OSError, IndexError, ValueError):
        return None


def keep_one_heap() -> None:
    """Have all threads take memory from one heap, not each from its own with rests of its own: before they start."""
    if _OPTION is not None:
        _OPTION(_M_ARENA_MAX, 1)


def keep_large_apart() -> None:
    """Have large arrays lie outside of the heap.

    Among small things that stay, each would leave a hole that the next, longer one is not laid into. Not for a process
    that draws: to have each sheet from the system anew takes half as long as drawing.
    """
    if _OPTION is not None:
        _OPTION(_M_MMAP_THRESHOLD, _LARGE_BYTES)


def give_back_memory() -> None:
    """Give it back, in a fraction of a millisecond. Years of bars pass through the process at once now and then."""
    if _TRIM is not None:
        _TRIM(0)


def collect_less_often() -> None:
    """Have the garbage collector look for cycles more rarely: it took a tenth of the time of a fan-out."""
    gc.set_threshold(_YOUNG_OBJECTS)
