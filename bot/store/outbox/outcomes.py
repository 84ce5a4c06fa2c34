"""Outcomes of a claimed delivery: sent, to be tried again, given up, put back, held."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

from bot.store.database import immediate
from bot.store.outbox.orphans import drop_orphans_of_chat
from bot.store.sqlite import Database
from bot.store.subscribers.preferences import HELD


def mark_sent(db: Database, sent: Mapping[int, int], now: float) -> None:
    """Telegram has these deliveries, each under the id of a message in its chat."""
    db.conn.execute(_SENT, {"now": int(now), "sent": json.dumps(list(sent.items()))})


def mark_retry(
    db: Database,
    delivery: int,
    at: float,
    reason: str,
    *,
    counted: bool = True,
    unclear: bool = False,
    plain: bool = False,
    bare: bool = False,
) -> None:
    """Try it again at `at`; `plain` and `bare` stay once they are set.

    Not `counted`: that was no attempt. `unclear`: it may have arrived.
    """
    db.conn.execute(
        "UPDATE deliveries SET state = 'queued', due = ?, reason = ?, attempts = attempts + ?, unclear = unclear + ?,"
        " plain = max(plain, ?), bare = max(bare, ?) WHERE id = ? AND state = 'sending'",
        [at, reason, counted, unclear, plain, bare, delivery],
    )


def mark_dropped(db: Database, delivery: int, reason: str, now: float) -> None:
    """Give it up, and with it what follows in the same alert: nobody gets the answer to what they never read."""
    row = db.conn.execute(
        "UPDATE deliveries SET state = 'dropped', reason = ?, finished = ?"
        " WHERE id = ? AND state = 'sending' RETURNING subscriber",
        [reason, int(now), delivery],
    ).fetchone()
    if row is not None:
        drop_orphans_of_chat(db, row[0], now)


def release(db: Database, deliveries: Sequence[int]) -> None:
    """Put back what was claimed and never tried."""
    db.conn.execute(_RELEASE, [json.dumps(deliveries)])


def hold(db: Database, until: Iterable[tuple[int, float]]) -> None:
    """Put back what came into its chat's quiet hours, each delivery until its own instant."""
    with immediate(db):
        db.conn.executemany(
            "UPDATE deliveries SET state = 'queued', due = ?, reason = ? WHERE id = ? AND state = 'sending'",
            [(at, HELD, delivery) for delivery, at in until],
        )


_SENT = """
    UPDATE deliveries SET state = 'sent', message_id = told.message_id, finished = :now, reason = NULL
    FROM (SELECT json_extract(value, '$[0]') AS id, json_extract(value, '$[1]') AS message_id
          FROM json_each(:sent)) told
    WHERE deliveries.id = told.id AND deliveries.state = 'sending'
"""

_RELEASE = "UPDATE deliveries SET state = 'queued' WHERE state = 'sending' AND id IN (SELECT value FROM json_each(?))"
