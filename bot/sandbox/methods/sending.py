"""sendMessage, sendPhoto and sendDocument."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any, Final

from bot.sandbox.errors import bad
from bot.sandbox.http import Params, UploadedFile
from bot.sandbox.markup.entities import Entity, MarkedText, trim, utf16_length
from bot.sandbox.markup.parser import parse_html
from bot.sandbox.methods.ephemeral import receiver
from bot.sandbox.methods.keyboard import read_keyboard
from bot.sandbox.render import message_body
from bot.sandbox.world import SentMessage, SimulatedChat, StoredFile, World

MAX_TEXT_UNITS: Final = 4096
MAX_CAPTION_UNITS: Final = 1024
MAX_PHOTO_BYTES: Final = 10 * 1024 * 1024
MAX_DOCUMENT_BYTES: Final = 50 * 1024 * 1024
PNG: Final = b"\x89PNG\r\n\x1a\n"
JPEG: Final = b"\xff\xd8\xff"


class Sending:
    """The methods that put a message into a chat; `sent` is told of each."""

    def __init__(self, world: World, sent: Callable[[SentMessage], None]) -> None:
        self._world = world
        self._sent = sent

    def send_message(self, params: Params) -> dict[str, Any]:
        """`sendMessage`."""
        chat = self._world.writable(chat_param(params))
        if not params.text("text"):
            raise bad("message text is empty")
        marked = read_text(params, "text", "entities")
        check_text(marked)
        return self._put(chat, self._message(chat, params, marked, "text"))

    def send_photo(self, params: Params) -> dict[str, Any]:
        """`sendPhoto`: an upload or a file id."""
        chat = self._world.writable(chat_param(params), photo=True)
        stored = self.file_of(params, "photo")
        message = self._message(chat, params, read_caption(params), "caption")
        message.photo, message.file_id = stored.content, stored.file_id
        return self._put(chat, message)

    def send_document(self, params: Params) -> dict[str, Any]:
        """`sendDocument`: an upload or a file id."""
        chat = self._world.writable(chat_param(params))
        stored = self.file_of(params, "document")
        message = self._message(chat, params, read_caption(params), "caption")
        message.document, message.file_id, message.file_name = stored.content, stored.file_id, stored.name
        return self._put(chat, message)

    def file_of(self, params: Params, name: str, given: object = None) -> StoredFile:
        """The file that a parameter means: an upload, `attach://name`, or a file id. URLs are refused."""
        upload = params.files.get(name)
        text = params.text(name) if given is None else str(given)
        if text.startswith("attach://"):
            upload = params.files.get(text.removeprefix("attach://"))
        if upload is not None:
            return keep_photo(self._world, upload) if name == "photo" else keep_document(self._world, upload)
        if not text or text.startswith("attach://"):
            raise bad(f"there is no {name} in the request")
        return known_file(self._world, text, name)

    def _message(self, chat: SimulatedChat, params: Params, marked: MarkedText, source: str) -> SentMessage:
        markup, buttons = read_keyboard(params.values.get("reply_markup"))
        answered = reply_target(chat, params)
        only_for = receiver(self._world, chat, params)
        return SentMessage(
            chat_id=chat.id,
            message_id=0,
            date=self._world.now(),
            sender=self._world.bot["id"],
            by_bot=True,
            text=marked.text,
            html=params.text(source),
            entities=marked.entities,
            reply_to=answered,
            thread_id=thread_of(chat, params, answered),
            silent=params.flag("disable_notification"),
            buttons=buttons,
            markup=markup,
            only_for=only_for,
        )

    def _put(self, chat: SimulatedChat, message: SentMessage) -> dict[str, Any]:
        self._world.add(chat, message)
        self._sent(message)
        return message_body(self._world, chat, message)


def chat_param(params: Params) -> object:
    """The chat_id as it came."""
    chat_id = params.values.get("chat_id")
    if chat_id is None or chat_id == "":
        raise bad("chat_id is empty")
    return chat_id


def read_text(params: Params, name: str, entities: str) -> MarkedText:
    """A text in the parse mode that was asked for."""
    mode = params.text("parse_mode").lower()
    text = params.text(name).replace("\r", "")
    if mode == "html":
        return parse_html(text)
    if mode:
        raise bad("unsupported parse_mode")
    return trim(MarkedText(text, _entities(params.json(entities, "message entities") or [], text)))


def _entities(given: object, text: str) -> tuple[Entity, ...]:
    """Entities that came beside the text, instead of in it."""
    if not isinstance(given, list) or not all(isinstance(entity, dict) for entity in given):
        raise bad("can't parse message entities: expected an Array of MessageEntity")
    for entity in given:
        offset, length = entity.get("offset"), entity.get("length")
        if not isinstance(offset, int) or not isinstance(length, int) or offset < 0 or length <= 0:
            raise bad(f"can't parse entities: Receive an entity with incorrect offset {offset} or length {length}")
        if offset + length > utf16_length(text):
            raise bad(
                f"can't parse entities: Entity beginning at UTF-16 offset {offset} ends after the end of the text "
                f"at UTF-16 offset {offset + length}"
            )
    return tuple(given)


def check_text(marked: MarkedText) -> None:
    """Refuse what is empty or too long once parsed."""
    if not marked.text:
        raise bad("text must be non-empty")
    if utf16_length(marked.text) > MAX_TEXT_UNITS:
        raise bad("message is too long")


def read_caption(params: Params) -> MarkedText:
    """A caption, which may be empty."""
    marked = read_text(params, "caption", "caption_entities")
    if utf16_length(marked.text) > MAX_CAPTION_UNITS:
        raise bad("message caption is too long")
    return marked


def reply_target(chat: SimulatedChat, params: Params) -> int | None:
    """The message that is answered, if it is still there."""
    wanted = params.json("reply_parameters", "reply parameters")
    if wanted is None and "reply_to_message_id" in params.values:
        wanted = {
            "message_id": params.number("reply_to_message_id"),
            "allow_sending_without_reply": params.flag("allow_sending_without_reply"),
        }
    if not wanted:
        return None
    if not isinstance(wanted, dict):
        raise bad("object expected as reply parameters")
    if "ephemeral_message_id" in wanted:
        return None
    message_id = wanted.get("message_id")
    if isinstance(message_id, int) and message_id in chat.messages and chat.messages[message_id].only_for is None:
        return message_id
    if wanted.get("allow_sending_without_reply"):
        return None
    raise bad("message to be replied not found")


def thread_of(chat: SimulatedChat, params: Params, answered: int | None) -> int | None:
    """The forum topic, that of the answered message if none is named; refused where there is none such."""
    thread = params.number("message_thread_id")
    if not thread:
        return None if answered is None else chat.messages[answered].thread_id
    if not chat.forum or thread not in chat.topics:
        raise bad("message thread not found")
    return thread


def keep_photo(world: World, upload: UploadedFile) -> StoredFile:
    """An uploaded picture, refused if Telegram could not process it."""
    if not upload.content:
        raise bad("file must be non-empty")
    if len(upload.content) > MAX_PHOTO_BYTES:
        raise bad("file is too big")
    width, height = _dimensions(upload.content)
    if width + height > 10_000 or max(width, height) > 20 * min(width, height):
        raise bad("PHOTO_INVALID_DIMENSIONS")
    return world.keep(upload.content, upload.name, "AgACAgQAAxkB", (width, height))


def _dimensions(content: bytes) -> tuple[int, int]:
    if content.startswith(PNG) and len(content) >= 24:
        width, height = struct.unpack(">II", content[16:24])
        return int(width), int(height)
    if content.startswith(JPEG):
        return 800, 600  # the size stands deep in the file, and no caller asks for it
    raise bad("IMAGE_PROCESS_FAILED")


def keep_document(world: World, upload: UploadedFile) -> StoredFile:
    """An uploaded file."""
    if not upload.content:
        raise bad("file must be non-empty")
    if len(upload.content) > MAX_DOCUMENT_BYTES:
        raise bad("file is too big")
    return world.keep(upload.content, upload.name, "BQACAgQAAxkB")


def known_file(world: World, file_id: str, name: str) -> StoredFile:
    """A file that was uploaded before; the sandbox fetches nothing from the web."""
    if file_id.startswith(("http://", "https://")):
        raise bad("failed to get HTTP URL content")
    stored = world.files.get(file_id.partition("-")[0])
    if stored is None:
        raise bad("wrong file identifier/HTTP URL specified")
    if stored.file_id.startswith("BQAC") == (name == "photo"):
        raise bad(f"can't use file of type {'Document as Photo' if name == 'photo' else 'Photo as Document'}")
    return stored
