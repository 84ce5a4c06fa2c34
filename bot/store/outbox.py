"""Outbox: which delivery goes next, and what became of those that went."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.alert import Buttons
from bot.severity import Severity
from bot.signals.timeframe import DAY, Instant
from bot.store.alerts import OPENING
from bot.store.database import immediate
from bot.store.meta import HELD_BACK, PAUSED
from bot.store.sqlite import Database
from bot.store.subscribers.preferences import HELD, NAMES, preference_columns, preferences_from
from bot.subscriber import Preferences

UNANSWERABLE = "the alert that it answers never reached this chat"
TOO_LATE = "too late"
AT_ONCE = 1_000
"""Deliveries whose hour is changed in one transaction, so that nothing else waits long for the file."""


@dataclass(frozen=True, slots=True)
class MessageContent:
    """What a message says, the same to all who get it. `photo` is the picture, or the id that Telegram gave it."""

    message: int
    html: str
    photo: bytes | str | None
    buttons: Buttons


@dataclass(frozen=True, slots=True)
class ClaimedDelivery:
    """A delivery that is this process's to send, until it is marked.

    `attempts` are those that failed, `unclear` those of them after which nobody knew whether it had arrived.
    `plain` asks for the text without markup, `bare` for the message without its picture. Telegram has refused the
    chat `refusals` times in a row, from `refused_since` on. `preferences` are the chat's settings as of now.
    """

    content: MessageContent
    id: int
    subscriber: int
    chat_id: int
    thread_id: int
    reply_to: int | None
    attempts: int
    unclear: int
    severity: Severity
    created: Instant
    silent: bool
    plain: bool
    bare: bool
    refusals: int
    refused_since: Instant | None
    preferences: Preferences


@dataclass(frozen=True, slots=True)
class QueueDepth:
    """How many deliveries wait and are under way, and when the oldest unfinished one was queued."""

    queued: int
    sending: int
    oldest: Instant | None


def claim(db: Database, now: float, limit: int) -> list[ClaimedDelivery]:
    """Take up to `limit` deliveries that are due, high severity first, then the oldest.

    At most one of each subscriber: its next one in that order, and none while one is under way or waits for
    another attempt. So messages of equal severity never overtake each other in a chat, and what follows an
    alert is never sent before it. While the bot is paused, or alerts are held back, none are taken (`meta`).
    """
    with immediate(db):
        (picked,) = db.conn.execute(_NEXT, {"now": now, "limit": limit}).fetchone()
        if picked == "[]":
            return []
        db.conn.execute(_TAKE, [picked])
        return _claimed(db, picked)


def mark_sent(db: Database, sent: Mapping[int, int], now: float) -> None:
    """Telegram has these deliveries, each under the id of a message in its chat."""
    db.conn.execute(_SENT, {"now": int(now), "sent": json.dumps(list(sent.items()))})


def mark_retry(
    db: Database,
    delivery: int,
    at: float,
    reason: str,
    *,
    counted: bool = True,
    unclear: bool = False,
    plain: bool = False,
    bare: bool = False,
) -> None:
    """Try it again at `at`; `plain` and `bare` stay once they are set.

    Not `counted`: that was no attempt. `unclear`: it may have arrived.
    """
    db.conn.execute(
        "UPDATE deliveries SET state = 'queued', due = ?, reason = ?, attempts = attempts + ?, unclear = unclear + ?,"
        " plain = max(plain, ?), bare = max(bare, ?) WHERE id = ? AND state = 'sending'",
        [at, reason, counted, unclear, plain, bare, delivery],
    )


def mark_dropped(db: Database, delivery: int, reason: str, now: float) -> None:
    """Give it up, and with it what follows in the same alert: nobody gets the answer to what they never read."""
    row = db.conn.execute(
        "UPDATE deliveries SET state = 'dropped', reason = ?, finished = ?"
        " WHERE id = ? AND state = 'sending' RETURNING subscriber",
        [reason, int(now), delivery],
    ).fetchone()
    if row is not None:
        db.conn.execute(_ORPHANS_OF_ONE, {"now": int(now), "reason": UNANSWERABLE, "subscriber": row[0]})


def release(db: Database, deliveries: Sequence[int]) -> None:
    """Put back what was claimed and never tried."""
    db.conn.execute(_RELEASE, [json.dumps(deliveries)])


def hold(db: Database, until: Iterable[tuple[int, float]]) -> None:
    """Put back what came into its chat's quiet hours, each delivery until its own instant."""
    with immediate(db):
        db.conn.executemany(
            "UPDATE deliveries SET state = 'queued', due = ?, reason = ? WHERE id = ? AND state = 'sending'",
            [(at, HELD, delivery) for delivery, at in until],
        )


