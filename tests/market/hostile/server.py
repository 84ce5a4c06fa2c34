"""A server on loopback that answers everything with one hostile body, sent piece by piece so that it stays small."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.loopback import LoopbackServer, QuietHandler, QuietServer

CHUNK = 1 << 20


@dataclass(frozen=True)
class Hostile:
    """One answer: so many bytes of `pattern`, after unpacking, between `head` and `tail`."""

    name: str
    size: int
    pattern: bytes = b"a"
    head: bytes = b""
    tail: bytes = b""
    packed: bool = False
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)

    def pieces(self) -> Iterator[bytes]:
        piece = self.pattern * (CHUNK // len(self.pattern))
        plain = [self.head, *[piece] * (self.size // len(piece)), self.tail]
        if not self.packed:
            yield from plain
            return
        packer = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS | 16)
        for each in plain:
            yield packer.compress(each)
        yield packer.flush()


BODIES = (
    Hostile("400 MB in 388 kB of gzip", 400_000_000, packed=True),
    Hostile("400 MB as they are", 400_000_000),
    Hostile("JSON in JSON in JSON", 4_000_000, b"["),
    Hostile("a list of empty objects, 7 MB", 7_000_000, b"{},", b"[", b"{}]"),
    Hostile("a list of empty lists, 30 MB", 30_000_000, b"[],", b"[", b"[]]"),
    Hostile("one number of 7 MB", 7_000_000, b"7"),
    Hostile("an error page of 400 MB", 400_000_000, packed=True, status=500),
    Hostile("a redirect with 400 MB", 400_000_000, packed=True, status=302, headers={"Location": "/again"}),
)


class HostileServer(LoopbackServer["_Server"]):
    """`with HostileServer() as server:` its `url` answers everything with `server.body`."""

    def __init__(self) -> None:
        super().__init__(_Server(("127.0.0.1", 0), _Handler))

    @property
    def asked(self) -> list[str]:
        """The paths that were asked for."""
        return self.server.asked

    def answer_with(self, body: Hostile) -> None:
        """What comes from now on; packed once, since a vendor's retries ask for it again."""
        self.server.status, self.server.told = body.status, body.headers
        self.server.pieces = list(body.pieces()) if body.packed else body.pieces
        self.server.packed = body.packed


class _Server(QuietServer):
    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.asked: list[str] = []

    pieces: Any = ()
    packed = False
    status = 200
    told: dict[str, str] = {}  # noqa: RUF012  # replaced, never changed


class _Handler(QuietHandler):
    server: _Server

    def do_GET(self) -> None:  # noqa: N802  # the library's name
        self.server.asked.append(self.path)
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.send_response(self.server.status)
        for name, value in {"Content-Type": "application/json", **self.server.told}.items():
            self.send_header(name, value)
        if self.server.packed:
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Connection", "close")
        self.close_connection = True
        self.end_headers()
        for piece in self.server.pieces if self.server.packed else self.server.pieces():
            self.wfile.write(piece)

    do_POST = do_GET  # noqa: N815  # the library's name
