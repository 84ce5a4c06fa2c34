"""Mutes: what a chat does not want to hear for now, and until when."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from bot.signals.timeframe import Instant
from bot.store.database import immediate
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
