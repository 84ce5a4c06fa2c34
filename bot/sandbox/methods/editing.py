"""Methods that change, delete or answer what is in a chat already."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from bot.sandbox.errors import ApiError, bad
from bot.sandbox.http import Params
from bot.sandbox.markup.entities import MarkedText
from bot.sandbox.methods.ephemeral import ephemeral_message
from bot.sandbox.methods.keyboard import read_keyboard
from bot.sandbox.methods.sending import Sending, chat_param, check_text, read_caption, read_text
from bot.sandbox.render import message_body
from bot.sandbox.world import ADMINS, SentMessage, SimulatedChat, World

DELETABLE_SECONDS: Final = 48 * 3600  # seconds
MAX_ANSWER_CHARACTERS: Final = 200
NOT_MODIFIED: Final = (
    "message is not modified: specified new message content and reply markup are exactly the same as "
    "a current content and reply markup of the message"
)
TOO_OLD: Final = "query is too old and response timeout expired or query ID is invalid"


class Editing:
    """The methods on messages and button presses that exist; `changed` is told of each edited message."""

    def __init__(
        self, world: World, sending: Sending, queries: dict[str, str | None], changed: Callable[[SentMessage], None]
    ) -> None:
        self._world = world
        self._sending = sending
        self._queries = queries
        self._changed = changed

    def edit_text(self, params: Params) -> dict[str, Any]:
        """`editMessageText`."""
        chat, message = self._editable(params)
        if message.is_media:
            raise bad("there is no text in the message to edit")
        if not params.text("text"):
            raise bad("message text is empty")
        marked = read_text(params, "text", "entities")
        check_text(marked)
        return self._replace(chat, message, _marked(message, marked, params.text("text")), params)

    def edit_ephemeral_text(self, params: Params) -> bool:
        """`editEphemeralMessageText`."""
        chat, message = ephemeral_message(self._world, params)
        if message.is_media:
            raise bad("there is no text in the message to edit")
        if not params.text("text"):
            raise bad("message text is empty")
        marked = read_text(params, "text", "entities")
        check_text(marked)
        self._replace(chat, message, _marked(message, marked, params.text("text")), params)
        return True

    def edit_ephemeral_markup(self, params: Params) -> bool:
        """`editEphemeralMessageReplyMarkup`."""
        chat, message = ephemeral_message(self._world, params)
        self._replace(chat, message, message, params)
        return True

    def delete_ephemeral(self, params: Params) -> bool:
        """`deleteEphemeralMessage`."""
        chat, message = ephemeral_message(self._world, params)
        del chat.messages[message.message_id]
        return True

    def edit_caption(self, params: Params) -> dict[str, Any]:
        """`editMessageCaption`."""
        chat, message = self._editable(params)
        if not message.is_media:
            raise bad("there is no caption in the message to edit")
        changed = _marked(message, read_caption(params), params.text("caption"))
        return self._replace(chat, message, changed, params)

    def edit_markup(self, params: Params) -> dict[str, Any]:
        """`editMessageReplyMarkup`."""
        chat, message = self._editable(params)
        return self._replace(chat, message, message, params)

    def edit_media(self, params: Params) -> dict[str, Any]:
        """`editMessageMedia`: a photo or a document takes the place of what was there."""
        chat, message = self._editable(params)
        media = params.json("media", "input media")
        if not isinstance(media, dict) or media.get("type") not in ("photo", "document"):
            raise bad("media not found" if not media else "invalid type specified")
        inner = Params({**media, "caption": media.get("caption", "")}, params.files)
        stored = self._sending.file_of(inner, media["type"], media.get("media", ""))
        is_photo = media["type"] == "photo"
        changed = replace(
            _marked(message, read_caption(inner), inner.text("caption")),
            photo=stored.content if is_photo else None,
            document=None if is_photo else stored.content,
            file_id=stored.file_id,
            file_name="" if is_photo else stored.name,
        )
        return self._replace(chat, message, changed, params)

    def delete(self, params: Params) -> bool:
        """`deleteMessage`."""
        chat = self._world.accessible(chat_param(params))
        message = chat.messages.get(params.number("message_id"))
        if message is None or message.only_for is not None:
            raise bad("message to delete not found")
        foreign = not message.by_bot and chat.kind != "private" and chat.bot_status not in ADMINS
        if foreign or (chat.bot_status not in ADMINS and self._world.now() - message.date > DELETABLE_SECONDS):
            raise bad("message can't be deleted")
        del chat.messages[message.message_id]
        return True

    def answer_query(self, params: Params) -> bool:
        """`answerCallbackQuery`."""
        query = params.text("callback_query_id")
        if query not in self._queries:
            raise bad(TOO_OLD)
        if len(params.text("text")) > MAX_ANSWER_CHARACTERS:
            raise bad("MESSAGE_TOO_LONG")
        self._queries[query] = params.text("text")
        return True

    def _editable(self, params: Params) -> tuple[SimulatedChat, SentMessage]:
        chat = self._world.accessible(chat_param(params))
        message = chat.messages.get(params.number("message_id"))
        if message is None or message.only_for is not None:
            raise bad("message to edit not found")
        if not message.by_bot:
            raise bad("message can't be edited")
        return chat, message

    def _replace(self, chat: SimulatedChat, old: SentMessage, new: SentMessage, params: Params) -> dict[str, Any]:
        markup, buttons = read_keyboard(params.values.get("reply_markup"))
        new = replace(new, markup=markup, buttons=buttons)
        if _content(new) == _content(old):
            raise ApiError(400, f"Bad Request: {NOT_MODIFIED}")
        new.edited = self._world.now()
        chat.messages[new.message_id] = new
        self._changed(new)
        return message_body(self._world, chat, new)


def _marked(message: SentMessage, marked: MarkedText, source: str) -> SentMessage:
    return replace(message, text=marked.text, entities=marked.entities, html=source)


def _content(message: SentMessage) -> tuple[object, ...]:
    return message.text, message.entities, message.file_id, message.markup
