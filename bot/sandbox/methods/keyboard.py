"""Inline keyboards, checked as Telegram checks them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

from bot.sandbox.errors import ApiError, bad

ACTIONS: Final = (
    "url",
    "callback_data",
    "web_app",
    "login_url",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "copy_text",
    "callback_game",
    "pay",
)
STYLES: Final = ("danger", "success", "primary")
MAX_BUTTONS: Final = 100
MAX_COPIED_CHARACTERS: Final = 256


@dataclass(frozen=True, slots=True)
class InlineButton:
    """What a person sees and may press; `data` is empty for one that calls no bot.

    It opens `url`, copies a text, or begins an inline `query` to the bot in a chat of the person's choice.
    """

    text: str
    data: str = ""
    url: str = ""
    copied: str = ""
    query: str | None = None


Rows = tuple[tuple[InlineButton, ...], ...]


def read_keyboard(markup: object) -> tuple[dict[str, Any] | None, Rows]:
    """The markup as an object, and the inline buttons in it. Other keyboards are taken as they are."""
    if markup is None or markup == "":
        return None, ()
    parsed = _object(markup)
    if "inline_keyboard" not in parsed:
        return (parsed or None), ()
    rows = parsed["inline_keyboard"]
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad('can\'t parse inline keyboard: Field "inline_keyboard" must be of type Array')
    buttons = tuple(tuple(_button(button) for button in row) for row in rows if row)
    if sum(len(row) for row in buttons) > MAX_BUTTONS:
        raise bad("reply markup is too long")
    return ({"inline_keyboard": [row for row in rows if row]} if buttons else None), buttons


def _object(markup: object) -> dict[str, Any]:
    if isinstance(markup, str):
        try:
            markup = json.loads(markup)
        except ValueError:
            raise bad("can't parse reply keyboard markup JSON object") from None
    if not isinstance(markup, dict):
        raise bad("object expected as reply markup")
    return markup


def _button(button: object) -> InlineButton:
    if not isinstance(button, dict):
        raise _unparsed("InlineKeyboardButton must be an Object")
    text = button.get("text")
    if not isinstance(text, str):
        raise _unparsed('Field "text" must be of type String')
    if not text.strip():
        raise bad("inline keyboard button text must be non-empty")
    actions = [action for action in ACTIONS if action in button]
    if not actions:
        raise _unparsed("Text buttons are unallowed in the inline keyboard")
    if len(actions) > 1:
        raise _unparsed(f"exactly one of {' and '.join(actions)} must be used")
    if "style" in button and button["style"] not in STYLES:
        raise _unparsed("invalid button style specified")
    copied = _copied(button.get("copy_text"))
    data = button.get("callback_data")
    if data is not None and not (isinstance(data, str) and 1 <= len(data.encode()) <= 64):
        raise bad("BUTTON_DATA_INVALID")
    return InlineButton(text, data or "", _url(button.get("url")), copied, _query(button))


def _copied(given: object) -> str:
    if given is None:
        return ""
    text = given.get("text") if isinstance(given, dict) else None
    if not isinstance(text, str) or not 1 <= len(text) <= MAX_COPIED_CHARACTERS:
        raise bad("BUTTON_COPY_TEXT_INVALID")
    return text


def _query(button: dict[str, Any]) -> str | None:
    query = button.get("switch_inline_query")
    if query is not None and not isinstance(query, str):
        raise _unparsed('Field "switch_inline_query" must be of type String')
    return query


def _url(url: object) -> str:
    if url is None:
        return ""
    if not isinstance(url, str) or not url.lower().startswith(("http://", "https://", "tg://")):
        raise bad(f"inline keyboard button URL '{url}' is invalid: Unsupported URL protocol")
    return url


def _unparsed(reason: str) -> ApiError:
    return bad(f"can't parse inline keyboard button: {reason}")
