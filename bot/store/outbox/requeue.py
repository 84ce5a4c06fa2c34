"""Requeueing: what a crash, an outage or a changed clock left waiting goes again, or at once."""

from __future__ import annotations

from bot.signals.timeframe import DAY
from bot.store.sqlite import Database

AT_ONCE = 1_000
"""Deliveries whose hour is changed in one transaction, so that nothing else waits long for the file."""


def requeue_interrupted(db: Database, now: float) -> int:
    """Queue again what was under way when the process died; call it before the first claim.

    Telegram may have some of these already: as many as were being sent at that instant, which is no more
    than the worker's limit in flight. Returns how many were found.
    """
    return db.conn.execute(
        "UPDATE deliveries SET state = 'queued', attempts = attempts + 1, due = ? WHERE state = 'sending'", [now]
    ).rowcount


def release_all(db: Database) -> None:
    """Put back all that is claimed; for a worker that has ended, so that none of it is under way."""
    db.conn.execute("UPDATE deliveries SET state = 'queued' WHERE state = 'sending'")


def retry_now(db: Database, now: float, *, every: bool = False) -> int:
    """Let what waits for another attempt go at once: that which did not get through, or `every` delivery.

    Returns how many there were, AT_ONCE at most (`Store.run_in_parts`). A chat's quiet hours and pauses are heeded when
    it is claimed.
    """
    return db.conn.execute(_ALL_NOW if every else _FAILED_NOW, {"now": now, "most": AT_ONCE}).rowcount


def retry_after_restart(db: Database, now: float) -> int:
    """Let what waits go at once, as `retry_now` does, save what Telegram asked to wait for: that it may still want.

    No such wait is longer than a day: a due time beyond that is of a clock that was ahead.
    """
    return db.conn.execute(_AFTER_RESTART, {"now": now, "longest": now + DAY, "most": AT_ONCE}).rowcount


_NOW = """
    UPDATE deliveries SET due = :now WHERE id IN (
        SELECT id FROM deliveries INDEXED BY %s WHERE state = 'queued' AND due > :now AND %s LIMIT :most
    )
"""

_ALL_NOW = _NOW % ("deliveries_due", "true")
_AFTER_RESTART = _NOW % ("deliveries_due", "NOT (coalesce(reason, '') LIKE 'flood%' AND due <= :longest)")
_FAILED_NOW = _NOW % ("deliveries_failed", "attempts > 0 AND (reason LIKE 'not sent%' OR reason LIKE 'ambiguous%')")
