"""Refusals in every form: how python-telegram-bot's errors, and a proxy's words, are understood."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    EndPointNotFound,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from bot.delivery.transport import Failure, FailureKind, OutgoingMessage
from bot.sandbox.server import Sandbox
from bot.telegram.errors import classify_error
from bot.telegram.sending.transport import TelegramTransport
from tests.telegram.sending.test_transport import ADA, Send, made_bot


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    running = Sandbox()
    await running.start()
    running.add_person(ADA, "Ada")
    yield running
    await running.close()


@pytest.fixture
async def send(sandbox: Sandbox) -> AsyncIterator[Send]:
    async with made_bot(sandbox) as bot:
        yield TelegramTransport(bot).send


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (RetryAfter(timedelta(seconds=3)), FailureKind.FLOOD),
        (ChatMigrated(-5), FailureKind.MIGRATED),
        (InvalidToken(), FailureKind.TOKEN),
        (EndPointNotFound("x"), FailureKind.TOKEN),
        (Conflict("x"), FailureKind.NOT_SENT),
        (TimedOut(), FailureKind.AMBIGUOUS),
        (NetworkError("Bad Gateway"), FailureKind.AMBIGUOUS),
        (TelegramError("Invalid server response"), FailureKind.AMBIGUOUS),
        (BadRequest("Bad Request: can't parse entities: Unclosed start tag"), FailureKind.BAD_MARKUP),
        (BadRequest("Bad Request: CHAT_WRITE_FORBIDDEN"), FailureKind.NO_RIGHTS),
        (BadRequest("Bad Request: TOPIC_CLOSED"), FailureKind.NO_RIGHTS),
        (BadRequest("Bad Request: TOPIC_DELETED"), FailureKind.TOPIC_GONE),
        (BadRequest("Bad Request: message thread not found"), FailureKind.TOPIC_GONE),
        (BadRequest("Bad Request: wrong file identifier/HTTP URL specified"), FailureKind.STALE_PHOTO),
        (BadRequest("Wrong remote file identifier specified: wrong padding in the string"), FailureKind.STALE_PHOTO),
        (BadRequest("FILE_REFERENCE_EXPIRED"), FailureKind.STALE_PHOTO),
        (BadRequest("Bad Request: PEER_ID_INVALID"), FailureKind.GONE),
        (BadRequest("Bad Request: CHANNEL_PRIVATE"), FailureKind.GONE),
        (BadRequest("Bad Request: group chat was upgraded to a supergroup chat"), FailureKind.GONE),
        (BadRequest("Bad Request: SLOWMODE_WAIT_30"), FailureKind.FLOOD),
        (BadRequest("Bad Request: not enough rights to send text messages to the chat"), FailureKind.NO_RIGHTS),
        (BadRequest("Bad Request: CHAT_SEND_PLAIN_FORBIDDEN"), FailureKind.NO_RIGHTS),
        (BadRequest("Bad Request: INPUT_USER_DEACTIVATED"), FailureKind.BLOCKED),
        (BadRequest("Bad Request: group chat was deactivated"), FailureKind.BLOCKED),
        (BadRequest("Bad Request: message is too long"), FailureKind.BAD_REQUEST),
        (Forbidden("Forbidden: the group chat was deleted"), FailureKind.BLOCKED),
        (Forbidden("Forbidden: bot can't send messages to bots"), FailureKind.NO_RIGHTS),
    ],
)
def test_each_error_of_the_library(error: TelegramError, kind: FailureKind) -> None:
    assert classify_error(error).kind is kind


def refusal(**fields: object) -> str:
    return json.dumps({"ok": False, "error_code": 429, "description": "Too Many Requests: x", **fields})


@pytest.mark.parametrize(
    ("fields", "seconds"),
    [
        ({"parameters": {"retry_after": 3}}, 3.0),
        ({"parameters": {"retry_after": 0.5}}, 0.5),
        ({"parameters": {"retry_after": 10_072}}, 10_072.0),
        ({"parameters": {"retry_after": 10**15}}, 86_400.0),
        ({"parameters": {"retry_after": float("inf")}}, None),
        ({"parameters": {"retry_after": float("nan")}}, None),
        ({"parameters": {"retry_after": 0}}, None),
        ({"parameters": {"retry_after": -5}}, None),
        ({"parameters": {"retry_after": "soon"}}, None),
        ({"parameters": {"retry_after": None}}, None),
        ({"parameters": {"retry_after": [3]}}, None),
        ({"parameters": {}}, None),
        ({"parameters": "wait"}, None),
        ({"parameters": [1]}, None),
        ({"parameters": {"limit": 30}}, None),
        ({"parameters": {"migrate_to_chat_id": "x", "retry_after": 4}}, 4.0),
        ({"description": None}, None),
        ({"description": 429}, None),
        ({"description": ["x"], "parameters": {"retry_after": 7}}, 7.0),
    ],
)
async def test_a_pause_that_is_asked_for_in_any_form(
    send: Send, sandbox: Sandbox, fields: dict[str, object], seconds: float | None
) -> None:
    sandbox.fail("sendMessage", 429, body=refusal(**fields))
    failure = await send(OutgoingMessage(ADA, "x"))
    assert isinstance(failure, Failure)
    assert (failure.kind, failure.retry_after) == (FailureKind.FLOOD, seconds), failure


@pytest.mark.parametrize(
    ("parameters", "kind", "moved"),
    [
        ({"migrate_to_chat_id": -1_001_000_000_009}, FailureKind.MIGRATED, -1_001_000_000_009),
        ({"migrate_to_chat_id": "-1001000000009"}, FailureKind.GONE, None),
        ({"migrate_to_chat_id": True}, FailureKind.GONE, None),
        ({"migrate_to_chat_id": None}, FailureKind.GONE, None),
        (None, FailureKind.GONE, None),
    ],
)
async def test_a_group_that_moved_in_any_form(
    send: Send, sandbox: Sandbox, parameters: object, kind: FailureKind, moved: int | None
) -> None:
    words = "Bad Request: group chat was upgraded to a supergroup chat"
    sandbox.fail("sendMessage", 400, body=refusal(error_code=400, description=words, parameters=parameters))
    failure = await send(OutgoingMessage(ADA, "x"))
    assert isinstance(failure, Failure)
    assert (failure.kind, failure.new_chat_id) == (kind, moved), failure
