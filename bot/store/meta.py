"""Small facts that outlive a restart: the heartbeat, whether the bot is paused."""

from __future__ import annotations

from bot.signals.timeframe import Instant
from bot.store.sqlite import Database

PAUSED = "paused"
"""Where this is remembered, alerts wait in the outbox: an operator wants it so."""

HELD_BACK = "held back"
"""Where this is remembered, alerts wait in the outbox: too many chats were refused. Its value is until when."""


def set_value(db: Database, key: str, value: str, now: Instant) -> None:
    """Remember `value` under `key`."""
    db.conn.execute("INSERT OR REPLACE INTO meta VALUES (?, ?, ?)", [key, value, now])


def get_value(db: Database, key: str) -> str | None:
    """What is remembered under `key`; None where nothing is."""
    row = db.execute("SELECT value FROM meta WHERE key = ?", [key]).fetchone()
    return str(row[0]) if row else None


def delete_value(db: Database, key: str) -> None:
    """Remember nothing under `key`."""
    db.conn.execute("DELETE FROM meta WHERE key = ?", [key])
