"""Scans over prices that are not to be believed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.scan.town import CALENDAR, RECORD, Town, build, wave

REACH = RECORD.replace("close > highest(close, 20)[1]", "high > highest(high, 50)[1]").replace("A record", "A reach")
RULES = {"a-record": RECORD, "a-reach": REACH}


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    prices = wave(100)
    made = build(
        tmp_path,
        RULES,
        {"IWM": [each * 2 for each in [*prices, 88.0, 88.5]], "RUT": [*prices, 88.0, 88.5]},
        sister="IWM",
    )
    await made.subscribe(0)
    await made.look(99)
    yield made
    await made.store.close()


async def doubt(town: Town) -> str:
    return await town.trouble("RUT")


async def test_a_high_that_stands_alone_fires_nothing_and_is_told(town: Town) -> None:
    town.highs = {"RUT": {100: 130.0}}
    scan = await town.look(100)
    assert (scan.queued, await town.kinds()) == (0, [])
    assert "RUT 2020-05-20: the high stands alone: neither the close nor IWM went there" in await doubt(town)


async def test_a_high_that_the_sister_shows_too_fires_at_once(town: Town) -> None:
    town.highs = {"RUT": {100: 130.0}, "IWM": {100: 260.0}}
    assert (await town.look(100)).queued == 1
    assert await town.kinds() == ["fired"]


async def test_a_close_is_believed_beside_a_high_that_is_not(town: Town) -> None:
    town.closes["RUT"][100] = 97.0
    town.closes["IWM"][100] = 194.0
    town.highs = {"RUT": {100: 130.0}}
    await town.look(100)
    texts = await town.texts()
    assert len(texts) == 1
    assert "RUT closes at 97.00" in texts[0]


async def test_a_high_that_is_borne_out_later_fires_then(town: Town) -> None:
    town.highs = {"RUT": {100: 130.0}}
    await town.look(100)
    await town.look(100, later=1_300)
    asked = len(town.asked)
    town.highs["IWM"] = {100: 260.0}
    await town.look(100, later=3_000)
    assert len(town.asked) > asked
    await town.look(100, later=3 * 3_600)
    await town.look(100, later=14 * 3_600)
    assert await town.kinds() == ["fired"]


async def test_a_high_that_nobody_bears_out_is_asked_for_again_for_a_day_only(town: Town) -> None:
    town.highs = {"RUT": {100: 130.0}}
    await town.look(100)
    within, asked = 0, len(town.asked)
    for hours in range(1, 24):
        await town.look(100, later=hours * 3_600)
    within = len([each for each in town.asked[asked:] if each.market == "RUT"])
    assert (within, await town.kinds()) == (23, [])
    await town.look(101)
    asked = len(town.asked)
    await town.look(101, later=2_000)
    assert [(each.market, each.now - int(CALENDAR.closes[101])) for each in town.asked[asked:]] == []
