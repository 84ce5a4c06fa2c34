"""Pruning: what need not be kept for ever."""

from __future__ import annotations

from bot.signals.timeframe import DAY, Instant
from bot.store.database import immediate
from bot.store.sqlite import Database

KEPT = 365 * DAY
"""Seconds after which nobody asks any more to whom a message went."""

AT_ONCE = 1_000
"""Rows that go in one transaction, so that nothing else waits long for the file."""


def prune(db: Database, now: Instant, at_once: int = AT_ONCE) -> int:
    """Forget deliveries, notices and digests older than a year, and mutes that are over; alerts and events stay.

    Returns how many rows went, of each kind `at_once` at most (`Store.run_in_parts`).
    """
    gone = 0
    with immediate(db):
        for statement in _PRUNE:
            gone += db.conn.execute(statement, {"before": now - KEPT, "now": now, "limit": at_once}).rowcount
        # In a statement of its own SQLite would look at all digests of each subscriber.
        old = db.conn.execute("SELECT subscriber, period FROM digests WHERE queued < ? LIMIT ?", [now - KEPT, at_once])
        gone += db.conn.executemany("DELETE FROM digests WHERE subscriber = ? AND period = ?", old.fetchall()).rowcount
    return gone


_PRUNE = (
    """
    DELETE FROM deliveries WHERE id IN (
        SELECT d.id FROM messages m INDEXED BY messages_created JOIN deliveries d ON d.message = m.id
        WHERE m.created < :before AND d.state IN ('sent', 'dropped') AND NOT EXISTS (
            -- of an alert that goes on its readers stay known: one with late news, or the newest until it ends
            SELECT 1 FROM message_events told JOIN events e ON e.id = told.event JOIN alerts a ON a.id = e.alert
            WHERE told.message = m.id AND (
                EXISTS (SELECT 1 FROM events later WHERE later.alert = a.id AND later.created >= :before)
                OR NOT EXISTS (
                    SELECT 1 FROM events o WHERE o.alert = a.id AND o.kind IN ('ended', 'withdrawn', 'retracted')
                ) AND NOT EXISTS (
                    SELECT 1 FROM alerts n WHERE n.rule = a.rule AND n.market = a.market AND n.bar > a.bar
                )
            )
        ) LIMIT :limit
    )
    """,
    """
    DELETE FROM messages WHERE id IN (
        SELECT id FROM messages m INDEXED BY messages_created WHERE kind <> 'alert' AND created < :before
          AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.message = m.id) LIMIT :limit
    )
    """,
    "DELETE FROM mutes WHERE until <= :now",
)
