"""Which vendor answers a request for bars? (Runs in the worker process.)"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from bot.market.spec import FetchAnswer, FetchRequest, SourceKind

_MODULES = {
    SourceKind.YAHOO: "bot.market.yahoo",
    SourceKind.EXCHANGE: "bot.market.exchange",
    SourceKind.CSV: "bot.market.csvfile",
    SourceKind.SIMULATED: "bot.market.simulator",
}
"""By name, because yfinance and ccxt cost seconds and a hundred megabytes each, also where nobody asks for them."""


def fetch(request: FetchRequest) -> FetchAnswer:
    """What the request's source says; raises SourceError only, whatever the vendor did."""
    answer: FetchAnswer = _vendor(request.source.kind).fetch(request)
    return answer


def warm_up(*kinds: SourceKind) -> None:
    """Import what these kinds of sources need, so that the first fetch is quick."""
    for kind in kinds:
        _vendor(kind)


def _vendor(kind: SourceKind) -> Any:
    return import_module(_MODULES[kind])
