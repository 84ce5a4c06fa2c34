"""What waits in the outbox: let go before its hour, or given up for its age."""

from __future__ import annotations

import json

from bot.severity import Severity
from bot.signals.timeframe import DAY
from bot.store.database import immediate
from bot.store.outbox import ORPHANS, UNANSWERABLE
from bot.store.sqlite import Database

TOO_LATE = "too late"
AT_ONCE = 1_000
"""Deliveries whose hour is changed in one transaction, so that nothing else waits long for the file."""


def retry_now(db: Database, now: float, *, every: bool = False) -> int:
    """Let what waits for another attempt go at once: that which did not get through, or `every` delivery.

    Returns how many there were: call it again, with the same `now`, as long as these are AT_ONCE. A chat's quiet hours
    and pauses are heeded when it is claimed.
    """
    return db.conn.execute(_ALL_NOW if every else _FAILED_NOW, {"now": now, "most": AT_ONCE}).rowcount


def retry_after_restart(db: Database, now: float) -> int:
    """Let what waits for another attempt go at once, save what Telegram asked to wait for: that it may still want.

    No such wait is longer than a day: a due time beyond that is of a clock that was ahead. Returns how many there were:
    call it again, with the same `now`, as long as these are AT_ONCE.
    """
    return db.conn.execute(_AFTER_RESTART, {"now": now, "longest": now + DAY, "most": AT_ONCE}).rowcount


def drop_too_late(db: Database, now: float, age: float, high_age: float) -> int:
    """Give up what has waited longer than `age` seconds, or `high_age` if it is of high severity.

    Returns how many there were: call it again as long as these are AT_ONCE or more.
    """
    with immediate(db):
        dropped = db.conn.execute(
            _TOO_LATE,
            {"now": int(now), "reason": TOO_LATE, "high": Severity.HIGH, "oldest_high": now - high_age}
            | {"oldest": now - age, "either": now - min(age, high_age), "most": AT_ONCE},
        ).fetchall()
        if not dropped:
            return 0
        told = json.dumps(sorted({message for (message,) in dropped}))
        facts = {"now": int(now), "reason": UNANSWERABLE, "told": told}
        return len(dropped) + db.conn.execute(_ORPHANS_OF_MESSAGES, facts).rowcount


_TOO_LATE = """
    UPDATE deliveries SET state = 'dropped', reason = :reason, finished = :now WHERE id IN (
        SELECT id FROM deliveries INDEXED BY deliveries_waiting
        WHERE state = 'queued' AND created < :either AND created < iif(rank >= :high, :oldest_high, :oldest)
        ORDER BY created LIMIT :most
    ) RETURNING message
"""

_NOW = """
    UPDATE deliveries SET due = :now WHERE id IN (
        SELECT id FROM deliveries INDEXED BY %s WHERE state = 'queued' AND due > :now AND %s LIMIT :most
    )
"""

_ALL_NOW = _NOW % ("deliveries_due", "true")

_AFTER_RESTART = _NOW % ("deliveries_due", "NOT (coalesce(reason, '') LIKE 'flood%' AND due <= :longest)")

_FAILED_NOW = _NOW % ("deliveries_failed", "attempts > 0 AND (reason LIKE 'not sent%' OR reason LIKE 'ambiguous%')")

_ORPHANS_OF_MESSAGES = f"""{ORPHANS}
      AND id IN (
          SELECT d.id FROM deliveries d WHERE d.state = 'queued' AND d.message IN (
              SELECT answer.message FROM message_events opened
              JOIN events o ON o.id = opened.event JOIN events e ON e.alert = o.alert
              JOIN message_events answer ON answer.event = e.id
              WHERE opened.message IN (SELECT value FROM json_each(:told))
          )
      )
"""
