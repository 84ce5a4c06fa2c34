"""Telegram's sending limits, as the server enforces them."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field
from typing import Final

WINDOW_SECONDS: Final = 60.0  # seconds


@dataclass(frozen=True, slots=True)
class Limits:
    """Messages a second overall, a second in one chat (with a burst), and a minute in one group."""

    overall: float = 30.0
    paid: float = 1000.0
    chat: float = 1.0
    burst: int = 3
    group: int = 20


@dataclass(slots=True)
class _Bucket:
    left: float
    at: float

    def missing(self, rate: float, most: float, now: float) -> float:
        """Fill up; seconds until there is a whole drop."""
        self.left = min(most, self.left + (now - self.at) * rate)
        self.at = now
        return 0.0 if self.left >= 1.0 else (1.0 - self.left) / rate


@dataclass(slots=True)
class SendLimits:
    """Counts what goes through; `now` is in seconds of any clock that does not go back."""

    limits: Limits
    _overall: dict[bool, _Bucket] = field(default_factory=dict)
    _chats: dict[int, _Bucket] = field(default_factory=dict)
    _groups: dict[int, deque[float]] = field(default_factory=dict)

    def enter(self, chat_id: int, now: float, *, paid: bool = False) -> int | None:
        """None: it may pass, and is counted. Else the whole seconds after which to try again."""
        limits = self.limits
        rate = limits.paid if paid else limits.overall
        overall = self._overall.setdefault(paid, _Bucket(rate, now))
        chat = self._chats.setdefault(chat_id, _Bucket(float(limits.burst), now))
        wait = max(
            overall.missing(rate, rate, now),
            chat.missing(limits.chat, limits.burst, now),
            self._group_wait(chat_id, now),
        )
        if wait > 0:
            return max(1, math.ceil(wait))
        overall.left -= 1
        chat.left -= 1
        if chat_id < 0:
            self._groups[chat_id].append(now)
        return None

    def _group_wait(self, chat_id: int, now: float) -> float:
        if chat_id >= 0:
            return 0.0
        sent = self._groups.setdefault(chat_id, deque())
        while sent and sent[0] <= now - WINDOW_SECONDS:
            sent.popleft()
        return sent[0] + WINDOW_SECONDS - now if len(sent) >= self.limits.group else 0.0
