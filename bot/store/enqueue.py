"""Enqueue: how an event, with the message that tells of it, becomes deliveries in the outbox."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Literal

from bot.alert import Buttons
from bot.severity import Severity
from bot.signals.timeframe import Instant
from bot.store.sqlite import Database

_SCATTER = 2_654_435_761  # Knuth's multiplier: neighbouring events begin far apart


def insert_message(
    db: Database,
    kind: Literal["notice", "digest"],
    html: str,
    now: Instant,
    photo: bytes | str | None = None,
    buttons: Buttons = (),
) -> int:
    """Keep a message that belongs to no alert; `photo` is its picture, or Telegram's id of it. Returns its event."""
    picture = (None, photo) if isinstance(photo, str) else (photo, None)
    row = db.conn.execute(
        "INSERT INTO events (kind, bar, at, digest, html, photo, photo_id, buttons, created)"
        " VALUES (?1, 0, ?2, '', ?3, ?4, ?5, ?6, ?2) RETURNING id",
        [kind, now, html, *picture, json.dumps(buttons)],
    ).fetchone()
    return int(row[0])


def enqueue(
    db: Database, event: int, severity: Severity, now: Instant, *, to: str, facts: Mapping[str, Any] | None = None
) -> int:
    """Queue one delivery of `event` for each subscriber that fulfils `to`. Returns how many.

    `to` is a condition in SQL on the subscriber `s`, with the named parameters `facts` and :event, :rank, :now. Each
    event begins with another subscriber, so that the same ones are not always the last.
    """
    (last,) = db.conn.execute("SELECT coalesce(max(id), 0) FROM subscribers").fetchone()
    where = {**(facts or {}), "event": event, "rank": int(severity), "now": now}
    first = (event - 1) * _SCATTER % (last + 1)
    return sum(
        db.conn.execute(_ENQUEUE % (span, to), where | {"first": first}).rowcount
        for span in ("s.id >= :first", "s.id < :first")
    )


_ENQUEUE = """
    INSERT INTO deliveries (event, subscriber, rank, silent, due, created)
    SELECT :event, s.id, :rank, :rank < s.silent_below, :now, :now
    FROM subscribers s WHERE %s AND (%s)
"""
