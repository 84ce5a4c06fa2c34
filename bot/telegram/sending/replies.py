"""Replies to commands: paged, with pictures, tried a few times within seconds."""

from __future__ import annotations

import asyncio
import logging
from contextlib import nullcontext
from dataclasses import replace
from typing import Any, TypeVar

from bot.charts.request import ChartRequest
from bot.delivery.transport import Failure, FailureKind, OutgoingMessage, Sent
from bot.store.subscribers.subscribers import mark_unreachable, migrate_chat
from bot.subscriber import Chat
from bot.telegram.command import Reply
from bot.telegram.sending.chat_action import ChatActionSender
from bot.telegram.sending.transport import TelegramTransport
from bot.telegram.services import Services
from bot.views.formatting import html

MAX_PAGES = 6
MAX_ATTEMPTS = 3
FIRST_WAIT_SECONDS = 1.0
MAX_WAIT_SECONDS = 5.0
YIELD_SECONDS = 0.5
"""Seconds that an answer lets the alerts go first; then it takes the next place."""

PICTURE_WAIT_SECONDS = 0.7
"""Seconds that words wait for their picture before they go without it."""

DRAWING_TIMEOUT_SECONDS = 15.0
"""Seconds after which a picture is of no use any more."""

_POLL_SECONDS = 0.05

_Drawing = asyncio.Task[bytes | None]
_T = TypeVar("_T")

_LOG = logging.getLogger(__name__)


class ReplySender:
    """Sends what commands reply, page by page.

    An answer is not worth what an alert is: it is tried a few times within seconds and then given up, since
    the person can ask again. It goes at the pace of the alerts, and they go first. Words wait a moment for their
    picture, to stand under it; else it comes after them. `late` are the pictures that are still to come.
    """

    def __init__(
        self, transport: TelegramTransport, services: Services, chat_action: ChatActionSender | None = None
    ) -> None:
        self._transport = transport
        self._services = services
        self._chat_action = chat_action
        self.late: set[asyncio.Task[Any]] = set()

    async def send(self, chat: Chat, reply: Reply, reply_to: int | None = None) -> bool:
        """Send the reply to this chat, then its messages to others. Returns whether its words arrived."""
        drawing = self._begin_to_draw(chat, reply)
        if drawing is not None and fits_caption(reply):
            await asyncio.wait({drawing}, timeout=PICTURE_WAIT_SECONDS)
        photo = drawing.result() if drawing is not None and drawing.done() and fits_caption(reply) else None
        sent = True
        for page in pages(reply, chat, reply_to, photo):
            sent = sent and isinstance(await self.send_message(page), Sent)
        if sent and reply.document is not None and not fits_caption(reply):
            await self.send_message(OutgoingMessage(chat.chat_id, "", chat.thread_id or None, document=reply.document))
        if drawing is not None and photo is None:
            self._follow(chat, drawing) if sent else drawing.cancel()
        for message in reply.others:
            await self.send_message(message)
        return sent

    async def close(self) -> None:
        """Give up what was still being drawn."""
        for task in self.late:
            task.cancel()
        await asyncio.gather(*self.late, return_exceptions=True)

    def _begin_to_draw(self, chat: Chat, reply: Reply) -> _Drawing | None:
        if reply.picture is None:
            return None
        return self._watched(asyncio.create_task(self._drawn(chat, reply.picture), name="telegram:picture"))

    def _follow(self, chat: Chat, drawing: _Drawing) -> None:
        """Send the picture after its words, when it is done; nobody else waits for that."""
        self._watched(asyncio.create_task(self._send_late(chat, drawing), name="telegram:late picture"))

    async def _send_late(self, chat: Chat, drawing: _Drawing) -> None:
        if (photo := await drawing) is not None:
            await self.send_message(OutgoingMessage(chat.chat_id, "", chat.thread_id or None, photo))

    def _watched(self, task: asyncio.Task[_T]) -> asyncio.Task[_T]:
        self.late.add(task)
        task.add_done_callback(self.late.discard)
        return task

    async def edit(self, chat: Chat, message_id: int, reply: Reply) -> None:
        """Put the answer in the place of a message, or send it anew where Telegram does not let that be changed."""
        (page, *_) = pages(reply, chat, None)
        outcome = await self._try(page, message_id)
        if isinstance(outcome, Failure) and outcome.kind is FailureKind.BAD_REQUEST:
            await self.send_message(page)
        for message in reply.others:
            await self.send_message(message)

    async def send_message(self, message: OutgoingMessage) -> Sent | Failure:
        """Try a few times; whoever can't be reached any more is switched off."""
        attempt = 1
        while isinstance(outcome := await self._try(message), Failure):
            again = await self._recover(message, outcome, attempt) if attempt < MAX_ATTEMPTS else None
            if again is None:
                _LOG.warning("telegram: an answer to %d was not sent: %s", message.chat_id, outcome.kind)
                break
            message, attempt = again, attempt + 1
        return outcome

    async def _drawn(self, chat: Chat, picture: ChartRequest) -> bytes | None:
        """The picture; None where there is none in time."""
        showing = nullcontext() if self._chat_action is None else self._chat_action.during(chat)
        try:
            async with showing, asyncio.timeout(DRAWING_TIMEOUT_SECONDS):
                return await self._services.draw(picture)
        except TimeoutError:
            _LOG.warning("telegram: a picture was not drawn in time")
            return None

    async def _try(self, message: OutgoingMessage, instead_of: int | None = None) -> Sent | Failure:
        shut = await self._turn()
        if shut > 0:
            return Failure(FailureKind.FLOOD, "Telegram wants nothing from this bot just now", retry_after=shut)
        self._services.rate_limiter.took(message.chat_id, self._services.clock())
        if instead_of is None:
            outcome = await self._transport.send(message)
        else:
            outcome = await self._transport.edit(message, instead_of)
        if isinstance(outcome, Failure) and outcome.kind is FailureKind.FLOOD and outcome.retry_after:
            self._services.rate_limiter.stop(self._services.clock() + outcome.retry_after)
        return outcome

    async def _turn(self) -> float:
        """Wait for a free place among the alerts; the seconds for which there will be none because sending is shut."""
        begun, pace = self._services.clock(), self._services.rate_limiter
        patience = max(YIELD_SECONDS, 2 / pace.rate)
        while (wait := pace.wait_any(self._services.clock())) > 0:
            if wait > patience:
                return wait
            if self._services.clock() - begun >= patience:
                return 0.0
            await asyncio.sleep(min(wait, _POLL_SECONDS))
        return 0.0

    async def _recover(self, message: OutgoingMessage, failure: Failure, attempt: int) -> OutgoingMessage | None:
        """What to send instead, after waiting where that helps; None where nothing does."""
        match failure.kind:
            case FailureKind.BAD_MARKUP | FailureKind.BAD_REQUEST | FailureKind.NO_RIGHTS:
                return _simpler(message, failure.kind)
            case FailureKind.MIGRATED if failure.new_chat_id is not None:
                await self._services.store.run(migrate_chat, message.chat_id, failure.new_chat_id, self._services.now())
                return replace(message, chat_id=failure.new_chat_id)
            case FailureKind.FLOOD | FailureKind.NOT_SENT:
                return await _later(message, failure.retry_after or FIRST_WAIT_SECONDS * attempt)
            case FailureKind.TOPIC_GONE:
                gone = (message.chat_id, failure.kind.value, self._services.now(), message.thread_id or 0)
                await self._services.store.run(mark_unreachable, *gone)
                return None
            case FailureKind.BLOCKED | FailureKind.GONE if message.thread_id is None:
                await self._services.store.run(
                    mark_unreachable, message.chat_id, failure.kind.value, self._services.now()
                )
                return None
            case _:
                return None


