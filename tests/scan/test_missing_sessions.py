"""A session that a source leaves out: said while it is missing, waited for a day, and made up for whenever it comes."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.scan.status import read_status
from bot.signals.timeframe import DAY
from bot.views.operator.status import render_status
from bot.views.operator.status_facts import MarketState
from tests.scan.town import CALENDAR, RECORD, Town, build, wave

PRICES = [*wave(100), 101.0, 94.0, 93.5, 93.0, 94.5, 93.5, 92.0]
"""The record of the hundredth session is the only close above those of the bars before it."""


def here(folder: Path, rules: int = 1, **options: int) -> Town:
    return build(folder, {f"record-{at}": RECORD for at in range(rules)}, {"RUT": list(PRICES)}, **options)


async def holed(folder: Path, rules: int = 1, **options: int) -> Town:
    """A bot whose source has left out the session with the record and told the next one."""
    town = here(folder, rules, **options)
    await town.subscribe(0)
    await town.look(99)
    town.hidden = {"RUT": {100}}
    return town


async def state(town: Town) -> MarketState:
    facts = await town.store.run(read_status, 0)
    return facts.markets[0].state


async def test_it_is_said_as_long_as_it_is_missing_and_the_rule_waits(tmp_path: Path) -> None:
    town = await holed(tmp_path)
    scan = await town.look(101)
    assert scan.held == {"record-0": "waits for RUT"}
    facts = await town.store.run(read_status, 0)
    assert (facts.markets[0].state, facts.waiting) == (MarketState.HOLED, scan.held)
    assert "2020-05-20" in facts.markets[0].error
    assert "All is well" not in render_status(facts)
    assert "record-0 waits for RUT" in render_status(facts)
    for session in (102, 103, 104):
        await town.look(session)
        assert await state(town) is MarketState.HOLED
    town.hidden = {}
    await town.look(105)
    assert await state(town) is MarketState.FRESH
    await town.store.close()


@pytest.mark.parametrize("comes_after", [101, 102, 104])
async def test_however_late_it_comes_it_is_judged_and_told_as_late(tmp_path: Path, comes_after: int) -> None:
    town = await holed(tmp_path, catch_up=10)
    for session in range(101, comes_after + 1):
        await town.look(session)
    assert await town.kinds() == []
    town.hidden = {}
    await town.look(comes_after + 1)
    assert (await town.kinds())[0] == "fired"
    (text, *_) = [text for text in await town.texts() if "RUT closes at 101.00" in text]
    assert "Late" in text
    before = await town.kinds()
    await town.look(comes_after + 1, later=13 * 3_600)
    assert await town.kinds() == before
    await town.store.close()


async def test_it_comes_within_the_hour_where_the_source_mends_it_so_soon(tmp_path: Path) -> None:
    town = await holed(tmp_path)
    await town.look(101)
    town.hidden = {}
    await town.look(101, later=2_800)
    assert (await town.kinds())[0] == "fired"
    await town.store.close()


async def test_a_restart_does_not_begin_the_patience_anew(tmp_path: Path) -> None:
    town = await holed(tmp_path)
    begun = int(CALENDAR.closes[101]) + 1_200
    await town.scanner.scan(begun)
    for hours in (8, 16, 23):
        await town.store.close()
        town = here(tmp_path)
        town.hidden = {"RUT": {100}}
        assert (await town.scanner.scan(begun + hours * 3_600)).held
    await town.store.close()
    town = here(tmp_path)
    town.hidden = {"RUT": {100}}
    scan = await town.scanner.scan(begun + DAY)
    assert scan.held == {}
    await town.store.close()


async def test_what_was_missed_is_told_in_order_over_all_rules(tmp_path: Path) -> None:
    low = RECORD.replace("close > highest(close, 20)[1]", "close < lowest(close, 20)[1]").replace("A record", "A low")
    prices = [*wave(100), 101.0, 80.0, 105.0, 75.0]
    town = build(tmp_path, {"a-record": RECORD, "a-low": low}, {"RUT": prices}, catch_up=10)
    await town.subscribe(0)
    await town.look(99)
    await town.look(103)
    told = [text.partition("closes at ")[2].split(",")[0] for text in await town.texts() if "closes at" in text]
    assert told == ["101.00", "80.00"]
    await town.store.close()


@pytest.mark.parametrize("hidden", [set(), {85, 86, 87}])
async def test_an_alert_that_looks_back_across_missing_sessions_says_so(tmp_path: Path, hidden: set[int]) -> None:
    town = here(tmp_path)
    town.hidden = {"RUT": hidden}
    await town.subscribe(0)
    await town.look(99)
    await town.look(100)
    text = next(each for each in await town.texts() if "RUT closes at" in each)
    said = "It looks back across missing sessions: 20 bars back are 23 sessions; missing: 2020-04-29 to 2020-05-01."
    assert (said in text) is bool(hidden)
    assert ("missing" in text) is bool(hidden)
    await town.store.close()
