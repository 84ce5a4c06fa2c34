"""The ledger of claims: history before, what came since, and the state that follows from it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.evidence.claim_check import ClaimCheck, Measure, Stance
from bot.evidence.claim_ledger import CHECKPOINT_DAYS, ClaimState, score_claim
from bot.evidence.claims import answer
from bot.evidence.event_study.event_study import Signals
from bot.signals.bars import Bars
from bot.signals.timeframe import DAY, Timeframe
from tests.evidence.walks import FIRST, daily

MADE = FIRST + 200 * DAY


def fired(days: list[int]) -> Signals:
    start = FIRST + DAY * np.array(days, dtype=np.int64)
    return Signals("rule", "IWM", Timeframe.D1, start, start + 75_600, FIRST)


def asset(after: list[tuple[int, float]]) -> Bars:
    """100 until the claim's day, then so many days at each price."""
    return daily([100.0] * 201 + [price for days, price in after for _ in range(days)], market="BTC", hour=24)


def state(measure: Measure, days: int, after: list[tuple[int, float]], stance: Stance = Stance.FOR) -> ClaimState:
    bars = asset(after)
    check = ClaimCheck(measure, "BTC", days)
    return score_claim(check, stance, MADE, fired([50]), {"BTC": bars}, FIRST + len(bars) * DAY).state


@pytest.mark.parametrize(
    ("measure", "days", "after", "expected"),
    [
        (Measure.RETURN, 180, [(300, 110.0)], ClaimState.MET),
        (Measure.RETURN, 180, [(300, 90.0)], ClaimState.MISSED),
        (Measure.RETURN, 180, [(100, 110.0), (200, 90.0)], ClaimState.MIXED),
        (Measure.RETURN, 180, [(100, 90.0), (200, 110.0)], ClaimState.MIXED),
        (Measure.RETURN, 180, [(179, 110.0)], ClaimState.OPEN),
        (Measure.RETURN, 30, [(50, 110.0), (250, 90.0)], ClaimState.MET),
        (Measure.RETURN, 180, [(300, 100.0)], ClaimState.MISSED),
        (Measure.BREAKOUT, 180, [(300, 110.0)], ClaimState.MET),
        (Measure.BREAKOUT, 180, [(100, 110.0), (200, 90.0)], ClaimState.MIXED),
        (Measure.BREAKOUT, 180, [(300, 90.0)], ClaimState.MISSED),
        (Measure.BEST, 90, [(300, 90.0)], ClaimState.MISSED),
    ],
)
def test_the_state_follows_from_what_came_since(
    measure: Measure, days: int, after: list[tuple[int, float]], expected: ClaimState
) -> None:
    assert state(measure, days, after) is expected
    turned = {ClaimState.MET: ClaimState.MISSED, ClaimState.MISSED: ClaimState.MET}
    assert state(measure, days, after, Stance.AGAINST) is turned.get(expected, expected)


def test_what_came_since_counts_from_the_close_of_the_claim_s_day() -> None:
    bars = daily([100.0] * 200 + [50.0] + [60.0] * 90 + [40.0] * 300, market="BTC", hour=24)
    check = ClaimCheck(Measure.RETURN, "BTC", 30)
    since = score_claim(check, Stance.FOR, MADE, fired([50]), {"BTC": bars}, FIRST + 400 * DAY).since
    assert (since.entry, since.price) == (MADE, 50.0)
    assert since.returns == {
        30: pytest.approx(0.2),
        90: pytest.approx(0.2),
        180: pytest.approx(-0.2),
        270: None,
        365: None,
    }
    assert since.best is not None
    assert since.best.change == pytest.approx(0.2)


def test_nothing_after_the_claim_is_in_its_history_and_nothing_before_in_what_came_since() -> None:
    calm, wild = asset([(300, 100.0)]), asset([(300, 900.0)])
    check = ClaimCheck(Measure.RETURN, "BTC", 30, last=1)
    signals, now = fired([50, 100, 250]), FIRST + 500 * DAY
    scores = [score_claim(check, Stance.FOR, MADE, signals, {"BTC": bars}, now) for bars in (calm, wild)]
    assert scores[0].before == scores[1].before == answer(check, signals, {"BTC": calm}, MADE)
    assert scores[0].since != scores[1].since
    assert len(scores[0].before.cases) == 1


@pytest.mark.parametrize(
    ("common", "expected"),
    [(0.9, ClaimState.MET), (0.5, ClaimState.MIXED), (0.0, ClaimState.MISSED)],
)
def test_a_correlation_is_scored_as_one(common: float, expected: ClaimState) -> None:
    random = np.random.default_rng(3)
    shared, *own = random.normal(0, 0.01, (3, 400))
    one, two = (
        daily(list(100 * np.exp(np.cumsum(common * shared + (1 - common) * each))), market=market, hour=24)
        for market, each in zip(("RUT", "ETH"), own, strict=True)
    )
    check = ClaimCheck(Measure.CORRELATION, "ETH", other="RUT")
    bars, now = {"RUT": one, "ETH": two}, FIRST + 400 * DAY
    score = score_claim(check, Stance.FOR, MADE, fired([50]), bars, now)
    assert score.state is expected
    x, y = (np.diff(np.log(each.close[199:])) for each in (one, two))
    assert score.since.correlation == pytest.approx(np.corrcoef(x[1:], y[1:])[0, 1], abs=0.02)
    early = score_claim(check, Stance.FOR, MADE, fired([50]), bars, MADE + 30 * DAY)
    assert (early.state, early.since.correlation) == (ClaimState.OPEN, None)


def test_an_asset_that_nobody_knows_leaves_a_claim_open() -> None:
    check = ClaimCheck(Measure.RETURN, "BTC", 30)
    score = score_claim(check, Stance.FOR, MADE, fired([50]), {}, FIRST + 400 * DAY)
    assert (score.state, score.since.entry, score.before.overall) == (ClaimState.OPEN, None, None)


@given(st.lists(st.floats(1, 1_000), min_size=450, max_size=450), st.integers(1, 240))
def test_returns_since_are_those_of_a_slow_look_up(prices: list[float], days: int) -> None:
    bars = daily(prices, market="BTC", hour=24)
    now = FIRST + 450 * DAY
    score = score_claim(ClaimCheck(Measure.RETURN, "BTC", days), Stance.FOR, MADE, fired([50]), {"BTC": bars}, now)
    expected = {
        each: prices[200 + each] / prices[200] - 1 if 200 + each < 450 else None
        for each in sorted({*CHECKPOINT_DAYS, days})
    }
    assert score.since.returns == pytest.approx(expected)