def requeue_interrupted(db: Database, now: float) -> int:
    """Queue again what was under way when the process died; call it before the first claim.

    Telegram may have some of these already: as many as were being sent at that instant, which is no more
    than the worker's limit in flight. Returns how many were found.
    """
    return db.conn.execute(
        "UPDATE deliveries SET state = 'queued', attempts = attempts + 1, due = ? WHERE state = 'sending'", [now]
    ).rowcount


def release_all(db: Database) -> None:
    """Put back all that is claimed; for a worker that has ended, so that none of it is under way."""
    db.conn.execute("UPDATE deliveries SET state = 'queued' WHERE state = 'sending'")


def retry_now(db: Database, now: float, *, every: bool = False) -> int:
    """Let what waits for another attempt go at once: that which did not get through, or `every` delivery.

    Returns how many there were, AT_ONCE at most (`Store.run_in_parts`). A chat's quiet hours and pauses are heeded when
    it is claimed.
    """
    return db.conn.execute(_ALL_NOW if every else _FAILED_NOW, {"now": now, "most": AT_ONCE}).rowcount


def retry_after_restart(db: Database, now: float) -> int:
    """Let what waits go at once, as `retry_now` does, save what Telegram asked to wait for: that it may still want.

    No such wait is longer than a day: a due time beyond that is of a clock that was ahead.
    """
    return db.conn.execute(_AFTER_RESTART, {"now": now, "longest": now + DAY, "most": AT_ONCE}).rowcount


def drop_too_late(db: Database, now: float, age: float, high_age: float) -> int:
    """Give up what has waited longer than `age` seconds, or `high_age` if it is of high severity.

    Returns how many there were, of the late ones AT_ONCE at most (`Store.run_in_parts`).
    """
    with immediate(db):
        dropped = db.conn.execute(
            _TOO_LATE,
            {"now": int(now), "reason": TOO_LATE, "high": Severity.HIGH, "oldest_high": now - high_age}
            | {"oldest": now - age, "either": now - min(age, high_age), "most": AT_ONCE},
        ).fetchall()
        told = json.dumps(sorted({message for (message,) in dropped}))
        facts = {"now": int(now), "reason": UNANSWERABLE, "told": told}
        return len(dropped) + db.conn.execute(_ORPHANS_OF_MESSAGES, facts).rowcount


def any_queued(db: Database) -> bool:
    """Whether any delivery waits, due or not."""
    return db.conn.execute("SELECT 1 FROM deliveries WHERE state = 'queued' LIMIT 1").fetchone() is not None


def next_due(db: Database) -> float | None:
    """When the next delivery can be claimed, as things stand; None where none is queued."""
    row = db.execute(_NEXT_DUE).fetchone()
    return None if row is None else float(row[0])


def queue_depth(db: Database) -> QueueDepth:
    """What is in the outbox."""
    return QueueDepth(*db.execute(_DEPTH).fetchone())


