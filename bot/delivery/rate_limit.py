"""Rate limiter: Telegram's limits overall and for each chat, and the pauses that it asks for."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence

from bot.delivery.sliding_window import LEAST_MARGIN_SECONDS, Departure, SlidingWindow

RATE = 30.0
"""Messages a second that Telegram allows a bot."""

GROUP_PER_MINUTE = 20
"""Messages a minute that Telegram allows it in a group or a channel."""

PAID_RATE = 1_000.0
"""Messages a second with paid broadcast."""

MOST_IN_FLIGHT = 96
"""Messages under way at most, however slowly Telegram answers: so many may arrive twice after a kill.

At a higher rate it is what goes out in three quarters of a second.
"""

FLOODED_CHATS = 3
"""Chats in a row that are flooded, nobody else getting anything, from which on it is the bot that is flooded."""

_CATCH_UP_SECONDS = 0.2  # what was late is made up for: a command's answer or a busy machine holds the loop so long
_CHAT_SECONDS = 1.02  # the way to Telegram may take longer for one message than for the next one
_KEPT_SECONDS = 10.0  # of a chat's last message: `record` may be given an instant that lies ahead
_GROUP_SECONDS = 60.02
_USUAL_ANSWER_SECONDS = 0.06
_RECORDS_KEPT = 32
_FEW = 100


class RateLimiter:
    """Overall rate, one a second to a chat, twenty a minute to a group or channel.

    Within any second at most `rate` messages reach Telegram (`SlidingWindow`). They are spaced evenly, save for what
    was late. `in_flight` is how many may be under way at once, so that the rate is reached while each takes as long as
    the last ones did until it was on record; it may be fixed. Times are seconds on any one monotonic clock. Whoever
    sends by the same token shares one of these.
    """

    def __init__(self, rate: float = RATE, *, in_flight: int | None = None) -> None:
        if not (math.isfinite(rate) and rate > 0):
            raise ValueError(f"rate: {rate}; allowed: messages a second, above 0")
        self.rate = rate
        self._least_in_flight = in_flight or in_flight_for(rate)
        self._most_in_flight = in_flight or most_in_flight(rate)
        self._next = -math.inf
        self._window = SlidingWindow(rate)
        self._sent: dict[int, float] = {}  # chats sent to within the last seconds, the latest last
        self._groups: dict[int, deque[float]] = {}  # groups and channels sent to within the last minute, as well
        self._chat_pauses: dict[int, float] = {}
        self._pauses_left = _FEW  # after those that are over were forgotten last
        self._flooded: dict[int, float] = {}  # chats flooded since anybody got something, and until when
        self._under_way: deque[float] = deque(maxlen=_RECORDS_KEPT)
        self.in_flight = self._least_in_flight
        self.flood_until = -math.inf
        self.brake_until = -math.inf

    @property
    def paused_until(self) -> float:
        """Until when nothing at all goes: Telegram asked for it, or it can't be reached."""
        return max(self.flood_until, self.brake_until)

    def wait(self, chat_id: int, now: float) -> float:
        """Seconds until a message may go to `chat_id`; 0 where it may go now."""
        return max(self.wait_global(now), self.wait_chat(chat_id, now))

    def wait_global(self, now: float) -> float:
        """Seconds until any message may go."""
        after = max(self.flood_until, self.brake_until, self._next - _CATCH_UP_SECONDS, self._window.free_at(now))
        return max(0.0, after - now)

    def pause_of(self, chat_id: int, now: float) -> float:
        """Seconds for which Telegram wants nothing for this chat, or for anybody."""
        return max(0.0, self.paused_until - now, self._chat_pauses.get(chat_id, -math.inf) - now)

    def wait_chat(self, chat_id: int, now: float) -> float:
        """Seconds that this chat alone must wait, whatever the others do."""
        after = max(self._chat_pauses.get(chat_id, -math.inf), self._sent.get(chat_id, -math.inf) + _CHAT_SECONDS)
        sent = self._groups.get(chat_id)
        if sent is not None and len(sent) == GROUP_PER_MINUTE:
            after = max(after, sent[0] + _GROUP_SECONDS)
        return max(0.0, after - now)

    def record(self, chat_id: int, now: float) -> Departure:
        """A message goes to `chat_id` at `now`, which may be some time ahead."""
        self._next = max(self._next, now) + (1 + LEAST_MARGIN_SECONDS) / self.rate
        self._sent.pop(chat_id, None)
        self._sent[chat_id] = now
        if chat_id < 0:
            sent = self._groups.pop(chat_id, None) or deque(maxlen=GROUP_PER_MINUTE)
            sent.append(now)
            self._groups[chat_id] = sent
        self._forget(now)
        return self._window.take(now)

    def answered(self, seconds: float | None, departure: Departure | None = None) -> None:
        """Telegram took a message, and answered after so long; None where it was no usual one."""
        self._flooded.clear()
        if seconds is not None:
            self._window.answered(seconds, departure)

    def recorded(self, seconds: Sequence[float]) -> None:
        """Messages took so long until they were on record; while that is slow, more are under way at once."""
        if not seconds:
            return
        self._under_way.extend(seconds)
        usual = sorted(self._under_way)[len(self._under_way) // 2]
        wanted = min(1.25 * self.rate * usual, self._most_in_flight)
        self.in_flight = max(self._least_in_flight, math.ceil(wanted))

    def flooded(self, chat_id: int, seconds: float, now: float) -> bool:
        """Telegram wants nothing for `chat_id` for so long. Returns whether everybody has to wait for it.

        One chat says nothing of the others, nor do several groups: a group in slow mode answers as Telegram does to a
        bot that sent too much.
        """
        self._flooded[chat_id] = self._chat_pauses[chat_id] = now + seconds
        if len(self._flooded) < FLOODED_CHATS or max(self._flooded) < 0:
            return False
        self.pause(min(self._flooded.values()))
        return True

    def pause(self, until: float) -> None:
        """Telegram wants nothing from this bot before `until`."""
        self.flood_until = max(self.flood_until, until)

    def brake(self, until: float) -> None:
        """Telegram can't be reached: try nothing before `until`, or `release_brake`."""
        self.brake_until = max(self.brake_until, until)

    def release_brake(self) -> None:
        """Telegram can be reached again."""
        self.brake_until = -math.inf

    def _forget(self, now: float) -> None:
        while self._sent[oldest := next(iter(self._sent))] <= now - _KEPT_SECONDS:
            del self._sent[oldest]
        while self._groups and self._groups[oldest := next(iter(self._groups))][-1] <= now - _GROUP_SECONDS:
            del self._groups[oldest]
        if len(self._chat_pauses) > 2 * self._pauses_left:
            self._chat_pauses = {chat_id: until for chat_id, until in self._chat_pauses.items() if until > now}
            self._pauses_left = max(_FEW, len(self._chat_pauses))


def in_flight_for(rate: float, answer_seconds: float = _USUAL_ANSWER_SECONDS) -> int:
    """How many messages must be under way at once to reach `rate` when an answer takes so long; at least 8."""
    return max(8, math.ceil(rate * answer_seconds))


def most_in_flight(rate: float) -> int:
    """How many messages are under way at most, however slowly Telegram answers."""
    return max(MOST_IN_FLIGHT, math.ceil(0.75 * min(rate, PAID_RATE)))
