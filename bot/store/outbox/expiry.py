"""Expiry: deliveries that have waited too long are given up."""

from __future__ import annotations

from bot.severity import Severity
from bot.store.database import immediate
from bot.store.outbox.orphans import drop_orphans_of_messages
from bot.store.outbox.requeue import AT_ONCE
from bot.store.sqlite import Database

TOO_LATE = "too late"


def drop_too_late(db: Database, now: float, age: float, high_age: float) -> int:
    """Give up what has waited longer than `age` seconds, or `high_age` if it is of high severity.

    Returns how many there were, of the late ones AT_ONCE at most (`Store.run_in_parts`).
    """
    with immediate(db):
        dropped = db.conn.execute(
            _TOO_LATE,
            {"now": int(now), "reason": TOO_LATE, "high": Severity.HIGH, "oldest_high": now - high_age}
            | {"oldest": now - age, "either": now - min(age, high_age), "most": AT_ONCE},
        ).fetchall()
        return len(dropped) + drop_orphans_of_messages(db, {message for (message,) in dropped}, now)


_TOO_LATE = """
    UPDATE deliveries SET state = 'dropped', reason = :reason, finished = :now WHERE id IN (
        SELECT id FROM deliveries INDEXED BY deliveries_waiting
        WHERE state = 'queued' AND created < :either AND created < iif(rank >= :high, :oldest_high, :oldest)
        ORDER BY created LIMIT :most
    ) RETURNING message
"""
