"""An address on loopback that leads to a server, until it is shut in one of the ways in which hosts are not reached."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from enum import StrEnum
from urllib.parse import urlsplit

HERE = "127.0.0.1"
MORE_THAN_FIT = 4


class Shut(StrEnum):
    """What a client meets: a handshake that is never answered, one that is and then nothing, a refusal."""

    UNANSWERED = "no answer to a connection"
    SILENT = "a connection and nothing more"
    REFUSED = "refuses connections"


class Gate:
    """Bytes go through it, both ways; see `opened`."""

    def __init__(self, url: str) -> None:
        self._there = urlsplit(url)
        self._silent = False
        self._connections: set[asyncio.StreamWriter] = set()
        self._full: list[socket.socket] = []

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._through, HERE, 0)
        self.port = self._server.sockets[0].getsockname()[1]

    def shut(self, how: Shut) -> None:
        """From now on, for connections that there are too."""
        self._silent = True
        if how is Shut.SILENT:
            return
        self._server.close()
        for writer in self._connections:
            writer.transport.abort()
        if how is Shut.UNANSWERED:
            self._full = full_queue(self.port)

    async def close(self) -> None:
        """Let go of all; returns when those who wait for a connection's next bytes have been told of its end."""
        self._server.close()
        for writer in self._connections:
            writer.transport.abort()
        for each in self._full:
            each.close()
        await asyncio.sleep(0.05)

    async def _through(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._connections.add(writer)
        try:
            with contextlib.suppress(OSError):
                if self._silent:
                    await self._passed_on(reader, writer)
                    return
                there, back = await asyncio.open_connection(self._there.hostname, self._there.port)
                self._connections.add(back)
                await asyncio.gather(self._passed_on(reader, back), self._passed_on(there, writer))
        finally:
            self._connections.discard(writer)

    async def _passed_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """What is read is written, until it is shut; then it is lost."""
        while chunk := await reader.read(1 << 16):
            if not self._silent:
                writer.write(chunk)
                await writer.drain()
        writer.close()


def full_queue(port: int) -> list[socket.socket]:
    """Sockets that keep a port's queue full: the kernel answers no more who would connect."""
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind((HERE, port))
    listening.listen(0)
    waiting = [socket.socket() for _ in range(MORE_THAN_FIT)]
    for each in waiting:
        each.setblocking(False)
        each.connect_ex((HERE, port))
    return [listening, *waiting]


@contextlib.asynccontextmanager
async def opened(url: str) -> AsyncIterator[Gate]:
    """A gate in front of the server at this address."""
    gate = Gate(url)
    await gate.open()
    try:
        yield gate
    finally:
        await gate.close()
