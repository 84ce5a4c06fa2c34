"""Daily snapshots: taken once when due, again when they could not be had."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.market.model import SourceError, SourceErrorKind
from bot.market.vendor_snapshots import EarningsTotals, FundSnapshot, GlobalSnapshot
from bot.scan.snapshots import SnapshotCollector, snapshot_tasks
from bot.settings import load_settings
from bot.signals.timeframe import DAY, start_of
from bot.store.snapshots import latest_snapshots
from bot.store.store import Store

NOW = start_of("2026-11-20T21:40")


class Vendors:
    """Answers as the worker does."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.down: set[str] = set()

    async def ask(self, function: str, *arguments: Any) -> object:
        now = arguments[-1]
        self.asked.append(function.rpartition(":")[2])
        if self.asked[-1] in self.down:
            raise SourceError(SourceErrorKind.RATE_LIMITED, "test", "429")
        match self.asked[-1]:
            case "global_snapshot":
                return GlobalSnapshot(now, 4e12, 55.0, 12.0)
            case "fund_snapshot":
                return FundSnapshot(now, arguments[0], 70e9, 250.0, 2.9e8, now - DAY)
            case _:
                return EarningsTotals(now, 1_000, 410, 150e6, 7e9)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    kept = Store(tmp_path / "bellwether.db")
    yield kept
    await kept.close()


def collector(store: Store, vendors: Vendors, folder: Path) -> SnapshotCollector:
    settings = load_settings(None, {}, folder)
    return SnapshotCollector(store, vendors.ask, tuple(snapshot_tasks(settings.specs, settings.funds)))


def test_what_is_switched_off_is_not_asked_for_a_note(tmp_path: Path) -> None:
    settings = load_settings(None, {}, tmp_path)

    def asked(*off: str) -> list[str]:
        return [task.source for task in snapshot_tasks(settings.specs, settings.funds, off)]

    assert asked() == ["coingecko", "yahoo", "yahoo", "yahoo"]
    assert asked("coingecko") == ["yahoo", "yahoo", "yahoo"]
    assert asked("yahoo") == ["coingecko"]


async def test_everything_is_noted_once_while_it_is_fresh(store: Store, tmp_path: Path) -> None:
    vendors = Vendors()
    notes = collector(store, vendors, tmp_path)
    assert await notes.collect(NOW) > 0
    assert vendors.asked == ["global_snapshot", "fund_snapshot", "fund_snapshot", "earnings_totals"]
    await notes.collect(NOW + 1_800)
    assert len(vendors.asked) == 4
    await notes.collect(NOW + 3_600)
    assert vendors.asked[4:] == ["global_snapshot"]
    await notes.collect(NOW + DAY)
    assert vendors.asked[5:] == vendors.asked[:4]


async def test_assets_are_shares_times_value_where_the_count_is_fresh(store: Store, tmp_path: Path) -> None:
    await collector(store, Vendors(), tmp_path).collect(NOW)
    kept = await store.run(latest_snapshots, "IWM", NOW)
    assert kept["total_assets"].value == 2.9e8 * 250.0
    assert kept["nav"].value == 250.0


async def test_who_can_not_be_asked_is_asked_at_the_next_turn_and_spoils_nothing(store: Store, tmp_path: Path) -> None:
    vendors = Vendors()
    vendors.down = {"global_snapshot", "fund_snapshot"}
    notes = collector(store, vendors, tmp_path)
    await notes.collect(NOW)
    assert set(await store.run(latest_snapshots, "EARNINGS", NOW)) == {"companies", "losing_companies"}
    vendors.down = set()
    await notes.collect(NOW + 3_600)
    assert "total" in await store.run(latest_snapshots, "CRYPTO", NOW + 3_600)
