"""The alert of a rule that goes on at a bar: since when, how often its rule has been yes, whether it has failed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bot.signals.replay.event import EventKind
from bot.signals.replay.follow_ups import KINDS
from bot.signals.replay.replay import Replay
from bot.signals.timeframe import Instant

_FAILED, _RESUMED, _ENDED = (KINDS.index(kind) for kind in (EventKind.FAILED, EventKind.RESUMED, EventKind.ENDED))


@dataclass(frozen=True, slots=True)
class RunningAlert:
    """The newest alert that is still followed after a bar, as far as was known then.

    `since` is the start of the bar it fired at, `count` how many bars were yes from that one on. `change` is that
    from that bar's close to this one's, as its bars tell changes. `failed`: it has failed and not come back.
    """

    since: Instant
    count: int
    change: float
    failed: bool


def running_at(replay: Replay, position: int) -> RunningAlert | None:
    """What goes on after the bar at `position`; None where nothing does, and for a rule that follows nothing."""
    follow = replay.rule.follow
    firing = int(np.searchsorted(replay.fires, position, side="right")) - 1
    if follow is None or firing < 0:
        return None
    outcomes = replay.outcomes
    kinds = outcomes.kind[(outcomes.firing == firing) & (outcomes.position <= position)].tolist()
    decisive = [kind for kind in kinds if kind in {_FAILED, _RESUMED}]
    failed = bool(decisive) and decisive[-1] == _FAILED
    if _ENDED in kinds or (failed and not follow.resumed):
        return None
    fire, closes = int(replay.fires[firing]), replay.bars.close
    change = replay.bars.change(float(closes[fire]), float(closes[position]))
    count = int(np.count_nonzero(replay.truth[fire : position + 1] == 1))
    return RunningAlert(int(replay.bars.start[fire]), count, np.nan if change is None else change, failed)
