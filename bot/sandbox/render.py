"""Messages and files as objects of the Bot API."""

from __future__ import annotations

from typing import Any, Final

from bot.sandbox.world import SentMessage, SimulatedChat, StoredFile, World

ANONYMOUS: Final = {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}
THUMBNAIL_PIXELS: Final = 320  # pixels of the longer side, as Telegram's "m" size


def message_body(world: World, chat: SimulatedChat, message: SentMessage, *, nested: bool = False) -> dict[str, Any]:
    """`nested` leaves out what it answers: a Message inside a Message has no reply_to_message."""
    shown_id = message.message_id if message.only_for is None else 0
    body: dict[str, Any] = {"message_id": shown_id, **_sender(world, chat, message)}
    body["chat"] = chat.body()
    body["date"] = message.date
    if message.thread_id is not None:
        body["message_thread_id"] = message.thread_id
        body["is_topic_message"] = True
    if message.via_bot:
        body["via_bot"] = {
            "id": 5_000_000_009,
            "is_bot": True,
            "first_name": message.via_bot,
            "username": message.via_bot,
        }
    if message.only_for is not None:
        body["ephemeral_message_id"] = message.message_id
        is_bot = message.only_for == world.bot["id"]
        body["receiver_user"] = world.bot if is_bot else world.person(message.only_for).body()
    if message.edited is not None:
        body["edit_date"] = message.edited
    if not nested:
        body.update(_answered(world, chat, message))
    body.update(_content(world, message))
    if message.markup is not None and "inline_keyboard" in message.markup:
        body["reply_markup"] = message.markup
    return body


def _answered(world: World, chat: SimulatedChat, message: SentMessage) -> dict[str, Any]:
    """In a topic, what answers nothing answers the service message with which the topic began."""
    answered = chat.messages.get(message.reply_to or 0)
    if answered is not None:
        return {"reply_to_message": message_body(world, chat, answered, nested=True)}
    if message.thread_id is None:
        return {}
    began: dict[str, Any] = {"message_id": message.thread_id, "from": ANONYMOUS, "sender_chat": chat.body()}
    began |= {"chat": chat.body(), "date": message.date, "message_thread_id": message.thread_id}
    topic = {"name": f"Topic {message.thread_id}", "icon_color": 7322096}
    return {"reply_to_message": {**began, "is_topic_message": True, "forum_topic_created": topic}}


def _sender(world: World, chat: SimulatedChat, message: SentMessage) -> dict[str, Any]:
    if chat.kind == "channel":
        return {"sender_chat": chat.body()}
    if message.by_bot:
        return {"from": world.bot}
    if message.sender == ANONYMOUS["id"]:
        return {"from": ANONYMOUS, "sender_chat": chat.body()}
    return {"from": world.person(message.sender).body()}


def _content(world: World, message: SentMessage) -> dict[str, Any]:
    if not message.is_media:
        body: dict[str, Any] = {"text": message.text}
        if message.entities:
            body["entities"] = message.entities
        return body
    stored = world.files[message.file_id]
    body = {"photo": photo_sizes(stored)} if message.photo is not None else {"document": document_body(stored)}
    if message.text:
        body["caption"] = message.text
    if message.entities:
        body["caption_entities"] = message.entities
    return body


def photo_sizes(stored: StoredFile) -> list[dict[str, Any]]:
    """A small and the full size, smallest first; both ids lead to the same bytes."""
    shrink = min(THUMBNAIL_PIXELS / max(stored.width, stored.height, 1), 1.0)
    small = (max(round(stored.width * shrink), 1), max(round(stored.height * shrink), 1))
    sizes = [_size(stored, *small, part="m", byte_share=shrink * shrink)]
    if shrink < 1:
        sizes.append(_size(stored, stored.width, stored.height, part="x", byte_share=1.0))
    return sizes


def _size(stored: StoredFile, width: int, height: int, *, part: str, byte_share: float) -> dict[str, Any]:
    whole = byte_share == 1.0
    return {
        "file_id": stored.file_id if whole else f"{stored.file_id}-{part}",
        "file_unique_id": f"{stored.unique_id}{part}",
        "width": width,
        "height": height,
        "file_size": max(int(len(stored.content) * byte_share), 1),
    }


def document_body(stored: StoredFile) -> dict[str, Any]:
    """The Document object."""
    return {
        "file_id": stored.file_id,
        "file_unique_id": stored.unique_id,
        "file_name": stored.name,
        "file_size": len(stored.content),
    }