def fits_caption(reply: Reply) -> bool:
    """Whether the words may stand under a picture or a file."""
    return html.visible_length(reply.html) <= html.CAPTION_LIMIT - html.BANNER_ROOM


def pages(reply: Reply, chat: Chat, reply_to: int | None, photo: bytes | None = None) -> list[OutgoingMessage]:
    """The answer in messages that Telegram takes: the first one replies, the last one has the buttons."""
    if (photo is not None or reply.document is not None) and fits_caption(reply):
        document = reply.document if photo is None else None
        where = (chat.chat_id, reply.html, chat.thread_id or None, photo, reply_to)
        return [OutgoingMessage(*where, buttons=reply.buttons, document=document)]
    texts = html.split(reply.html, html.TEXT_LIMIT - html.BANNER_ROOM)
    if len(texts) > MAX_PAGES:
        texts = [*texts[: MAX_PAGES - 1], html.italic(f"… and {len(texts) - MAX_PAGES + 1} more pages.")]
    last = len(texts) - 1
    return [
        OutgoingMessage(
            chat.chat_id,
            text,
            thread_id=chat.thread_id or None,
            reply_to=reply_to if number == 0 else None,
            buttons=reply.buttons if number == last else (),
        )
        for number, text in enumerate(texts)
    ]


def _simpler(message: OutgoingMessage, refused: FailureKind) -> OutgoingMessage | None:
    """The message without what Telegram may have refused about it; None where nothing of that is left."""
    if refused is FailureKind.BAD_MARKUP:
        return None if message.plain else replace(message, plain=True)
    if refused is FailureKind.BAD_REQUEST and message.reply_to is not None:
        return replace(message, reply_to=None)
    return replace(message, photo=None, document=None) if message.captioned and message.html else None


async def _later(message: OutgoingMessage, seconds: float) -> OutgoingMessage | None:
    if seconds > MAX_WAIT_SECONDS:
        return None
    await asyncio.sleep(seconds)
    return message
