"""Subscribers and their subscriptions: who asked for which alerts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from bot.signals.timeframe import Instant
from bot.store.database import immediate
from bot.store.sqlite import Database
from bot.store.subscribers.preferences import preference_columns, preferences_from
from bot.subscriber import Chat, Subscriber

EVERYTHING = ("all", "")
"""The subscription to every alert."""


def subscribe(
    db: Database, chat: Chat, now: Instant, what: tuple[str, str] = EVERYTHING, *, pending: bool = False
) -> bool:
    """Subscribe `chat` to `what`: (all, ""), (rule, id), (tag, name) or (severity, the least).

    Where `pending`, a chat that is not active yet and was never approved waits for `approve`. Its settings
    from earlier times are kept. Returns whether anything is new: the subscription, or that the chat is active
    (or pending) again.
    """
    with immediate(db):
        before, approved = db.conn.execute(
            "SELECT state, approved FROM subscribers WHERE chat_id = ? AND thread_id = ?",
            [chat.chat_id, chat.thread_id],
        ).fetchone() or (None, False)
        state = "active" if before == "active" or approved or not pending else "pending"
        (subscriber,) = db.conn.execute(
            """
            INSERT INTO subscribers (chat_id, thread_id, kind, title, state, since, changed)
            VALUES (:chat, :thread, :kind, :title, :state, :now, :now)
            ON CONFLICT (chat_id, thread_id) DO UPDATE SET
                kind = :kind, title = :title, reason = NULL, refusals = 0, refused_since = NULL, refusal = NULL,
                changed = :now,
                since = CASE WHEN state = :state THEN since ELSE :now END, state = :state
            RETURNING id
            """,
            {"chat": chat.chat_id, "thread": chat.thread_id, "kind": chat.kind, "title": chat.title}
            | {"state": state, "now": now},
        ).fetchone()
        added = db.conn.execute(
            "INSERT INTO subscriptions VALUES (?, ?, ?) ON CONFLICT DO NOTHING", [subscriber, *what]
        ).rowcount
    return bool(added) or before != state


def unsubscribe(db: Database, chat_id: int, thread_id: int, now: Instant) -> bool:
    """End all subscriptions of a chat and drop what is queued for it; its settings are kept.

    What is just being sent may still arrive, and is not tried again. Returns whether it was subscribed, or
    waiting to be.
    """
    with immediate(db):
        row = db.conn.execute(
            "UPDATE subscribers SET state = 'unsubscribed', changed = ?"
            " WHERE chat_id = ? AND thread_id = ? AND state <> 'unsubscribed' RETURNING id",
            [now, chat_id, thread_id],
        ).fetchone()
        if row is None:
            return False
        db.conn.execute("DELETE FROM subscriptions WHERE subscriber = ?", row)
        db.conn.execute(
            "UPDATE deliveries SET state = 'dropped', reason = 'unsubscribed', finished = ?"
            " WHERE subscriber = ? AND state IN ('queued', 'sending')",
            [now, *row],
        )
    return True


def remove_subscription(db: Database, chat_id: int, thread_id: int, what: tuple[str, str], now: Instant) -> bool:
    """End one subscription of a chat; with the last one the chat is unsubscribed. Returns whether it had it."""
    with immediate(db):
        given_up = db.conn.execute(
            "DELETE FROM subscriptions WHERE kind = ? AND value = ?"
            " AND subscriber = (SELECT id FROM subscribers WHERE chat_id = ? AND thread_id = ?)",
            [*what, chat_id, thread_id],
        ).rowcount
        known = subscriber(db, chat_id, thread_id)
        if given_up and known is not None and not known.subscriptions:
            unsubscribe(db, chat_id, thread_id, now)
    return bool(given_up)


def approve(db: Database, chat_id: int, thread_id: int, now: Instant) -> bool:
    """Make a pending chat active; if it leaves and returns, it need not wait again. Returns whether there was one."""
    return bool(
        db.conn.execute(
            "UPDATE subscribers SET state = 'active', approved = 1, since = ?1, changed = ?1"
            " WHERE chat_id = ?2 AND thread_id = ?3 AND state = 'pending'",
            [now, chat_id, thread_id],
        ).rowcount
    )


def subscriber(db: Database, chat_id: int, thread_id: int) -> Subscriber | None:
    """The subscriber that this chat (and topic) is, whatever its state; None where it never was one."""
    row = db.execute(f"{_SUBSCRIBER} WHERE chat_id = ? AND thread_id = ?", [chat_id, thread_id]).fetchone()
    return None if row is None else _subscriber(db, row)


def chats_in(db: Database, state: str) -> list[Chat]:
    """The chats that are in `state`, the longest there first."""
    rows = db.execute(
        "SELECT chat_id, thread_id, kind, title FROM subscribers WHERE state = ? ORDER BY changed, id", [state]
    ).fetchall()
    return [Chat(*row) for row in rows]


def count_subscribers(db: Database) -> dict[str, int]:
    """How many subscribers are in each state; a state that nobody is in is missing."""
    return dict(db.execute("SELECT state, count(*) FROM subscribers GROUP BY state").fetchall())


def set_operators(db: Database, user_ids: Iterable[int], now: Instant) -> None:
    """Let the operators' private chats, and only those, get the notices for operators."""
    with immediate(db):
        db.conn.execute("UPDATE subscribers SET operator = 0 WHERE operator = 1")
        db.conn.executemany(
            "INSERT INTO subscribers (chat_id, kind, state, operator, since, changed)"
            " VALUES (?1, 'private', 'unsubscribed', 1, ?2, ?2)"
            " ON CONFLICT (chat_id, thread_id) DO UPDATE SET operator = 1",
            [(user_id, now) for user_id in user_ids],
        )


