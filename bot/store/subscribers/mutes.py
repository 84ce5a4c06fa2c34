"""Mutes: what a chat does not want to hear for now, and until when."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from bot.severity import Severity
from bot.signals.timeframe import Instant
from bot.store.database import immediate
from bot.store.outbox.orphans import drop_orphans_of_chat
from bot.store.sqlite import Database

FOR_GOOD: Instant = 253_402_214_400
"""The last day of the year 9999."""

MUTED = "muted"


@dataclass(frozen=True, slots=True)
class Mute:
    """No alerts of `rule` from `begins` (0: at once) until then; the rule "" stands for all of them."""

    rule: str
    until: Instant
    begins: Instant = 0


def mute(
    db: Database,
    chat_id: int,
    thread_id: int,
    until: Instant,
    now: Instant,
    rule: str = "",
    *,
    shorten: bool = True,
    begins: Instant = 0,
) -> bool:
    """Send no alerts of `rule`, or of any, to a chat until then, nor those that wait already.

    A message that tells of other rules too still goes. Without `shorten` a mute that ends later stays as it is. One
    that begins later stands beside one that holds now, and touches nothing before it begins. False where it is no
    subscriber.
    """
    facts = {"rule": rule, "until": until, "chat": chat_id, "thread": thread_id, "shorten": shorten, "now": now}
    with immediate(db):
        row = db.conn.execute(_KEEP, facts | {"begins": begins if begins > now else 0}).fetchone()
        if row is not None and begins <= now:
            here = {"subscriber": row[0], "reason": MUTED}
            db.conn.execute(_JOIN, facts | here)
            db.conn.execute(_DROP, facts | here)
    return row is not None


def unmute(db: Database, chat_id: int, thread_id: int, rule: str = "") -> bool:
    """End the mutes of one rule in a chat, those ahead included. Returns whether there was one."""
    return bool(
        db.conn.execute(
            "DELETE FROM mutes WHERE rule = ?"
            " AND subscriber = (SELECT id FROM subscribers WHERE chat_id = ? AND thread_id = ?)",
            [rule, chat_id, thread_id],
        ).rowcount
    )


def mutes_of(db: Database, chat_id: int, thread_id: int, now: Instant) -> list[Mute]:
    """What a chat has muted at present: everything first, then rules by name."""
    rows = db.execute(
        "SELECT m.rule, max(m.until) FROM mutes m JOIN subscribers s ON s.id = m.subscriber"
        " WHERE s.chat_id = ? AND s.thread_id = ? AND m.begins <= ? AND m.until > ? GROUP BY m.rule ORDER BY m.rule",
        [chat_id, thread_id, now, now],
    ).fetchall()
    return [Mute(*row) for row in rows]


def mutes_ahead_of(db: Database, chat_id: int, thread_id: int, now: Instant) -> list[Mute]:
    """What a chat will have muted: those that begin first come first."""
    rows = db.execute(
        "SELECT m.rule, m.until, m.begins FROM mutes m JOIN subscribers s ON s.id = m.subscriber"
        " WHERE s.chat_id = ? AND s.thread_id = ? AND m.begins > ? AND m.until > m.begins ORDER BY m.begins, m.rule",
        [chat_id, thread_id, now],
    ).fetchall()
    return [Mute(*row) for row in rows]


def muted_meanwhile(db: Database, deliveries: Sequence[int], now: float) -> list[int]:
    """Those of these deliveries that a mute forbids which holds now: it was made, or began, after they were queued.

    As with a mute that begins at once, a message goes that also tells of a rule that is not muted.
    """
    facts = {"deliveries": json.dumps(deliveries), "now": int(now)}
    return [row[0] for row in db.conn.execute(_MEANWHILE, facts).fetchall()]


def requeue_muted(
    db: Database, chat_id: int, thread_id: int, now: Instant, young: Instant, oldest: Instant, oldest_high: Instant
) -> int:
    """Queue again what a mute dropped since `young` and no mute forbids now; for a mute that has just ended.

    Only what was dropped unsent and has no attempt of which nobody knows whether it arrived: nothing comes twice. What
    was queued before `oldest`, of high severity before `oldest_high`, is no news any more. Returns how many there were.
    """
    facts = {"chat": chat_id, "thread": thread_id, "reason": MUTED, "high": Severity.HIGH, "young": young}
    with immediate(db):
        rows = db.conn.execute(_DROPPED, facts | {"oldest": oldest, "oldest_high": oldest_high}).fetchall()
        still = set(muted_meanwhile(db, [delivery for delivery, _ in rows], now))
        back = [delivery for delivery, _ in rows if delivery not in still]
        if not back:
            return 0
        db.conn.execute(_AGAIN, {"now": now, "back": json.dumps(back)})
        drop_orphans_of_chat(db, rows[0][1], now)
        return int(db.conn.execute(_STILL_QUEUED, [json.dumps(back)]).fetchone()[0])


_KEEP = """
    INSERT INTO mutes (subscriber, rule, begins, until)
    SELECT id, :rule, :begins, :until FROM subscribers WHERE chat_id = :chat AND thread_id = :thread
    ON CONFLICT DO UPDATE SET until = iif(:shorten, excluded.until, max(until, excluded.until))
    RETURNING subscriber
