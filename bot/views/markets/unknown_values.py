"""Words for what is not known, and why."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bot.signals.replay.unknown_values import Lack, Unknown
from bot.views.formatting import numbers


def unknown_line(unknown: Unknown) -> str:
    """Why a part of a formula has no value, in a line of plain text."""
    return _LINES[unknown.lack](unknown)


def _market(unknown: Unknown) -> str:
    return f"there are no bars of {unknown.name}"


def _stale(unknown: Unknown) -> str:
    if unknown.last is None:
        return f"{unknown.name} has no bar from so far back"
    return f"{unknown.name} is stale: its last bar is of {numbers.day(unknown.last)}"


def _bar(unknown: Unknown) -> str:
    of = f" of {unknown.name}" if unknown.name else ""
    return f"{_text(unknown)}: the bar{of} has no such value"


def _history(unknown: Unknown) -> str:
    of = f" of {unknown.name}" if unknown.name else ""
    return f"{_text(unknown)}: not enough history{of}, {numbers.count(unknown.has, 'bar')} of {unknown.wants:,}"


def _level(unknown: Unknown) -> str:
    side = "below" if "support" in unknown.text else "above"
    return f"{_text(unknown)}: there is no such level {side}"


def _never(unknown: Unknown) -> str:
    return f"{_text(unknown)}: it has not happened so far"


def _rule(unknown: Unknown) -> str:
    return f"nothing recent is known of the rule {unknown.name}"


def _number(unknown: Unknown) -> str:
    return f"{_text(unknown)}: no result, as after a division by zero"


def _gaps(unknown: Unknown) -> str:
    return f"{_text(unknown)}: too many of its values are unknown"


def _text(unknown: Unknown) -> str:
    return " ".join(unknown.text.split())


_LINES: Mapping[Lack, Callable[[Unknown], str]] = {
    Lack.MARKET: _market,
    Lack.STALE: _stale,
    Lack.BAR: _bar,
    Lack.HISTORY: _history,
    Lack.LEVEL: _level,
    Lack.NEVER: _never,
    Lack.RULE: _rule,
    Lack.NUMBER: _number,
    Lack.GAPS: _gaps,
}
