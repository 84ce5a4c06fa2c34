"""How commands are loaded: what their libraries are told before, and no garbage collector meanwhile."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from importlib import import_module
from typing import Any

from bot.unneeded import kept_out

_NO_PLUGINS = "PYDANTIC_DISABLE_PLUGINS", "__all__"

_TOLD: Mapping[str, str] = {
    # numpy's OpenBLAS would start a thread for each processor, which spin for longer than most commands take; no
    # command multiplies matrices that are worth one.
    **dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1"),
    # pydantic would read the metadata of every installed package for plugins of its own, and run what it finds.
    _NO_PLUGINS[0]: _NO_PLUGINS[1],
}


def tell_libraries() -> None:
    """Put into the environment what libraries read as they are imported; what a person has set there stays."""
    for name, value in _TOLD.items():
        os.environ.setdefault(name, value)


def import_pydantic() -> None:
    """Without what would read packages' metadata, and mails for it, in search of plugins that it is to leave out."""
    name, none = _NO_PLUGINS
    if os.environ.get(name) == none:
        with _collector_at_rest(), kept_out(deferred=["importlib.metadata"]), suppress(ImportError):
            import_module("pydantic.plugin._loader")  # which later versions may not have


def import_numpy() -> None:
    """Without the docstrings of what is written in C, and the types of arrays, which only type checkers need."""
    docstrings = ["numpy._core._add_newdocs", "numpy._core._add_newdocs_scalars"]
    with _collector_at_rest(), kept_out(deferred=[*docstrings, "numpy._typing"]):
        import_module("numpy")


def imported(place: str) -> Any:
    """What "package.module:name" names, for what takes long to load and few commands need."""
    module, _, name = place.partition(":")
    with _collector_at_rest():
        return getattr(import_module(module), name)


@contextmanager
def _collector_at_rest() -> Iterator[None]:
    """Modules, classes and functions stay as long as the process does, and the garbage collector would go through them
    again and again while they become more, and at the end: a quarter of a short command's time. So it rests meanwhile,
    and what is there is set apart; then it works as always, on what is made from then on.
    """
    works, known = gc.isenabled(), len(sys.modules)
    gc.disable()
    try:
        yield
    finally:
        if len(sys.modules) > known:
            gc.freeze()
        if works:
            gc.enable()
