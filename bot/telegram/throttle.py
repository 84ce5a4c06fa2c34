"""Throttle of commands: token buckets for each chat and for each person."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from enum import StrEnum

COST_OF_PRESS = 0.25
"""Tokens for a button: people press several in a row to set things up, and an edited message rings nobody."""

SILENCE_SECONDS = 30.0
MAX_BUCKETS_KEPT = 10_000


class Throttle(StrEnum):
    """How the next question is met."""

    ANSWER = "answer"
    WARN = "warn"  # the one kind word
    SILENCE = "silence"


@dataclass(frozen=True, slots=True)
class BucketSize:
    """So many tokens at once, then one in so many seconds."""

    capacity: float
    seconds_per_token: float


CHAT = BucketSize(8.0, 3.0)
PERSON = BucketSize(16.0, 1.5)
"""In all chats together: many groups give nobody more than this."""

OPERATOR = BucketSize(60.0, 0.5)
APPROVAL = BucketSize(3.0, 1_200.0)
"""Requests for approval that a person may have the operators asked."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """Tokens at the instant `at` (float seconds of any steady clock), and until when nothing is answered."""

    tokens: float
    at: float
    silent_until: float = float("-inf")


def take(bucket: Bucket | None, now: float, cost: float = 1.0, size: BucketSize = CHAT) -> tuple[Bucket, Throttle]:
    """Take one token, or `cost`.

    Who asks more than the bucket gives is told once and then left alone for SILENCE_SECONDS; asking meanwhile neither
    costs nor prolongs anything.
    """
    if bucket is None:
        return Bucket(size.capacity - cost, now), Throttle.ANSWER
    elapsed = max(0.0, now - bucket.at)
    tokens = min(size.capacity, bucket.tokens + elapsed / size.seconds_per_token)
    if now < bucket.silent_until:
        return Bucket(tokens, max(now, bucket.at), bucket.silent_until), Throttle.SILENCE
    if tokens < cost:
        return Bucket(tokens, max(now, bucket.at), now + SILENCE_SECONDS), Throttle.WARN
    return Bucket(tokens - cost, max(now, bucket.at)), Throttle.ANSWER


class Buckets:
    """The buckets of one size, by any key; those that have long been full are forgotten."""

    def __init__(self, size: BucketSize, kept: int = MAX_BUCKETS_KEPT) -> None:
        self._size = size
        self._kept = kept
        self._buckets: dict[Hashable, Bucket] = {}

    def __len__(self) -> int:
        return len(self._buckets)

    def ask(self, key: Hashable, now: float, cost: float = 1.0) -> Throttle:
        """Take one token, or `cost`."""
        self._buckets[key], verdict = take(self._buckets.pop(key, None), now, cost, self._size)
        if len(self._buckets) > self._kept:
            self._forget(now)
        return verdict

    def silenced(self, key: Hashable, now: float) -> bool:
        """Whether this one gets no answer at present."""
        bucket = self._buckets.get(key)
        return bucket is not None and now < bucket.silent_until

    def _forget(self, now: float) -> None:
        full = self._size.capacity * self._size.seconds_per_token
        self._buckets = {
            key: bucket for key, bucket in self._buckets.items() if now - bucket.at < full or now < bucket.silent_until
        }
        while len(self._buckets) > self._kept:
            del self._buckets[next(iter(self._buckets))]


class CommandThrottle:
    """Limits each chat, and each person over all chats. Operators have a bucket of their own, and no chat's counts."""

    def __init__(self) -> None:
        self._chats = Buckets(CHAT)
        self._people = Buckets(PERSON)
        self._operators = Buckets(OPERATOR)

    def ask(
        self, chat_id: int, user_id: int | None, now: float, cost: float = 1.0, *, operator: bool = False
    ) -> Throttle:
        """How this question is met; `user_id` is None for a channel and for an admin who hides behind the group."""
        if operator:
            return self._operators.ask(user_id, now, cost)
        if user_id is None or user_id == chat_id:
            return self._chats.ask(chat_id, now, cost)
        if self.silenced(chat_id, user_id, now):
            return Throttle.SILENCE
        person = self._people.ask(user_id, now, cost)
        return person if person is not Throttle.ANSWER else self._chats.ask(chat_id, now, cost)

    def silenced(self, chat_id: int, user_id: int | None, now: float) -> bool:
        """Whether what comes from there needs not even be read."""
        return self._chats.silenced(chat_id, now) or (user_id is not None and self._people.silenced(user_id, now))
