"""Answers about markets and rules from the bars that are known."""

from __future__ import annotations

import numpy as np
import pytest

from bot.alert import AlertRow
from bot.market.model import Market, MarketKind
from bot.queries.dry_run import dry_run
from bot.queries.event_study import usual_asset
from bot.queries.market_data import MarketData
from bot.queries.scorecard import load_scorecard, was_sent
from bot.rulebook.book import load_book
from bot.scan.bar_cache import BarCache
from bot.signals.bars import Bars
from bot.signals.replay.ruleset import replay_all
from bot.signals.timeframe import DAY, Timeframe
from bot.store.bars import save_bars
from bot.store.pruning import KEPT
from bot.store.store import Store
from bot.views.markets.why import render_why

NOW = 1_699_920_000
D1 = Timeframe.D1
MARKETS = {
    "A": Market("A", "Coin A", MarketKind.CRYPTO, "24/7"),
    "B": Market("B", "Coin B", MarketKind.CRYPTO, "24/7"),
    "C": Market("C", "Coin C", MarketKind.CRYPTO, "24/7"),
    "ALTS": Market("ALTS", "Basket", MarketKind.BASKET, "24/7", (), ("A", "B", "C")),
    "RUT": Market("RUT", "Russell 2000", MarketKind.INDEX, "XNYS"),
}
FIRST = "title: First\nmarket: RUT\nwhen: close > highest(close, 20)[1]\nquiet: 5 bars\nheadline: x\nlevels: [101.5]\n"
SECOND = 'title: Second\nmarket: ALTS\nwhen: close > 1 and fired("first", within=5)\nheadline: x\n'


def walk(name: str, seed: int, count: int = 400) -> Bars:
    close = 100 * np.exp(np.cumsum(np.random.default_rng(seed).normal(0.0003, 0.012, count)))
    end = NOW - DAY * np.arange(count)[::-1]
    return Bars(name, D1, end - DAY, end, close, close * 1.01, close * 0.99, close, close * 0)


@pytest.fixture
async def market_data(tmp_path):
    store = Store(tmp_path / "bot.db")
    for seed, name in enumerate("ABC"):
        await store.run(save_bars, walk(name, seed), "test", NOW)
    await store.run(save_bars, walk("RUT", 9), "test", NOW)
    yield MarketData(BarCache(store, MARKETS), MARKETS, ("A", "ALTS"), lambda name, _: f"from {name}")
    await store.close()


@pytest.fixture
def folder(tmp_path):
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "first.yaml").write_text(FIRST)
    (rules / "second.yaml").write_text(SECOND)
    return rules


async def test_markets_are_shown_small_caps_first_and_without_a_baskets_members(market_data):
    assert [market.name for market in market_data.shown()] == ["RUT", "ALTS"]
    assert (market_data.title("RUT"), market_data.title("XYZ"), market_data.source("A")) == (
        "Russell 2000",
        "XYZ",
        "from A",
    )


async def test_bars_come_from_the_store_when_they_are_first_asked_for(market_data):
    assert len(await market_data.bars("RUT")) == 400
    assert len(await market_data.bars("ALTS")) > 300
    assert len(await market_data.bars("XYZ")) == 0


async def test_a_rule_is_replayed_with_all_that_it_builds_on(market_data, folder):
    book = load_book(folder, frozenset(MARKETS))
    found = await market_data.replays(book, ["second"])
    assert list(found) == ["second"]
    bars = {(name, D1): await market_data.bars(name) for name in ("RUT", "ALTS")}
    whole = replay_all([written.rule for written in book.rules.values()], bars)
    assert found["second"].fires.tolist() == whole["second"].fires.tolist()
    assert len(found["second"].fires)


async def test_why_and_levels_need_bars(market_data, folder):
    book = load_book(folder, frozenset({*MARKETS, "XYZ"}))
    why = await market_data.why(book, "first", NOW, "waits for RUT")
    assert why is not None
    assert (why.market, why.waits, why.explanation.end) == ("Russell 2000", "waits for RUT", NOW)
    rungs = await market_data.levels(book, "RUT")
    assert rungs is not None
    assert 101.5 in {rung.price for rung in rungs.levels if rung.pinned}
    assert await market_data.levels(book, "XYZ") is None
    (folder / "lost.yaml").write_text(FIRST.replace("RUT", "XYZ"))
    assert await market_data.why(load_book(folder, frozenset({*MARKETS, "XYZ"})), "lost", NOW) is None


