"""Alerts whose formulas look back across sessions that the data have not: five bars may then be fifteen days."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot.cli.io.sessions import sessions_of
from bot.market.model import Market
from bot.queries.missing_in_windows import HoledWindow, has_window, in_words, windows_with_holes
from bot.signals.bars import Bars
from bot.signals.replay.rule import Rule
from bot.signals.sessions import Sessions
from bot.views.formatting import numbers

_SHOWN = 3


def holed_windows(
    rule: Rule, bars: Bars, positions: Iterable[int], market: Market, calendars: dict[str, Sessions]
) -> list[HoledWindow]:
    """Of the bars at these positions those whose window lacks sessions; `calendars` are filled."""
    wanted = list(positions)
    if not wanted or not has_window(rule, market):
        return []
    return windows_with_holes(rule, bars, wanted, sessions_of(market.calendar, calendars))


def holed_in_words(holed: Sequence[HoledWindow]) -> list[str]:
    """A line for each of the last ones, after one that counts them; none where there are none."""
    if not holed:
        return []
    count = numbers.count(len(holed), "alert looks", "alerts look")
    last = f", the last {_SHOWN}" if len(holed) > _SHOWN else ""
    return [f"{count} back across missing sessions{last}:", *(f"  {in_words(each)}" for each in holed[-_SHOWN:])]
