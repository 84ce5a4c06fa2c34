"""Recording: what is written down after an attempt to send, or where it was put off."""

from __future__ import annotations

from bot.delivery.retry_policy import (
    Decision,
    Drop,
    Migrate,
    PauseAll,
    PauseChat,
    Retry,
    SwitchOff,
    Upload,
    WithoutMarkup,
    WithoutPhoto,
)
from bot.delivery.transport import Sent
from bot.store.outbox import ClaimedDelivery, forget_photo_id, mark_dropped, mark_retry, mark_sent
from bot.store.sqlite import Database
from bot.store.subscribers.refusals import forget_refusals, note_refusal
from bot.store.subscribers.subscribers import mark_unreachable, migrate_chat


def record_outcome(
    db: Database,
    claimed: ClaimedDelivery,
    outcome: Sent | Decision,
    detail: str,
    now: float,
    photo: bytes | str | None = None,
) -> None:
    """Put `outcome` of sending `claimed` on record.

    `detail` says what the failure was, `photo` with which picture it was sent.
    """
    match outcome:
        case Sent(message_id, photo_id):
            mark_sent(db, claimed.id, message_id, now, photo_id)
            if claimed.refusals:
                forget_refusals(db, claimed.subscriber)
        case Retry(after, unclear, refused):
            mark_retry(db, claimed.id, now + after, detail, unclear=unclear)
            _note(db, claimed, detail, now, refused=refused)
        case Drop(reason, refused):
            mark_dropped(db, claimed.id, reason, now)
            _note(db, claimed, detail, now, refused=refused)
        case SwitchOff(reason, topic_only):
            mark_dropped(db, claimed.id, reason, now)
            mark_unreachable(db, claimed.chat_id, reason, int(now), claimed.thread_id if topic_only else None)
        case Migrate(new):
            mark_retry(db, claimed.id, now, detail)
            migrate_chat(db, claimed.chat_id, new, int(now))
        case WithoutMarkup() | WithoutPhoto():
            plain = isinstance(outcome, WithoutMarkup)
            mark_retry(db, claimed.id, now, detail, plain=plain, bare=not plain, counted=False)
        case Upload():
            forget_photo_id(db, claimed.content.message, str(photo))
            mark_retry(db, claimed.id, now, detail)
        case PauseChat() | PauseAll():
            wait = outcome.seconds if isinstance(outcome, PauseChat) else 0.0
            mark_retry(db, claimed.id, now + wait, detail, counted=False)


def record_postponed(db: Database, claimed: ClaimedDelivery, at: float) -> None:
    """Put back a delivery that was not tried, until its chat may have another one."""
    mark_retry(db, claimed.id, at, "pace", counted=False)


def _note(db: Database, claimed: ClaimedDelivery, detail: str, now: float, *, refused: bool) -> None:
    if refused:
        note_refusal(db, claimed.subscriber, detail, int(now))
