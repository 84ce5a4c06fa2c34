"""Sessions that other markets lack where a rule reads them: an older bar stands in, or nothing is known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from math import isfinite
from typing import NamedTuple

import numpy as np

from bot.market.model import Market, MarketKind
from bot.scan.missing.windows import LEAST_SHARE, HoledWindow
from bot.signals.asof import STALE_AFTER_SECONDS, last_closed
from bot.signals.bars import Bars, among
from bot.signals.formula import OWN, Node
from bot.signals.replay.rule import Rule
from bot.signals.sessions import Sessions
from bot.signals.timeframe import Timeframe, label


class Reach(NamedTuple):
    """How far back a formula reads another market: so many bars of the rule's own, and from there so many of it."""

    own: int
    theirs: int


class Unread(NamedTuple):
    """On how many bars nothing recent is known of another market that had begun, and the first and last of them."""

    market: str
    bars: int
    first: str
    last: str


def read_by(rule: Rule, markets: Mapping[str, Market]) -> dict[str, set[Reach]]:
    """The other markets that a daily rule's `when` reads and that have sessions, and how far back it does."""
    found: dict[str, set[Reach]] = {}
    for name, reach in _reaches(rule.when.root, 0, 0) if rule.timeframe is Timeframe.D1 else ():
        if name != rule.market and name in markets and markets[name].kind is not MarketKind.MACRO:
            found.setdefault(name, set()).add(reach)
    return found


def joined_with_holes(
    market: str, reaches: Iterable[Reach], bars: Bars, positions: Iterable[int], other: Bars, sessions: Sessions
) -> list[HoledWindow]:
    """Of the bars at these positions those at which the other market lacks sessions that are read.

    One that it lacks at the bar itself is always told, with the bar that stands in, others by the share of a window.
    """
    if not len(other) or other.timeframe is not Timeframe.D1:
        return []
    there = among(sessions.start, other.start) | (sessions.start < other.start[0])
    if there.all():
        return []
    stand_in = last_closed(bars.end, other.end, other.valid_for or STALE_AFTER_SECONDS)
    newest = np.searchsorted(sessions.closes, bars.end, side="right") - 1
    found = []
    for at in positions:
        last = int(newest[at])
        if last < 0 or stand_in[at] < 0:
            continue  # what is unknown is told as such
        first = min(int(newest[max(0, at - each.own)]) - each.theirs for each in reaches)
        window = slice(max(first, 0), last + 1)
        missing = sessions.start[window][~there[window]]
        instead = "" if there[last] else other.label(int(stand_in[at]))
        if instead or len(missing) * LEAST_SHARE > last - first:
            dates = tuple(label(each, Timeframe.D1) for each in missing.tolist())
            if dates:
                found.append(HoledWindow(bars.label(at), last - window.start, dates, market, instead))
    return found


def unread(market: str, bars: Bars, within: slice, other: Bars) -> Unread | None:
    """Where nothing recent is known of another market since it began; None where it always is."""
    at = last_closed(bars.end, other.end, other.valid_for or STALE_AFTER_SECONDS)
    if not len(other):
        return None
    blank = np.flatnonzero((at[within] < 0) & (bars.end[within] >= other.end[0])) + (within.start or 0)
    if not len(blank):
        return None
    return Unread(market, len(blank), bars.label(int(blank[0])), bars.label(int(blank[-1])))


def _reaches(node: Node, own: float, theirs: float) -> Iterator[tuple[str, Reach]]:
    """Each market that is read in a part, and how far back; what all of the past decides has no window."""
    added = node.history - max((child.history for child in node.children), default=0)
    added = added if isfinite(added) else 0
    if node.clock in {OWN, None}:
        own += added
    else:
        theirs += added
    named = str(node.constants.get("market", "")) or (node.clock if not node.children else "")
    if named:
        yield named, Reach(int(own), int(theirs))
    for child in node.children:
        yield from _reaches(child, own, theirs)
