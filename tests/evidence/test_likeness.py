"""Likeness of two markets, against pandas and against walks that have nothing to do with each other."""

from __future__ import annotations

import numpy as np
import pytest

from bot.evidence.likeness import MIN_SESSIONS, RECENT_DAYS, likeness
from bot.signals.bars import Bars
from bot.signals.timeframe import DAY
from tests.evidence.walks import FIRST, daily


def walk(seed: int, days: int, common: float = 0.0, drift: float = 0.0, market: str = "BTC") -> Bars:
    """A market whose daily log returns are its own noise and, in part, a noise that all markets share."""
    shared = np.random.default_rng(0).normal(0, 0.01, days)
    own = np.random.default_rng(seed).normal(drift, 0.01, days)
    return daily(list(100 * np.exp(np.cumsum(common * shared + (1 - common) * own))), market=market, hour=24)


def test_the_correlation_is_that_of_the_log_returns() -> None:
    one, two = walk(1, 3_000, 0.5, market="RUT"), walk(2, 3_000, 0.5)
    now = FIRST + 4_000 * DAY
    told = likeness(one, two, now)
    x, y = np.diff(np.log(one.close)), np.diff(np.log(two.close))
    recent = one.end[1:] > now - RECENT_DAYS * DAY
    assert told.sessions == 2_999
    assert told.returns == pytest.approx(np.corrcoef(x, y)[0, 1])
    assert told.recent == pytest.approx(np.corrcoef(x[recent], y[recent])[0, 1])
    assert told.levels == pytest.approx(np.corrcoef(np.log(one.close[1:]), np.log(two.close[1:]))[0, 1])


def test_one_market_is_wholly_like_itself_and_no_unrelated_walk_is() -> None:
    told = likeness(walk(1, 500, market="RUT"), walk(1, 500), FIRST + 600 * DAY)
    assert told.returns == pytest.approx(1)
    assert told.unrelated == 0


@pytest.mark.parametrize(("days", "drift"), [(300, 0.0), (3_000, 0.0), (3_000, 0.002)])
def test_the_share_of_unrelated_walks_is_that_of_a_slow_loop(days: int, drift: float) -> None:
    one, two = walk(1, days, drift=drift, market="RUT"), walk(2, days, drift=drift)
    told = likeness(one, two, FIRST + (days + 9) * DAY)
    x, y = np.diff(np.log(one.close)), np.diff(np.log(two.close))
    random, alike = np.random.default_rng(5), 0
    for _ in range(400):
        left, right = (np.cumsum(random.normal(each.mean(), each.std(), len(each))) for each in (x, y))
        alike += float(np.corrcoef(left, right)[0, 1]) >= float(np.corrcoef(np.cumsum(x), np.cumsum(y))[0, 1])
    assert told.unrelated == pytest.approx(alike / 400, abs=0.09)


def test_what_both_rise_looks_alike_without_being_so() -> None:
    told = likeness(walk(1, 2_000, drift=0.003, market="RUT"), walk(2, 2_000, drift=0.003), FIRST + 2_100 * DAY)
    assert told.levels is not None
    assert told.levels > 0.9
    assert abs(told.returns or 0) < 0.1
    assert told.unrelated is not None
    assert told.unrelated > 0.1


def test_too_few_days_say_nothing() -> None:
    told = likeness(walk(1, MIN_SESSIONS, market="RUT"), walk(2, MIN_SESSIONS), FIRST + 999 * DAY)
    assert (told.sessions, told.returns, told.recent, told.levels, told.unrelated) == (59, None, None, None, None)
    flat = daily([100.0] * 200, market="BTC", hour=24)
    assert likeness(walk(1, 200, market="RUT"), flat, FIRST + 999 * DAY).returns is None