def dropped_since(db: Database, since: Instant) -> dict[str, int]:
    """How many deliveries were given up since then, by reason."""
    return dict(
        db.execute(
            "SELECT reason, count(*) FROM deliveries WHERE state = 'dropped' AND finished >= ? GROUP BY reason", [since]
        ).fetchall()
    )


def _claimed(db: Database, picked: str) -> list[ClaimedDelivery]:
    (told,) = db.conn.execute(_DETAILS, [picked]).fetchone()
    rows = json.loads(told)
    # The picture is read once per message, not once per chat.
    messages = json.dumps(sorted({row[0] for row in rows}))
    contents = {
        message: MessageContent(message, html, photo_id or photo, _buttons(buttons))
        for message, html, photo_id, photo, buttons in db.conn.execute(_CONTENTS, [messages])
    }
    claimed = [
        ClaimedDelivery(contents[message], *_typed(facts[: -len(NAMES)], facts[-len(NAMES) :]))
        for message, *facts in rows
    ]
    return sorted(claimed, key=lambda each: (-each.severity, each.id))


def _typed(columns: Sequence[Any], preferences: Sequence[Any]) -> tuple[Any, ...]:
    """The columns of _DETAILS after the event, as the fields of `ClaimedDelivery` want them."""
    *first, rank, created, silent, plain, bare, refusals, since = columns
    flags = (bool(silent), bool(plain), bool(bare))
    return (*first, Severity(rank), created, *flags, refusals, since, preferences_from(preferences))


def _buttons(text: str) -> Buttons:
    rows: list[list[list[Any]]] = json.loads(text)
    return tuple(tuple((str(label), str(data)) for label, data in row) for row in rows)


# While the bot is paused, or alerts are held back (meta), alerts wait; what belongs to no alert passes them.
_FREE = f"""
    (NOT EXISTS (SELECT 1 FROM meta WHERE key IN ('{PAUSED}', '{HELD_BACK}'))
     OR EXISTS (SELECT 1 FROM messages n WHERE n.id = %s.message AND n.kind <> 'alert'))
"""

# Of each chat the first in the order of the queue, where none is under way.
_HEADS = f"""
    FROM deliveries d INDEXED BY %s
    WHERE d.state = 'queued' AND {_FREE % "d"}
      AND d.id = (
          SELECT o.id FROM deliveries o INDEXED BY deliveries_open
          WHERE o.subscriber = d.subscriber AND o.state IN ('queued', 'sending') AND {_FREE % "o"}
          ORDER BY o.rank DESC, o.id LIMIT 1
      )
      AND NOT EXISTS (
          SELECT 1 FROM deliveries o INDEXED BY deliveries_sending
          WHERE o.subscriber = d.subscriber AND o.state = 'sending'
      )
"""

# One row, as JSON, not one for each delivery: between two rows SQLite lets go of the interpreter's lock, and has to
# wait until the event loop has done what it then does.
_NEXT = f"""
    SELECT json_group_array(id) FROM (
        SELECT d.id {_HEADS % "deliveries_queued"} AND d.due <= :now ORDER BY d.rank DESC, d.id LIMIT :limit
    )
"""

_TAKE = "UPDATE deliveries SET state = 'sending' WHERE state = 'queued' AND id IN (SELECT value FROM json_each(?))"

_RELEASE = "UPDATE deliveries SET state = 'queued' WHERE state = 'sending' AND id IN (SELECT value FROM json_each(?))"

_SENT = """
    UPDATE deliveries SET state = 'sent', message_id = told.message_id, finished = :now, reason = NULL
    FROM (SELECT json_extract(value, '$[0]') AS id, json_extract(value, '$[1]') AS message_id
          FROM json_each(:sent)) told
    WHERE deliveries.id = told.id AND deliveries.state = 'sending'
"""

_NEXT_DUE = f"SELECT d.due {_HEADS % 'deliveries_due'} ORDER BY d.due LIMIT 1"

