"""What happens between a message's start and its mark?"""

from __future__ import annotations

import asyncio
import logging
from asyncio import Task
from collections.abc import Callable
from functools import partial

from bot.delivery.decide import PATIENCE, PATIENCE_HIGH, Decision, StopAll, brake, decide
from bot.delivery.marks import mark_for
from bot.delivery.outcome import Failure, FailureKind, Messenger, Outgoing, Sent
from bot.delivery.pace import Pace
from bot.delivery.pictures import Pictures
from bot.delivery.quiet import without_sound
from bot.store.outbox import Claimed, Mark

log = logging.getLogger(__name__)

_NO_ANSWER = frozenset({FailureKind.NOT_SENT, FailureKind.AMBIGUOUS})


class Attempts:
    """The messages under way. `tried` gets the mark of each when it ends, None where it was cancelled.

    `complaint` says why all sending last had to stop; None since a message has arrived again.
    """

    def __init__(
        self,
        messenger: Messenger,
        pace: Pace,
        clock: Callable[[], float],
        jitter: Callable[[], float],
        tried: Callable[[Mark | None], None],
    ) -> None:
        self._messenger, self._pace, self._clock, self._jitter, self._tried = messenger, pace, clock, jitter, tried
        self._pictures = Pictures()
        self._silent_chats: set[int] = set()  # those that gave no clear answer since the last one that did
        self.under_way: set[Task[Sent | Failure]] = set()
        self.complaint: str | None = None

    def must_wait(self, claimed: Claimed) -> bool:
        """Whether a message under way is just uploading the same picture."""
        return self._pictures.must_wait(claimed)

    def begin(self, claimed: Claimed, now: float) -> None:
        """Send it; what came of it is told to `tried` later."""
        outgoing = Outgoing(
            chat_id=claimed.chat_id,
            html=claimed.letter.html,
            thread_id=claimed.thread_id or None,
            photo=self._pictures.of(claimed),
            reply_to=claimed.reply_to,
            silent=claimed.silent or without_sound(int(now), claimed.rank, claimed.terms),
            plain=claimed.plain,
            buttons=claimed.letter.buttons,
        )
        self._pictures.going(claimed)
        self._pace.took(claimed.chat_id, now)
        sending = asyncio.ensure_future(self._messenger.send(outgoing))
        self.under_way.add(sending)
        sending.add_done_callback(partial(self._landed, claimed, outgoing))

    def _landed(self, claimed: Claimed, outgoing: Outgoing, sending: Task[Sent | Failure]) -> None:
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
    def _outcome(claimed: Claimed, sending: Task[Sent | Failure]) -> Sent | Failure:
        error = sending.exception()
        if error is None:
            return sending.result()
        # Messengers do not raise. If one does, that message is lost and said to be, and no other.
        log.error("delivery %d to chat %d: the messenger failed", claimed.id, claimed.chat_id, exc_info=error)
        return Failure(FailureKind.BAD_REQUEST, f"the messenger failed: {type(error).__name__}")

    def _sent(self, claimed: Claimed, sent: Sent) -> Mark:
        self._silent_chats.clear()
        if self._clock() >= self._pace.shut_until:  # else it was under way before the stop
            self.complaint = None
        return mark_for(claimed, sent, "", self._clock())

    def _failed(self, claimed: Claimed, outgoing: Outgoing, failure: Failure) -> Mark:
        now = self._clock()
        decision = decide(
            failure,
            claimed.attempts,
            now - claimed.created,
            self._jitter(),
            unclear=claimed.unclear,
            plain=outgoing.plain,
            photo=outgoing.photo,
            patience=PATIENCE_HIGH if claimed.rank == 2 else PATIENCE,
        )
        log.info("delivery %d to chat %d: %s: %s", claimed.id, claimed.chat_id, failure.kind, decision)
        self._consider_others(claimed.chat_id, decision, failure)
        return mark_for(claimed, decision, f"{failure.kind}: {failure.detail}", now, outgoing.photo)

    def _consider_others(self, chat_id: int, decision: Decision, failure: Failure) -> None:
        if isinstance(decision, StopAll):
            self._stop_all(decision.seconds, decision.reason)
        elif failure.kind in _NO_ANSWER:
            self._silent_chats.add(chat_id)
            pause = brake(len(self._silent_chats))
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
