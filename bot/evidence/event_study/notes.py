"""Notes on a study, in words: what is missing or was left out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from bot.evidence.closes import Closes
from bot.signals.asof import STALE_AFTER_SECONDS
from bot.signals.bars import FloatArray, IntArray
from bot.signals.timeframe import DAY


def study_notes(
    rule: str, fired: IntArray, closes: Closes, entries: IntArray, forward: Mapping[int, FloatArray]
) -> tuple[str, ...]:
    """One plain sentence each; none where all is well.

    `fired` are the closing instants of the firings, `entries` the positions of their entries in `closes` (-1 without),
    `forward` the returns from each close by days.
    """
    firings = _about_firings(rule, fired, closes, entries)
    return (*_about_prices(closes), *firings, *_about_gaps(closes, entries, forward))


def _about_prices(closes: Closes) -> Iterator[str]:
    if closes.refused:
        yield f"{closes.market}: {_times(closes.refused, 'close')} that no price can be, passed over"
    if not len(closes):
        yield f"{closes.market} has no closes to study"
    elif len(closes) > 1 and closes.price.min() == closes.price.max():
        yield f"{closes.market} has the same price at every close"


def _about_firings(rule: str, fired: IntArray, closes: Closes, entries: IntArray) -> Iterator[str]:
    if not len(fired):
        yield f"{rule} has never fired"
    if not len(closes):
        return
    early = int((fired + STALE_AFTER_SECONDS < closes.end[0]).sum())
    late = int((fired >= closes.end[-1]).sum())
    lost = int((entries < 0).sum()) - early - late
    first, last = closes.label(0), closes.label(-1)
    if early:
        yield f"{_times(early, 'firing')} before {closes.market}'s first close ({first}), left out"
    if late:
        yield f"{_times(late, 'firing')} not followed by a close of {closes.market} yet (last: {last}), left out"
    if lost:
        within = f"within {STALE_AFTER_SECONDS // DAY} days"
        yield f"{_times(lost, 'firing')} without a close of {closes.market} {within}, left out"


def _about_gaps(closes: Closes, entries: IntArray, forward: Mapping[int, FloatArray]) -> Iterator[str]:
    used = entries[entries >= 0]
    for days, returns in forward.items():
        due = used[closes.counted[used] + days * DAY <= closes.counted[-1]] if len(used) else used
        lost = int(np.isnan(returns[due]).sum())
        if lost:
            yield f"{_times(lost, 'return')} over {days} days unknown: {closes.market} has a gap there"


def _times(count: int, what: str) -> str:
    return f"{count} {what}{'s' if count != 1 else ''}"
