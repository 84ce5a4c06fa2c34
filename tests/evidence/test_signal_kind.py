"""What a rule's signals are called: by its level, and by where it fires."""

from __future__ import annotations

import numpy as np
import pytest

from bot.evidence.signal_kind import SignalKind, signal_kind
from bot.signals.formula import Frame, Scope, compile_formula
from bot.signals.replay.replay import replay
from bot.signals.replay.rule import Rule
from bot.signals.timeframe import Timeframe
from tests.views.alert_facts import history

SCOPE = Scope(frozenset({"RUT"}), frozenset())
RISING = (100 * np.exp(np.cumsum(np.random.default_rng(3).normal(0.0006, 0.01, 1_200)))).tolist()


@pytest.mark.parametrize(
    ("when", "level", "kind"),
    [
        ("close > highest(close, all)[1]", "highest(close, all)[1]", SignalKind.RECORD),
        ("close > highest(close, all)[1] and volume > 0", "highest(close, all)[1]", SignalKind.RECORD),
        ("close > 0.99 * highest(close, all)[1]", "highest(close, all)[1]", SignalKind.SIGNAL),
        ("close > highest(close, 90)[1]", "highest(close, 90)[1]", SignalKind.SIGNAL),
        ("close > highest(close, all)[1]", None, SignalKind.SIGNAL),
        ("close > 1e9", "highest(close, all)[1]", SignalKind.SIGNAL),
        ("close > resistance(touches=2)", "resistance(touches=2)", SignalKind.BREAK),
        ("close < support(touches=2) - atr(14)", "support(touches=2) - atr(14)", SignalKind.BREAK),
    ],
)
def test_a_kind_goes_by_the_level_and_where_the_rule_fires(when: str, level: str | None, kind: SignalKind) -> None:
    named = compile_formula(level, SCOPE) if level else None
    rule = Rule("r", "RUT", Timeframe.D1, compile_formula(when, SCOPE), named, quiet=5)
    assert signal_kind(replay(rule, Frame(history([*RISING, float("nan")])))) is kind
