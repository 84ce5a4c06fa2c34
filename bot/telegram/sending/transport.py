"""Transport of the outbox: one message handed to Telegram, and its outcome."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

from telegram import Bot
from telegram.constants import ParseMode
from telegram.error import TelegramError

from bot.delivery.transport import Failure, FailureKind, OutgoingMessage, Sent, Transport
from bot.telegram.capabilities import Capabilities, Feature, suspect
from bot.telegram.errors import classify_error
from bot.telegram.sending.aiohttp_request import AiohttpRequest
from bot.telegram.sending.fields import edit_fields, edit_method_of, features_in, method_of, send_fields
from bot.views.formatting.html import CAPTION_LIMIT, TEXT_LIMIT, escape, split, units, visible, visible_length

UNCHANGED: Final = "message is not modified"


class TelegramTransport(Transport):
    """Sends through a Bot; a `banner` stands before every text. Tries once: the outbox decides what comes next.

    What is refused for a newer feature is tried without it; where it goes then, the feature is given up for the chat.
    """

    def __init__(self, bot: Bot, banner: str = "", *, paid_broadcast: bool = False) -> None:
        self._bot = bot
        self._banner = f"{escape(banner)}\n" if banner else ""
        self._paid = paid_broadcast
        self._capabilities = Capabilities()

    async def send(self, message: OutgoingMessage) -> Sent | Failure:
        """Try once."""
        used = {each for each in features_in(message) if self._capabilities.has(each, message.chat_id)}
        outcome = await self._send(message, used)
        while (blamed := _blamed(outcome, used)) is not None:
            used -= {blamed}
            outcome = await self._send(message, used)
            if isinstance(outcome, Sent) and blamed not in _by_chance(message):
                self._capabilities.refuse(blamed, message.chat_id)
        return outcome

    async def edit(self, message: OutgoingMessage, message_id: int) -> Sent | Failure:
        """Put the text and buttons of `message` in place of those of a message that was sent before; try once."""
        text, mode = self.text_of(message)
        features = {each for each in features_in(message) if self._capabilities.has(each, message.chat_id)}
        fields = {**edit_fields(message, message_id, features), "text": text}
        fields |= {} if mode is None else {"parse_mode": mode}
        try:
            await self._bot.do_api_request(edit_method_of(message), fields)
        except TelegramError as error:
            return Sent(message_id) if UNCHANGED in str(error).lower() else classify_error(error)
        return Sent(message_id)

    async def _send(self, message: OutgoingMessage, features: set[Feature]) -> Sent | Failure:
        fields = send_fields(message, *self.text_of(message), features, paid=self._paid)
        try:
            return _sent(await self._ask(message, fields))
        except TelegramError as error:
            return classify_error(error)

    async def _ask(self, message: OutgoingMessage, fields: dict[str, Any]) -> object:
        """The answer as it came: half of the time of the library's own methods goes into making objects of it."""
        request, method = self._bot.request, method_of(message)
        if isinstance(request, AiohttpRequest) and not message.uploads:
            return await request.post_json(f"{self._bot.base_url}/{method}", fields)
        return await self._bot.do_api_request(method, fields)

    def text_of(self, message: OutgoingMessage) -> tuple[str, ParseMode | None]:
        """The text within Telegram's limit, banner included, and how it is to be read."""
        limit = CAPTION_LIMIT if message.captioned else TEXT_LIMIT
        html = self._banner + message.html
        return (_plain(html, limit), None) if message.plain else (_marked(html, limit), ParseMode.HTML)


def _blamed(outcome: Sent | Failure, used: set[Feature]) -> Feature | None:
    """The feature without which it may go; None where that is none, or it went."""
    if isinstance(outcome, Sent) or outcome.kind is not FailureKind.BAD_REQUEST:
        return None
    return suspect(outcome.detail, used)


def _by_chance(message: OutgoingMessage) -> set[Feature]:
    """Features whose refusal says nothing of the next time: what is answered may only have been too old."""
    alone = message.only_for
    return {Feature.EPHEMERAL} if alone is not None and (alone.answers is not None or alone.query) else set()


@lru_cache(maxsize=64)  # a fan-out sends one text to every subscriber
def _marked(html: str, limit: int) -> str:
    if len(html) * 2 <= limit or visible_length(html) <= limit:
        return html
    pages = split(html, limit - 1)  # none, if there is nothing but white space
    return pages[0] + "…" if pages else ""


@lru_cache(maxsize=64)
def _plain(html: str, limit: int) -> str:
    text = visible(html).strip()  # as Telegram does before it counts
    if units(text) <= limit:
        return text
    return text.encode("utf-16-le", "replace")[: (limit - 1) * 2].decode("utf-16-le", "ignore") + "…"


def _sent(answer: object) -> Sent | Failure:
    match answer:
        case {"message_id": int(message_id), "photo": [*_, {"file_id": str(file_id)}]}:
            return Sent(message_id, file_id)
        case {"ephemeral_message_id": int(message_id)} | {"message_id": int(message_id)}:
            return Sent(message_id)
        case _:
            return Failure(FailureKind.AMBIGUOUS, "the answer was no message")
