"""Origin of an update as the Bot API sends it: the chat and the person, before anything else is read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

_MESSAGES = ("message", "channel_post")
_FROM_PEOPLE = frozenset({"text", "caption", "document"})


class Origin(NamedTuple):
    """Where a message or a press comes from; no person stands behind a channel's post."""

    chat_id: int
    user_id: int | None


def origin_of(raw: Mapping[str, Any]) -> Origin | None:
    """The origin of what a person wrote or pressed; None for all other updates, which are never dropped."""
    query = raw.get("callback_query")
    if isinstance(query, dict):
        message = query.get("message")
        return _origin(message if isinstance(message, dict) else {}, query.get("from"))
    for kind in _MESSAGES:
        message = raw.get(kind)
        if isinstance(message, dict) and _FROM_PEOPLE & message.keys():
            return _origin(message, None if "sender_chat" in message else message.get("from"))
    return None


def _origin(message: Mapping[str, Any], person: Any) -> Origin | None:
    chat, user_id = message.get("chat"), person.get("id") if isinstance(person, dict) else None
    chat_id = chat.get("id") if isinstance(chat, dict) else user_id
    if not isinstance(chat_id, int):
        return None
    return Origin(chat_id, user_id if isinstance(user_id, int) else None)
