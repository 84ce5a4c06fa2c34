"""Long polling for updates, until it ends for good or is cancelled."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from telegram import Bot, Update
from telegram.error import TelegramError

from bot.telegram.capabilities import ALLOWED_UPDATES
from bot.telegram.polling.policy import PollState, StopReason, Wait, after_failure, after_success, classify_poll_error

LONG_POLL_SECONDS = 25
READ_TIMEOUT_SECONDS = 10.0
"""On top of the long poll's own time."""

CONFIRM_TIMEOUT_SECONDS = 1.5

RawUpdate = dict[str, Any]
"""An update as the Bot API sends it."""

_LOG = logging.getLogger(__name__)


class Poller:
    """Fetches updates and hands each one on, in order.

    The library's own loop dies silently when the token is refused, asks again at once after a timeout, and
    comes to a standstill over one update that it can't read; hence this one. `connect` introduces the bot
    to Telegram; `admit` says whether an update is worth being read; `take` may wait, and nothing more is fetched
    meanwhile; `note` is told each failure, and `recovered` called when fetching works again. `clock` is any steady
    clock in seconds.
    """

    def __init__(
        self,
        bot: Bot,
        *,
        connect: Callable[[], Awaitable[None]],
        admit: Callable[[RawUpdate], bool],
        take: Callable[[Update], Awaitable[None]],
        note: Callable[[str], None],
        recovered: Callable[[], None] = lambda: None,
        long_poll: int = LONG_POLL_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._bot = bot
        self._connect = connect
        self._admit = admit
        self._take = take
        self._note = note
        self._recovered = recovered
        self._long_poll = long_poll
        self._clock = clock
        self._offset = 0
        self._connected = False
        self._state = PollState(started=clock())

    async def run(self, *, trusted: bool = False) -> StopReason:
        """Fetch until fetching makes no more sense. `trusted`: this token has worked before."""
        self._state = PollState(started=self._clock(), connected=trusted)
        while True:
            try:
                await self._once()
            except TelegramError as error:
                step = self._fail(error)
                if isinstance(step, StopReason):
                    return step
                self._connected = self._connected and not step.reconnect
                await asyncio.sleep(step.seconds)
            else:
                if self._state.failures:
                    _LOG.info("telegram: fetching updates works again after %d failures", self._state.failures)
                    self._recovered()
                self._state = after_success(self._state)

    async def confirm(self) -> None:
        """Tell Telegram that everything fetched has been dealt with; if that fails, it comes again after a restart."""
        if not self._offset:
            return
        try:
            async with asyncio.timeout(CONFIRM_TIMEOUT_SECONDS):
                await self._fetch(seconds=0, limit=1)
        except (TelegramError, TimeoutError):
            _LOG.info("telegram: the last updates could not be confirmed; they will come again")

    async def _once(self) -> None:
        if not self._connected:
            await self._connect()
            self._connected = True
            self._state = replace(self._state, connected=True)  # getMe has taken the token
        for raw in await self._fetch(self._long_poll):
            if self._admit(raw):
                await self._take(self._read(raw))
            self._offset = raw["update_id"] + 1

    async def _fetch(self, seconds: int, limit: int = 100) -> list[RawUpdate]:
        """Updates as they come. So one that the library can't read stops no other, and a flood costs little.

        Telegram does not mind the case of a method's name; the library warns of those that it has itself.
        """
        wanted = {"offset": self._offset, "timeout": seconds, "limit": limit, "allowed_updates": list(ALLOWED_UPDATES)}
        answer: Any = await self._bot.do_api_request("getupdates", wanted, read_timeout=seconds + READ_TIMEOUT_SECONDS)
        if not isinstance(answer, list) or not all(isinstance(raw, dict) and "update_id" in raw for raw in answer):
            raise TelegramError("Invalid server response")
        return answer

    def _read(self, raw: RawUpdate) -> Update:
        try:
            return Update.de_json(raw, self._bot)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            self._note(f"an update that can't be read was passed over ({type(error).__name__})")
            return Update(raw["update_id"])

    def _fail(self, error: TelegramError) -> Wait | StopReason:
        fault, asked = classify_poll_error(error)
        jitter = random.random()  # noqa: S311  # spreads retries, guards nothing
        self._state, step = after_failure(self._state, fault, asked, self._clock(), jitter)
        self._note(f"fetching updates: {fault}")
        level = logging.WARNING if self._state.failures == 1 else logging.DEBUG
        _LOG.log(level, "telegram: fetching updates failed (%d in a row): %s", self._state.failures, fault)
        return step
