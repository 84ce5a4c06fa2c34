"""A rule over weeks in the running bot: told once when a week has closed, and corrected with its days."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.charts.request import MarketChart
from bot.signals.timeframe import Timeframe
from tests.scan.town import CALENDAR, Town, build

WEEKLY = """
title: A week's record
market: RUT
timeframe: 1w
when: close > highest(close, 5)[1]
level: highest(close, 5)[1]
quiet: 3 bars
follow: {for: 3 bars, failed: close < level}
headline: "a week at {close:.2f}, above {level:.2f}"
"""


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    closes = [95.0 - at % 5 - at // 5 * 0.1 for at in range(100)]
    made = build(tmp_path, {"a-week": WEEKLY}, {"RUT": closes})
    yield made
    await made.store.close()


def last_of_week(after: int) -> int:
    """Position of the first session at or after `after` that ends a week."""
    at = after
    while (int(CALENDAR.start[at + 1]) // 86_400 + 3) // 7 == (int(CALENDAR.start[at]) // 86_400 + 3) // 7:
        at += 1
    return at


def rise(count: int) -> list[float]:
    return [97.0 + at * 0.1 for at in range(count)]


async def test_a_week_is_told_when_it_has_closed(town: Town) -> None:
    friday = last_of_week(100)
    town.closes["RUT"] += rise(friday - 99)
    await town.look(99)
    await town.subscribe(int(CALENDAR.closes[99]))
    for session in range(100, friday):
        assert (await town.look(session)).queued == 0
    assert (await town.look(friday)).queued == 1
    assert (await town.look(friday, later=4_000)).queued == 0
    (text,) = await town.texts()
    assert f"a week at {town.closes['RUT'][friday]:.2f}, above" in text
    assert all(request.timeframe is Timeframe.D1 for request in town.asked)
    (chart,) = [each for each in town.pictures if isinstance(each, MarketChart)]
    assert chart.bars.timeframe is Timeframe.W1


async def test_what_follows_counts_weeks(town: Town) -> None:
    friday = last_of_week(100)
    following = last_of_week(friday + 1)
    town.closes["RUT"] += [*rise(friday - 99), *(87.0 - at * 0.1 for at in range(following - friday))]
    await town.look(99)
    await town.subscribe(0)
    for session in range(100, following + 1):
        await town.look(session)
    assert await town.kinds() == ["fired", "failed"]


async def test_a_corrected_day_takes_the_week_back(town: Town) -> None:
    friday = last_of_week(100)
    town.closes["RUT"] += rise(friday - 99)
    await town.look(99)
    await town.subscribe(0)
    await town.look(friday)
    town.closes["RUT"][friday] = 88.0
    await town.look(friday, later=14 * 3_600)
    assert await town.kinds() == ["fired", "retracted"]


async def test_a_restart_knows_the_weeks_from_the_store(town: Town, tmp_path: Path) -> None:
    friday = last_of_week(100)
    town.closes["RUT"] += rise(friday - 99)
    await town.look(99)
    await town.subscribe(0)
    await town.store.close()
    again = build(tmp_path, {"a-week": WEEKLY}, town.closes)
    await again.look(friday)
    assert await again.kinds() == ["fired"]
    await again.store.close()
