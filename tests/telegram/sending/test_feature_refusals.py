"""Refusals of a message with newer features: which one is blamed, tried without, and given up."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.alert import COPY, SHARE
from bot.delivery.transport import Failure, FailureKind, OutgoingMessage, Sent
from bot.sandbox.server import Sandbox
from bot.telegram.application import build_bot
from bot.telegram.capabilities import Feature, suspect
from bot.telegram.sending.transport import TelegramTransport
from tests.telegram.pictures import png

ADA, BEN = 5_000_000_001, 5_000_000_002
BOTH = ((("Level", f"{COPY}244.98"),), (("Share", f"{SHARE}iwm"),), (("Why", "why"),))
BUTTON = "Bad Request: can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    running = Sandbox()
    await running.start()
    running.add_person(ADA, "Ada")
    running.add_person(BEN, "Ben")
    yield running
    await running.close()


@pytest.fixture
async def transport(sandbox: Sandbox) -> AsyncIterator[TelegramTransport]:
    async with build_bot(sandbox.token, sandbox.url) as bot:
        yield TelegramTransport(bot)


def labels(call: Any) -> list[str]:
    rows = call.params["reply_markup"]["inline_keyboard"]
    return [button["text"] for row in rows for button in row]


@pytest.mark.parametrize(
    "words",
    [
        "Bad Request: IMAGE_PROCESS_FAILED",
        "Bad Request: PHOTO_INVALID_DIMENSIONS",
        "Bad Request: failed to get HTTP URL content",
        "Bad Request: message caption is too long",
        "Bad Request: file is too big",
        "Request Entity Too Large",
    ],
)
async def test_a_bad_picture_is_not_the_buttons_fault(
    transport: TelegramTransport, sandbox: Sandbox, words: str
) -> None:
    sandbox.fail("sendPhoto", 400, description=words)
    refused = await transport.send(OutgoingMessage(ADA, "x", photo=png(), buttons=BOTH))
    assert isinstance(refused, Failure)
    assert refused.kind is FailureKind.BAD_REQUEST
    assert len(sandbox.calls("sendPhoto")) == 1, "not tried again without its buttons"
    assert isinstance(await transport.send(OutgoingMessage(ADA, "x", buttons=BOTH)), Sent)
    assert labels(sandbox.calls("sendMessage")[-1]) == ["Level", "Share", "Why"]


async def test_a_refused_button_is_left_out_and_the_others_stay(transport: TelegramTransport, sandbox: Sandbox) -> None:
    sandbox.fail("sendMessage", 400, description=BUTTON)
    for _ in range(2):
        assert isinstance(await transport.send(OutgoingMessage(ADA, "x", buttons=BOTH)), Sent)
    assert [labels(call) for call in sandbox.calls("sendMessage")] == [
        ["Level", "Share", "Why"],
        ["Share", "Why"],
        ["Share", "Why"],
    ]
    assert isinstance(await transport.send(OutgoingMessage(BEN, "x", buttons=BOTH)), Sent)
    assert labels(sandbox.calls("sendMessage")[-1]) == ["Level", "Share", "Why"], "another chat has said nothing"


async def test_only_the_last_one_that_was_left_out_is_given_up(transport: TelegramTransport, sandbox: Sandbox) -> None:
    sandbox.fail("sendMessage", 400, description=BUTTON, times=2)
    for _ in range(2):
        assert isinstance(await transport.send(OutgoingMessage(ADA, "x", buttons=BOTH)), Sent)
    assert [labels(call) for call in sandbox.calls("sendMessage")] == [
        ["Level", "Share", "Why"],
        ["Share", "Why"],
        ["Why"],
        ["Level", "Why"],
    ]


async def test_what_is_refused_without_them_too_costs_nothing(transport: TelegramTransport, sandbox: Sandbox) -> None:
    sandbox.fail("sendMessage", 400, description="Bad Request: SOMETHING_NEW", times=3)
    refused = await transport.send(OutgoingMessage(ADA, "x", buttons=BOTH))
    assert isinstance(refused, Failure)
    assert len(sandbox.calls("sendMessage")) == 3
    assert isinstance(await transport.send(OutgoingMessage(ADA, "x", buttons=BOTH)), Sent)
    assert labels(sandbox.calls("sendMessage")[-1]) == ["Level", "Share", "Why"]


@pytest.mark.parametrize(
    ("words", "used", "blamed"),
    [
        ("Bad Request: BUTTON_COPY_TEXT_INVALID", {Feature.SHARE, Feature.COPY_TEXT}, Feature.COPY_TEXT),
        ("Bad Request: inline mode is disabled", {Feature.SHARE, Feature.COPY_TEXT}, Feature.SHARE),
        ("Bad Request: EPHEMERAL_NOT_ALLOWED", {Feature.COPY_TEXT, Feature.EPHEMERAL}, Feature.EPHEMERAL),
        ("Bad Request: message to be replied not found", {Feature.EPHEMERAL}, Feature.EPHEMERAL),
        ("Bad Request: message to be replied not found", {Feature.COPY_TEXT}, None),
        ("Bad Request: message text is empty", {Feature.COPY_TEXT}, None),
        ("Bad Request: SOMETHING_NEW", {Feature.SHARE}, Feature.SHARE),
        ("Bad Request: SOMETHING_NEW", set(), None),
    ],
)
def test_who_is_to_blame(words: str, used: set[Feature], blamed: Feature | None) -> None:
    assert suspect(words, used) is blamed
