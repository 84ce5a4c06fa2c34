"""What is written down after an attempt to send?"""

from __future__ import annotations

from functools import partial

from bot.delivery.decide import Bare, Decision, Drop, Migrate, Plain, Retry, StopAll, SwitchOff
from bot.delivery.outcome import Sent
from bot.store.outbox import Claimed, Mark, mark_dropped, mark_retry, mark_sent
from bot.store.subscribers import migrate_chat, switch_off
from bot.store.vendor import Database


def mark_for(claimed: Claimed, outcome: Sent | Decision, detail: str, now: float) -> Mark:
    """The write that puts `outcome` of sending `claimed` on record; `detail` says what the failure was."""
    again = partial(mark_retry, delivery=claimed.id, at=now, reason=detail)
    mark: Mark
    match outcome:
        case Sent(message_id, photo_id):
            mark = partial(mark_sent, delivery=claimed.id, message_id=message_id, now=now, photo_id=photo_id)
        case Retry(after):
            mark = partial(mark_retry, delivery=claimed.id, at=now + after, reason=detail)
        case Drop(reason):
            mark = partial(mark_dropped, delivery=claimed.id, reason=reason, now=now)
        case SwitchOff(reason):
            mark = partial(_switch_off, claimed=claimed, reason=reason, now=now)
        case Migrate(new):
            mark = partial(_migrate, claimed=claimed, new=new, again=again, now=now)
        case Plain() | Bare():
            plain = isinstance(outcome, Plain)
            mark = partial(again, plain=plain, bare=not plain, counted=False)
        case StopAll():
            mark = partial(again, counted=False)
    return mark


def wait_for(claimed: Claimed, at: float) -> Mark:
    """The write that puts back a delivery whose chat has had enough for the moment."""
    return partial(mark_retry, delivery=claimed.id, at=at, reason="pace", counted=False)


def _switch_off(db: Database, claimed: Claimed, reason: str, now: float) -> None:
    mark_dropped(db, claimed.id, reason, now)
    switch_off(db, claimed.chat_id, reason, int(now))


def _migrate(db: Database, claimed: Claimed, new: int, again: Mark, now: float) -> None:
    again(db)
    migrate_chat(db, claimed.chat_id, new, int(now))
