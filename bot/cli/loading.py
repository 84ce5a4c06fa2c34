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

_PLUGINS_OFF = "PYDANTIC_DISABLE_PLUGINS"
_ALL_PLUGINS = "__all__"

_TOLD: Mapping[str, str] = {
    # numpy's OpenBLAS would start a thread for each processor, which spin for longer than most commands take; no
    # command multiplies matrices that are worth one.
    **dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1"),
    # pydantic would read the metadata of every installed package for plugins of its own, and run what it finds.
    _PLUGINS_OFF: _ALL_PLUGINS,
}


def tell_libraries() -> None:
    """Put into the environment what libraries read as they are imported; what a person has set there stays."""
    for name, value in _TOLD.items():
        os.environ.setdefault(name, value)


def import_typer() -> None:
    """Without what starts other programs, by which it sets up a shell's completion."""
    with _collector_at_rest(), suppress(Exception), kept_out(deferred=["subprocess"]):
        import_module("typer")


def import_pydantic() -> None:
    """Import what options and files are read with, without the package that reads other packages' metadata, which
    pydantic looks for plugins with, and without what compares its secrets.

    That package reads mails too, and takes a fifth of the time that pydantic does. With plugins switched off nobody
    calls it. A version of pydantic that needs it nevertheless is imported with it, later, as if nothing had been tried.
    """
    if os.environ.get(_PLUGINS_OFF) != _ALL_PLUGINS:
        return
    with _collector_at_rest(), suppress(Exception), kept_out(deferred=["secrets"]):
        import_module("pydantic.plugin")
        with _forgotten_if_it_fails("pydantic.plugin."), kept_out(deferred=["importlib.metadata"]):
            import_module("pydantic.plugin._loader")
        for name in ("fields", "functional_validators", "type_adapter"):
            import_module(f"pydantic.{name}")


@contextmanager
def _forgotten_if_it_fails(prefix: str) -> Iterator[None]:
    """Modules that were imported meanwhile are imported anew, by whoever asks next, where there was an error."""
    known = set(sys.modules)
    try:
        yield
    except Exception:
        for name in [name for name in sys.modules if name.startswith(prefix) and name not in known]:
            del sys.modules[name]
        raise


def import_numpy() -> None:
    """Without the docstrings of what is written in C, and the types of arrays, which only type checkers need; a version
    that needs them is imported with them, later.
    """
    unneeded = ["numpy._core._add_newdocs", "numpy._core._add_newdocs_scalars", "numpy._typing", "pickle"]
    with _collector_at_rest(), suppress(Exception), kept_out(deferred=unneeded):
        import_module("numpy")


def imported_to_work(place: str) -> Any:
    """What a command works with, as `imported` gives it, and numpy beneath it."""
    import_numpy()
    return imported(place)


def imported(place: str) -> Any:
    """What "package.module:name" names, or the module, for what takes long to load and few commands need, or only
    once they work: not for their help.
    """
    module_name, _, name = place.partition(":")
    with _collector_at_rest():
        module = import_module(module_name)
        return getattr(module, name) if name else module


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
