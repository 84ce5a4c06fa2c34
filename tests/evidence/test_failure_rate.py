"""The failure rate of earlier firings and its base, by hand and over random walks."""

from __future__ import annotations

import numpy as np
import pytest

from bot.evidence.failure_rate import EPISODE_BARS, failure_rate
from bot.signals.formula import Frame, Kind, Scope, compile_formula
from bot.signals.replay.event import EventKind
from bot.signals.replay.replay import Replay, replay
from bot.signals.replay.rule import Follow, Rule
from bot.signals.timeframe import Timeframe
from tests.views.alert_facts import history

SCOPE = Scope(frozenset({"RUT"}), names={"level": Kind.NUMBER})
WHEN = compile_formula("close > highest(close, 10)[1]", Scope(frozenset({"RUT"}), frozenset()))
LEVEL = compile_formula("highest(close, 10)[1]", Scope(frozenset({"RUT"}), frozenset()))
FAILED = compile_formula("close < level - 0.5 * atr(14)", SCOPE)


def replayed(closes: list[float], follow: Follow | None) -> tuple[Replay, Frame]:
    frame = Frame(history(closes))
    return replay(Rule("r", "RUT", Timeframe.D1, WHEN, LEVEL, quiet=10, follow=follow), frame), frame


def walk(count: int, seed: int) -> list[float]:
    return (100 * np.exp(np.cumsum(np.random.default_rng(seed).normal(0, 0.012, count)))).tolist()


def test_earlier_firings_whose_window_is_over_are_counted() -> None:
    done, frame = replayed(walk(1_500, 1), Follow(bars=20, failed=FAILED))
    at = len(frame.bars) - 1
    rate = failure_rate(done, frame, at)
    over = [fire for fire in done.fires.tolist() if fire + 20 <= at]
    failed = {event.alert.bar for event in done.events if event.kind is EventKind.FAILED}
    starts = frame.bars.start
    assert rate is not None
    assert (rate.fired, rate.bars) == (len(over), 20)
    assert rate.failed == sum(int(starts[fire]) in failed for fire in over)
    first = int(done.fires[0])
    beginning = failure_rate(done, frame, first)
    assert beginning is not None
    assert (beginning.fired, beginning.failed, beginning.base, beginning.open) == (0, 0, None, 0)


def test_earlier_firings_whose_window_is_open_are_counted_beside() -> None:
    done, frame = replayed(walk(400, 1), Follow(bars=252, failed=FAILED))
    for number, fire in enumerate(done.fires.tolist()):
        rate = failure_rate(done, frame, fire)
        assert rate is not None
        assert rate.fired + rate.open == number
        assert rate.open == sum(fire - 252 < before < fire for before in done.fires.tolist())


def test_nothing_later_counts() -> None:
    closes = walk(900, 2)
    whole, frame = replayed(closes, Follow(bars=20, failed=FAILED))
    part, before = replayed(closes[:600], Follow(bars=20, failed=FAILED))
    assert failure_rate(whole, frame, 599) == failure_rate(part, before, 599)


@pytest.mark.parametrize("seed", range(4))
def test_on_a_random_walk_signals_fail_as_often_as_any_day(seed: int) -> None:
    done, frame = replayed(walk(6_000, seed), Follow(bars=20, failed=FAILED))
    rate = failure_rate(done, frame, 5_999)
    assert rate is not None
    assert rate.base is not None
    assert abs(rate.failed / rate.fired - rate.base) < 0.15


def test_a_rule_that_watches_for_no_failure_has_no_rate() -> None:
    done, frame = replayed(walk(300, 1), None)
    assert failure_rate(done, frame, 299) is None
    done, frame = replayed(walk(300, 1), Follow(bars=20))
    assert failure_rate(done, frame, 299) is None


def test_a_run_counts_its_first_weeks() -> None:
    done, frame = replayed(walk(900, 3), Follow(bars=None, failed=FAILED, resumed=True))
    rate = failure_rate(done, frame, 899)
    assert rate is not None
    assert rate.bars == EPISODE_BARS
