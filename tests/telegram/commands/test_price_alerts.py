"""/tell: prices as people type them."""

from __future__ import annotations

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.telegram.parsing.prices import read_price, typed_price
from bot.views.chats import price_alerts as price_texts
from tests.telegram.market_side import town
from tests.telegram.telegram_side import SOMEBODY


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("/tell IWM 1000", "rises to 1,000.00"),
        ("/tell when iwm at 0.5", "falls to 0.50"),
        ("/tell IWM", "A word, once, when it reaches a price"),
        ("/tell IWM banana", "I don't understand"),
        ("/tell banana 5", "There is no market called “banana”"),
        ("/tell SPY 5", "No prices of S&P <500>"),
        ("/tell delete 5", "You wait for no price"),
    ],
)
async def test_prices_as_people_ask_for_them(tmp_path, said, words):
    async with town(tmp_path) as here:
        assert words in await here.bot.ask(said)


async def test_how_far_a_price_is_is_said_when_asked_and_in_the_list(tmp_path):
    async with town(tmp_path) as here:
        close = float((await here.bot.services.market_data.bars("IWM")).close[-1])
        far = rf"{1000 / close - 1:,.0%}".replace("%", r"\s%") + r" above the last close \("
        assert re.search(rf"rises to 1,000.00, {far}", await here.bot.ask("/tell IWM 1000"))
        assert re.search(rf"already, {far}", await here.bot.ask("/tell IWM 1000"))
        assert re.search(r"falls to 0.5000, 99.5\s% below the last", await here.bot.ask("/tell IWM 0.5"))
        listed, short = await here.bot.ask("/tell"), far.replace("the last close \\(", re.escape(f"{close:,.2f}"))
        assert re.search(rf"at 1,000.00, {short}", listed)
        assert re.search(r"at 0.5000, 99.5\s% below", listed)


@pytest.mark.parametrize(
    ("price", "close", "words"),
    [
        (103.1, 100.0, "at 103.10, 3.1 % above 100.00"),
        (99.95, 100.0, "at 99.95, 0.05 % below 100.00"),
        (100.001, 100.0, "at 100.001, less than 0.01 % above 100.00"),
        (100.0, 100.0, "at 100.00, the last close"),
        (100.0, None, "at 100.00\n"),
        (100.0, 0.0, "at 100.00\n"),
        (100.0, math.nan, "at 100.00\n"),
    ],
)
def test_how_far_a_price_is(price, close, words):
    told = price_texts.waiting([("IWM", price, close)])
    assert words in re.sub(r"[^\S\n]", " ", told.replace("</b>", ""))


@pytest.mark.parametrize(
    ("said", "prices"),
    [
        ("254.12", (254.12,)),
        ("2,442.74", (2442.74,)),
        ("2.442,74", (2442.74,)),
        ("2 442,74", (2442.74,)),
        ("2 442.740", (2442.74,)),
        ("80.000", (80_000.0, 80.0)),
        ("80,000", (80_000.0, 80.0)),
        ("1.500k", (1_500_000.0, 1_500.0)),
        ("1.234.567", (1_234_567.0,)),
        ("0.123", (0.123,)),
        ("0,123", (0.123,)),
        ("1234.567", (1234.567,)),
        ("130k", (130_000.0,)),
        ("12,5", (12.5,)),
        ("0", None),
        ("1.2.3", None),
        ("1km", None),
    ],
)
def test_a_price_is_read_in_all_ways_that_it_may_be(said, prices):
    typed = read_price(said)
    assert (typed and typed.readings) == prices


@given(st.floats(1e-4, 1e9))
def test_a_price_behind_a_button_is_read_in_one_way(price):
    typed = read_price(typed_price(price))
    assert typed is not None
    assert not typed.doubtful
    assert typed.readings == (pytest.approx(price, abs=1e-9, rel=1e-9),)


@pytest.mark.parametrize(
    ("said", "words", "offered"),
    [  # IWM is near 100, Bitcoin too
        ("/tell BTC 80.000", "falls to", []),
        ("/tell BTC 80.000", "I read “80.000” as 80.00.", []),
        ("/tell BTC 0,080", "which price of Bitcoin? It closed at", ["BTC 0.08"]),
        ("/tell IWM 1.500", "rises to 1,500.00", []),
        ("/tell BTC above 7.000.000", "rises to 7,000,000", []),
        ("/tell BTC above 3,456", "which price", ["BTC above 3.4560", "BTC above 3456"]),
        ("/tell IWM 260 270", "“260 270”: one price at a time", []),
        ("/tell IWM 1,5", "“1,5”: which price", ["IWM 1.5"]),
        ("/tell IWM 101,5", "101.50", []),
        ("/tell IWM 1 500", "rises to 1,500.00", []),
    ],
)
async def test_a_price_with_two_readings_is_not_guessed(tmp_path, said, words, offered):
    async with town(tmp_path) as here:
        answer = await here.bot.ask(said)
        assert words in re.sub(r"</?b>", "", answer)
        last = here.bot.sandbox.messages(SOMEBODY)[-1]
        assert [each.data for row in last.buttons for each in row] == [f"/tell {each}" for each in offered]
        if offered or "one price" in words:
            assert "You wait for no price" in await here.bot.ask("/tell")
