"""Chats that Telegram refuses for the time being: noted at each attempt, forgotten when a message arrives."""

from __future__ import annotations

from bot.signals.timeframe import Instant
from bot.store.sqlite import Database
from bot.subscriber import Chat, ListedSubscriber


def note_refusal(db: Database, subscriber: int, reason: str, now: Instant) -> None:
    """Telegram has refused a message to this subscriber, once more or for the first time."""
    db.conn.execute(
        "UPDATE subscribers SET refusals = refusals + 1, refusal = ?, refused_since = coalesce(refused_since, ?)"
        " WHERE id = ?",
        [reason, now, subscriber],
    )


def forget_refusals(db: Database, subscriber: int) -> None:
    """Telegram takes messages to this subscriber (again)."""
    db.conn.execute(
        "UPDATE subscribers SET refusals = 0, refusal = NULL, refused_since = NULL WHERE id = ?", [subscriber]
    )


def refused_chats(db: Database, limit: int) -> list[ListedSubscriber]:
    """The active subscribers that Telegram refuses at present, the longest refused first: since when, and why."""
    rows = db.execute(
        "SELECT chat_id, thread_id, kind, title, refused_since, coalesce(refusal, '') FROM subscribers"
        " WHERE refused_since IS NOT NULL AND state = 'active' ORDER BY refused_since, id LIMIT ?",
        [limit],
    ).fetchall()
    return [ListedSubscriber(Chat(*chat), since, reason) for *chat, since, reason in rows]


def count_refused(db: Database) -> int:
    """How many active subscribers Telegram refuses at present."""
    row = db.execute("SELECT count(*) FROM subscribers WHERE refused_since IS NOT NULL AND state = 'active'").fetchone()
    return int(row[0])
