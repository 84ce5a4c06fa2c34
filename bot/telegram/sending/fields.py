"""Parameters of the Bot API for one outgoing message, with the newer ones that its server takes."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Final

from telegram import InputFile
from telegram.constants import ParseMode

from bot.alert import COPY, SHARE, Buttons
from bot.delivery.transport import OnlyFor, OutgoingMessage
from bot.telegram.capabilities import MAX_COPY_TEXT_CHARACTERS, Feature

NO_PREVIEW: Final = {"is_disabled": True}


def method_of(message: OutgoingMessage) -> str:
    """The method that sends it; in lower case, since the library warns of endpoints that it has itself."""
    if message.document is not None:
        return "senddocument"
    return "sendmessage" if message.photo is None else "sendphoto"


def send_fields(
    message: OutgoingMessage, text: str, mode: ParseMode | None, features: Iterable[Feature], *, paid: bool
) -> dict[str, Any]:
    """All parameters of `method_of`."""
    fields: dict[str, Any] = {"chat_id": message.chat_id, **_content(message, text)}
    if mode is not None:
        fields["parse_mode"] = mode
    if message.silent:
        fields["disable_notification"] = True
    if message.thread_id:
        fields["message_thread_id"] = message.thread_id
    if message.reply_to is not None:
        fields["reply_parameters"] = {"message_id": message.reply_to, "allow_sending_without_reply": True}
    if paid:
        fields["allow_paid_broadcast"] = True
    if message.only_for is not None and Feature.EPHEMERAL in features:
        fields |= _ephemeral(message.only_for)
    return {**fields, **keyboard_fields(message.buttons, features)}


def keyboard_fields(buttons: Buttons, features: Iterable[Feature]) -> dict[str, Any]:
    """The inline keyboard; buttons of features that Telegram does not take are left out."""
    return _keyboard(buttons, frozenset(features)) if buttons else {}


@lru_cache(maxsize=64)  # a fan-out sends the same ones to every subscriber
def _keyboard(buttons: Buttons, features: frozenset[Feature]) -> dict[str, Any]:
    rows = [[made for each in row if (made := _button(*each, features)) is not None] for row in buttons]
    kept = [row for row in rows if row]
    return {"reply_markup": {"inline_keyboard": kept}} if kept else {}


def features_in(message: OutgoingMessage) -> set[Feature]:
    """The features that a message would use."""
    alone = {Feature.EPHEMERAL} if message.only_for is not None else set()
    return alone | _features_of(message.buttons) if message.buttons else alone


@lru_cache(maxsize=64)
def _features_of(buttons: Buttons) -> frozenset[Feature]:
    data = [data for row in buttons for _, data in row]
    begun_by = {COPY: Feature.COPY_TEXT, SHARE: Feature.SHARE}
    return frozenset(used for begin, used in begun_by.items() if any(each.startswith(begin) for each in data))


def edit_fields(message: OutgoingMessage, message_id: int, features: Iterable[Feature]) -> dict[str, Any]:
    """Parameters of `edit_method_of`, without the text."""
    fields: dict[str, Any] = {"chat_id": message.chat_id, "link_preview_options": NO_PREVIEW}
    alone = message.only_for
    if alone is None or alone.instead_of is None:
        fields["message_id"] = message_id
    else:
        fields |= {"receiver_user_id": alone.user_id, "ephemeral_message_id": alone.instead_of}
    return {**fields, **keyboard_fields(message.buttons, features)}


def edit_method_of(message: OutgoingMessage) -> str:
    """The method that changes a message: those that one member alone sees have one of their own."""
    alone = message.only_for
    return "editmessagetext" if alone is None or alone.instead_of is None else "editephemeralmessagetext"


def _ephemeral(alone: OnlyFor) -> dict[str, Any]:
    """An answer to what only the bot sees names that; its place in the chat is no message that could be named."""
    receiver: dict[str, Any] = {"receiver_user_id": alone.user_id}
    if alone.query:
        receiver["callback_query_id"] = alone.query
    fields: dict[str, Any] = {"ephemeral_message_parameters": receiver}
    if alone.answers is not None:
        fields["reply_parameters"] = {"ephemeral_message_id": alone.answers}
    return fields


def _button(text: str, data: str, features: Iterable[Feature]) -> dict[str, Any] | None:
    if data.startswith(COPY):
        copied = {"text": data.removeprefix(COPY)[:MAX_COPY_TEXT_CHARACTERS]}
        return {"text": text, "copy_text": copied} if Feature.COPY_TEXT in features else None
    if data.startswith(SHARE):
        query = data.removeprefix(SHARE)
        return {"text": text, "switch_inline_query": query} if Feature.SHARE in features else None
    return {"text": text, "callback_data": data}


def _content(message: OutgoingMessage, text: str) -> dict[str, Any]:
    if message.document is not None:
        name, content = message.document
        return {"document": InputFile(content, name), "caption": text, "disable_content_type_detection": True}
    if message.photo is None:
        return {"text": text, "link_preview_options": NO_PREVIEW}
    photo = message.photo if isinstance(message.photo, str) else InputFile(message.photo, "chart.png")
    return {"photo": photo, "caption": text}
