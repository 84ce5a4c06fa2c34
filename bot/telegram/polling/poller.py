"""Long polling for updates, until it ends for good or is cancelled."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from telegram import Bot, Update
from telegram.error import TelegramError

from bot.telegram.polling.policy import PollState, StopReason, Wait, after_failure, after_success, classify_poll_error

LONG_POLL_SECONDS = 25
ALLOWED_UPDATES = (Update.MESSAGE, Update.CHANNEL_POST, Update.MY_CHAT_MEMBER, Update.CALLBACK_QUERY)
CONFIRM_TIMEOUT_SECONDS = 1.5

_LOG = logging.getLogger(__name__)


class Poller:
    """Fetches updates and hands each one on, in order.

    The library's own loop dies silently when the token is refused, asks again at once after a timeout, and
    comes to a standstill over one update that it can't read; hence this one. `connect` introduces the bot
    to Telegram; `take` may wait, and nothing more is fetched meanwhile; `note` is told each failure. `clock` is any
    steady clock in seconds.
    """

    def __init__(
        self,
        bot: Bot,
        connect: Callable[[], Awaitable[None]],
        take: Callable[[Update], Awaitable[None]],
        note: Callable[[str], None],
        long_poll: int = LONG_POLL_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._bot = bot
        self._connect = connect
        self._take = take
        self._note = note
        self._long_poll = long_poll
        self._clock = clock
        self._offset = 0
        self._connected = False
        self._state = PollState(started=clock())

    async def run(self) -> StopReason:
        """Fetch until fetching makes no more sense."""
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
                self._state = after_success(self._state)

    async def confirm(self) -> None:
        """Tell Telegram that everything fetched has been dealt with; if that fails, it comes again after a restart."""
        if not self._offset:
            return
        try:
            async with asyncio.timeout(CONFIRM_TIMEOUT_SECONDS):
                await self._bot.get_updates(offset=self._offset, timeout=0, limit=1, allowed_updates=ALLOWED_UPDATES)
        except (TelegramError, TimeoutError):
            _LOG.info("telegram: the last updates could not be confirmed; they will come again")

    async def _once(self) -> None:
        if not self._connected:
            await self._connect()
            self._connected = True
        for update in await self._fetch():
            await self._take(update)
            self._offset = update.update_id + 1

    async def _fetch(self) -> Sequence[Update]:
        try:
            return await self._bot.get_updates(
                offset=self._offset, timeout=self._long_poll, allowed_updates=ALLOWED_UPDATES
            )
        except (AttributeError, KeyError, TypeError, ValueError):
            return await self._fetch_readable()

    async def _fetch_readable(self) -> list[Update]:
        """The same updates, each read on its own; those that the library can't read become empty ones."""
        # Telegram does not mind the case of a method's name; the library warns of those that it has itself.
        raw: Any = await self._bot.do_api_request("getupdates", {"offset": self._offset, "timeout": 0})
        return [self._read(item) for item in raw]

    def _read(self, item: dict[str, Any]) -> Update:
        try:
            return Update.de_json(item, self._bot)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            self._note(f"an update that can't be read was passed over ({type(error).__name__})")
            return Update(item["update_id"])

    def _fail(self, error: TelegramError) -> Wait | StopReason:
        fault, asked = classify_poll_error(error)
        jitter = random.random()  # noqa: S311  # spreads retries, guards nothing
        self._state, step = after_failure(self._state, fault, asked, self._clock(), jitter)
        self._note(f"fetching updates: {fault}")
        level = logging.WARNING if self._state.failures == 1 else logging.DEBUG
        _LOG.log(level, "telegram: fetching updates failed (%d in a row): %s", self._state.failures, fault)
        return step
