"""The kinds of sources that there are, and the one door to all of them in the worker process."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import lru_cache
from importlib import import_module
from pkgutil import walk_packages
from typing import Any

from bot.market import sources
from bot.market.model import FetchAnswer, FetchRequest, SourceError, SourceErrorKind
from bot.market.source_type import SourceType

_LOG = logging.getLogger(__name__)


@lru_cache(maxsize=1)
def source_types() -> Mapping[str, SourceType]:
    """By kind, what the files of this room declare in their SOURCE; no vendor's library is imported for it."""
    found = walk_packages(sources.__path__, f"{sources.__name__}.")
    modules: list[Any] = [import_module(each.name) for each in found if not each.ispkg]
    declared: list[SourceType] = [module.SOURCE for module in modules if hasattr(module, "SOURCE")]
    return {each.kind: each for each in declared}


def fetch(request: FetchRequest) -> FetchAnswer:
    """The bars that the request's source gives; raises SourceError, whatever the vendor did, or MemoryError."""
    source = request.source
    answer: FetchAnswer = ask(source_types()[source.kind].fetch, source.name, source.symbol, request)
    return answer


def ask(function: str, name: str, symbol: str, *arguments: object) -> Any:
    """What "package.module:function" tells; `name` and `symbol` say in errors what was asked. Raises as `fetch`."""
    module, _, called = function.partition(":")
    try:
        return getattr(import_module(module), called)(*arguments)
    except (SourceError, MemoryError):
        raise
    except Exception as error:  # vendors' libraries raise anything over a body that they did not expect
        _LOG.exception("%s stumbled over %s", name, symbol)
        detail = f"{symbol}: {type(error).__name__}: {error}"
        raise SourceError(SourceErrorKind.BROKEN, name, detail[:300]) from error
