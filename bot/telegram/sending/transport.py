"""Transport of the outbox: one message handed to Telegram, and its outcome."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

from telegram import Bot, InputFile
from telegram.constants import ParseMode
from telegram.error import TelegramError

from bot.delivery.transport import Failure, FailureKind, OutgoingMessage, Sent, Transport
from bot.telegram.errors import classify_error
from bot.views.formatting.html import CAPTION_LIMIT, TEXT_LIMIT, escape, split, units, visible, visible_length

NO_PREVIEW: Final = {"is_disabled": True}
UNCHANGED: Final = "message is not modified"


class TelegramTransport(Transport):
    """Sends through a Bot; a `banner` stands before every text. Tries once: the outbox decides what comes next."""

    def __init__(self, bot: Bot, banner: str = "", *, paid_broadcast: bool = False) -> None:
        self._bot = bot
        self._banner = f"{escape(banner)}\n" if banner else ""
        self._paid = paid_broadcast

    async def send(self, message: OutgoingMessage) -> Sent | Failure:
        """Try once."""
        text, mode = self.text_of(message)
        fields = {**_fields(message, paid=self._paid), **_content(message, text)}
        if mode is not None:
            fields["parse_mode"] = mode
        try:
            # do_api_request, since send_message spends half of its time on making objects of the answer; and in
            # lower case (the Bot API does not mind), since the library warns of endpoints that have a method
            answer = await self._bot.do_api_request(_method(message), fields)
        except TelegramError as error:
            return classify_error(error)
        return _sent(answer)

    async def edit(self, message: OutgoingMessage, message_id: int) -> Sent | Failure:
        """Put the text and buttons of `message` in place of those of a message that was sent before; try once."""
        text, mode = self.text_of(message)
        fields = {"chat_id": message.chat_id, "message_id": message_id, "link_preview_options": NO_PREVIEW}
        fields |= {"text": text, **_keyboard(message)}
        try:
            await self._bot.do_api_request("editmessagetext", fields if mode is None else fields | {"parse_mode": mode})
        except TelegramError as error:
            return Sent(message_id) if UNCHANGED in str(error).lower() else classify_error(error)
        return Sent(message_id)

    def text_of(self, message: OutgoingMessage) -> tuple[str, ParseMode | None]:
        """The text within Telegram's limit, banner included, and how it is to be read."""
        limit = CAPTION_LIMIT if message.captioned else TEXT_LIMIT
        html = self._banner + message.html
        return (_plain(html, limit), None) if message.plain else (_marked(html, limit), ParseMode.HTML)


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


def _fields(message: OutgoingMessage, *, paid: bool) -> dict[str, Any]:
    fields: dict[str, Any] = {"chat_id": message.chat_id}
    if message.silent:
        fields["disable_notification"] = True
    if message.thread_id:
        fields["message_thread_id"] = message.thread_id
    if message.reply_to is not None:
        fields["reply_parameters"] = {"message_id": message.reply_to, "allow_sending_without_reply": True}
    if paid:
        fields["allow_paid_broadcast"] = True
    return {**fields, **_keyboard(message)}


def _keyboard(message: OutgoingMessage) -> dict[str, Any]:
    if not message.buttons:
        return {}
    rows = [[{"text": text, "callback_data": data} for text, data in row] for row in message.buttons]
    return {"reply_markup": {"inline_keyboard": rows}}


def _method(message: OutgoingMessage) -> str:
    if message.document is not None:
        return "senddocument"
    return "sendmessage" if message.photo is None else "sendphoto"


def _content(message: OutgoingMessage, text: str) -> dict[str, Any]:
    if message.document is not None:
        name, content = message.document
        return {"document": InputFile(content, name), "caption": text, "disable_content_type_detection": True}
    if message.photo is None:
        return {"text": text, "link_preview_options": NO_PREVIEW}
    photo = message.photo if isinstance(message.photo, str) else InputFile(message.photo, "chart.png")
    return {"photo": photo, "caption": text}


def _sent(answer: object) -> Sent | Failure:
    match answer:
        case {"message_id": int(message_id), "photo": [*_, {"file_id": str(file_id)}]}:
            return Sent(message_id, file_id)
        case {"message_id": int(message_id)}:
            return Sent(message_id)
        case _:
            return Failure(FailureKind.AMBIGUOUS, "the answer was no message")
