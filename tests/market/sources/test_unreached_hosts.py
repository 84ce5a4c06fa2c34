"""Hosts that answer no connection, or no handshake: each client gives them up, and says so."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from bot.market import http_client
from bot.market.http import get
from bot.market.model import FetchRequest, Source, SourceError, SourceErrorKind
from bot.market.sources import registry
from bot.market.vendors import yfinance_client
from bot.signals.sessions import Sessions
from bot.signals.timeframe import DAY, Timeframe
from tests.bench.gate import full_queue

NOW = 20_000 * DAY
LIMIT_S = 0.4


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_client, "REQUEST_TIMEOUT_S", LIMIT_S)
    monkeypatch.setattr(yfinance_client, "REQUEST_TIMEOUT_S", LIMIT_S)
    monkeypatch.setattr(yfinance_client, "PRELIMINARY_S", LIMIT_S)


@pytest.fixture(params=["http, no answer to a connection", "http, nothing more", "https, no handshake"])
def host(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a host that is not reached."""
    scheme, _, how = request.param.partition(", ")
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    held = [listening]
    if how.startswith("no answer"):
        listening.close()
        held = full_queue(port)
    yield f"{scheme}://127.0.0.1:{port}"
    for each in held:
        each.close()


def _error(kind: str, name: str, symbol: str, **options: object) -> SourceError:
    source = Source(kind, name, symbol, options)
    days = Sessions.round_the_clock(NOW - 40 * DAY, NOW)
    with pytest.raises(SourceError) as raised:
        registry.fetch(FetchRequest("MARKET", Timeframe.D1, source, days, NOW - 30 * DAY, NOW))
    return raised.value


def test_our_own_client(host: str) -> None:
    with pytest.raises(SourceError) as raised:
        get("fred", f"{host}/x")
    assert raised.value.kind is SourceErrorKind.TIMEOUT


def test_yahoo(host: str) -> None:
    assert _error("yahoo", "yahoo", "IWM", base_url=host).kind is SourceErrorKind.TIMEOUT


def test_an_exchange(host: str) -> None:
    error = _error("exchange", "kraken", "BTC/USD", base_url=host, timeout=int(1000 * LIMIT_S), rateLimit=1)
    assert error.kind is SourceErrorKind.TIMEOUT
