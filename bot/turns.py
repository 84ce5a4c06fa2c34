"""Turns at something that bears so many questions at once, where one that hangs keeps no other waiting for long."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count

KEEPS_PLACE_S = 0.5
"""Seconds for which a question keeps its place; then the next one is put beside it.

So who is silent is asked at a slower pace than who answers.
"""

HANGS_S = 3.0
"""Seconds after which a question counts as one that hangs: what it brings comes too late for an alert."""

MOST_BESIDE = 8
"""Times its places that anything is asked side by side, those that have lost their places included."""


@dataclass(eq=False, slots=True)
class SourceTurn:
    """One question's turn. Where it `tells` nothing, as of a question that was not put, its time is not remembered."""

    topic: Hashable
    number: int
    began: float = 0.0
    placed: bool = False
    tells: bool = True
    admitted: asyncio.Event = field(default_factory=asyncio.Event)


class Turns:
    """Who may ask next: who was answered quickly the last time before who was not, then in the order of coming.

    Of those that hung the last time no more are asked side by side than there are places. With `strict` a question
    keeps its place however long it takes.
    """

    def __init__(self, places: int, *, strict: bool = False) -> None:
        self._places, self._strict = places, strict
        self._numbers = count()
        self._took: dict[Hashable, float] = {}
        self._waiting: list[SourceTurn] = []
        self._running: list[SourceTurn] = []

    @asynccontextmanager
    async def turn(self, topic: Hashable) -> AsyncIterator[SourceTurn]:
        """Wait for it, and have it."""
        question = SourceTurn(topic, next(self._numbers))
        self._waiting.append(question)
        self._admit()
        try:
            await question.admitted.wait()
            yield question
        finally:
            self._ended(question)

    def _admit(self) -> None:
        """Give the free places to those whose turn it is."""
        while (question := self._next()) is not None:
            loop = asyncio.get_running_loop()
            self._waiting.remove(question)
            self._running.append(question)
            question.began, question.placed = loop.time(), True
            question.admitted.set()
            if not self._strict:
                loop.call_later(KEEPS_PLACE_S, self._loses_place, question)

    def _next(self) -> SourceTurn | None:
        """Whose turn it is; None while nobody's."""
        full = sum(each.placed for each in self._running) >= self._places
        if not self._waiting or full or len(self._running) >= MOST_BESIDE * self._places:
            return None
        first = min(self._waiting, key=lambda each: (self._rank(each.topic), each.number))
        hanging = sum(self._hangs(each) for each in self._running)
        return None if self._hung(first.topic) and hanging >= self._places else first

    def _loses_place(self, question: SourceTurn) -> None:
        if question.placed:
            question.placed = False
            self._admit()

    def _ended(self, question: SourceTurn) -> None:
        if question in self._waiting:  # nobody waits for it any longer
            self._waiting.remove(question)
            return
        self._running.remove(question)
        if question.tells:
            self._took[question.topic] = asyncio.get_running_loop().time() - question.began
        question.placed = False
        self._admit()

    def _rank(self, topic: Hashable) -> int:
        took = self._took.get(topic, 0.0)
        return (took >= KEEPS_PLACE_S) + (took >= HANGS_S)

    def _hung(self, topic: Hashable) -> bool:
        return self._took.get(topic, 0.0) >= HANGS_S

    def _hangs(self, question: SourceTurn) -> bool:
        return self._hung(question.topic) or asyncio.get_running_loop().time() - question.began >= HANGS_S
