"""Sample alert: the last one again, to one chat, on the road that all alerts take."""

from __future__ import annotations

import json
from dataclasses import dataclass

from bot.alert import Buttons
from bot.severity import Severity
from bot.signals.timeframe import Instant
from bot.store.database import immediate
from bot.store.enqueue import enqueue, insert_message
from bot.store.sqlite import Database


@dataclass(frozen=True, slots=True)
class Sample:
    """What an alert said; `photo` is its picture, or the id that Telegram gave it."""

    html: str
    photo: bytes | str | None = None
    buttons: Buttons = ()


def newest_alert(db: Database) -> Sample | None:
    """The last firing that was recorded; None where there was none yet."""
    row = db.execute(
        "SELECT m.html, coalesce(m.photo_id, m.photo), m.buttons FROM messages m WHERE m.kind = 'alert' AND EXISTS ("
        " SELECT 1 FROM message_events told JOIN events e ON e.id = told.event"
        " WHERE told.message = m.id AND e.kind = 'fired') ORDER BY m.id DESC LIMIT 1"
    ).fetchone()
    if row is None:
        return None
    html, photo, buttons = row
    return Sample(html, photo, tuple(tuple((text, data) for text, data in each) for each in json.loads(buttons)))


def queue_sample(db: Database, chat_id: int, sample: Sample, now: Instant) -> bool:
    """Put it into the outbox for one private chat, before everything else. False where that is no subscriber."""
    with immediate(db):
        message = insert_message(db, "notice", sample.html, now, sample.photo, sample.buttons)
        to = "s.chat_id = :chat AND s.thread_id = 0"
        return bool(enqueue(db, message, Severity.HIGH, now, to=to, facts={"chat": chat_id}))
