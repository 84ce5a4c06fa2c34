"""A basket is the mean of its members' returns, and nothing where too few are known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.market.basket import basket
from bot.signals.bars import Bars
from bot.signals.timeframe import DAY, Timeframe


def member(name: str, closes: dict[int, float]) -> Bars:
    days = sorted(closes)
    start = np.array(days, dtype=np.int64) * DAY
    price = np.array([closes[day] for day in days], dtype=float)
    return Bars(name, Timeframe.D1, start, start + DAY, price, price, price, price, price)


def levels(bars: Bars) -> dict[int, float]:
    return {int(start) // DAY: float(close) for start, close in zip(bars.start, bars.close, strict=True)}


def test_equal_shares_every_day():
    made = basket(
        "ALTS",
        [member("A", {1: 10, 2: 11, 3: 11}), member("B", {1: 4, 2: 4, 3: 2}), member("C", {1: 1, 2: 0.9, 3: 0.9})],
    )
    assert levels(made) == pytest.approx({1: 100, 2: 100, 3: 100 * (1 - 0.5 / 3)})
    assert made.market == "ALTS"
    assert np.isnan(made.volume).all()
    assert made.high.tolist() == made.close.tolist()
    assert (made.end - made.start).tolist() == [DAY] * 3


def test_two_are_no_basket():
    assert len(basket("ALTS", [member("A", {1: 10, 2: 11}), member("B", {1: 4, 2: 4})])) == 0


def test_it_begins_where_three_members_do_and_takes_later_ones_in_from_their_second_day():
    members = [member(name, dict.fromkeys(range(5), 1.0)) for name in "AB"]
    made = basket("ALTS", [*members, member("C", {2: 1, 3: 1, 4: 1}), member("D", {3: 1, 4: 5})])
    assert levels(made) == pytest.approx({2: 100, 3: 100, 4: 200})


def test_a_day_that_too_few_have_is_no_bar_and_the_return_spans_it():
    members = [member(name, {1: 1, 2: 2, 4: 4}) for name in "AB"]
    made = basket("ALTS", [*members, member("C", {1: 1, 2: 2, 3: 3, 4: 4})])
    assert levels(made) == pytest.approx({1: 100, 2: 200, 4: 400})


def test_a_price_of_zero_is_no_price():
    members = [member(name, {1: 1, 2: 2}) for name in "ABC"]
    made = basket("ALTS", [*members, member("D", {1: 0, 2: 5})])
    assert levels(made) == pytest.approx({1: 100, 2: 200})


def slowly(members: list[dict[int, float]]) -> dict[int, float]:
    """The same by the words of the definition, with dictionaries."""
    found: dict[int, float] = {}
    base = None
    for day in sorted(set().union(*members)):
        returns = [m[day] / m[base] - 1 for m in members if base is not None and day in m and base in m]
        if len(returns) >= 3:
            found.setdefault(base, 100.0)
            found[day] = found[base] * (1 + sum(returns) / len(returns))
            base = day
        elif not found and sum(day in m for m in members) >= 3:
            base = day
    return found


@given(
    st.lists(st.dictionaries(st.integers(0, 12), st.floats(0.5, 2.0), max_size=13), min_size=1, max_size=6).filter(any)
)
def test_it_agrees_with_the_definition_told_slowly(members):
    made = basket("ALTS", [member(str(at), closes) for at, closes in enumerate(members)])
    assert levels(made) == pytest.approx(slowly(members))
