"""Throttle of commands: a token bucket for each chat."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

CAPACITY = 8.0
SECONDS_PER_TOKEN = 3.0
COST_OF_PRESS = 0.25
"""Tokens for a button: people press several in a row to set things up, and an edited message rings nobody."""

SILENCE_SECONDS = 30.0
MAX_BUCKETS_KEPT = 10_000


class Throttle(StrEnum):
    """How the next question of a chat is met."""

    ANSWER = "answer"
    WARN = "warn"  # the one kind word
    SILENCE = "silence"


@dataclass(frozen=True, slots=True)
class Bucket:
    """A chat's tokens at the instant `at` (float seconds of any steady clock), and how long it is left unanswered."""

    tokens: float
    at: float
    silent_until: float = float("-inf")


def take(bucket: Bucket | None, now: float, cost: float = 1.0) -> tuple[Bucket, Throttle]:
    """Take one token, or `cost`: a chat may ask CAPACITY times at once, then once in SECONDS_PER_TOKEN.

    Who asks more is told once and then left alone for SILENCE_SECONDS; asking meanwhile neither costs nor
    prolongs anything.
    """
    if bucket is None:
        return Bucket(CAPACITY - cost, now), Throttle.ANSWER
    elapsed = max(0.0, now - bucket.at)
    tokens = min(CAPACITY, bucket.tokens + elapsed / SECONDS_PER_TOKEN)
    if now < bucket.silent_until:
        return Bucket(tokens, max(now, bucket.at), bucket.silent_until), Throttle.SILENCE
    if tokens < cost:
        return Bucket(tokens, max(now, bucket.at), now + SILENCE_SECONDS), Throttle.WARN
    return Bucket(tokens - cost, max(now, bucket.at)), Throttle.ANSWER


class CommandThrottle:
    """The buckets of all chats; forgets those that have long been full."""

    def __init__(self, remembered: int = MAX_BUCKETS_KEPT) -> None:
        self._buckets: dict[int, Bucket] = {}
        self._remembered = remembered

    def __len__(self) -> int:
        return len(self._buckets)

    def ask(self, chat_id: int, now: float, cost: float = 1.0) -> Throttle:
        """Take one token of this chat, or `cost`."""
        self._buckets[chat_id], verdict = take(self._buckets.pop(chat_id, None), now, cost)
        if len(self._buckets) > self._remembered:
            self._forget(now)
        return verdict

    def _forget(self, now: float) -> None:
        full = CAPACITY * SECONDS_PER_TOKEN
        self._buckets = {
            chat: bucket
            for chat, bucket in self._buckets.items()
            if now - bucket.at < full or now < bucket.silent_until
        }
        while len(self._buckets) > self._remembered:
            del self._buckets[next(iter(self._buckets))]
