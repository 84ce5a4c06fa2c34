"""Transport: what puts a message into a chat, and what came of the attempt, in no vendor's words."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class FailureKind(StrEnum):
    """Why a message did not, or may not have, reached its chat."""

    FLOOD = "flood"  # 429: nothing to this chat for retry_after seconds; a proxy's has none, and means everybody
    BLOCKED = "blocked"  # the person blocked the bot or is gone, or it was kicked
    GONE = "gone"  # chat not found, bot is not a member: perhaps so, perhaps a fault of Telegram or of the token
    TOPIC_GONE = "topic gone"  # the forum's topic was deleted; the forum is still there
    MIGRATED = "migrated"  # the group became a supergroup: new_chat_id
    NO_RIGHTS = "no rights"  # the bot may not write (or send photos) here for now
    BAD_MARKUP = "bad markup"  # can't parse entities: try again as plain text
    STALE_PHOTO = "stale photo"  # the picture's file id is not known (any more)
    BAD_REQUEST = "bad request"  # never retried as it is
    TOKEN = "token"  # noqa: S105  # 401, 404: no message can be sent at all
    NOT_SENT = "not sent"  # surely not delivered: connect error, pool timeout
    AMBIGUOUS = "ambiguous"  # may have been delivered: read timeout, dropped answer, 5xx


@dataclass(frozen=True, slots=True)
class Sent:
    """Telegram has it."""

    message_id: int
    photo_file_id: str | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """Telegram does not have it, or nobody knows. `detail` never holds the token."""

    kind: FailureKind
    detail: str
    retry_after: float | None = None
    new_chat_id: int | None = None


@dataclass(frozen=True, slots=True)
class OnlyFor:
    """The one member of a group who is to see a message, and what entitles the bot to that.

    It answers a message that only the bot sees, `answers`, or a press, `query`; neither: the bot is an admin there.
    `until` is when, on the steady clock, what it answers is too old. `instead_of` is the message, seen by that member
    alone, whose button was pressed.
    """

    user_id: int
    answers: int | None = None
    query: str = ""
    until: float = math.inf
    instead_of: int | None = None


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """One message for one chat, ready to go.

    `html` is Telegram HTML: at most 1,024 visible UTF-16 units with a photo or a document, 4,096 without. `photo`
    is PNG bytes, or the file id that Telegram gave when it was first sent; `document` is a file's name and bytes;
    there is one of the two at most. `thread_id` is a forum topic. `only_for`: others see it only where
    Telegram does not take it so. `buttons` are rows of (text, callback data).
    """

    chat_id: int
    html: str
    thread_id: int | None = None
    photo: bytes | str | None = None
    reply_to: int | None = None
    silent: bool = False
    plain: bool = False
    buttons: tuple[tuple[tuple[str, str], ...], ...] = ()
    document: tuple[str, bytes] | None = None
    only_for: OnlyFor | None = None

    @property
    def captioned(self) -> bool:
        """Whether the text stands under a picture or a file, where there is less room for it."""
        return self.photo is not None or self.document is not None

    @property
    def uploads(self) -> bool:
        """Whether the bytes of a file go along."""
        return isinstance(self.photo, bytes) or self.document is not None


class Transport(Protocol):
    """What can put a message into a chat; never raises for what the network or Telegram did."""

    async def send(self, message: OutgoingMessage) -> Sent | Failure:
        """Try once."""
        ...
