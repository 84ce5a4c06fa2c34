"""Which vendor answers a request for bars? (Runs in the worker process.)"""

from __future__ import annotations

import logging
from importlib import import_module
from typing import Any

from bot.market.model import FetchAnswer, FetchRequest, SourceError, SourceErrorKind, SourceKind

_LOG = logging.getLogger(__name__)

_MODULES = {
    SourceKind.YAHOO: "bot.market.sources.yahoo",
    SourceKind.EXCHANGE: "bot.market.sources.ccxt",
    SourceKind.CSV: "bot.market.sources.csv",
    SourceKind.COINGECKO: "bot.market.sources.coingecko",
    SourceKind.SIMULATED: "bot.market.sources.simulated",
}
"""By name, because yfinance and ccxt cost seconds and a hundred megabytes each, also where nobody asks for them."""


def fetch(request: FetchRequest) -> FetchAnswer:
    """What the request's source says; raises SourceError only, whatever the vendor did."""
    try:
        answer: FetchAnswer = _vendor(request.source.kind).fetch(request)
    except SourceError:
        raise
    except Exception as error:  # vendors' libraries raise anything over a body that they did not expect
        _LOG.exception("%s stumbled over %s", request.source.name, request.source.symbol)
        detail = f"{request.source.symbol}: {type(error).__name__}: {error}"
        raise SourceError(SourceErrorKind.BROKEN, request.source.name, detail[:300]) from error
    return answer


def warm_up(*kinds: SourceKind) -> None:
    """Import what these kinds of sources need, so that the first fetch is quick."""
    for kind in kinds:
        _vendor(kind)


def _vendor(kind: SourceKind) -> Any:
    return import_module(_MODULES[kind])
