"""The Telegram side of the bot: how it starts, listens and stops on the running event loop."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from telegram import Bot, Update
from telegram.ext import Application, ApplicationBuilder

from bot.delivery.transport import OutgoingMessage
from bot.problem import ProblemError
from bot.redaction import install_redaction
from bot.store.meta import get_value, set_value
from bot.store.subscribers.subscribers import set_operators
from bot.telegram.chat_admins import Admins, admin_lookup
from bot.telegram.commands.registry import COMMANDS
from bot.telegram.commands.rule_files import file_fetcher, take_file
from bot.telegram.handlers import Handlers
from bot.telegram.menu import CommandMenus, command_menus
from bot.telegram.polling.origin import origin_of
from bot.telegram.polling.policy import StopReason
from bot.telegram.polling.poller import LONG_POLL_SECONDS, Poller, RawUpdate
from bot.telegram.polling.update_processor import MAX_WAITING, PerChatUpdateProcessor
from bot.telegram.routing import Router
from bot.telegram.sending.aiohttp_request import AiohttpRequest
from bot.telegram.sending.chat_action import ChatActionSender, uploading
from bot.telegram.sending.redacted_bot import RedactedBot
from bot.telegram.sending.replies import ReplySender
from bot.telegram.sending.transport import TelegramTransport
from bot.telegram.services import Services
from bot.views.chats import access

STOP_GRACE_SECONDS = 3.0
BOT_ID = "bot id"
"""Under which the database remembers whose it is."""

_NOISY_LOGGERS = ("httpx", "httpcore", "telegram", "telegram.ext", "aiohttp.access")


class _TidyBot(RedactedBot):
    """Closes its connections also where it was stopped in the middle of opening them, which the library forgets."""

    async def shutdown(self) -> None:
        await super().shutdown()
        await asyncio.gather(*(request.shutdown() for request in self._request))


AT_ONCE = 16
FOR_ANSWERS = 16
"""Connections beside those of messages that are under way."""


def build_bot(token: str, api_url: str, proxy: str | None = None, *, at_once: int = AT_ONCE) -> RedactedBot:
    """The library's bot, not yet connected. `api_url` may end in /bot or not; `proxy` as in AiohttpRequest.

    `at_once` is how many messages may be on their way to Telegram; answers to commands have connections beside them.
    """
    root = api_url.rstrip("/").removesuffix("/bot")
    return _TidyBot(
        token,
        base_url=f"{root}/bot",
        base_file_url=f"{root}/file/bot",
        request=AiohttpRequest(at_once + FOR_ANSWERS, proxy=proxy),
        get_updates_request=AiohttpRequest(1, proxy=proxy),
    )


def silence_library_logs() -> None:
    """Keep the token out of the log, and the libraries from logging addresses, of which it is a part."""
    install_redaction()
    for name in _NOISY_LOGGERS:
        logging.getLogger(name).setLevel(logging.WARNING)


class TelegramSide:
    """Listens and answers from `start` to `stop`.

    `connected` is set once Telegram knows the bot. `ended` is done only when there is no use in listening on:
    another copy of the bot took over, or the token is not accepted. `clock` is any steady clock in seconds.
    """

    def __init__(
        self,
        bot: Bot,
        services: Services,
        long_poll: int = LONG_POLL_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._bot = bot
        self._services = services
        self._processor = PerChatUpdateProcessor(services.access.is_operator)
        self._application: Application[Any, Any, Any, Any, Any, Any] = (
            ApplicationBuilder().bot(bot).updater(None).job_queue(None).concurrent_updates(self._processor).build()
        )
        self.replies = ReplySender(TelegramTransport(bot, services.banner), services, ChatActionSender(uploading(bot)))
        self._menus = CommandMenus(bot, command_menus(COMMANDS, services.access.operators), self._note)
        admins = Admins(admin_lookup(bot), clock)
        take = partial(take_file, services, file_fetcher(bot))
        self._router = Router(services, admins, COMMANDS, clock, take)
        handlers = Handlers(bot, services, router=self._router, replies=self.replies, admins=admins, menus=self._menus)
        handlers.register(self._application)
        self._poller = Poller(
            bot,
            connect=self._connect,
            admit=self._admit,
            take=self._take,
            note=self._note,
            recovered=services.reachable,
            long_poll=long_poll,
            clock=clock,
        )
        self._crowded = False
        self.connected = asyncio.Event()
        self.ended: asyncio.Task[StopReason] | None = None

    @property
    def busy(self) -> bool:
        """Whether something that was fetched is still to be answered."""
        waiting = not self._application.update_queue.empty() or bool(self._processor.tasks)
        return waiting or bool(self.replies.late)

    async def start(self) -> None:
        """Begin to listen; returns at once, also while Telegram can't be reached.

        Raises ProblemError where the database is another bot's: its subscribers know nothing of this one.
        """
        silence_library_logs()
        trusted = await self._is_known()
        await self._services.store.run(set_operators, self._services.access.operators, self._services.now())
        self.ended = asyncio.create_task(self._listen(trusted=trusted), name="telegram:listen")

    async def stop(self, grace: float = STOP_GRACE_SECONDS) -> None:
        """Fetch nothing more, finish the answers under way within `grace` seconds, close the connections."""
        if self.ended is not None:
            self.ended.cancel()
            await asyncio.wait([self.ended])
        finished = True
        if self._application.running:
            finished = await self._drain(grace)
        if finished and self.connected.is_set():
            await self._poller.confirm()
        await self.replies.close()
        await self._application.shutdown()
        await self._bot.shutdown()

    async def _is_known(self) -> bool:
        """Whether this bot has worked with this database before."""
        own = self._bot.token.partition(":")[0]
        known = await self._services.store.run(get_value, BOT_ID)
        if known not in {None, own}:
            raise ProblemError.of(
                "telegram.token",
                f"the database belongs to another bot (got the token of {own}); allowed: that of {known}, or another"
                " database",
            )
        return known is not None

    async def _listen(self, *, trusted: bool) -> StopReason:
        end = await self._poller.run(trusted=trusted)
        self._note(f"listening ended: {end}")
        if end is StopReason.ANOTHER_COPY:
            for operator in sorted(self._services.access.operators):
                await self.replies.send_message(OutgoingMessage(operator, access.second_copy()))
        return end

    async def _connect(self) -> None:
        await self._application.initialize()
        await self._services.store.run(set_value, BOT_ID, str(self._bot.id), self._services.now())
        await self._bot.delete_webhook()
        if not self._application.running:
            await self._application.start()
            self.connected.set()
            self._application.create_task(self._introduce(), name="telegram:menus")

    async def _introduce(self) -> None:
        await self._menus.set_all()
        await self._menus.set_descriptions(self._services.banner)

    def _admit(self, raw: RawUpdate) -> bool:
        """What a silenced chat or person sends is not even read, so that a flood costs next to nothing."""
        origin = origin_of(raw)
        return origin is None or not self._router.silenced(*origin)

    async def _take(self, update: Update) -> None:
        if self._processor.admit(update):
            await self._application.update_queue.put(update)
        elif not self._crowded:
            self._note("more is asked at once than can be answered: some of it was passed over")
        self._crowded = len(self._processor.tasks) > MAX_WAITING // 2

    async def _drain(self, grace: float) -> bool:
        try:
            async with asyncio.timeout(grace):
                await self._application.stop()
        except TimeoutError:
            await self._processor.cancel_all()
            return False
        return True

    def _note(self, what: str) -> None:
        self._services.troubles.note(self._services.now(), what)


@asynccontextmanager
async def running(
    bot: Bot,
    services: Services,
    long_poll: int = LONG_POLL_SECONDS,
    clock: Callable[[], float] = time.monotonic,
) -> AsyncIterator[TelegramSide]:
    """The Telegram side, listening for as long as the block lasts. Closes the bot's connections at the end."""
    side = TelegramSide(bot, services, long_poll, clock)
    await side.start()
    try:
        yield side
    finally:
        await side.stop()
