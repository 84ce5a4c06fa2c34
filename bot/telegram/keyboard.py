"""Buttons under a message: each says what typing a command would say."""

from __future__ import annotations

from bot.alert import COPY, SHARE, Buttons

MAX_DATA_BYTES = 64
"""Room that Telegram gives to what a button says."""


def button(text: str, command: str, argument: str) -> tuple[str, str]:
    """A button that does what typing "/command argument" would do, for whoever presses it.

    Raises ValueError where that is longer than Telegram allows.
    """
    data = f"/{command} {argument}".rstrip()
    if len(data.encode()) > MAX_DATA_BYTES:
        raise ValueError(f"button: too long (got {data!r}); allowed: {MAX_DATA_BYTES} bytes")
    return text, data


def button_if_fits(text: str, command: str, argument: str) -> tuple[str, str] | None:
    """A button, or None where Telegram has no room for what it would say."""
    if len(f"/{command} {argument}".encode()) > MAX_DATA_BYTES:
        return None
    return button(text, command, argument)


def copy_button(text: str, copied: str) -> tuple[str, str]:
    """A button that copies a text; where the server knows none, it is left out."""
    return text, COPY + copied


def share_button(text: str, query: str = "") -> tuple[str, str]:
    """A button that begins an inline query to the bot in a chat of the presser's choice."""
    return text, SHARE + query


def button_row(*wanted: tuple[str, str, str]) -> Buttons:
    """One row of (text, command, argument), without those that have no room; no row where none has."""
    row = tuple(made for each in wanted if (made := button_if_fits(*each)) is not None)
    return (row,) if row else ()
