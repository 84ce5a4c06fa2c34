"""What waits in the outbox: how much, what goes next of each chat, and when."""

from __future__ import annotations

from dataclasses import dataclass

from bot.signals.timeframe import Instant
from bot.store.meta import HELD_BACK, PAUSED
from bot.store.sqlite import Database


@dataclass(frozen=True, slots=True)
class QueueDepth:
    """How many deliveries wait and are under way, and when the oldest unfinished one was queued."""

    queued: int
    sending: int
    oldest: Instant | None


def any_queued(db: Database) -> bool:
    """Whether any delivery waits, due or not."""
    return db.conn.execute("SELECT 1 FROM deliveries WHERE state = 'queued' LIMIT 1").fetchone() is not None


def next_due(db: Database) -> float | None:
    """When the next delivery can be claimed, as things stand; None where none is queued."""
    row = db.execute(_NEXT_DUE).fetchone()
    return None if row is None else float(row[0])


def queue_depth(db: Database) -> QueueDepth:
    """What is in the outbox."""
    return QueueDepth(*db.execute(_DEPTH).fetchone())


def dropped_since(db: Database, since: Instant) -> dict[str, int]:
    """How many deliveries were given up since then, by reason."""
    return dict(
        db.execute(
            "SELECT reason, count(*) FROM deliveries WHERE state = 'dropped' AND finished >= ? GROUP BY reason", [since]
        ).fetchall()
    )


# While the bot is paused, or alerts are held back (meta), alerts wait; what belongs to no alert passes them.
_FREE = f"""
    (NOT EXISTS (SELECT 1 FROM meta WHERE key IN ('{PAUSED}', '{HELD_BACK}'))
     OR EXISTS (SELECT 1 FROM messages n WHERE n.id = %s.message AND n.kind <> 'alert'))
"""

# Of each chat the first in the order of the queue, where none is under way.
HEADS = f"""
    FROM deliveries d INDEXED BY %s
    WHERE d.state = 'queued' AND {_FREE % "d"}
      AND d.id = (
          SELECT o.id FROM deliveries o INDEXED BY deliveries_open
          WHERE o.subscriber = d.subscriber AND o.state IN ('queued', 'sending') AND {_FREE % "o"}
          ORDER BY o.rank DESC, o.id LIMIT 1
      )
      AND NOT EXISTS (
          SELECT 1 FROM deliveries o INDEXED BY deliveries_sending
          WHERE o.subscriber = d.subscriber AND o.state = 'sending'
      )
"""

_NEXT_DUE = f"SELECT d.due {HEADS % 'deliveries_due'} ORDER BY d.due LIMIT 1"

_DEPTH = """
    SELECT (SELECT count(*) FROM deliveries INDEXED BY deliveries_waiting WHERE state = 'queued'),
           (SELECT count(*) FROM deliveries INDEXED BY deliveries_sending WHERE state = 'sending'),
           (SELECT min(oldest) FROM (
               SELECT min(created) AS oldest FROM deliveries INDEXED BY deliveries_waiting WHERE state = 'queued'
               UNION ALL
               SELECT min(created) FROM deliveries INDEXED BY deliveries_sending WHERE state = 'sending'
           ))
"""
