"""What happens between a message's start and its mark?"""

from __future__ import annotations

import asyncio
import logging
from asyncio import Task
from collections.abc import Callable
from functools import partial

from bot.delivery.photo_cache import PhotoCache
from bot.delivery.quiet_hours import without_sound
from bot.delivery.rate_limit import RateLimiter
from bot.delivery.recording import write_outcome
from bot.delivery.retry_policy import MAX_AGE, MAX_AGE_HIGH, Decision, StopAll, decide, global_pause
from bot.delivery.transport import Failure, FailureKind, OutgoingMessage, Sent, Transport
from bot.store.outbox import ClaimedDelivery, Write

log = logging.getLogger(__name__)

_NO_ANSWER = frozenset({FailureKind.NOT_SENT, FailureKind.AMBIGUOUS})


class Attempts:
    """The messages under way. `tried` gets the mark of each when it ends, None where it was cancelled.

    `complaint` says why all sending last had to stop; None since a message has arrived again.
    """

    def __init__(
        self,
        messenger: Transport,
        pace: RateLimiter,
        clock: Callable[[], float],
        jitter: Callable[[], float],
        tried: Callable[[Write | None], None],
    ) -> None:
        self._messenger, self._pace, self._clock, self._jitter, self._tried = messenger, pace, clock, jitter, tried
        self._pictures = PhotoCache()
        self._silent_chats: set[int] = set()  # those that gave no clear answer since the last one that did
        self.under_way: set[Task[Sent | Failure]] = set()
        self.complaint: str | None = None

    def must_wait(self, claimed: ClaimedDelivery) -> bool:
        """Whether a message under way is just uploading the same picture."""
        return self._pictures.must_wait(claimed)

    def begin(self, claimed: ClaimedDelivery, now: float) -> None:
        """Send it; what came of it is told to `tried` later."""
        outgoing = OutgoingMessage(
            chat_id=claimed.chat_id,
            html=claimed.content.html,
            thread_id=claimed.thread_id or None,
            photo=self._pictures.of(claimed),
            reply_to=claimed.reply_to,
            silent=claimed.silent or without_sound(int(now), claimed.rank, claimed.preferences),
            plain=claimed.plain,
            buttons=claimed.content.buttons,
        )
        self._pictures.going(claimed)
        self._pace.took(claimed.chat_id, now)
        sending = asyncio.ensure_future(self._messenger.send(outgoing))
        self.under_way.add(sending)
        sending.add_done_callback(partial(self._landed, claimed, outgoing))

    def _landed(self, claimed: ClaimedDelivery, outgoing: OutgoingMessage, sending: Task[Sent | Failure]) -> None:
        self.under_way.discard(sending)
        if sending.cancelled():
            self._tried(None)  # the process is ending; it is found under way at the next start
            return
        outcome = self._outcome(claimed, sending)
        self._pictures.landed(claimed, outcome)
        if isinstance(outcome, Sent):
            self._tried(self._sent(claimed, outcome))
        else:
            self._tried(self._failed(claimed, outgoing, outcome))

    @staticmethod
    def _outcome(claimed: ClaimedDelivery, sending: Task[Sent | Failure]) -> Sent | Failure:
        error = sending.exception()
        if error is None:
            return sending.result()
        # Messengers do not raise. If one does, that message is lost and said to be, and no other.
        log.error("delivery %d to chat %d: the messenger failed", claimed.id, claimed.chat_id, exc_info=error)
        return Failure(FailureKind.BAD_REQUEST, f"the messenger failed: {type(error).__name__}")

    def _sent(self, claimed: ClaimedDelivery, sent: Sent) -> Write:
        self._silent_chats.clear()
        if self._clock() >= self._pace.shut_until:  # else it was under way before the stop
            self.complaint = None
        return write_outcome(claimed, sent, "", self._clock())

    def _failed(self, claimed: ClaimedDelivery, outgoing: OutgoingMessage, failure: Failure) -> Write:
        now = self._clock()
        decision = decide(
            failure,
            claimed.attempts,
            now - claimed.created,
            self._jitter(),
            unclear=claimed.unclear,
            plain=outgoing.plain,
            photo=outgoing.photo,
            patience=MAX_AGE_HIGH if claimed.rank == 2 else MAX_AGE,
        )
        log.info("delivery %d to chat %d: %s: %s", claimed.id, claimed.chat_id, failure.kind, decision)
        self._consider_others(claimed.chat_id, decision, failure)
        return write_outcome(claimed, decision, f"{failure.kind}: {failure.detail}", now, outgoing.photo)

    def _consider_others(self, chat_id: int, decision: Decision, failure: Failure) -> None:
        if isinstance(decision, StopAll):
            self._stop_all(decision.seconds, decision.reason)
        elif failure.kind in _NO_ANSWER:
            self._silent_chats.add(chat_id)
            pause = global_pause(len(self._silent_chats))
            if pause:
                self._stop_all(pause, f"Telegram can't be reached: {failure.detail}")
        else:
            self._silent_chats.clear()

    def _stop_all(self, seconds: float, reason: str) -> None:
        now = self._clock()
        if now >= self._pace.shut_until:
            log.warning("all sending stops for %.0f s: %s", seconds, reason)
        self.complaint = reason
        self._pace.stop(now + seconds)
