"""On which terms does a chat get what it asked for?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.signals.timeframe import Instant
from bot.store.database import immediate
from bot.store.sqlite import Database

HELD = "held until the quiet hours end"


@dataclass(frozen=True, slots=True)
class Preferences:
    """A chat's settings.

    `least` and `silent_below` are ranks of severity (0 low, 1 normal, 2 high; 3 means all are silent).
    `quiet_from`, `quiet_to` and `digest` are minutes after midnight in `time_zone`, None where not wanted.
    In quiet hours a message comes without a sound; with `hold` it waits until they end; with `high_passes`
    they mean nothing to high severity. `digest_day` is the weekday of a weekly digest, 0 Monday; None: daily.
    """

    least: int = 0
    silent_below: int = 0
    time_zone: str = "UTC"
    quiet_from: int | None = None
    quiet_to: int | None = None
    hold: bool = False
    high_passes: bool = False
    digest: int | None = None
    digest_day: int | None = None


def preferences_from(columns: Sequence[Any]) -> Preferences:
    """The terms in columns of `subscribers`, in the order of the fields."""
    least, silent_below, zone, quiet_from, quiet_to, hold, high_passes, digest, digest_day = columns
    return Preferences(
        least, silent_below, zone, quiet_from, quiet_to, bool(hold), bool(high_passes), digest, digest_day
    )


def save_preferences(db: Database, chat_id: int, thread_id: int, preferences: Preferences, now: Instant) -> bool:
    """Put other terms in place of a chat's own. What is held goes by the new ones at once.

    False where the chat is no subscriber.
    """
    facts = {"chat": chat_id, "thread": thread_id, "now": now, "held": HELD}
    facts |= {name: getattr(preferences, name) for name in Preferences.__slots__}
    with immediate(db):
        row = db.conn.execute(_SET, facts).fetchone()
        if row is None:
            return False
        db.conn.execute(
            "UPDATE deliveries SET due = ?, reason = NULL WHERE subscriber = ? AND state = 'queued' AND reason = ?",
            [now, *row, HELD],
        )
    return True


# A digest that is asked for at noon for eight o'clock begins tomorrow.
_SET = """
    UPDATE subscribers SET
        digest_asked = CASE WHEN (digest, digest_day, time_zone) IS (:digest, :digest_day, :time_zone)
                       THEN digest_asked ELSE :now END,
        least = :least, silent_below = :silent_below, time_zone = :time_zone,
        quiet_from = :quiet_from, quiet_to = :quiet_to, quiet_hold = :hold, high_passes = :high_passes,
        digest = :digest, digest_day = :digest_day, changed = :now
    WHERE chat_id = :chat AND thread_id = :thread RETURNING id
"""
