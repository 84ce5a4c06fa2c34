"""Inline keyboards that Telegram takes, and those that it refuses."""

from __future__ import annotations

import json

import pytest

from bot.sandbox.errors import ApiError
from bot.sandbox.methods.keyboard import InlineButton, read_keyboard


def keyboard(*buttons: object) -> dict[str, object]:
    return {"inline_keyboard": [[button] for button in buttons]}


def chart(data: str = "chart") -> dict[str, str]:
    return {"text": "Chart", "callback_data": data}


@pytest.mark.parametrize("markup", [None, "", {}, "{}"])
def test_no_keyboard(markup: object) -> None:
    assert read_keyboard(markup) == (None, ())


def test_as_an_object_and_as_text() -> None:
    markup = keyboard(chart(), {"text": "Web", "url": "https://x.org"})
    wanted = ((InlineButton("Chart", "chart"),), (InlineButton("Web", url="https://x.org"),))
    assert read_keyboard(markup) == read_keyboard(json.dumps(markup)) == (markup, wanted)


def test_other_keyboards_pass() -> None:
    assert read_keyboard({"remove_keyboard": True}) == ({"remove_keyboard": True}, ())


def test_data_of_one_to_64_bytes_and_a_hundred_buttons() -> None:
    assert read_keyboard(keyboard(chart("é" * 32), *[chart("x")] * 99))[1][0] == (InlineButton("Chart", "é" * 32),)


@pytest.mark.parametrize(
    ("markup", "reason"),
    [
        ("{", "can't parse reply keyboard markup JSON object"),
        ([1], "object expected as reply markup"),
        ({"inline_keyboard": {}}, 'can\'t parse inline keyboard: Field "inline_keyboard" must be of type Array'),
        ({"inline_keyboard": [1]}, 'can\'t parse inline keyboard: Field "inline_keyboard" must be of type Array'),
        (keyboard(1), "can't parse inline keyboard button: InlineKeyboardButton must be an Object"),
        (keyboard({"text": 3}), 'can\'t parse inline keyboard button: Field "text" must be of type String'),
        (keyboard({"text": " ", "url": "https://x.org"}), "inline keyboard button text must be non-empty"),
        (
            keyboard({"text": "x"}),
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
        ),
        (keyboard(chart("")), "BUTTON_DATA_INVALID"),
        (keyboard(chart("é" * 32 + "x")), "BUTTON_DATA_INVALID"),
        (keyboard(*[chart()] * 101), "reply markup is too long"),
        (
            keyboard({"text": "x", "url": "ftp://x"}),
            "inline keyboard button URL 'ftp://x' is invalid: Unsupported URL protocol",
        ),
        (
            keyboard({**chart(), "style": "loud"}),
            "can't parse inline keyboard button: invalid button style specified",
        ),
    ],
)
def test_what_is_refused(markup: object, reason: str) -> None:
    with pytest.raises(ApiError) as caught:
        read_keyboard(markup)
    assert caught.value.description == f"Bad Request: {reason}"