def mark_unreachable(db: Database, chat_id: int, reason: str, now: Instant, thread_id: int | None = None) -> None:
    """Telegram refuses this chat, or this topic of it, for good: send nothing more there until it subscribes again."""
    where = {"chat": chat_id, "thread": thread_id, "reason": reason, "now": now}
    with immediate(db):
        db.conn.execute(
            "UPDATE deliveries SET state = 'dropped', reason = :reason, finished = :now"
            " WHERE state IN ('queued', 'sending') AND subscriber IN ("
            " SELECT id FROM subscribers WHERE chat_id = :chat AND (:thread IS NULL OR thread_id = :thread))",
            where,
        )
        db.conn.execute(
            "UPDATE subscribers SET state = 'unreachable', reason = :reason, changed = :now"
            " WHERE chat_id = :chat AND (:thread IS NULL OR thread_id = :thread) AND state <> 'unsubscribed'",
            where,
        )


def migrate_chat(db: Database, old: int, new: int, now: Instant) -> None:
    """A group became a supergroup: its subscribers, settings and deliveries go on under the new id."""
    with immediate(db):
        rows = db.conn.execute("SELECT id, thread_id, state FROM subscribers WHERE chat_id = ?", [old]).fetchall()
        for moving, thread_id, state in rows:
            # Ids of messages count anew in the new chat: a reply to an old one would answer a stranger.
            db.conn.execute(f"UPDATE deliveries SET message_id = NULL WHERE id IN {_DELIVERIES_OF}", {"moving": moving})
            there = db.conn.execute(
                "SELECT id FROM subscribers WHERE chat_id = ? AND thread_id = ?", [new, thread_id]
            ).fetchone()
            if there is None:
                db.conn.execute(
                    "UPDATE subscribers SET chat_id = ?, kind = 'supergroup', changed = ? WHERE id = ?",
                    [new, now, moving],
                )
            else:
                _merge(db, moving, there[0], state, now)


def _merge(db: Database, moving: int, there: int, state: str, now: Instant) -> None:
    facts = {"moving": moving, "there": there, "state": state, "now": now}
    for statement in (
        f"UPDATE OR IGNORE deliveries SET subscriber = :there WHERE id IN {_DELIVERIES_OF}",
        """
        UPDATE deliveries SET state = 'dropped', reason = 'sent to the new chat', finished = :now
        WHERE subscriber = :moving AND state IN ('queued', 'sending')
        """,
        "INSERT OR IGNORE INTO subscriptions SELECT :there, kind, value FROM subscriptions WHERE subscriber = :moving",
        "DELETE FROM subscriptions WHERE subscriber = :moving",
        "INSERT OR IGNORE INTO mutes SELECT :there, rule, begins, until FROM mutes WHERE subscriber = :moving",
        "INSERT OR IGNORE INTO digests SELECT :there, period, queued FROM digests WHERE subscriber = :moving",
        "UPDATE subscribers SET state = :state, changed = :now WHERE id = :there AND state <> 'active'",
        "UPDATE subscribers SET state = 'unsubscribed', reason = 'moved', changed = :now WHERE id = :moving",
    ):
        db.conn.execute(statement, facts)


# By their messages, which are few; an index by subscriber would cost every alert more than it saves here.
_DELIVERIES_OF = """
    (SELECT d.id FROM messages m CROSS JOIN deliveries d ON d.message = m.id AND d.subscriber = :moving)
"""

_SUBSCRIBER = f"""
    SELECT id, chat_id, thread_id, kind, title, state, reason, since, changed, operator, approved,
           {preference_columns("subscribers")}
    FROM subscribers
"""


def _subscriber(db: Database, row: Sequence[Any]) -> Subscriber:
    identity, chat_id, thread_id, kind, title, state, reason, since, changed, operator, approved, *preferences = row
    subscriptions = db.execute(
        "SELECT kind, value FROM subscriptions WHERE subscriber = ? ORDER BY kind, value", [identity]
    ).fetchall()
    chat = Chat(chat_id, thread_id, kind, title)
    return Subscriber(
        identity,
        chat,
        state,
        reason,
        preferences_from(preferences),
        since,
        changed,
        bool(operator),
        bool(approved),
        tuple(subscriptions),
    )
