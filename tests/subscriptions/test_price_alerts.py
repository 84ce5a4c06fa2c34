"""Price alerts: asked for, reached by a bar, told once."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.signals.bars import Bars
from bot.signals.timeframe import DAY, Timeframe
from bot.store.outbox.queue import queue_depth
from bot.store.store import Store
from bot.store.subscribers.price_alerts import PriceAlert, price_alerts_of
from bot.subscriber import Chat
from bot.subscriptions.price_alerts import (
    MAX_PRICE_ALERTS,
    AddOutcome,
    ask_price_alert,
    first_reach,
    forget_price_alert,
    near_enough,
    tell_reached_prices,
)

NOW = 1_700_000_000
START = NOW - NOW % DAY
CHAT = Chat(5, 0, "private", "Ann")


def bars(*rows: tuple[float, float, float]) -> Bars:
    """Daily bars of (low, high, close) from the day of NOW on."""
    low, high, close = (np.array(column, float) for column in zip(*rows, strict=True))
    start = START + DAY * np.arange(len(rows))
    return Bars("IWM", Timeframe.D1, start, start + DAY, close, high, low, close, close * 0 + 1)


def alert(price: float, *, above: bool, created: int = NOW) -> PriceAlert:
    return PriceAlert(1, 5, 0, "IWM", price, above, created)


@pytest.mark.parametrize(
    ("price", "above", "day"),
    [(110.0, True, 1), (104.0, True, 0), (106.0, True, 1), (90.0, False, 2), (120.0, True, None), (99.0, False, 2)],
)
def test_the_first_bar_that_reaches_it(price, above, day):
    known = bars((98, 109, 105), (100, 111, 108), (80, 108, 85))
    found = first_reach(alert(price, above=above), known)
    assert (None if found is None else (found.bar - START) // DAY) == day


def test_where_the_price_went_before_it_was_asked_for_is_no_news():
    assert first_reach(alert(109.0, above=True), bars((98, 112, 105))) is None
    assert first_reach(alert(109.0, above=True, created=START + 3 * DAY), bars((98, 112, 111))) is None


PRICES = st.one_of(st.integers(90, 110).map(float), st.just(float("nan")))


@given(
    st.lists(st.tuples(PRICES, PRICES, PRICES), min_size=1, max_size=8),
    st.lists(st.tuples(st.integers(88, 112), st.booleans(), st.integers(-1, 9)), max_size=20),
)
def test_none_that_is_reached_is_passed_over(rows, asked):
    known = bars(*rows)
    alerts = [alert(float(price), above=above, created=START + day * DAY + 7) for price, above, day in asked]
    near = near_enough(alerts, known)
    assert [each for each in alerts if first_reach(each, known)] == [each for each in near if first_reach(each, known)]


def test_a_price_that_is_far_is_not_looked_at_bar_by_bar():
    known = bars((98, 109, 105), (100, 111, 108))
    assert near_enough([alert(112.0, above=True), alert(97.0, above=False)], known) == []
    assert near_enough([alert(50.0, above=True, created=START + 9 * DAY)], known) == []


@pytest.fixture
async def store(tmp_path):
    opened = Store(tmp_path / "bot.sqlite")
    yield opened
    await opened.close()


async def test_asking_listing_deleting(store):
    assert await ask_price_alert(store, CHAT, "IWM", 110.0, 100.0, NOW) is AddOutcome.ADDED
    assert await ask_price_alert(store, CHAT, "IWM", 110.0, 100.0, NOW) is AddOutcome.ALREADY
    assert await ask_price_alert(store, CHAT, "IWM", 100.0, 100.0, NOW) is AddOutcome.REACHED
    assert await ask_price_alert(store, CHAT, "BTC", 90.0, 100.0, NOW) is AddOutcome.ADDED
    (btc, iwm) = await store.run(price_alerts_of, 5, 0)
    assert (btc.market, btc.above, iwm.market, iwm.above) == ("BTC", False, "IWM", True)
    assert not await forget_price_alert(store, Chat(6, 0, "private", ""), btc.id)
    assert await forget_price_alert(store, CHAT, btc.id)
    assert await store.run(price_alerts_of, 5, 0) == [iwm]


async def test_there_are_no_more_than_so_many(store):
    for number in range(MAX_PRICE_ALERTS):
        await ask_price_alert(store, CHAT, "IWM", 110.0 + number, 100.0, NOW)
    assert await ask_price_alert(store, CHAT, "IWM", 500.0, 100.0, NOW) is AddOutcome.TOO_MANY


async def test_a_reached_price_is_told_once(store):
    await ask_price_alert(store, CHAT, "IWM", 110.0, 100.0, NOW)
    await ask_price_alert(store, CHAT, "IWM", 200.0, 100.0, NOW)

    async def bars_of(_market):
        return bars((98, 105, 105), (100, 111, 108))

    for told in (1, 0):
        assert await tell_reached_prices(store, bars_of, lambda reached: f"at {reached.extreme}", NOW + DAY) == told
    assert (await store.run(queue_depth)).queued == 1
    assert [each.price for each in await store.run(price_alerts_of, 5, 0)] == [200.0]
