"""Replies to commands: paged, with pictures, tried a few times within seconds."""

from __future__ import annotations

import asyncio
import logging
from contextlib import nullcontext
from dataclasses import replace
from typing import Any, TypeVar
from weakref import WeakValueDictionary

from bot.charts.request import ChartRequest
from bot.delivery.rate_limit import RATE
from bot.delivery.retry_policy import Migrate, PauseChat, Retry, SwitchOff, WithoutMarkup, WithoutPhoto
from bot.delivery.transport import Failure, FailureKind, OnlyFor, OutgoingMessage, Sent
from bot.store.subscribers.preferences import wants_dark
from bot.store.subscribers.subscribers import mark_unreachable, migrate_chat
from bot.subscriber import Chat
from bot.telegram.command import Reply
from bot.telegram.sending.chat_action import ChatActionSender
from bot.telegram.sending.reply_policy import WithoutReply, decide_reply, in_another_form
from bot.telegram.sending.transport import TelegramTransport
from bot.telegram.services import Services
from bot.views.formatting import html

MAX_PAGES = 6
MAX_ATTEMPTS = 3
MAX_WAIT_SECONDS = 5.0
"""Pause up to which a reply waits in its place; after a longer one it is sent by itself."""

MAX_PAUSE_SECONDS = 3_600.0
"""Pause beyond which a reply is of no use any more."""

