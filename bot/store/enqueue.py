"""Enqueue: messages and their pictures, and how a message becomes deliveries in the outbox."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Literal

from bot.alert import Buttons
from bot.severity import Severity
from bot.signals.timeframe import Instant
from bot.store.sqlite import Database

_GOLDEN = 0.6180339887498949  # its multiples, without their whole part, are spread as evenly as can be


def insert_message(
    db: Database,
    kind: Literal["alert", "notice", "digest"],
    html: str,
    now: Instant,
    photo: bytes | str | None = None,
    buttons: Buttons = (),
    rank: Severity = Severity.NORMAL,
) -> int:
    """Keep a message; `photo` is its picture, or Telegram's id of it. Returns its id."""
    picture = (None, photo) if isinstance(photo, str) else (photo, None)
    row = db.conn.execute(
        "INSERT INTO messages (kind, rank, html, photo, photo_id, buttons, created)"
        " VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id",
        [kind, int(rank), html, *picture, json.dumps(buttons), now],
    ).fetchone()
    return int(row[0])


def set_photo_id(db: Database, message: int, photo_id: str) -> None:
    """Telegram has the picture of `message`: from now on its id is sent instead of its bytes."""
    db.conn.execute("UPDATE messages SET photo_id = ? WHERE id = ? AND photo_id IS NULL", [photo_id, message])


def forget_photo_id(db: Database, message: int, photo_id: str) -> None:
    """Telegram does not know this id (any more): the picture is sent as bytes again, if they are still there."""
    db.conn.execute("UPDATE messages SET photo_id = NULL WHERE id = ? AND photo_id = ?", [message, photo_id])


def forget_pictures(db: Database, before: Instant) -> int:
    """Free the space of pictures older than `before` that nobody waits for any more. Returns how many."""
    return db.conn.execute(
        "UPDATE messages SET photo = NULL WHERE photo IS NOT NULL AND created < ? AND NOT EXISTS ("
        " SELECT 1 FROM deliveries d WHERE d.message = messages.id AND d.state IN ('queued', 'sending'))",
        [before],
    ).rowcount


def enqueue(
    db: Database,
    message: int,
    severity: Severity,
    now: Instant,
    *,
    to: str,
    facts: Mapping[str, Any] | None = None,
    silent: str = ":rank < s.silent_below",
) -> int:
    """Queue one delivery of `message` for each subscriber that fulfils `to`. Returns how many.

    `to` is a condition in SQL on the subscriber `s`, with the named parameters `facts` and :message, :rank, :now;
    `silent` is one too: who fulfils it hears no sound. Each message begins with another subscriber, so that the same
    ones are not always the last.
    """
    (last,) = db.conn.execute("SELECT coalesce(max(id), 0) FROM subscribers").fetchone()
    where = {**(facts or {}), "message": message, "rank": int(severity), "now": now}
    first = int((message - 1) * _GOLDEN % 1 * (last + 1))
    return sum(
        db.conn.execute(_ENQUEUE % (silent, span, to), where | {"first": first}).rowcount
        for span in ("s.id >= :first", "s.id < :first")
    )


_ENQUEUE = """
    INSERT INTO deliveries (message, subscriber, rank, silent, due, created)
    SELECT :message, s.id, :rank, %s, :now, :now
    FROM subscribers s WHERE %s AND (%s)
"""
