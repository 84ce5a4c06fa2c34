"""What is written down after an attempt to send?"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from bot.delivery.retry_policy import (
    Decision,
    Drop,
    Migrate,
    Retry,
    StopAll,
    SwitchOff,
    Upload,
    WithoutMarkup,
    WithoutPhoto,
)
from bot.delivery.transport import Sent
from bot.store.outbox import ClaimedDelivery, Write, forget_photo_id, mark_dropped, mark_retry, mark_sent
from bot.store.sqlite import Database
from bot.store.subscribers.subscribers import mark_unreachable, migrate_chat


def write_outcome(
    claimed: ClaimedDelivery, outcome: Sent | Decision, detail: str, now: float, photo: bytes | str | None = None
) -> Write:
    """The write that puts `outcome` of sending `claimed` on record.

    `detail` says what the failure was, `photo` with which picture it was sent.
    """
    again = partial(mark_retry, delivery=claimed.id, at=now, reason=detail)
    mark: Write
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
        case WithoutMarkup() | WithoutPhoto():
            plain = isinstance(outcome, WithoutMarkup)
            mark = partial(again, plain=plain, bare=not plain, counted=False)
        case Upload():
            mark = partial(_upload, claimed=claimed, photo_id=str(photo), again=again)
        case StopAll():
            mark = partial(again, counted=False)
    return mark


def write_postponed(claimed: ClaimedDelivery, at: float) -> Write:
    """The write that puts back a delivery whose chat has had enough for the moment."""
    return partial(mark_retry, delivery=claimed.id, at=at, reason="pace", counted=False)


def _switch_off(db: Database, claimed: ClaimedDelivery, reason: str, now: float, topic: int | None) -> None:
    mark_dropped(db, claimed.id, reason, now)
    mark_unreachable(db, claimed.chat_id, reason, int(now), topic)


def _upload(db: Database, claimed: ClaimedDelivery, photo_id: str, again: Callable[..., None]) -> None:
    forget_photo_id(db, claimed.content.message, photo_id)
    again(db, counted=False)


def _migrate(db: Database, claimed: ClaimedDelivery, new: int, again: Write, now: float) -> None:
    again(db)
    migrate_chat(db, claimed.chat_id, new, int(now))
