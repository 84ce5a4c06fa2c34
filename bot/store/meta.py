"""Small facts that outlive a restart: the heartbeat, whether the bot is paused."""

from __future__ import annotations

import json
from dataclasses import dataclass

from bot.signals.timeframe import Instant
from bot.store.sqlite import Database

PAUSED = "paused"
"""Where this is remembered, alerts wait in the outbox: an operator wants it so."""

HELD_BACK = "held back"
"""Where this is remembered, alerts wait in the outbox: too many chats were refused. Its value is until when."""


_SENDING_PAUSED = "sending paused"


@dataclass(frozen=True, slots=True)
class SendingPause:
    """Nothing is sent before `until`, seconds since 1970, and why."""

    until: float
    reason: str


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


def save_pause(db: Database, until: float, reason: str, now: float) -> None:
    """Remember that nothing is sent before `until`; over where that is past."""
    if until <= now:
        delete_value(db, _SENDING_PAUSED)
    else:
        set_value(db, _SENDING_PAUSED, json.dumps([until, until - now, reason]), int(now))


def sending_pause(db: Database, now: float) -> SendingPause | None:
    """The pause that holds at `now`, None where there is none.

    It never takes longer than it did when it began, however far the clock was set back meanwhile.
    """
    kept = get_value(db, _SENDING_PAUSED)
    if kept is None:
        return None
    until, seconds, reason = json.loads(kept)
    return SendingPause(min(until, now + seconds), reason) if until > now else None
