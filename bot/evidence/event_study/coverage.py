"""Coverage of a follower's rule: on how many of an asset's days a signal that it builds on is near anyway."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bot.evidence.closes import Closes
from bot.signals.asof import STALE_AFTER_SECONDS, as_of
from bot.signals.bars import Bars
from bot.signals.formula import FiredHistory
from bot.signals.indicators.kleene import within_last


@dataclass(frozen=True, slots=True)
class Coverage:
    """Share of an asset's closes on which one of the signals had fired within `bars` of its own market's bars."""

    share: float
    bars: int


def coverage(asset: Bars, signals: Sequence[tuple[FiredHistory, int]]) -> Coverage | None:
    """Over the closes since the last of the signals' markets began; `signals` with the bars within which each counts.

    None without signals, or without closes.
    """
    closes = Closes.of(asset)
    begins = [int(history.ends[0]) for history, _ in signals if len(history.ends)]
    if not begins:
        return None
    near = np.zeros(len(closes), dtype=np.bool_)
    for history, within in signals:
        lately = within_last(history.fired.astype(np.float64), within)
        near |= as_of(closes.end, history.ends, lately, STALE_AFTER_SECONDS) == 1
    known = near[closes.end >= max(begins)]
    return Coverage(float(known.mean()), max(within for _, within in signals)) if len(known) else None
