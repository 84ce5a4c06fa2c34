"""What is written down after an attempt to send?"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from bot.delivery.decide import Bare, Decision, Drop, Migrate, Plain, Retry, StopAll, SwitchOff, Upload
from bot.delivery.outcome import Sent
from bot.store.outbox import Claimed, Mark, forget_photo_id, mark_dropped, mark_retry, mark_sent
from bot.store.subscribers import migrate_chat, switch_off
from bot.store.vendor import Database


def mark_for(
    claimed: Claimed, outcome: Sent | Decision, detail: str, now: float, photo: bytes | str | None = None
) -> Mark:
    """The write that puts `outcome` of sending `claimed` on record.

    `detail` says what the failure was, `photo` with which picture it was sent.
    """
    again = partial(mark_retry, delivery=claimed.id, at=now, reason=detail)
    mark: Mark
    match outcome:
        case Sent(message_id, photo_id):
            mark = partial(mark_sent, delivery=claimed.id, message_id=message_id, now=now, photo_id=photo_id)
        case Retry(after, unclear):
            mark = partial(mark_retry, delivery=claimed.id, at=now + after, reason=detail, unclear=unclear)
        case Drop(reason):
            mark = partial(mark_dropped, delivery=claimed.id, reason=reason, now=now)
        case SwitchOff(reason, topic_only):
            topic = claimed.thread_id if topic_only else None
            mark = partial(_switch_off, claimed=claimed, reason=reason, now=now, topic=topic)
        case Migrate(new):
            mark = partial(_migrate, claimed=claimed, new=new, again=again, now=now)
        case Plain() | Bare():
            plain = isinstance(outcome, Plain)
            mark = partial(again, plain=plain, bare=not plain, counted=False)
        case Upload():
            mark = partial(_upload, claimed=claimed, photo_id=str(photo), again=again)
        case StopAll():
            mark = partial(again, counted=False)
    return mark


def wait_for(claimed: Claimed, at: float) -> Mark:
    """The write that puts back a delivery whose chat has had enough for the moment."""
    return partial(mark_retry, delivery=claimed.id, at=at, reason="pace", counted=False)


def _switch_off(db: Database, claimed: Claimed, reason: str, now: float, topic: int | None) -> None:
    mark_dropped(db, claimed.id, reason, now)
    switch_off(db, claimed.chat_id, reason, int(now), topic)


def _upload(db: Database, claimed: Claimed, photo_id: str, again: Callable[..., None]) -> None:
    forget_photo_id(db, claimed.letter.event, photo_id)
    again(db, counted=False)


def _migrate(db: Database, claimed: Claimed, new: int, again: Mark, now: float) -> None:
    again(db)
    migrate_chat(db, claimed.chat_id, new, int(now))