"""

# What began meanwhile is part of a mute that begins now: it may be shorter by it.
_JOIN = """
    DELETE FROM mutes WHERE subscriber = :subscriber AND rule = :rule AND begins BETWEEN 1 AND :now
      AND (:shorten OR until <= :until)
"""

# The second condition on `state` is the partial index's own: SQLite uses that only where the condition is written out.
_DROP = """
    UPDATE deliveries INDEXED BY deliveries_open SET state = 'dropped', reason = :reason, finished = :now
    WHERE subscriber = :subscriber AND state = 'queued' AND state IN ('queued', 'sending')
      AND EXISTS (SELECT 1 FROM messages m WHERE m.id = deliveries.message AND m.kind = 'alert')
      AND (:rule = '' OR NOT EXISTS (
          SELECT 1 FROM message_events told JOIN events e ON e.id = told.event JOIN alerts a ON a.id = e.alert
          WHERE told.message = deliveries.message AND a.rule <> :rule
      ))
"""

_DROPPED = """
    SELECT d.id, d.subscriber FROM deliveries d INDEXED BY deliveries_dropped
    JOIN subscribers s ON s.id = d.subscriber JOIN messages m ON m.id = d.message
    WHERE d.state = 'dropped' AND d.finished >= :young AND d.reason = :reason AND d.unclear = 0
      AND s.chat_id = :chat AND s.thread_id = :thread AND s.state = 'active' AND d.created >= s.since
      AND d.created >= iif(d.rank >= :high, :oldest_high, :oldest) AND m.kind = 'alert'
"""

_AGAIN = """
    UPDATE deliveries SET state = 'queued', reason = NULL, finished = NULL, due = :now
    WHERE state = 'dropped' AND id IN (SELECT value FROM json_each(:back))
"""

_STILL_QUEUED = """
    SELECT count(*) FROM deliveries WHERE state = 'queued' AND id IN (SELECT value FROM json_each(?))
"""

_FORBIDS = "f.subscriber = d.subscriber AND f.begins <= :now AND f.until > :now"

# First the mutes of the chats, of which most have none: the rest is looked at for these few.
_MEANWHILE = f"""
    SELECT DISTINCT d.id FROM json_each(:deliveries) picked JOIN deliveries d ON d.id = picked.value
    JOIN mutes m ON m.subscriber = d.subscriber AND m.begins <= :now AND m.until > :now
    WHERE EXISTS (SELECT 1 FROM messages n WHERE n.id = d.message AND n.kind = 'alert')
      AND (EXISTS (SELECT 1 FROM mutes f WHERE {_FORBIDS} AND f.rule = '')
           OR NOT EXISTS (
               SELECT 1 FROM message_events told JOIN events e ON e.id = told.event JOIN alerts a ON a.id = e.alert
               WHERE told.message = d.message
                 AND NOT EXISTS (SELECT 1 FROM mutes f WHERE {_FORBIDS} AND f.rule = a.rule)
           ))
"""
