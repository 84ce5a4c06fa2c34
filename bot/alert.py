"""Alerts as the database lists them, and the buttons under a message."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

Buttons = tuple[tuple[tuple[str, str], ...], ...]
"""Rows of (text, callback data)."""

COPY: Final = "copy:"
"""What stands before the text that a button copies, in place of a command."""

SHARE: Final = "share:"
"""What stands before the inline query that a button begins in a chat of its presser's choice."""


@dataclass(frozen=True, slots=True)
class AlertRow:
    """One alert with the kinds of its events in order, and whether anybody is known to have got it.

    `bar` is the start of the bar it fired at, `at` that bar's close, `created` when it was recorded: seconds since
    1970. `close` and `level` are None where unknown.
    """

    rule: str
    market: str
    timeframe: str
    bar: int
    at: int
    close: float | None
    level: float | None
    severity: str
    created: int
    reached: bool
    events: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AlertEvent:
    """One event of an alert as it was recorded: `alert_bar` and `bar` are starts of bars, `created` when that was."""

    rule: str
    market: str
    timeframe: str
    alert_bar: int
    kind: str
    bar: int
    created: int
