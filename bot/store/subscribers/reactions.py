"""Reactions of readers to alerts, and the cards of alerts that they share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.signals.timeframe import Instant
from bot.store.database import immediate
from bot.store.sqlite import Database

NEWEST_MESSAGES = 500
"""Messages among which one is looked for: nobody reacts to what is much older."""


@dataclass(frozen=True, slots=True)
class SharedCard:
    """What a story said; `rule` is that of the alert that leads it.

    `photo_id` is Telegram's id of its picture, empty where there is none.
    """

    message: int
    rule: str
    html: str
    photo_id: str


def keep_reaction(db: Database, chat_id: int, message_id: int, user_id: int, emoji: str, now: Instant) -> bool:
    """A reader's reaction to a message, in place of the one before; "": taken back. False: no alert's message."""
    facts = {"chat": chat_id, "message": message_id, "user": user_id, "emoji": emoji, "now": now, "n": NEWEST_MESSAGES}
    with immediate(db):
        row = db.conn.execute(_ALERT_OF_MESSAGE, facts).fetchone()
        if row is None:
            return False
        facts |= {"alert": row[0]}
        db.conn.execute("DELETE FROM reactions WHERE alert = :alert AND chat_id = :chat AND user_id = :user", facts)
        if emoji:
            db.conn.execute("INSERT INTO reactions VALUES (:alert, :chat, :user, :emoji, :now, 1)", facts)
    return True


def keep_reaction_counts(db: Database, chat_id: int, message_id: int, counts: Mapping[str, int], now: Instant) -> bool:
    """How often each emoji stands under a message, nobody knows whose; in place of all that were counted before.

    False: no alert's message.
    """
    facts = {"chat": chat_id, "message": message_id, "n": NEWEST_MESSAGES}
    with immediate(db):
        row = db.conn.execute(_ALERT_OF_MESSAGE, facts).fetchone()
        if row is None:
            return False
        where = [row[0], chat_id]
        db.conn.execute("DELETE FROM reactions WHERE alert = ? AND chat_id = ? AND user_id < 0", where)
        rows = [[*where, -number, emoji, now, many] for number, (emoji, many) in enumerate(counts.items(), 1)]
        db.conn.executemany("INSERT INTO reactions VALUES (?, ?, ?, ?, ?, ?)", rows)
    return True


def count_reactions(db: Database) -> dict[str, dict[str, int]]:
    """By rule, how often each emoji was put under one of its alerts; the most frequent first."""
    rows = db.execute(
        "SELECT a.rule, r.emoji, sum(r.many)"
        " FROM (SELECT alert, emoji, sum(many) AS many FROM reactions GROUP BY alert, emoji) r"
        " JOIN alerts a ON a.id = r.alert GROUP BY 1, 2 ORDER BY 1, 3 DESC, 2"
    ).fetchall()
    found: dict[str, dict[str, int]] = {}
    for rule, emoji, count in rows:
        found.setdefault(rule, {})[emoji] = count
    return found


def newest_cards(db: Database, limit: int) -> list[SharedCard]:
    """The newest firings as they were sent, the newest first."""
    rows = db.execute(
        "SELECT m.id, a.rule, m.html, coalesce(m.photo_id, '') FROM messages m"
        " JOIN events e ON e.id = (SELECT min(event) FROM message_events WHERE message = m.id)"
        " JOIN alerts a ON a.id = e.alert WHERE e.kind = 'fired' ORDER BY m.id DESC LIMIT ?",
        [limit],
    ).fetchall()
    return [SharedCard(*row) for row in rows]


_ALERT_OF_MESSAGE = """
    SELECT e.alert FROM subscribers s CROSS JOIN messages m
    CROSS JOIN deliveries d ON d.message = m.id AND d.subscriber = s.id AND d.message_id = :message
    JOIN events e ON e.id = (SELECT min(event) FROM message_events WHERE message = m.id)
    WHERE s.chat_id = :chat AND m.kind = 'alert' AND m.id > (SELECT coalesce(max(id), 0) - :n FROM messages)
    ORDER BY m.id DESC LIMIT 1
"""
