"""Orphans: follow-ups that wait although the alert that they answer never reached their chat."""

from __future__ import annotations

import json
from collections.abc import Iterable

from bot.store.alerts import OPENING
from bot.store.sqlite import Database

UNANSWERABLE = "the alert that it answers never reached this chat"


def drop_orphans_of_chat(db: Database, subscriber: int, now: float) -> None:
    """Give up what waits for one subscriber and answers an alert that never reached it."""
    db.conn.execute(_OF_CHAT, {"now": int(now), "reason": UNANSWERABLE, "subscriber": subscriber})


def drop_orphans_of_messages(db: Database, messages: Iterable[int], now: float) -> int:
    """The same for all that answers these messages, with which an alert began. Returns how many there were."""
    facts = {"now": int(now), "reason": UNANSWERABLE, "told": json.dumps(sorted(messages))}
    return db.conn.execute(_OF_MESSAGES, facts).rowcount


_ORPHANS = f"""
    UPDATE deliveries SET state = 'dropped', reason = :reason, finished = :now
    WHERE state = 'queued'
      AND EXISTS (SELECT 1 FROM messages m WHERE m.id = deliveries.message AND m.kind = 'alert')
      AND NOT EXISTS (
          SELECT 1 FROM message_events told JOIN events e ON e.id = told.event
          WHERE told.message = deliveries.message AND (e.kind IN ({OPENING}) OR EXISTS (
              SELECT 1 FROM events x JOIN message_events first ON first.event = x.id
              JOIN deliveries r ON r.message = first.message AND r.subscriber = deliveries.subscriber
              WHERE x.alert = e.alert AND x.kind IN ({OPENING}) AND r.state <> 'dropped'
          ))
      )
"""

_OF_MESSAGES = f"""{_ORPHANS} AND id IN (
    SELECT d.id FROM json_each(:told) JOIN message_events opened ON opened.message = value
    JOIN events o ON o.id = opened.event JOIN events e ON e.alert = o.alert
    JOIN message_events answer ON answer.event = e.id
    JOIN deliveries d ON d.message = answer.message WHERE d.state = 'queued'
)"""

_OF_CHAT = f"{_ORPHANS} AND subscriber = :subscriber AND state IN ('queued', 'sending')"
