"""Kinds of signals: what a rule's firings are called in a sentence."""

from __future__ import annotations

from enum import StrEnum

import numpy as np

from bot.signals.replay.replay import Replay

_LEVELS = frozenset({"resistance", "support"})
"""Functions of formulas that find a level which a price can break."""


class SignalKind(StrEnum):
    """A record close, the break of a level, or neither; its value is the noun."""

    RECORD = "record"
    BREAK = "break"
    SIGNAL = "signal"


def signal_kind(replay: Replay) -> SignalKind:
    """What all firings of a rule have in common.

    They are breaks where the rule's level is a resistance or a support, and records where it is always the highest
    close so far, and each firing closed above it.
    """
    rule = replay.rule
    if rule.level is None:
        return SignalKind.SIGNAL
    if any(part.symbol in _LEVELS for part in rule.level.root.walk()):
        return SignalKind.BREAK
    return SignalKind.RECORD if _all_records(replay) else SignalKind.SIGNAL


def _all_records(replay: Replay) -> bool:
    close, level = replay.bars.close, replay.level
    highest = np.append(np.nan, np.fmax.accumulate(close)[:-1])
    known = np.isfinite(level)
    above = close[replay.fires] > level[replay.fires]
    return bool(above.any() and above.all() and np.allclose(level[known], highest[known], rtol=1e-9, atol=0.0))
