"""How a command is loaded: what its libraries are told before, and no garbage collector meanwhile."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

_TOLD: Mapping[str, str] = {
    # numpy's OpenBLAS would start a thread for each processor, which spin for longer than most commands take; no
    # command multiplies matrices that are worth one.
    **dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1"),
    # pydantic would read the metadata of every installed package for plugins of its own, and run what it finds.
    "PYDANTIC_DISABLE_PLUGINS": "__all__",
}


def tell_libraries() -> None:
    """Put into the environment what libraries read as they are imported; what a person has set there stays."""
    for name, value in _TOLD.items():
        os.environ.setdefault(name, value)


@contextmanager
def collector_at_rest() -> Iterator[None]:
    """Import within this block.

    Modules, classes and functions stay as long as the process does, and the garbage collector would go through them
    again and again while they become more, and at the end: a quarter of a short command's time. Once the block is done
    it works as always, on what is made from then on.
    """
    works, known = gc.isenabled(), len(sys.modules)
    gc.disable()
    try:
        yield
    finally:
        if works:
            if len(sys.modules) > known:
                gc.freeze()
            gc.enable()
