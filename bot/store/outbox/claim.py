"""Claiming deliveries: which ones go next, and all that is needed to send them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from bot.alert import Buttons
from bot.severity import Severity
from bot.signals.timeframe import Instant
from bot.store.database import immediate
from bot.store.outbox.queue import HEADS
from bot.store.sqlite import Database
from bot.store.subscribers.preferences import NAMES, preference_columns, preferences_from
from bot.subscriber import Preferences


@dataclass(frozen=True, slots=True)
class MessageContent:
    """What a message says, the same to all who get it. `photo` is the picture, or the id that Telegram gave it."""

    message: int
    html: str
    photo: bytes | str | None
    buttons: Buttons


class ClaimedDelivery(NamedTuple):
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


def _claimed(db: Database, picked: str) -> list[ClaimedDelivery]:
    (told,) = db.conn.execute(_DETAILS, [picked]).fetchone()
    rows = json.loads(told)
    # The picture is read once per message, not once per chat.
    messages = json.dumps(sorted({row[0] for row in rows}))
    contents = {
        message: MessageContent(message, html, photo_id or photo, _buttons(buttons))
        for message, html, photo_id, photo, buttons in db.conn.execute(_CONTENTS, [messages])
    }
    claimed = [_delivery(contents[row[0]], row) for row in rows]
    return sorted(claimed, key=lambda each: (-each.severity, each.id))


def _delivery(content: MessageContent, row: Sequence[Any]) -> ClaimedDelivery:
    """A row of _DETAILS, without the message, as the fields want it."""
    *first, rank, created, silent, plain, bare, refusals, since = row[1 : -len(NAMES)]
    flags = bool(silent), bool(plain), bool(bare)
    preferences = preferences_from(row[-len(NAMES) :])
    return ClaimedDelivery._make((content, *first, Severity(rank), created, *flags, refusals, since, preferences))


def _buttons(text: str) -> Buttons:
    rows: list[list[list[Any]]] = json.loads(text)
    return tuple(tuple((str(label), str(data)) for label, data in row) for row in rows)


# One row, as JSON, not one for each delivery: between two rows SQLite lets go of the interpreter's lock, and has to
# wait until the event loop has done what it then does.
_NEXT = f"""
    SELECT json_group_array(id) FROM (
        SELECT d.id {HEADS % "deliveries_queued"} AND d.due <= :now ORDER BY d.rank DESC, d.id LIMIT :limit
    )
"""

_TAKE = "UPDATE deliveries SET state = 'sending' WHERE state = 'queued' AND id IN (SELECT value FROM json_each(?))"

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
