"""Notices that could not reach an operator wait until the operator has written."""

from __future__ import annotations

import pytest

from bot.signals.timeframe import DAY
from bot.store.notices import KEPT_SECONDS, notice, requeue_notices
from bot.store.sqlite import Database
from bot.store.subscribers.subscribers import mark_unreachable, set_operators

NOW = 1_700_000_000
OPERATOR, OTHER = 7, 8


@pytest.fixture
def told(db: Database) -> Database:
    """Two operators whom a notice could not reach: they have not started the bot."""
    set_operators(db, [OPERATOR, OTHER], NOW)
    notice(db, "the bot is ill", "operators", NOW)
    for user in (OPERATOR, OTHER):
        mark_unreachable(db, user, "gone", NOW)
    return db


def states(db: Database) -> dict[int, str]:
    query = "SELECT s.chat_id, d.state FROM deliveries d JOIN subscribers s ON s.id = d.subscriber"
    return dict(db.execute(query).fetchall())


def test_what_was_dropped_goes_out_to_the_operator_who_wrote_and_to_no_other(told: Database) -> None:
    assert states(told) == {OPERATOR: "dropped", OTHER: "dropped"}
    assert requeue_notices(told, OPERATOR, NOW + 60) == 1
    assert states(told) == {OPERATOR: "queued", OTHER: "dropped"}


def test_what_still_waits_for_another_try_goes_at_once(db: Database) -> None:
    set_operators(db, [OPERATOR], NOW)
    notice(db, "the bot is ill", "operators", NOW)
    db.conn.execute("UPDATE deliveries SET due = ?", [NOW + 9_000])
    assert requeue_notices(db, OPERATOR, NOW + 60) == 1
    assert db.execute("SELECT due FROM deliveries").fetchone()[0] == NOW + 60


def test_what_is_older_than_a_month_and_who_is_no_operator_get_nothing(told: Database) -> None:
    assert requeue_notices(told, OPERATOR, NOW + KEPT_SECONDS + DAY) == 0
    set_operators(told, [OTHER], NOW)
    assert requeue_notices(told, OPERATOR, NOW + 60) == 0
