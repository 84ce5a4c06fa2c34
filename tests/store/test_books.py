"""Runs of jobs, and small facts that outlive a restart."""

from __future__ import annotations

from bot.signals.timeframe import DAY
from bot.store.meta import delete_value, get_value, set_value
from bot.store.runs import KEPT_DAYS, LookCounts, Run, count_look, finish_run, last_error, last_runs, start_run, tally
from bot.store.sqlite import Database


def test_runs_newest_first(db: Database) -> None:
    scan = start_run(db, "scan", 10)
    assert last_runs(db, 5) == [Run(scan, "scan", 10, None, "", None)]
    finish_run(db, scan, 12, ok=True, detail="2 markets")
    digest = start_run(db, "digest", 20)
    finish_run(db, digest, 21, ok=False, detail="no data")
    assert last_runs(db, 5) == [
        Run(digest, "digest", 20, 21, "no data", ok=False),
        Run(scan, "scan", 10, 12, "2 markets", ok=True),
    ]
    assert last_runs(db, 5, "scan")[0].id == scan
    assert last_error(db) == Run(digest, "digest", 20, 21, "no data", ok=False)


def test_no_runs(db: Database) -> None:
    assert last_runs(db, 5) == []
    assert last_error(db) is None


def test_old_runs_are_forgotten_by_name(db: Database) -> None:
    finish_run(db, start_run(db, "digest", 0), 1, ok=True)
    for i in range(510):
        finish_run(db, start_run(db, "scan", i), i, ok=True)
    assert len(last_runs(db, 1_000, "scan")) == 500
    assert last_runs(db, 1, "scan")[0].started == 509
    assert len(last_runs(db, 1_000, "digest")) == 1


def test_facts(db: Database) -> None:
    assert get_value(db, "paused") is None
    set_value(db, "paused", "yes", 1)
    set_value(db, "paused", "no", 2)
    assert get_value(db, "paused") == "no"
    delete_value(db, "paused")
    assert get_value(db, "paused") is None


BEGIN = 20_000 * DAY


def test_looks_are_counted_by_day_and_summed_over_a_span(db: Database) -> None:
    for day in range(10):
        for look in range(3):
            count_look(db, BEGIN + day * DAY + look, doubts=int(look == 1))
        count_look(db, BEGIN + day * DAY + 9, ok=False)
    assert tally(db, BEGIN + DAY + 5, BEGIN + 8 * DAY + 5) == LookCounts(looks=21, failed=7, doubts=7)
    assert tally(db, BEGIN - 90 * DAY, BEGIN - DAY) == LookCounts()


def test_days_long_past_are_forgotten(db: Database) -> None:
    for day in (0, 1, KEPT_DAYS, KEPT_DAYS + 1):
        count_look(db, BEGIN + day * DAY)
    assert tally(db, BEGIN - DAY, BEGIN + 2 * DAY) == LookCounts(looks=1)
    assert tally(db, BEGIN - DAY, BEGIN + 90 * DAY) == LookCounts(looks=3)
