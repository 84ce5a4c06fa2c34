"""Reachability: what answers and failures to some chats mean for all others."""

from __future__ import annotations

import logging
from collections import deque

from bot.delivery.rate_limit import RateLimiter
from bot.delivery.retry_policy import Decision, PauseAll, PauseChat, global_pause
from bot.delivery.transport import Failure, FailureKind

log = logging.getLogger(__name__)

ANSWERS_KEPT = 25
"""Answers, the last ones, among which refusals are counted."""

MASS_REFUSAL = 5
"""Chats among them that are said not to be there, from which on it is not the chats that are at fault."""

_NO_ANSWER = frozenset({FailureKind.NOT_SENT, FailureKind.AMBIGUOUS})


class Reachability:
    """Brakes all sending where many chats in a row give no clear answer or are flooded, and says why.

    `complaint` says why all sending last had to stop; None since a message has arrived again. `suspicious`: lately so
    many chats were said not to be there that no such word is believed.
    """

    def __init__(self, limiter: RateLimiter) -> None:
        self._limiter = limiter
        self._silent_chats: set[int] = set()  # those that gave no clear answer since the last one that did
        self._answers: deque[int | None] = deque(maxlen=ANSWERS_KEPT)  # chats said not to be there; None: it arrived
        self.complaint: str | None = None
        self.suspicious = False
        self.suspicions = 0  # how often it came to that: what was claimed before is not sent any more

    @property
    def refused_chats(self) -> int:
        """How many chats are said not to be there, where they are so many that it can't be true; else 0."""
        chats = len(set(filter(None, self._answers)))
        return chats if chats >= MASS_REFUSAL else 0

    def suspect(self) -> None:
        """So many refusals can't be true: none is believed until messages arrive; they are counted anew."""
        self.suspicious = True
        self.suspicions += 1
        self._answers.clear()

    def arrived(self, now: float) -> bool:
        """A message has arrived. Returns whether an outage ends."""
        self._answers.append(None)
        if len(self._answers) >= MASS_REFUSAL and not any(self._answers):
            self.suspicious = False
        over = self.restored()
        if now >= self._limiter.paused_until:  # else it was under way before the stop
            self.complaint = None
        return over

    def restored(self) -> bool:
        """Telegram can be reached. Returns whether all sending was braked because it could not."""
        braked = bool(global_pause(len(self._silent_chats)))
        self._silent_chats.clear()
        self._limiter.release_brake()
        return braked

    def failed(self, chat_id: int, failure: Failure, decision: Decision, now: float) -> None:
        """A message to `chat_id` has failed, and `decision` is what becomes of it."""
        if failure.kind in _NO_ANSWER:
            self._silent_chats.add(chat_id)
            pause = global_pause(len(self._silent_chats))
            if pause:
                self._stop(now, f"Telegram can't be reached: {failure.detail}", pause)
                self._limiter.brake(now + pause)
            return
        self._silent_chats.clear()
        if failure.kind is FailureKind.GONE:
            self._answers.append(chat_id)
        match decision:
            case PauseAll(seconds, reason):
                self._stop(now, reason, seconds)
                self._limiter.pause(now + seconds)
            case PauseChat(seconds) if self._limiter.flooded(chat_id, seconds, now):
                self._stop(now, "Telegram asks for a pause", self._limiter.flood_until - now)

    def _stop(self, now: float, reason: str, seconds: float) -> None:
        if now >= self._limiter.paused_until:
            log.warning("all sending stops for %.0f s: %s", seconds, reason)
        self.complaint = reason
