"""Count of what forming days brought, and what their closes made of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from bot.signals.bars import among, distinct
from bot.signals.hours.forming_days import FormingDays
from bot.signals.replay.event import Event, EventKind
from bot.signals.replay.replay import Replay
from bot.signals.timeframe import Timeframe


class HoursTally(NamedTuple):
    """Provisional firings of the `days` that have hours, of `bars` days in all; `first` and `last` are their labels.

    A provisional one `fired` at its day's close, or was `withdrawn`, or is `open`: its day has not closed, or can't be
    judged; the three add up. `close_only` are firings of these days that no hour had shown. `length` is that of the
    bars that made the days so far, hours where there are any.
    """

    bars: int
    days: int
    first: str
    last: str
    provisional: int
    fired: int
    withdrawn: int
    open: int
    close_only: int
    length: Timeframe


def hours_tally(replay: Replay, events: Iterable[Event], days: FormingDays, within: slice) -> HoursTally:
    """The count over the `events` of the bars at the positions `within`."""
    bars = replay.bars.slice(within.start, within.stop)
    looked = among(bars.start, distinct(days.start))
    kinds: dict[EventKind, set[int]] = {kind: set() for kind in EventKind}
    for event in events:
        if event.kind.opens or event.kind is EventKind.WITHDRAWN:
            kinds[event.kind].add(event.alert.bar)
    told, firings = kinds[EventKind.PROVISIONAL], kinds[EventKind.FIRED] & set(bars.start[looked].tolist())
    fired, withdrawn = len(told & firings), len(told & kinds[EventKind.WITHDRAWN])
    first, last = (bars.label(int(at)) for at in np.flatnonzero(looked)[[0, -1]]) if looked.any() else ("", "")
    left = len(told) - fired - withdrawn
    alone = len(firings - told)
    return HoursTally(len(bars), int(looked.sum()), first, last, len(told), fired, withdrawn, left, alone, days.length)
