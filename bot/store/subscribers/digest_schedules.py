"""Digest schedules: who wants a digest at which hour, and who has had which."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from bot.severity import Severity
from bot.signals.timeframe import Instant
from bot.store.database import immediate
from bot.store.enqueue import enqueue, insert_message
from bot.store.sqlite import Database


@dataclass(frozen=True, slots=True)
class DigestSchedule:
    """An hour at which some chats want their digest: minutes after midnight in a time zone, every day or on a weekday.

    `weekday` is 0 for Monday, None for every day.
    """

    time_zone: str
    minute: int
    weekday: int | None


def digest_schedules(db: Database) -> list[DigestSchedule]:
    """Every hour at which somebody wants a digest."""
    rows = db.execute(
        "SELECT DISTINCT time_zone, digest, digest_day FROM subscribers"
        " WHERE digest IS NOT NULL AND state = 'active' ORDER BY 1, 2, 3"
    ).fetchall()
    return [DigestSchedule(*row) for row in rows]


def subscribers_due(db: Database, schedule: DigestSchedule, period: str, at: Instant, now: Instant) -> tuple[int, ...]:
    """Ids of the subscribers on this schedule that have had no digest of `period`, which fell due `at`.

    Whoever asked for it, or came, after that instant waits for the next one; so does who has muted everything.
    """
    rows = db.execute(
        _WITHOUT,
        {"zone": schedule.time_zone, "minute": schedule.minute, "weekday": schedule.weekday}
        | {"period": period, "at": at, "now": now},
    ).fetchall()
    return tuple(row[0] for row in rows)


def queue_digest(db: Database, subscribers: Iterable[int], html: str, period: str, now: Instant) -> int:
    """Queue `html` as the digest of `period`, once for each; returns for how many.

    Whoever has had one of that period gets none: the same call twice changes nothing.
    """
    facts = {"ids": json.dumps(list(subscribers)), "period": period}
    with immediate(db):
        message = insert_message(db, "digest", html, now)
        # A digest is worth what an alert of low severity is: it waits behind all others, and makes as little noise.
        queued = enqueue(db, message, Severity.LOW, now, to=_WITHOUT_ONE, facts=facts)
        if queued:
            db.conn.execute(_NOTE, facts | {"now": now})
        else:
            db.conn.execute("DELETE FROM messages WHERE id = ?", [message])
    return queued


_WITHOUT = """
    SELECT s.id FROM subscribers s
    WHERE s.time_zone = :zone AND s.digest = :minute AND s.digest_day IS :weekday
      AND s.state = 'active' AND s.since < :at AND s.digest_asked < :at
      AND NOT EXISTS (SELECT 1 FROM digests d WHERE d.subscriber = s.id AND d.period = :period)
      AND NOT EXISTS (SELECT 1 FROM mutes m
          WHERE m.subscriber = s.id AND m.rule = '' AND m.begins <= :now AND m.until > :now)
    ORDER BY s.id
"""

_WITHOUT_ONE = """
    s.state = 'active' AND s.id IN (SELECT value FROM json_each(:ids))
    AND NOT EXISTS (SELECT 1 FROM digests d WHERE d.subscriber = s.id AND d.period = :period)
"""

_NOTE = """
    INSERT OR IGNORE INTO digests
    SELECT s.id, :period, :now FROM json_each(:ids) wanted JOIN subscribers s ON s.id = wanted.value
    WHERE s.state = 'active'
"""
