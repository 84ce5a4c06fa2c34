"""Enqueue: how a message becomes deliveries in the outbox."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Literal

from bot.alert import Buttons
from bot.severity import Severity
from bot.signals.timeframe import Instant
from bot.store.sqlite import Database


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
    `silent` is one too: who fulfils it hears no sound.
    """
    where = {**(facts or {}), "message": message, "rank": int(severity), "now": now}
    return db.conn.execute(_ENQUEUE % (silent, to), where).rowcount


_ENQUEUE = """
    INSERT INTO deliveries (message, subscriber, rank, silent, due, created)
    SELECT :message, s.id, :rank, %s, :now, :now
    FROM subscribers s WHERE %s
"""
