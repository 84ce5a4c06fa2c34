"""How often a signal is near anyway, what a basket's hindsight adds, and signals for a placebo."""

from __future__ import annotations

import numpy as np
import pytest

from bot.evidence.event_study.coverage import Coverage, coverage
from bot.evidence.event_study.placebo import RECORD, TREND, placebo_rules
from bot.evidence.survivors import LARGE_THEN, Survivors, hindsight, survivors
from bot.signals.formula import FiredHistory, Frame
from bot.signals.replay.replay import replay
from bot.signals.timeframe import DAY
from tests.evidence.walks import FIRST, daily


def fired(count: int, *days: int) -> FiredHistory:
    """A market of so many days that closes at 21:00 UTC, with signals on some of them."""
    at = np.zeros(count, dtype=np.bool_)
    at[list(days)] = True
    return FiredHistory(FIRST + DAY * np.arange(count, dtype=np.int64) + 75_600, at)


def test_the_share_of_days_with_a_signal_near() -> None:
    asset = daily([100.0] * 100, market="BTC", hour=24)
    assert coverage(asset, [(fired(100, 10), 20)]) == Coverage(0.2, 20)
    assert coverage(asset, [(fired(100, 10), 20), (fired(100, 25), 10)]) == Coverage(0.25, 20)
    assert coverage(asset, [(fired(100, 95), 20)]) == Coverage(0.05, 20)
    assert coverage(asset, []) is None
    assert coverage(daily([], market="BTC"), [(fired(100, 10), 20)]) is None


def test_a_basket_beside_all_of_its_kind() -> None:
    basket = daily(list(1.002 ** np.arange(900.0)), market="ALTS", hour=24)
    whole = daily(list(1.0005 ** np.arange(700.0)), FIRST + 200 * DAY, "CRYPTO_ALT", hour=24)
    found = survivors(basket, 9, whole)
    assert found == Survivors(9, "CRYPTO_ALT", pytest.approx(1.002**365 - 1), pytest.approx(1.0005**365 - 1))
    assert survivors(basket, 9, daily([1.0] * 300, FIRST, "CRYPTO_ALT", hour=24)) is None
    assert survivors(basket, 9, daily([], market="CRYPTO_ALT")) is None


def test_the_placebo_signals_are_records_and_a_trend() -> None:
    rules = {rule.id: rule for rule in placebo_rules("BTC")}
    assert {name: rule.market for name, rule in rules.items()} == {RECORD: "SPY", TREND: "BTC"}
    falls_and_rises = [*np.linspace(200, 100, 300), *np.linspace(100, 300, 200)]
    record = replay(rules[RECORD], Frame(daily(falls_and_rises, market="SPY")))
    assert [falls_and_rises[at] > 200 > falls_and_rises[at - 1] for at in record.fires.tolist()] == [True]
    trend = replay(rules[TREND], Frame(daily(falls_and_rises, market="BTC")))
    average = [np.mean(falls_and_rises[at - 199 : at + 1]) for at in range(300, 500)]
    first = next(at for at in range(300, 500) if falls_and_rises[at] > average[at - 300])
    assert trend.fires.tolist() == [first]


def test_a_basket_of_today_beside_the_coins_that_were_large_then() -> None:
    size = 800
    basket = daily(list(1.002 ** np.arange(float(size))), FIRST, "ALTS", hour=24)
    whole = daily(list(1.001 ** np.arange(float(size))), FIRST, "CRYPTO_ALT", hour=24)
    returns = daily([0.0005] * size, FIRST, "LARGE_COINS_RETURNS", hour=24)
    known = {"CRYPTO_ALT": whole, "LARGE_COINS_RETURNS": returns}
    found = hindsight(basket, 9, known, "CRYPTO_ALT")
    assert found == Survivors(9, LARGE_THEN, pytest.approx(1.002**365 - 1), pytest.approx(1.0005**365 - 1))
    assert found is not None
    assert found.flatters == pytest.approx(1.002**365 - 1.0005**365)
    beside = hindsight(basket, 9, {"CRYPTO_ALT": whole}, "CRYPTO_ALT")
    assert beside is not None
    assert beside.market == "CRYPTO_ALT"
    assert hindsight(basket, 9, {}, "CRYPTO_ALT") is None
    prices = daily([100.0] * size, FIRST, "LARGE_COINS_RETURNS", hour=24)
    assert hindsight(basket, 9, known | {"LARGE_COINS_RETURNS": prices}, "CRYPTO_ALT") == beside, "no returns at all"
