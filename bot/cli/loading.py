"""How commands are loaded: what their libraries are told before, and no garbage collector meanwhile."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
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


def leave_out_plugins() -> None:
    """Have pydantic import no reader of packages' metadata, and of mails for it, to look for plugins that it is not to
    look for.
    """
    name, none = _NO_PLUGINS
    if os.environ.get(name) == none:
        with kept_out(deferred=["importlib.metadata"]), suppress(ImportError):  # as later versions may not have it
            import_module("pydantic.plugin._loader")


def imported(place: str) -> Any:
    """What "package.module:name" names, for what takes long to load and few commands need.

    Modules, classes and functions stay as long as the process does, and the garbage collector would go through them
    again and again while they become more, and at the end: a quarter of a short command's time. So it rests meanwhile,
    and what is there is set apart; then it works as always, on what is made from then on.
    """
    module, _, name = place.partition(":")
    works, known = gc.isenabled(), len(sys.modules)
    gc.disable()
    try:
        return getattr(import_module(module), name)
    finally:
        if len(sys.modules) > known:
            gc.freeze()
        if works:
            gc.enable()