MAX_LATE = 256
"""Replies that wait for pictures and pauses at most; what comes beyond that is lost, and the person asks again."""

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
    picture, to stand under it; else it comes after them. `late` is what is still
    to come: pictures, and what waits for the end of a pause that Telegram asked for.
    """

    def __init__(
        self, transport: TelegramTransport, services: Services, chat_action: ChatActionSender | None = None
    ) -> None:
        self._transport = transport
        self._services = services
        self._chat_action = chat_action
        self.late: set[asyncio.Task[Any]] = set()
        self._places = asyncio.Lock()
        self._queues: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    async def send(self, chat: Chat, reply: Reply, reply_to: int | None = None) -> bool:
        """Send the reply to this chat, then its messages to others. Returns whether its words arrived."""
        drawing = self._begin_to_draw(chat, reply)
        if drawing is not None and fits_caption(reply):
            await asyncio.wait({drawing}, timeout=PICTURE_WAIT_SECONDS)
        photo = drawing.result() if drawing is not None and drawing.done() and fits_caption(reply) else None
        messages = pages(reply, chat, reply_to, photo)
        if reply.document is not None and not fits_caption(reply):
            where = (chat.chat_id, "", chat.thread_id or None)
            messages.append(OutgoingMessage(*where, document=reply.document, only_for=reply.only_for))
        sent = await self._send_all(messages)
        if drawing is not None and photo is None:
            self._follow(chat, drawing, reply.only_for) if sent else drawing.cancel()
        for message in reply.others:
            await self._send_all([message])
        return sent

    async def close(self) -> None:
        """Give up what was still being drawn, or waited for the end of a pause."""
        for task in self.late:
            task.cancel()
        await asyncio.gather(*self.late, return_exceptions=True)

    def _begin_to_draw(self, chat: Chat, reply: Reply) -> _Drawing | None:
        if reply.picture is None:
            return None
        return self._watched(
            asyncio.create_task(self._drawn(chat, reply.picture, dark=reply.dark), name="telegram:picture")
        )

    def _follow(self, chat: Chat, drawing: _Drawing, only_for: OnlyFor | None) -> None:
        """Send the picture after its words, when it is done; nobody else waits for that."""
        self._watched(asyncio.create_task(self._send_late(chat, drawing, only_for), name="telegram:late picture"))

    async def _send_late(self, chat: Chat, drawing: _Drawing, only_for: OnlyFor | None) -> None:
        """To one member alone only while Telegram takes that: the words were for them, so is the picture."""
        photo = await drawing
        if photo is not None and (only_for is None or self._services.clock() < only_for.until):
            where = (chat.chat_id, "", chat.thread_id or None)
            await self.send_message(OutgoingMessage(*where, photo, only_for=only_for))

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
            await self._send_all([message])

    async def _send_all(self, messages: list[OutgoingMessage]) -> bool:
        """Send one after the other; whether that can go on. What a long pause holds up is sent after it."""
        for at, message in enumerate(messages):
            outcome = await self.send_message(message)
            if isinstance(outcome, Failure):
                if outcome.kind is FailureKind.FLOOD and len(self.late) < MAX_LATE:
                    self._watched(asyncio.create_task(self._after_pause(messages[at:]), name="telegram:after a pause"))
                    return True
                return False
        return True

    async def _after_pause(self, messages: list[OutgoingMessage]) -> None:
        """Send as soon as Telegram takes something for this chat again, what came first before what came later."""
        chat_id = messages[0].chat_id
        async with self._queues.setdefault(chat_id, asyncio.Lock()):
            pause = self._pause(chat_id)
            if pause > MAX_PAUSE_SECONDS:
                return
            await asyncio.sleep(pause)
            await self._send_all(messages)

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

    async def _drawn(self, chat: Chat, picture: ChartRequest, *, dark: bool | None) -> bytes | None:
        """The picture; None where there is none in time. `dark` None: as the chat wants its pictures."""
        showing = nullcontext() if self._chat_action is None else self._chat_action.during(chat)
        try:
            async with showing, asyncio.timeout(DRAWING_TIMEOUT_SECONDS):
                if dark is None:
                    dark = await self._services.store.run(wants_dark, chat.chat_id, chat.thread_id)
                return await self._services.draw(replace(picture, dark=dark))
        except TimeoutError:
            _LOG.warning("telegram: a picture was not drawn in time")
            return None

    async def _try(self, message: OutgoingMessage, instead_of: int | None = None) -> Sent | Failure:
        pause = await self._turn(message.chat_id)
        if pause > 0:
            return Failure(FailureKind.FLOOD, "Telegram wants nothing from this bot just now", retry_after=pause)
        limiter, began = self._services.rate_limiter, self._services.clock()
        if message.only_for is not None and message.only_for.until <= began:
            message = replace(message, only_for=None)
        if instead_of is None:
            outcome = await self._transport.send(message)
        else:
            outcome = await self._transport.edit(message, instead_of)
        now = self._services.clock()
        if isinstance(outcome, Sent):
            limiter.answered(now - began)
        elif outcome.retry_after is not None and limiter.flooded(message.chat_id, outcome.retry_after, now):
            self._services.wake()  # so that the outbox keeps the pause
        return outcome

    def _pause(self, chat_id: int) -> float:
        """Seconds for which Telegram wants nothing for this chat, or for anybody."""
        return self._services.rate_limiter.pause_of(chat_id, self._services.clock())

    async def _turn(self, chat_id: int) -> float:
        """Wait for a place among the alerts, which is taken then, or the end of a short pause; else its seconds.

        Answers go one after the other, at what Telegram carries for nothing, however much it carries of alerts: a
        thousand people who ask at once are no flood, and alerts take every place between.
        """
        begun, limiter = self._services.clock(), self._services.rate_limiter
        patience = max(YIELD_SECONDS, 2 / limiter.rate)
        while (pause := self._pause(chat_id)) > 0:
            if pause > MAX_WAIT_SECONDS:
                return pause
            await asyncio.sleep(min(pause, _POLL_SECONDS))
        await self._places.acquire()
        free_after = 0.0
        try:
            await self._let_alerts_go(until=begun + patience)
            now = self._services.clock()
            if (pause := self._pause(chat_id)) > 0:
                return pause
            wait = limiter.wait_global(now)
            departure = limiter.record(chat_id, now + wait)
            free_after = 1 / RATE
            await asyncio.sleep(wait)
            departure.left(self._services.clock())
            return 0.0
        finally:
            asyncio.get_running_loop().call_later(free_after, self._places.release)

    async def _let_alerts_go(self, until: float) -> None:
        """Until nobody else takes the place, or so long."""
        limiter, clock = self._services.rate_limiter, self._services.clock
        while (now := clock()) < until:
            if (wait := limiter.wait_global(now)) <= 0:
                return
            await asyncio.sleep(min(wait, _POLL_SECONDS))

    async def _recover(self, message: OutgoingMessage, failure: Failure, attempts: int) -> OutgoingMessage | None:
        """What to send instead, after waiting where that helps; None where nothing does."""
        match decide_reply(failure, message, attempts):
            case WithoutMarkup() | WithoutReply() | WithoutPhoto() as decision:
                return in_another_form(message, decision)
            case Migrate(new):
                await self._services.store.run(migrate_chat, message.chat_id, new, self._services.now())
                return replace(message, chat_id=new)
            case PauseChat(seconds):
                return message if seconds <= MAX_WAIT_SECONDS else None
            case Retry(after):
                await asyncio.sleep(after)
                return message
            case SwitchOff(reason, topic_only):
                topic = message.thread_id or 0 if topic_only else None
                await self._services.store.run(mark_unreachable, message.chat_id, reason, self._services.now(), topic)
        return None


def fits_caption(reply: Reply) -> bool:
    """Whether the words may stand under a picture or a file."""
    return html.visible_length(reply.html) <= html.CAPTION_LIMIT - html.BANNER_ROOM


def pages(reply: Reply, chat: Chat, reply_to: int | None, photo: bytes | None = None) -> list[OutgoingMessage]:
    """The answer in messages that Telegram takes: the first one replies, the last one has the buttons."""
    if (photo is not None or reply.document is not None) and fits_caption(reply):
        document = reply.document if photo is None else None
        where = (chat.chat_id, reply.html, chat.thread_id or None, photo, reply_to)
        return [OutgoingMessage(*where, buttons=reply.buttons, document=document, only_for=reply.only_for)]
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
            only_for=reply.only_for,
        )
        for number, text in enumerate(texts)
    ]
