"""Classification of python-telegram-bot's errors, for sending and for polling alike."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Final

from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    EndPointNotFound,
    Forbidden,
    InvalidToken,
    RetryAfter,
    TelegramError,
)

from bot.delivery.transport import Failure, FailureKind
from bot.redaction import hide_tokens

MAX_DETAIL_CHARACTERS: Final = 300
# Causes after which the request surely did not leave; httpx's names count too, for its own request class.
NOT_SENT_CAUSES: Final = frozenset({"NotSentError", "PoolTimeout", "ConnectTimeout", "ConnectError", "ProxyError"})
# A pause in the words of the protocol below the Bot API, which come through now and then.
WAIT_PHRASE: Final = re.compile(r"(?:slowmode|flood)_wait_(\d{1,5})\b", re.IGNORECASE)
# What the descriptions say, in lower case, since python-telegram-bot changes their case.
REFUSAL_PHRASES: Final = (
    (FailureKind.BAD_MARKUP, ("can't parse entities", "can't parse message text", "can't parse caption")),
    (
        FailureKind.GONE,
        (
            "chat not found",
            "user not found",
            "peer_id_invalid",
            "chat_id_invalid",
            "not a member",
            "can't initiate conversation",
            "upgraded to a supergroup",  # without its new id, which an update will tell
            "channel_private",
            "channel_invalid",
            "user_id_invalid",
        ),
    ),
    (FailureKind.TOPIC_GONE, ("message thread not found", "topic_deleted", "topic_id_invalid")),
    (
        FailureKind.STALE_PHOTO,
        (
            "wrong file identifier",
            "wrong file_id",
            "wrong remote file",
            "file_reference",
            "can't use file of type",
            "file_id_invalid",
        ),
    ),
    (FailureKind.BLOCKED, ("blocked by the user", "was kicked", "user_is_blocked", "deactivated", "was deleted")),
    (
        FailureKind.NO_RIGHTS,
        ("rights", "write_forbidden", "forbidden", "topic_closed", "chat_restricted", "chat_admin_required"),
    ),
)


def classify_error(error: TelegramError) -> Failure:
    """Whether to wait, to give up on the chat, or to wonder if the message arrived."""
    detail = hide_tokens(str(error))[:MAX_DETAIL_CHARACTERS]
    if isinstance(error, RetryAfter):
        return Failure(FailureKind.FLOOD, detail, retry_after=_seconds(error.retry_after))
    if isinstance(error, ChatMigrated):
        return Failure(FailureKind.MIGRATED, detail, new_chat_id=error.new_chat_id)
    if pause := WAIT_PHRASE.search(str(error)):
        return Failure(FailureKind.FLOOD, detail, retry_after=float(pause[1]))
    return Failure(_kind(error, str(error).lower()), detail)


def _kind(error: TelegramError, words: str) -> FailureKind:
    if isinstance(error, InvalidToken | EndPointNotFound):
        return FailureKind.TOKEN
    if isinstance(error, BadRequest | Forbidden):  # BadRequest is a NetworkError too, but nothing to try again
        return _refusal(words, FailureKind.BAD_REQUEST if isinstance(error, BadRequest) else FailureKind.NO_RIGHTS)
    if "too many requests" in words:  # a proxy's 429 has no retry_after
        return FailureKind.FLOOD
    if "request entity too large" in words:
        return FailureKind.BAD_REQUEST
    if isinstance(error, Conflict) or type(error.__cause__).__name__ in NOT_SENT_CAUSES:
        return FailureKind.NOT_SENT
    return FailureKind.AMBIGUOUS


def _refusal(words: str, otherwise: FailureKind) -> FailureKind:
    for kind, phrases in REFUSAL_PHRASES:
        if any(phrase in words for phrase in phrases):
            return kind
    return otherwise


def _seconds(wait: float | timedelta) -> float:
    return wait.total_seconds() if isinstance(wait, timedelta) else float(wait)
