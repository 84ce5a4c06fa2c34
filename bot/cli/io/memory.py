"""Memory of a command that reads years of bars: kept until it ends."""

from __future__ import annotations

import ctypes

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3


def keep_freed_memory() -> None:
    """Have what one array leaves taken by the next one, not given back to the system and asked for anew, page by page:
    a third of the pages that a backtest asks for. For a process that ends soon.
    """
    if option := getattr(ctypes.CDLL(None), "mallopt", None):  # of glibc; others have none
        option(_M_MMAP_THRESHOLD, 32 << 20)
        option(_M_TRIM_THRESHOLD, 128 << 20)
