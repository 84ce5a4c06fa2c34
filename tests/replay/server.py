"""The server on loopback that answers as the vendors do, from the bars of its world."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from urllib.parse import parse_qsl, unquote, urlsplit

from tests.loopback import LoopbackServer, QuietHandler, QuietServer
from tests.replay import candles
from tests.replay.charts import chart
from tests.replay.edgar import edgar
from tests.replay.figures import figures
from tests.replay.keyed import keyed
from tests.replay.present import SCREENER, present, screened
from tests.replay.world import Answer, Fault, World, pause, pieces, told

_CHART = "/v8/finance/chart/"
_COINBASE = "/api/v3/brokerage/market/products/"
_CANDLES = {
    "/api/v3/klines": candles.binance,
    "/0/public/OHLC": candles.kraken,
    "/api/v5/market/candles": candles.okx,
    "/api/v5/market/history-candles": candles.okx,
    "/v5/market/kline": candles.bybit,
}


class Replay(LoopbackServer["_Server"]):
    """The server: `with Replay() as replay:`; its state is `replay.world`, its address `replay.url`."""

    def __init__(self, port: int = 0) -> None:
        self.world = World()
        super().__init__(_Server(("127.0.0.1", port), self.world))


class _Server(QuietServer):
    def __init__(self, address: tuple[str, int], world: World) -> None:
        super().__init__(address, _Handler)
        self.world = world


class _Handler(QuietHandler):
    server: _Server

    def do_GET(self) -> None:  # noqa: N802  # the library's name
        parts = urlsplit(self.path)
        path, query = unquote(parts.path), dict(parse_qsl(parts.query))
        if key := self.headers.get("Authorization"):
            query["authorization"] = key
        if "@" in (agent := self.headers.get("User-Agent", "")):
            query["agent"] = agent
        world = self.server.world
        if path == "/control/requests":
            self._send(told(world.requests))
            return
        self._meet(path, query, lambda: _answer(world, path, query))

    def do_POST(self) -> None:  # noqa: N802  # the library's name
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        world = self.server.world
        path = urlsplit(self.path).path
        if path == SCREENER:
            self._meet(path, {"body": body.decode()}, lambda: screened(world, body.decode()))
            return
        document = json.loads(body or "{}")
        if self.path == "/control/bars":
            world.load({"bars": [document]})
        elif self.path == "/control/fault":
            world.load({"faults": [document]})
        elif self.path == "/control/reset":
            world.reset()
        self._send(told({"ok": self.path.startswith("/control/")}))

    def _meet(self, path: str, query: dict[str, str], answer: Callable[[], Answer]) -> None:
        """Note a request, and let it meet what is to go wrong with it."""
        world = self.server.world
        world.met(path, query)
        fault = world.fault_for(path)
        if fault:
            pause(fault)
            if fault.drop:
                self.close_connection = True
                return
            if fault.body is not None:
                self._send(Answer(fault.status, fault.body, fault.headers), fault)
                return
        self._send(answer(), fault)

    def _send(self, answer: Answer, fault: Fault | None = None) -> None:
        body = answer.body.encode()
        self.send_response(answer.status)
        for name, value in {"Content-Type": "text/html", **answer.headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        for piece, seconds in pieces(body, fault):
            self.wfile.write(piece)
            time.sleep(seconds)


def _answer(world: World, path: str, query: dict[str, str]) -> Answer:
    if path.startswith(_CHART):
        return chart(world, path.removeprefix(_CHART), query)
    if path.startswith(_COINBASE):
        return candles.coinbase(world, path.removeprefix(_COINBASE).split("/")[0], query)
    if path in _CANDLES:
        return _CANDLES[path](world, query)
    for others in (figures, edgar, present, keyed):
        if (answer := others(world, path, query)) is not None:
            return answer
    if path == "/v1/test/getcrumb":
        return Answer(200, "a-crumb")
    return Answer(200 if path == "/" else 404, "")
