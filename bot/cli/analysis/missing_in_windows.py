"""Alerts whose formulas look back across sessions that the data have not: five bars may then be fifteen days."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from bot.cli.io.sessions import sessions_of
from bot.market.model import Market
from bot.scan.missing.joined import Unread, joined_with_holes, read_by
from bot.scan.missing.windows import HoledWindow, has_window, in_words, windows_with_holes
from bot.signals.bars import Bars
from bot.signals.replay.rule import Rule
from bot.signals.sessions import Sessions
from bot.views.formatting import numbers

_SHOWN = 3


def holed_windows(
    rule: Rule,
    bars: Bars,
    positions: Iterable[int],
    markets: Mapping[str, Market],
    others: Mapping[str, Bars],
    calendars: dict[str, Sessions],
) -> list[HoledWindow]:
    """Of the bars at these positions those whose window lacks sessions, of their market or of one of the `others`.

    In the order of the bars. `calendars` are filled.
    """
    wanted, own = list(positions), markets[rule.market]
    if not wanted:
        return []
    found = []
    if has_window(rule, own):
        found += windows_with_holes(rule, bars, wanted, sessions_of(own.calendar, calendars))
    for name, reaches in read_by(rule, markets).items():
        if name in others:
            sessions = sessions_of(markets[name].calendar, calendars)
            found += joined_with_holes(name, reaches, bars, wanted, others[name], sessions)
    return sorted(found, key=lambda each: each.bar)


def holed_in_words(holed: Sequence[HoledWindow]) -> list[str]:
    """A line for each of the last ones, after one that counts them; none where there are none."""
    if not holed:
        return []
    count = numbers.count(len({each.bar for each in holed}), "alert looks", "alerts look")
    last = f", the last {_SHOWN}" if len(holed) > _SHOWN else ""
    return [f"{count} back across missing sessions{last}:", *(f"  {in_words(each)}" for each in holed[-_SHOWN:])]


def unread_in_words(blank: Unread) -> str:
    """As "HYG has no bar recent enough on 1,121 of the bars, from 2022-06-07 to 2026-11-19"."""
    when = f"on one of the bars, {blank.first}"
    if blank.bars > 1:
        when = f"on {numbers.count(blank.bars, 'of the bars', 'of the bars')}, from {blank.first} to {blank.last}"
    return f"{blank.market} has no bar recent enough {when}"
