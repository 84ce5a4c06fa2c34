"""Preferences of a chat in the database: which columns hold them, and how they are changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from functools import lru_cache
from typing import Any

from bot.signals.timeframe import Instant
from bot.store.database import immediate
from bot.store.sqlite import Database
from bot.subscriber import Preferences

HELD = "held until the quiet hours end"


NAMES = tuple(field.name for field in fields(Preferences))
"""The fields of `Preferences`, in the order in which `preference_columns` names their columns."""

_COLUMN_OF = {"hold": "quiet_hold"}  # every other field has the name of its column


def preference_columns(table: str) -> str:
    """The columns of `subscribers`, called `table` in the query, that `preferences_from` wants."""
    return ", ".join(f"{table}.{_COLUMN_OF.get(name, name)}" for name in NAMES)


def preferences_from(row: Sequence[Any]) -> Preferences:
    """The settings in a row of `preference_columns`."""
    return _of_row(tuple(row))


@lru_cache(maxsize=1_024)  # most chats have the same
def _of_row(row: tuple[Any, ...]) -> Preferences:
    found = dict(zip(NAMES, row, strict=True))
    return Preferences(**found | {name: bool(found[name]) for name in ("hold", "high_passes", "dark")})


def save_preferences(db: Database, chat_id: int, thread_id: int, preferences: Preferences, now: Instant) -> bool:
    """Put other settings in place of a chat's own. What is held goes by the new ones at once.

    False where the chat is no subscriber.
    """
    facts = {"chat": chat_id, "thread": thread_id, "now": now, "held": HELD}
    facts |= {name: getattr(preferences, name) for name in NAMES}
    with immediate(db):
        row = db.conn.execute(_SET, facts).fetchone()
        if row is None:
            return False
        # The second condition on `state` is the partial index's own, as in `mutes`.
        db.conn.execute(
            "UPDATE deliveries INDEXED BY deliveries_open SET due = ?, reason = NULL"
            " WHERE subscriber = ? AND state = 'queued' AND state IN ('queued', 'sending') AND reason = ?",
            [now, *row, HELD],
        )
    return True


def wants_dark(db: Database, chat_id: int, thread_id: int) -> bool:
    """Whether pictures for a chat are to be dark; False where it is no subscriber."""
    row = db.execute(
        "SELECT dark FROM subscribers WHERE chat_id = ? AND thread_id = ?", [chat_id, thread_id]
    ).fetchone()
    return row is not None and bool(row[0])


# A digest that is asked for at noon for eight o'clock begins tomorrow.
_SET = """
    UPDATE subscribers SET
        digest_asked = CASE WHEN (digest, digest_day, time_zone) IS (:digest, :digest_day, :time_zone)
                       THEN digest_asked ELSE :now END,
        least = :least, silent_below = :silent_below, time_zone = :time_zone,
        quiet_from = :quiet_from, quiet_to = :quiet_to, quiet_hold = :hold, high_passes = :high_passes,
        digest = :digest, digest_day = :digest_day, dark = :dark, changed = :now
    WHERE chat_id = :chat AND thread_id = :thread RETURNING id
"""
