"""Two markets' returns over the same dates: one for what moves as one, and nothing from the future."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.signals.bars import Bars
from bot.signals.formula import Frame, compile_formula, evaluate
from bot.signals.formula.tree import FormulaError, Scope
from bot.signals.indicators.paired_returns import return_beta, return_correlation
from bot.signals.timeframe import DAY, Timeframe

COUNT = 200


def session_days(count: int = COUNT) -> np.ndarray:
    """Starts of weekdays, from a Monday on."""
    days = np.arange(2 * count)
    return (days[days % 7 < 5][:count] + 4) * DAY  # 1970-01-05 was a Monday


def made(market: str, start: np.ndarray, close: np.ndarray, ends_after: int) -> Bars:
    return Bars(market, Timeframe.D1, start, start + ends_after, close, close, close, close, close)


def iwm(seed: int = 1, count: int = COUNT) -> Bars:
    close = 200 * np.exp(np.cumsum(np.random.default_rng(seed).normal(0, 0.01, count)))
    return made("IWM", session_days(count), close, 21 * 3_600)


def everyday(of: Bars, factor: float = 400.0, power: float = 1.0) -> Bars:
    """A coin that is so many times the market at each session's date, and flat at weekends."""
    start = np.arange(int(of.start[0]), int(of.start[-1]) + DAY, DAY)
    close = of.close[np.searchsorted(of.start, start, side="right") - 1]
    return made("BTC", start, factor * close**power, DAY)


def test_a_coin_that_is_four_hundred_times_the_market_correlates_at_one() -> None:
    own = iwm()
    found = return_correlation(own, everyday(own), "BTC", 60)
    # Sixty pairs; a window bears a few unknown ones, and a session's own pair is complete only after its close.
    assert np.isnan(found[:50]).all()
    assert found[61:] == pytest.approx(1.0)
    assert return_beta(own, everyday(own), "BTC", 60)[61:] == pytest.approx(1.0)
    assert return_beta(own, everyday(own, power=2.0), "BTC", 60)[61:] == pytest.approx(0.5)


def test_a_market_of_the_same_hours_counts_at_once() -> None:
    own = iwm()
    spy = replace(own, market="SPY", close=own.close * 2)
    assert return_correlation(own, spy, "SPY", 60)[60:] == pytest.approx(1.0)


def test_it_is_what_pairs_of_the_same_dates_say() -> None:
    own, other = iwm(1), everyday(iwm(2))
    close = other.close[np.searchsorted(other.start, own.start)]
    x, y = np.diff(np.log(own.close)), np.diff(np.log(close))
    at = 150  # its own pair is not complete yet
    expected = np.corrcoef(x[at - 61 : at - 1], y[at - 61 : at - 1])[0, 1]
    assert return_correlation(own, other, "BTC", 60)[at] == pytest.approx(expected)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 50), st.integers(30, COUNT - 1), st.integers(0, 3))
def test_no_bar_sees_what_closed_after_it(seed: int, at: int, later_days: int) -> None:
    own, other = iwm(seed), everyday(iwm(seed + 1))
    known = other.known_at(int(own.end[at]) + later_days * DAY)
    for function in (return_correlation, return_beta):
        whole, seen = function(own, other, "BTC", 20), function(own.prefix(at + 1), known, "BTC", 20)
        assert seen == pytest.approx(whole[: at + 1], nan_ok=True)


def test_without_the_other_market_nothing_is_known() -> None:
    own = iwm()
    assert np.isnan(return_correlation(own, Bars.empty("BTC", Timeframe.D1), "BTC", 60)).all()
    long_ago = everyday(own).prefix(150)
    assert np.isnan(return_correlation(own, long_ago, "BTC", 60)[-1])


SCOPE = Scope(markets=frozenset({"IWM", "BTC"}))


def test_in_a_formula_it_names_the_market_that_has_to_be_there() -> None:
    formula = compile_formula("return_correlation(BTC, 60) > 0.9 and return_beta(BTC, n=60) > 0.9", SCOPE)
    assert formula.markets == {"BTC"}
    own = iwm()
    found = evaluate(formula, Frame(own, {"BTC": everyday(own)}))
    assert found[-1] == 1.0
    assert np.isnan(found[30])
    assert np.isnan(evaluate(formula, Frame(own))).all()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "return_correlation(BTC.close, 90) > 0",
            "takes a market, not a series of it; write return_correlation(BTC, …)",
        ),
        ("return_correlation('BTC', 90) > 0", "takes the name of a market without quotes"),
        ("return_beta(BTX, 90) > 0", "unknown market 'BTX'; did you mean 'BTC'?"),
        ("return_beta(BTC) > 0", "return_beta needs 'n'"),
    ],
)
def test_mistakes_are_said_with_what_to_write(text: str, said: str) -> None:
    with pytest.raises(FormulaError) as raised:
        compile_formula(text, SCOPE)
    assert said in str(raised.value)


def test_a_correlation_beyond_one_can_never_be() -> None:
    (found,) = compile_formula("return_correlation(BTC, 90) > 2", SCOPE).trivial
    assert "never" in found.message
