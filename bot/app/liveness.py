"""Proof of life to others: a ping URL, a heartbeat file, systemd's watchdog."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections.abc import Mapping
from pathlib import Path

import aiohttp

from bot.regular_file import refuse_link

log = logging.getLogger(__name__)

PING_SECONDS = 10.0
"""Seconds for one ping; a service that answers later is left alone until the next look."""


class Liveness:
    """Tells whoever watches that the bot starts, that a look succeeded or failed, and that it stops.

    `ping_url` is asked as healthchecks.io wants it: `/start` at the start, the URL itself after a look, `/fail` after
    one that broke off. `file` is touched after each look that succeeded. systemd is told where it asks to be.
    Nothing of it ever raises, or delays a look.
    """

    def __init__(self, ping_url: str = "", file: Path | None = None, environ: Mapping[str, str] = os.environ) -> None:
        self._url = ping_url.rstrip("/")
        self._file = file
        self._systemd = environ.get("NOTIFY_SOCKET", "")
        self._pings: set[asyncio.Task[None]] = set()
        self._reachable = True

    def started(self) -> None:
        """The bot runs from now on."""
        self._notify("READY=1")
        self._ping("/start")

    def looked(self, *, ok: bool) -> None:
        """A look has ended."""
        self._notify("WATCHDOG=1")
        self._ping("" if ok else "/fail")
        if ok and self._file is not None:
            self._touch(self._file)

    async def stopped(self) -> None:
        """The bot has been told to stop."""
        self._notify("STOPPING=1")
        if self._pings:
            await asyncio.wait(self._pings, timeout=1.0)
        for ping in self._pings:
            ping.cancel()

    def _touch(self, file: Path) -> None:
        try:
            refuse_link(file)
            file.touch(0o644)
        except OSError as error:
            log.warning("the heartbeat file %s can't be written: %s", file, error.strerror)

    def _notify(self, state: str) -> None:
        """Tell systemd, by a datagram to the socket that it names; "@" stands for an abstract one."""
        if not self._systemd:
            return
        address = "\0" + self._systemd[1:] if self._systemd.startswith("@") else self._systemd
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
                out.sendto(state.encode(), address)
        except OSError as error:
            log.warning("systemd can't be told: %s", error.strerror)

    def _ping(self, suffix: str) -> None:
        if self._url:
            ping = asyncio.create_task(self._ask(self._url + suffix), name="ping")
            self._pings.add(ping)
            ping.add_done_callback(self._pings.discard)

    async def _ask(self, url: str) -> None:
        timeout = aiohttp.ClientTimeout(total=PING_SECONDS)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout, trust_env=True) as session,
                session.get(url) as answer,
            ):
                answer.raise_for_status()
        except (aiohttp.ClientError, TimeoutError) as error:
            if self._reachable:
                log.warning("the ping URL does not answer: %s", type(error).__name__)
            self._reachable = False
            return
        self._reachable = True
