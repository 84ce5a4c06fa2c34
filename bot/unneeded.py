"""Modules that a library imports and that nobody uses here: kept out while it is imported, for the memory they take."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import Any


class _Anything:
    """What a stand-in gives for a name: a class, and with anything in brackets too, as types of arrays have it."""

    def __class_getitem__(cls, _: object) -> type[_Anything]:
        return cls


class _StandIn(ModuleType):
    """In place of a module: while a library is imported, all its names are a class, which does for annotations and the
    like; whoever asks for one later gets the real one after all.
    """

    over = False

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(import_module(self.__name__), name) if self.over else _Anything


@contextmanager
def kept_out(absent: Sequence[str] = (), deferred: Sequence[str] = ()) -> Iterator[None]:
    """What is imported meanwhile finds `absent` modules not installed, and stand-ins for `deferred` ones.

    A module that is there already, in a worker process or a test, is left alone, and nobody is hindered later.
    """
    stand_ins = {name: _StandIn(name) for name in deferred if name not in sys.modules}
    held: dict[str, Any] = {**{name: None for name in absent if name not in sys.modules}, **stand_ins}
    sys.modules.update(held)
    try:
        yield
    finally:
        for name in held:
            del sys.modules[name]
        for module in stand_ins.values():
            module.over = True
