"""Facts of a digest, from bars and alerts made by hand."""

from __future__ import annotations

import numpy as np
import pytest

from bot.alert import AlertEvent
from bot.market.model import Market, MarketKind
from bot.queries.digest import digest_facts, small_caps
from bot.queries.market_data import MarketData
from bot.rulebook.book import load_book
from bot.scan.bar_cache import BarCache
from bot.signals.bars import Bars
from bot.signals.replay.event import EventKind
from bot.signals.timeframe import DAY, Timeframe
from bot.store.bars import save_bars
from bot.store.store import Store
from bot.views.alerts.digest import render_digest
from bot.views.formatting.html import visible

NOW = 1_699_920_000
D1 = Timeframe.D1
MARKETS = {
    "BTC": Market("BTC", "Bitcoin", MarketKind.CRYPTO, "24/7"),
    "ETH": Market("ETH", "Ether", MarketKind.CRYPTO, "24/7"),
    "IWM": Market("IWM", "iShares Russell 2000", MarketKind.EQUITY, "XNYS"),
    "RUT": Market("RUT", "Russell 2000", MarketKind.INDEX, "XNYS"),
    "SPY": Market("SPY", "S&P 500", MarketKind.EQUITY, "XNYS"),
}
RULE = "title: A {} rule\nmarket: {}\nwhen: close > highest(close, 20)[1]\nheadline: x\n"


def walk(name: str, seed: int, count: int = 400) -> Bars:
    close = 100 * np.exp(np.cumsum(np.random.default_rng(seed).normal(0.0003, 0.012, count)))
    end = NOW - DAY * np.arange(count)[::-1]
    return Bars(name, D1, end - DAY, end, close, close * 1.01, close * 0.99, close, close * 0)


def happened(rule: str, kind: str, alert_bar: int = NOW - DAY) -> AlertEvent:
    return AlertEvent(rule, "RUT", "1d", alert_bar, kind, NOW - DAY, NOW)


@pytest.fixture
async def market_data(tmp_path):
    store = Store(tmp_path / "bot.db")
    for seed, name in enumerate(("BTC", "RUT", "SPY")):
        await store.run(save_bars, walk(name, seed), "test", NOW)
    yield MarketData(BarCache(store, MARKETS), MARKETS, ("BTC", "ETH"), lambda name, _: f"from {name}")
    await store.close()


@pytest.fixture
def book(tmp_path):
    rules = tmp_path / "rules"
    rules.mkdir()
    for name in ("RUT", "IWM", "BTC"):
        (rules / f"{name.lower()}.yaml").write_text(RULE.format(name, name))
    return load_book(rules, frozenset(MARKETS))


async def test_markets_that_rules_are_about_stand_where_their_bars_say(market_data, book):
    assert small_caps(market_data, book) == ("RUT", "IWM")
    facts = await digest_facts(market_data, book, (NOW - 7 * DAY, NOW), [], {}, weekly=True)
    bars = walk("RUT", 1)
    (rut,) = facts.small_caps
    assert (rut.title, rut.close, rut.at) == ("Russell 2000", bars.close[-1], NOW)
    assert rut.change == pytest.approx(bars.close[-1] / bars.close[-8] - 1)
    assert rut.rank.record is not None
    assert rut.rank.record.close == max(bars.close[:-1])
    assert rut.resistance is None or rut.resistance > rut.close
    assert facts.dark == ("iShares Russell 2000",)
    assert ([line.label for line in facts.crypto], facts.missing, facts.rules) == (["BTC"], ("ETH",), 3)


async def test_the_weekly_one_says_how_the_claims_stand(market_data, tmp_path):
    (tmp_path / "more").mkdir()
    claims = "claims: [{text: T, source: S, made: 1970-01-02, check: {measure: share}}]\n"
    (tmp_path / "more" / "rut.yaml").write_text(RULE.format("RUT", "RUT") + claims)
    book = load_book(tmp_path / "more", frozenset(MARKETS))
    assert not book.problems
    for weekly, line in ((True, "Claims: 1 open (/claims)"), (False, "")):
        facts = await digest_facts(market_data, book, (NOW - DAY, NOW), [], {}, weekly=weekly)
        assert facts.remarks[-1] == line or not weekly
        assert ("Claims: 1 open" in visible(render_digest(facts))) == weekly


async def test_nothing_later_than_the_period_is_told(market_data, book):
    facts = await digest_facts(market_data, book, (NOW - 8 * DAY, NOW - 7 * DAY), [], {}, weekly=False)
    (rut,) = facts.small_caps
    assert (rut.close, rut.at) == (walk("RUT", 1).close[-8], NOW - 7 * DAY)


async def test_what_happened_in_the_period_and_rules_that_wait(market_data, book):
    events = [happened("rut", "fired"), happened("gone", "failed", NOW - 9 * DAY), happened("rut", "failed")]
    facts = await digest_facts(market_data, book, (NOW - DAY, NOW), events, {"iwm": "waits for IWM"}, weekly=False)
    assert [(each.title, each.events) for each in facts.alerts] == [
        ("A RUT rule", (EventKind.FIRED, EventKind.FAILED)),
        ("gone", (EventKind.FAILED,)),
    ]
    assert facts.held == ("A IWM rule waits for IWM",)
    assert "1 alert, and news of 1 earlier alert" in visible(render_digest(facts))


async def test_a_bot_that_knows_nothing_yet_says_so(tmp_path, book):
    store = Store(tmp_path / "empty.db")
    market_data = MarketData(BarCache(store, MARKETS), MARKETS, ("BTC", "ETH"), lambda _name, _: "")
    facts = await digest_facts(market_data, book, (NOW - DAY, NOW), [], {}, weekly=False)
    await store.close()
    assert facts.small_caps == ()
    assert "No figures for Russell 2000, iShares Russell 2000" in visible(render_digest(facts))
