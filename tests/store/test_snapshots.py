"""Snapshots: one figure a day, the latest of the day, told by name and time."""

from __future__ import annotations

import math

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.signals.timeframe import DAY
from bot.store.database import open_database
from bot.store.snapshots import Snapshot, keep_snapshots, latest_snapshots, load_snapshots
from bot.store.sqlite import Database

NOON = DAY // 2


def nav(at: int, value: float, name: str = "nav", market: str = "IWM") -> Snapshot:
    return Snapshot(market, name, at, value, "yahoo")


def kept(db: Database, name: str = "nav", since: int = 0) -> list[tuple[int, float]]:
    found = load_snapshots(db, "IWM", name, since)
    return list(zip(found.at.tolist(), found.value.tolist(), strict=True))


def test_figures_come_back_by_name_from_an_instant_on(db: Database) -> None:
    assert keep_snapshots(db, [nav(DAY, 200.5), nav(2 * DAY, 201.25), nav(DAY, 9.0, "shares")]) == 3
    assert kept(db) == [(DAY, 200.5), (2 * DAY, 201.25)]
    assert kept(db, since=DAY + 1) == [(2 * DAY, 201.25)]
    assert kept(db, "shares") == [(DAY, 9.0)]
    assert kept(db, "total_assets") == []


def test_of_one_day_the_later_one_counts(db: Database) -> None:
    keep_snapshots(db, [nav(DAY + NOON, 2.0)])
    assert keep_snapshots(db, [nav(DAY + NOON + 1, 3.0)]) == 1
    assert keep_snapshots(db, [nav(DAY, 1.0)]) == 0
    assert kept(db) == [(DAY + NOON + 1, 3.0)]
    assert keep_snapshots(db, [nav(DAY + NOON + 1, 3.5)]) == 1
    assert kept(db) == [(DAY + NOON + 1, 3.5)]
    keep_snapshots(db, [nav(2 * DAY - 1, 4.0), nav(2 * DAY, 5.0)])
    assert kept(db) == [(2 * DAY - 1, 4.0), (2 * DAY, 5.0)]


def test_what_is_no_number_is_left_out(db: Database) -> None:
    assert keep_snapshots(db, [nav(DAY, math.nan), nav(DAY, math.inf)]) == 0
    assert keep_snapshots(db, []) == 0
    assert kept(db) == []


def test_the_newest_of_each_name_by_an_instant(db: Database) -> None:
    keep_snapshots(db, [nav(DAY, 1.0), nav(3 * DAY, 3.0), nav(2 * DAY, 7.0, "shares"), nav(DAY, 8.0, market="IWN")])
    assert latest_snapshots(db, "IWM", 3 * DAY - 1) == {"nav": nav(DAY, 1.0), "shares": nav(2 * DAY, 7.0, "shares")}
    assert latest_snapshots(db, "IWM", 3 * DAY)["nav"].value == 3.0
    assert latest_snapshots(db, "RUT", 3 * DAY) == {}


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 10 * DAY), st.floats(-1e12, 1e12)), max_size=20))
def test_kept_is_the_last_of_each_day_however_they_come(tmp_path, pairs: list[tuple[int, float]]) -> None:
    db = open_database(tmp_path / "snapshots.db")
    db.execute("DELETE FROM snapshots")
    expected: dict[int, tuple[int, float]] = {}
    for at, value in pairs:
        keep_snapshots(db, [nav(at, value)])
        if at >= expected.get(at // DAY, (0, 0.0))[0]:
            expected[at // DAY] = (at, value)
    found = kept(db)
    db.close()
    assert found == sorted(expected.values())
