"""Words for what is not known, and why."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bot.signals.replay.unknown_values import UnknownReason, UnknownValue
from bot.views.formatting import numbers


def unknown_line(unknown: UnknownValue) -> str:
    """Why a part of a formula has no value, in a line of plain text."""
    return _LINES[unknown.reason](unknown)


def _market(unknown: UnknownValue) -> str:
    return f"there are no bars of {unknown.name}"


def _stale(unknown: UnknownValue) -> str:
    if unknown.last is None:
        return f"{unknown.name} has no bar from so far back"
    return f"{unknown.name} is stale: its last bar is of {numbers.day(unknown.last)}"


def _bar(unknown: UnknownValue) -> str:
    of = f" of {unknown.name}" if unknown.name else ""
    return f"{_text(unknown)}: the bar{of} has no such value"


def _history(unknown: UnknownValue) -> str:
    of = f" of {unknown.name}" if unknown.name else ""
    return f"{_text(unknown)}: not enough history{of}, {numbers.count(unknown.has, 'bar')} of {unknown.wants:,}"


def _never(unknown: UnknownValue) -> str:
    return f"{_text(unknown)}: it has not happened so far"


def _rule(unknown: UnknownValue) -> str:
    return f"nothing recent is known of the rule {unknown.name}"


def _number(unknown: UnknownValue) -> str:
    return f"{_text(unknown)}: no result, as after a division by zero"


def _gaps(unknown: UnknownValue) -> str:
    return f"{_text(unknown)}: too many of its values are unknown"


def _text(unknown: UnknownValue) -> str:
    return " ".join(unknown.text.split())


_LINES: Mapping[UnknownReason, Callable[[UnknownValue], str]] = {
    UnknownReason.MARKET: _market,
    UnknownReason.STALE: _stale,
    UnknownReason.BAR: _bar,
    UnknownReason.HISTORY: _history,
    UnknownReason.NEVER: _never,
    UnknownReason.RULE: _rule,
    UnknownReason.NUMBER: _number,
    UnknownReason.GAPS: _gaps,
}
