"""Bodies that drip, stand still or break off: each client gives them up, and takes no half for a whole."""

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from bot.market import http_client
from bot.market.http import get
from bot.market.model import SourceError, SourceErrorKind
from bot.market.vendors import bounded_requests
from tests.market.vendors import Vendor, flat
from tests.replay import Replay

DAY = 86_400
SINCE, NOW = "2026-11-17", "2026-11-20T12:00Z"


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_client, "ANSWER_TIMEOUT_S", 0.3)
    monkeypatch.setattr(bounded_requests, "ANSWER_TIMEOUT_S", 0.3)


@pytest.fixture
def cut_off() -> Iterator[str]:
    """The address of a server that says how long its answer is, and hangs up in the middle."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer() -> None:
            there, _ = listening.accept()
            with there:
                there.recv(65_536)
                there.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n2026-01-01,1\n")

        threading.Thread(target=answer, daemon=True).start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/"


def test_half_a_table_is_no_table(cut_off: str) -> None:
    with pytest.raises(SourceError, match="IncompleteRead") as error:
        get("fred", cut_off)
    assert error.value.kind is SourceErrorKind.UNREACHABLE


def test_a_body_that_drips_is_given_up_by_our_own_client(server: Replay) -> None:
    server.world.reset()
    server.world.fail("/slow", body="x" * 400, drip=0.02)
    began = time.monotonic()
    with pytest.raises(SourceError, match="no whole answer within") as error:
        get("fred", f"{server.url}/slow")
    assert error.value.kind is SourceErrorKind.TIMEOUT
    assert time.monotonic() - began < 400 * 0.02


def test_candles_that_drip_are_given_up(server, everyday) -> None:  # type: ignore[no-untyped-def]  # as its neighbours
    server.world.reset()
    server.world.add("BTCUSDT", "1d", flat([1_795_000_000 // DAY * DAY]))
    vendor = Vendor(server, "exchange", "binance", "BTC/USDT", everyday)
    server.world.fail("klines", body="[" + " " * 400 + "]", drip=0.02)
    with pytest.raises(SourceError) as error:
        vendor.ask(SINCE, NOW)
    assert error.value.kind is SourceErrorKind.TIMEOUT
