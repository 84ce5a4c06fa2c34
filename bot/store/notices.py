"""Notices: messages that are no alert, for the operators, for everybody, or as a sample for one."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Literal

from bot.alert import Buttons
from bot.severity import Severity
from bot.signals.timeframe import DAY, Instant
from bot.store.database import immediate
from bot.store.enqueue import enqueue, insert_message
from bot.store.sqlite import Database

Audience = Literal["operators", "all"]

KEPT_SECONDS = 30 * DAY
"""Seconds for which a notice is kept for an operator whom it could not reach."""

_TO = {"operators": "s.operator = 1", "all": "s.state = 'active'"}


@dataclass(frozen=True, slots=True)
class SampleAlert:
    """What an alert said; `photo` is its picture, or the id that Telegram gave it."""

    html: str
    photo: bytes | str | None = None
    buttons: Buttons = ()


def notice(db: Database, html: str, audience: Audience, now: Instant, severity: Severity = Severity.NORMAL) -> int:
    """Queue `html` for the operators, or for every active subscriber. Returns how many will get it.

    An operator gets notices even if unsubscribed, or unreachable until now.
    """
    with immediate(db):
        return enqueue(db, insert_message(db, "notice", html, now), severity, now, to=_TO[audience])


def newest_alert(db: Database) -> SampleAlert | None:
    """The last firing that was recorded; None where there was none yet."""
    row = db.execute(
        "SELECT m.html, coalesce(m.photo_id, m.photo), m.buttons FROM messages m WHERE m.kind = 'alert' AND EXISTS ("
        " SELECT 1 FROM message_events told JOIN events e ON e.id = told.event"
        " WHERE told.message = m.id AND e.kind = 'fired') ORDER BY m.id DESC LIMIT 1"
    ).fetchone()
    if row is None:
        return None
    html, photo, buttons = row
    return SampleAlert(html, photo, tuple(tuple((text, data) for text, data in each) for each in json.loads(buttons)))


def queue_sample(db: Database, chat_id: int, sample: SampleAlert, now: Instant) -> bool:
    """Put it into the outbox for one private chat, before everything else. False where that is no subscriber."""
    with immediate(db):
        message = insert_message(db, "notice", sample.html, now, sample.photo, sample.buttons)
        to = "s.chat_id = :chat AND s.thread_id = 0"
        return bool(enqueue(db, message, Severity.HIGH, now, to=to, facts={"chat": chat_id}))


def requeue_notices(db: Database, user_id: int, now: Instant) -> int:
    """Queue again what an operator was to be told and could not be, now that they have written. Returns how much."""
    with immediate(db):
        return db.conn.execute(
            "UPDATE deliveries SET state = 'queued', due = :now, attempts = 0, finished = NULL, reason = NULL"
            " WHERE id IN (SELECT d.id FROM deliveries d JOIN messages m ON m.id = d.message"
            " JOIN subscribers s ON s.id = d.subscriber"
            " WHERE (d.state = 'dropped' AND d.finished >= :since OR d.state = 'queued' AND +d.due > :now)"
            " AND m.kind = 'notice' AND s.operator = 1 AND s.chat_id = :chat AND s.thread_id = 0)",
            {"now": now, "since": now - KEPT_SECONDS, "chat": user_id},
        ).rowcount
