"""Bars whose formulas look back across sessions that are missing: five bars may then be fifteen days."""

from __future__ import annotations

from collections.abc import Iterable
from math import isfinite
from typing import NamedTuple

import numpy as np

from bot.market.model import Market, MarketKind
from bot.signals.bars import Bars, IntArray, among
from bot.signals.replay.rule import Rule
from bot.signals.sessions import Sessions
from bot.signals.timeframe import Timeframe, label
from bot.views.formatting import numbers

LEAST_SHARE = 20
"""One in so many sessions of a window must be missing for it to be said: one of a year changes little."""


class HoledWindow(NamedTuple):
    """The bar of an alert, the bars that its formula looks back, and the sessions that are missing among them.

    `market`: another one, whose sessions they are; empty for the rule's own. `stands_in`: the older session of it that
    is read where it lacks that of the bar itself.
    """

    bar: str
    bars: int
    missing: tuple[str, ...]
    market: str = ""
    stands_in: str = ""


def has_window(rule: Rule, market: Market) -> bool:
    """Whether sessions can be missing in it: of days that a calendar has; all of the past is no window."""
    daily = rule.timeframe is Timeframe.D1 and market.kind is not MarketKind.MACRO
    return daily and isfinite(rule.when.history)


def windows_with_holes(rule: Rule, bars: Bars, positions: Iterable[int], sessions: Sessions) -> list[HoledWindow]:
    """Of the bars at these positions those whose window lacks sessions; the rule has one."""
    back, gaps = rule.when.history, _missing(bars, sessions)
    found = []
    for at in positions if len(gaps) else ():
        first = max(0, at - int(back))
        within = gaps[np.searchsorted(gaps, bars.start[first]) : np.searchsorted(gaps, bars.start[at])]
        if len(within) * LEAST_SHARE > back:
            found.append(
                HoledWindow(bars.label(at), int(back), tuple(label(each, Timeframe.D1) for each in within.tolist()))
            )
    return found


def in_words(holed: HoledWindow) -> str:
    """As "2020-03-16: 5 bars back are 15 sessions; missing: 2020-02-27 to 2020-03-11".

    Of another market as "2026-06-10: SPY lacks 1 of 21 sessions: 2026-06-10; 2026-06-09 stands in".
    """
    return f"{holed.bar}: {what_is_missing(holed)}"


def what_is_missing(holed: HoledWindow) -> str:
    """The same without the bar."""
    count, dates = len(holed.missing), holed.missing
    span = dates[0] if count == 1 else f"{dates[0]} to {dates[-1]}"
    if holed.market:
        instead = f"; {holed.stands_in} stands in" if holed.stands_in else ""
        return f"{holed.market} lacks {count} of {numbers.count(holed.bars + 1, 'session')}: {span}{instead}"
    bars = numbers.count(holed.bars, "bar back is", "bars back are")
    return f"{bars} {holed.bars + count} sessions; missing: {span}"


def _missing(bars: Bars, sessions: Sessions) -> IntArray:
    """Starts of the sessions between the first bar and the last that have none."""
    start = sessions.start[(sessions.start >= bars.start[0]) & (sessions.start <= bars.start[-1])]
    missing: IntArray = start[~among(start, bars.start)]
    return missing