async def test_why_tells_of_sessions_that_are_missing_in_the_window(market_data, tmp_path, folder):
    coin = "title: C\nmarket: A\nwhen: change(close, 5) > 0.3\nheadline: H\nquiet: 3 bars\n"
    (folder / "coin.yaml").write_text(coin)
    book = load_book(folder, frozenset(MARKETS))
    assert not book.problems
    whole = await market_data.why(book, "coin", NOW)
    assert whole is not None
    assert whole.across_missing == ""
    bars, store = await market_data.bars("A"), Store(tmp_path / "holed.db")
    lost = len(bars) - 4
    await store.run(save_bars, bars.slice(0, lost - 1), "test", NOW)
    await store.run(save_bars, bars.slice(lost + 1, len(bars)), "test", NOW)
    holed = MarketData(BarCache(store, MARKETS), MARKETS, ("A",), lambda *_: "")
    why = await holed.why(book, "coin", NOW)
    await store.close()
    assert why is not None
    days = f"{bars.label(lost - 1)} to {bars.label(lost)}"
    assert why.across_missing == f"{bars.label(len(bars) - 1)}: 5 bars back are 7 sessions; missing: {days}"
    assert f"It looks back across missing sessions. {why.across_missing}." in render_why(why)


async def test_why_tells_of_a_session_that_another_market_lacks(market_data, tmp_path, folder):
    pair = "title: P\nmarket: B\nwhen: close > A.close and A.close > A.close[2]\nheadline: H\nquiet: 3 bars\n"
    (folder / "pair.yaml").write_text(pair)
    book, store = load_book(folder, frozenset(MARKETS)), Store(tmp_path / "holed.db")
    whole = await market_data.why(book, "pair", NOW)
    assert whole is not None
    assert whole.across_missing == ""
    first, second = await market_data.bars("A"), await market_data.bars("B")
    await store.run(save_bars, first.slice(0, len(first) - 1), "test", NOW)
    await store.run(save_bars, second, "test", NOW)
    why = await MarketData(BarCache(store, MARKETS), MARKETS, ("A",), lambda *_: "").why(book, "pair", NOW)
    await store.close()
    assert why is not None
    last, before = first.label(len(first) - 1), first.label(len(first) - 2)
    assert why.across_missing == f"{last}: A lacks 1 of 3 sessions: {last}; {before} stands in"


async def test_the_usual_asset_is_the_market_itself_where_that_is_crypto(market_data):
    assert [usual_asset(market_data, name) for name in ("RUT", "B", "ALTS", "XYZ")] == ["A", "B", "ALTS", "A"]


async def test_a_file_is_tried_beside_the_others_and_nothing_is_written(market_data, folder):
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    fine = await dry_run(market_data, folder, "first", FIRST.replace("20)", "30)").encode())
    assert (fine.problems, fine.before) == ((), FIRST.encode())
    assert fine.replay is not None
    assert len(fine.replay.fires)
    new = await dry_run(market_data, folder, "third", SECOND.replace("Second", "Third").encode())
    assert (new.problems, new.before) == ((), None)
    circle = await dry_run(
        market_data, folder, "first", (FIRST.replace("when: ", 'when: fired("second", within=3) and ')).encode()
    )
    assert circle.definition is None
    assert "circle" in circle.problems[0].message
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


async def test_what_was_broken_before_is_not_laid_at_a_new_files_door(market_data, folder):
    (folder / "broken.yaml").write_text("title: [")
    assert (await dry_run(market_data, folder, "third", FIRST.encode())).problems == ()


def row(created: int, *kinds: str, reached: bool = True) -> AlertRow:
    return AlertRow("first", "RUT", "1d", created, created, 1.0, None, "high", created, reached, kinds)


def test_who_got_an_old_alert_is_forgotten_and_taken_for_somebody():
    assert was_sent(row(NOW, "fired"), NOW)
    assert not was_sent(row(NOW, "fired", reached=False), NOW)
    assert was_sent(row(NOW - KEPT - 1, "fired", reached=False), NOW)
    assert not was_sent(row(NOW - KEPT - 1, "provisional", "withdrawn", reached=False), NOW)


async def test_the_score_of_each_alert_from_its_own_day_on(market_data, folder):
    book = load_book(folder, frozenset(MARKETS))
    found = await load_scorecard(market_data, book, [row(NOW - 100 * DAY, "fired"), row(NOW - 200 * DAY, "fired")], NOW)
    assert [each.alert.at for each in found.card.rows] == [NOW - 200 * DAY, NOW - 100 * DAY]
    close = (await market_data.bars("A")).close
    result = found.card.rows[1].results["A"]
    assert result is not None
    assert result.returns[30] == pytest.approx(close[-100 + 30] / close[-100] - 1)  # the first close after it
    assert [point.at for point in found.courses["first", "A"]] == [NOW - 200 * DAY, NOW - 100 * DAY, NOW]
    assert found.courses["first", "A"][0].n <= found.courses["first", "A"][2].n
