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
        "SELECT html, coalesce(photo_id, photo), buttons FROM events"
        " WHERE kind = 'fired' AND alert IS NOT NULL ORDER BY id DESC LIMIT 1"
    ).fetchone()
    if row is None:
        return None
    html, photo, buttons = row
    return Sample(html, photo, tuple(tuple((text, data) for text, data in each) for each in json.loads(buttons)))


def queue_sample(db: Database, chat_id: int, sample: Sample, now: Instant) -> bool:
    """Put it into the outbox for one private chat, before everything else. False where that is no subscriber."""
    with immediate(db):
        event = insert_message(db, "notice", sample.html, now, sample.photo, sample.buttons)
        to = "s.chat_id = :chat AND s.thread_id = 0"
        return bool(enqueue(db, event, Severity.HIGH, now, to=to, facts={"chat": chat_id}))
