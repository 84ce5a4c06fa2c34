"""How does the Telegram side of the bot start, run and stop on the running event loop?"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from telegram import Bot, Update
from telegram.ext import Application, ApplicationBuilder

from bot.delivery.outcome import Outgoing
from bot.messages import membership
from bot.store.subscribers import set_operators
from bot.telegram.activity import Activity, uploading
from bot.telegram.admins import Admins, asking
from bot.telegram.answers import Answers
from bot.telegram.backoff import End
from bot.telegram.commands import COMMANDS
from bot.telegram.desk import Desk
from bot.telegram.dispatch import Dispatcher
from bot.telegram.lanes import Lanes
from bot.telegram.menu import Menus, menus
from bot.telegram.messenger import TelegramMessenger
from bot.telegram.polling import LONG_POLL, Polling
from bot.telegram.reception import Reception
from bot.telegram.request import AiohttpRequest
from bot.telegram.rulefiles import fetching, take_file
from bot.telegram.secrecy import DiscreetBot, hide_tokens_in_logs

GRACE = 3.0
_TALKATIVE = ("httpx", "httpcore", "telegram", "telegram.ext", "aiohttp.access")


class _TidyBot(DiscreetBot):
    """Closes its connections also where it was stopped in the middle of opening them, which the library forgets."""

    async def shutdown(self) -> None:
        await super().shutdown()
        await asyncio.gather(*(request.shutdown() for request in self._request))


def build_bot(token: str, api_url: str) -> DiscreetBot:
    """The library's bot, not yet connected. `api_url` may end in /bot or not."""
    root = api_url.rstrip("/").removesuffix("/bot")
    return _TidyBot(
        token,
        base_url=f"{root}/bot",
        base_file_url=f"{root}/file/bot",
        request=AiohttpRequest(),
        get_updates_request=AiohttpRequest(),
    )


def quieten() -> None:
    """Keep the token out of the log, and the libraries from logging addresses, of which it is a part."""
    hide_tokens_in_logs()
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)


class TelegramSide:
    """Listens and answers from `start` to `stop`.

    `connected` is set once Telegram knows the bot. `ended` is done only when there is no use in listening on:
    another copy of the bot took over, or the token is not accepted.
    """

    def __init__(self, bot: Bot, desk: Desk, long_poll: int = LONG_POLL) -> None:
        self._bot = bot
        self._desk = desk
        self._lanes = Lanes()
        self._application: Application[Any, Any, Any, Any, Any, Any] = (
            ApplicationBuilder().bot(bot).updater(None).job_queue(None).concurrent_updates(self._lanes).build()
        )
        self._answers = Answers(TelegramMessenger(bot, desk.banner), desk, Activity(uploading(bot)))
        self._menus = Menus(bot, menus(COMMANDS, desk.access.operators), self._note)
        admins = Admins(asking(bot), time.monotonic)
        take = partial(take_file, desk, fetching(bot))
        dispatcher = Dispatcher(desk, admins, COMMANDS, time.monotonic, take)
        reception = Reception(bot, desk, dispatcher=dispatcher, answers=self._answers, admins=admins, menus=self._menus)
        reception.attend(self._application)
        self._polling = Polling(bot, self._connect, self._take, self._note, long_poll)
        self.connected = asyncio.Event()
        self.ended: asyncio.Task[End] | None = None

    async def start(self) -> None:
        """Begin to listen; returns at once, also while Telegram can't be reached."""
        quieten()
        await self._desk.store.do(set_operators, self._desk.access.operators, self._desk.now())
        self.ended = asyncio.create_task(self._listen(), name="telegram:listen")

    async def stop(self, grace: float = GRACE) -> None:
        """Fetch nothing more, finish the answers under way within `grace` seconds, close the connections."""
        if self.ended is not None:
            self.ended.cancel()
            await asyncio.wait([self.ended])
        finished = True
        if self._application.running:
            finished = await self._drain(grace)
        if finished and self.connected.is_set():
            await self._polling.confirm()
        await self._answers.close()
        await self._application.shutdown()
        await self._bot.shutdown()

    async def _listen(self) -> End:
        end = await self._polling.run()
        self._note(f"listening ended: {end}")
        if end is End.ANOTHER_COPY:
            for operator in sorted(self._desk.access.operators):
                await self._answers.send(Outgoing(operator, membership.second_copy()))
        return end

    async def _connect(self) -> None:
        await self._application.initialize()
        await self._bot.delete_webhook()
        if not self._application.running:
            await self._application.start()
            self.connected.set()
            self._application.create_task(self._menus.set_all(), name="telegram:menus")

    async def _take(self, update: Update) -> None:
        await self._lanes.admit()
        await self._application.update_queue.put(update)

    async def _drain(self, grace: float) -> bool:
        try:
            async with asyncio.timeout(grace):
                await self._application.stop()
        except TimeoutError:
            await self._lanes.abandon()
            return False
        return True

    def _note(self, what: str) -> None:
        self._desk.troubles.note(self._desk.now(), what)


@asynccontextmanager
async def running(bot: Bot, desk: Desk, long_poll: int = LONG_POLL) -> AsyncIterator[TelegramSide]:
    """The Telegram side, listening for as long as the block lasts. Closes the bot's connections at the end."""
    side = TelegramSide(bot, desk, long_poll)
    await side.start()
    try:
        yield side
    finally:
        await side.stop()
