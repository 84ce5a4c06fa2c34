"""Recording: what is written down after an attempt to send, or where it was put off."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

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
from bot.store.database import immediate
from bot.store.enqueue import forget_photo_id, set_photo_id
from bot.store.outbox.claim import ClaimedDelivery
from bot.store.outbox.outcomes import mark_dropped, mark_retry, mark_sent, release
from bot.store.sqlite import Database
from bot.store.store import Store, StoreError
from bot.store.subscribers.refusals import forget_refusals, note_refusal
from bot.store.subscribers.subscribers import mark_unreachable, migrate_chat

log = logging.getLogger(__name__)

_STORE_PAUSE_SECONDS = 5.0
_GATHER_SECONDS = 0.005  # a call of the store costs as much as sending a message, whether it writes one line or fifty


@dataclass(frozen=True, slots=True)
class PutBack:
    """It was not tried: the order is made anew. `wait`: its chat may have another one after so many seconds."""

    wait: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Attempt:
    """What came of a claim; `detail` says what the failure was, `photo` with which picture it was sent.

    It was `began` then, on the clock of the pace; None where it was not tried.
    """

    claimed: ClaimedDelivery
    outcome: Sent | Decision | PutBack
    detail: str = ""
    photo: bytes | str | None = None
    began: float | None = None


class Recorder:
    """Puts attempts on record; those that end within some milliseconds go together, in one call of the store.

    `under_way` counts the messages that were begun and are not on record yet: so many may arrive twice if the process
    is killed. `clock` gives seconds since 1970. Where the store can't work it is tried again until `stopping`.
    `recorded` is called with those that are on record, or can't be any more.
    """

    def __init__(
        self,
        store: Store,
        clock: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]],
        stopping: asyncio.Event,
        recorded: Callable[[Sequence[Attempt]], None],
    ) -> None:
        self._store, self._clock, self._sleep, self._stopping = store, clock, sleep, stopping
        self._recorded = recorded
        self.under_way = 0
        self._waiting: list[Attempt] = []
        self._writer: asyncio.Task[None] | None = None
        self._enough = asyncio.Event()

    def keep(self, attempt: Attempt) -> None:
        """Have it put on record."""
        self._waiting.append(attempt)
        if self._writer is None:
            self._writer = asyncio.create_task(self._write_all())
        elif self._many_wait():
            self._enough.set()

    async def _write_all(self) -> None:
        while self._waiting:
            await self._gather()
            attempts, self._waiting = self._waiting, []
            await self._write(attempts)
            self.under_way -= sum(each.began is not None for each in attempts)
            self._recorded(attempts)
        self._writer = None

    async def _gather(self) -> None:
        """Until half of what is under way waits for its record, or some milliseconds."""
        self._enough.clear()
        if not self._many_wait():
            timer = asyncio.get_running_loop().call_later(_GATHER_SECONDS, self._enough.set)
            await self._enough.wait()
            timer.cancel()

    def _many_wait(self) -> bool:
        return 2 * len(self._waiting) >= self.under_way

    async def _write(self, attempts: Sequence[Attempt]) -> None:
        while True:
            try:
                return await self._store.run(record, attempts, self._clock())
            except StoreError:
                if self._stopping.is_set():
                    return log.exception("the store can't work; a message may be sent twice")
                log.warning("the store can't keep what was sent; trying again in %.0f s", _STORE_PAUSE_SECONDS)
            except Exception:  # of whatever kind: uncaught it would end the writer, and nothing were recorded any more
                log.exception("deliveries that can't be put on record: %s", [each.claimed.id for each in attempts])
                for each in attempts if len(attempts) > 1 else ():
                    await self._write([each])
                return None
            await self._pause()

    async def _pause(self) -> None:
        waits = [asyncio.ensure_future(each) for each in (self._sleep(_STORE_PAUSE_SECONDS), self._stopping.wait())]
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for each in waits:
            each.cancel()


def record(db: Database, attempts: Sequence[Attempt], now: float) -> None:
    """Put what came of each on record, in one transaction."""
    with immediate(db):
        _record_sent(db, [(each.claimed, each.outcome) for each in attempts if isinstance(each.outcome, Sent)], now)
        release(db, [each.claimed.id for each in attempts if each.outcome == PutBack()])
        for each in attempts:
            match each.outcome:
                case PutBack(wait) if wait:
                    mark_retry(db, each.claimed.id, now + wait, "pace", counted=False)
                case Sent() | PutBack():
                    pass
                case decision:
                    _record_failure(db, each, decision, now)


def _record_sent(db: Database, sent: Sequence[tuple[ClaimedDelivery, Sent]], now: float) -> None:
    mark_sent(db, {claimed.id: outcome.message_id for claimed, outcome in sent}, now)
    pictures = {claimed.content.message: outcome.photo_file_id for claimed, outcome in sent}
    for message, photo_id in pictures.items():
        if photo_id is not None:
            set_photo_id(db, message, photo_id)
    for claimed, _ in sent:
        if claimed.refusals:
            forget_refusals(db, claimed.subscriber)


def _record_failure(db: Database, attempt: Attempt, decision: Decision, now: float) -> None:
    claimed, detail = attempt.claimed, attempt.detail
    match decision:
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
        case WithoutMarkup() | WithoutPhoto() as changed:
            plain = isinstance(changed, WithoutMarkup)
            mark_retry(db, claimed.id, now, detail, plain=plain, bare=not plain, counted=False)
        case Upload():
            forget_photo_id(db, claimed.content.message, str(attempt.photo))
            mark_retry(db, claimed.id, now, detail)
        case PauseChat() | PauseAll() as pause:
            wait = pause.seconds if isinstance(pause, PauseChat) else 0.0
            mark_retry(db, claimed.id, now + wait, detail, counted=False)


def _note(db: Database, claimed: ClaimedDelivery, detail: str, now: float, *, refused: bool) -> None:
    if refused:
        note_refusal(db, claimed.subscriber, detail, int(now))
