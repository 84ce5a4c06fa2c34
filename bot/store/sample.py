"""How is a sample alert sent to one chat on the road that all alerts take?"""

from __future__ import annotations

import json
from dataclasses import dataclass

from bot.alert import Buttons
from bot.signals.timeframe import Instant
from bot.store.database import immediate
from bot.store.schema import RANKS
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
    picture = (None, sample.photo) if isinstance(sample.photo, str) else (sample.photo, None)
    with immediate(db):
        (event,) = db.conn.execute(
            "INSERT INTO events (kind, bar, at, digest, html, photo, photo_id, buttons, created)"
            " VALUES ('notice', 0, ?1, '', ?2, ?3, ?4, ?5, ?1) RETURNING id",
            [now, sample.html, *picture, json.dumps(sample.buttons)],
        ).fetchone()
        return bool(
            db.conn.execute(
                "INSERT INTO deliveries (event, subscriber, rank, due, created)"
                " SELECT ?, id, ?, ?, ? FROM subscribers WHERE chat_id = ? AND thread_id = 0",
                [event, RANKS["high"], now, now, chat_id],
            ).rowcount
        )