_DEPTH = """
    SELECT (SELECT count(*) FROM deliveries INDEXED BY deliveries_waiting WHERE state = 'queued'),
           (SELECT count(*) FROM deliveries INDEXED BY deliveries_sending WHERE state = 'sending'),
           (SELECT min(oldest) FROM (
               SELECT min(created) AS oldest FROM deliveries INDEXED BY deliveries_waiting WHERE state = 'queued'
               UNION ALL
               SELECT min(created) FROM deliveries INDEXED BY deliveries_sending WHERE state = 'sending'
           ))
"""

_TOO_LATE = """
    UPDATE deliveries SET state = 'dropped', reason = :reason, finished = :now WHERE id IN (
        SELECT id FROM deliveries INDEXED BY deliveries_waiting
        WHERE state = 'queued' AND created < :either AND created < iif(rank >= :high, :oldest_high, :oldest)
        ORDER BY created LIMIT :most
    ) RETURNING message
"""

_NOW = """
    UPDATE deliveries SET due = :now WHERE id IN (
        SELECT id FROM deliveries INDEXED BY %s WHERE state = 'queued' AND due > :now AND %s LIMIT :most
    )
"""

_ALL_NOW = _NOW % ("deliveries_due", "true")
_AFTER_RESTART = _NOW % ("deliveries_due", "NOT (coalesce(reason, '') LIKE 'flood%' AND due <= :longest)")
_FAILED_NOW = _NOW % ("deliveries_failed", "attempts > 0 AND (reason LIKE 'not sent%' OR reason LIKE 'ambiguous%')")

_DETAILS = f"""
    SELECT json_group_array(json_array(
           d.message, d.id, s.id, s.chat_id, s.thread_id,
           (SELECT r.message_id FROM message_events told JOIN events e ON e.id = told.event
            JOIN events x ON x.alert = e.alert AND x.id < e.id JOIN message_events first ON first.event = x.id
            JOIN deliveries r ON r.message = first.message AND r.subscriber = d.subscriber AND r.state = 'sent'
            WHERE told.message = d.message ORDER BY x.id LIMIT 1),
           d.attempts, d.unclear, d.rank, d.created, d.silent, d.plain, d.bare, s.refusals, s.refused_since,
           {preference_columns("s")}))
    FROM json_each(?) picked JOIN deliveries d ON d.id = picked.value
    JOIN subscribers s ON s.id = d.subscriber
"""

_CONTENTS = """
    SELECT id, html, photo_id, CASE WHEN photo_id IS NULL THEN photo END, buttons
    FROM messages WHERE id IN (SELECT value FROM json_each(?))
"""

_ORPHANS = f"""
    UPDATE deliveries SET state = 'dropped', reason = :reason, finished = :now
    WHERE state = 'queued'
      AND EXISTS (SELECT 1 FROM messages m WHERE m.id = deliveries.message AND m.kind = 'alert')
      AND NOT EXISTS (
          SELECT 1 FROM message_events told JOIN events e ON e.id = told.event
          WHERE told.message = deliveries.message AND (e.kind IN ({OPENING}) OR EXISTS (
              SELECT 1 FROM events x JOIN message_events first ON first.event = x.id
              JOIN deliveries r ON r.message = first.message AND r.subscriber = deliveries.subscriber
              WHERE x.alert = e.alert AND x.kind IN ({OPENING}) AND r.state <> 'dropped'
          ))
      )
"""

_ORPHANS_OF_MESSAGES = f"""{_ORPHANS} AND id IN (
    SELECT d.id FROM json_each(:told) JOIN message_events opened ON opened.message = value
    JOIN events o ON o.id = opened.event JOIN events e ON e.alert = o.alert
    JOIN message_events answer ON answer.event = e.id
    JOIN deliveries d ON d.message = answer.message WHERE d.state = 'queued'
)"""

_ORPHANS_OF_ONE = f"{_ORPHANS} AND subscriber = :subscriber AND state IN ('queued', 'sending')"
