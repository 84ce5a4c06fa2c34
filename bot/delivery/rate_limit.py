"""How soon may the next message go, and how soon the next to this chat?"""

from __future__ import annotations

import math
from collections import deque

RATE = 30.0
"""Messages a second that Telegram allows a bot; with paid broadcast 1,000."""

_SLACK = 0.02  # seconds by which a late message may be caught up with, and the share of the rate kept back for that
_CHAT_SECONDS = 1.0
_GROUP_SECONDS = 60.0


class RateLimiter:
    """Overall rate, one a second to a chat, twenty a minute to a group or channel.

    Within any second at most `rate` messages are let through: they are spaced evenly at 98 % of it, and one
    that comes late is caught up with within 20 ms. Nothing at all goes before `shut_until`. Times are seconds
    on any one clock. Whoever sends by the same token shares one of these.
    """

    def __init__(self, rate: float = RATE, *, group_per_minute: int = 20) -> None:
        if not (math.isfinite(rate) and rate > 0):
            raise ValueError(f"rate: {rate}; allowed: messages a second, above 0")
        self.rate = rate
        self._spacing = 1 / (rate * (1 - _SLACK))
        self._next = -math.inf
        self.shut_until = -math.inf
        self._group_per_minute = group_per_minute
        self._chats: dict[int, deque[float]] = {}  # those sent to within the last minute, the latest last

    def wait(self, chat_id: int, now: float) -> float:
        """Seconds until a message may go to `chat_id`; 0 where it may go now."""
        return max(self.wait_any(now), self.wait_chat(chat_id, now))

    def wait_any(self, now: float) -> float:
        """Seconds until any message may go."""
        return max(0.0, self.shut_until - now, self._next - _SLACK - now)

    def wait_chat(self, chat_id: int, now: float) -> float:
        """Seconds that this chat alone must wait, whatever the others do."""
        sent = self._chats.get(chat_id)
        if not sent:
            return 0.0
        after = sent[-1] + _CHAT_SECONDS
        if chat_id < 0 and len(sent) >= self._group_per_minute:
            after = max(after, sent[-self._group_per_minute] + _GROUP_SECONDS)
        return max(0.0, after - now)

    def took(self, chat_id: int, now: float) -> None:
        """A message goes to `chat_id` at `now`."""
        self._next = max(self._next, now) + self._spacing
        sent = self._chats.pop(chat_id, None) or deque(maxlen=self._group_per_minute)
        sent.append(now)
        self._chats[chat_id] = sent
        self._forget(now)

    def stop(self, until: float) -> None:
        """Let nothing through before `until`."""
        self.shut_until = max(self.shut_until, until)

    def _forget(self, now: float) -> None:
        while True:
            oldest = next(iter(self._chats))
            if self._chats[oldest][-1] > now - _GROUP_SECONDS:
                return
            del self._chats[oldest]


def in_flight_for(rate: float) -> int:
    """How many messages must be under way at once to reach `rate` when an answer takes 60 ms; at least 8."""
    return max(8, math.ceil(rate * 0.06))
