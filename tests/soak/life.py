"""One life of the bot in a soak: looks, records and delivers from where the last life was killed.

Run: python -m tests.soak.life FOLDER SEED LIFE   (it ends by itself when the past is over and all is delivered)
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import random
import sys
from dataclasses import replace
from pathlib import Path

from bot.app.clock import VirtualClock
from bot.app.components import build_scan
from bot.app.rule_reloader import RuleReloader
from bot.app.workers import External
from bot.delivery.rate_limit import RateLimiter
from bot.delivery.transport import Failure, FailureKind, OutgoingMessage, Sent
from bot.delivery.worker import OutboxWorker
from bot.market.model import Source
from bot.market.sources import csv
from bot.signals.timeframe import DAY
from bot.store.database import immediate
from bot.store.outbox.queue import next_due, queue_depth
from bot.store.sqlite import Database
from bot.store.store import Store
from bot.store.subscribers.subscribers import subscribe
from bot.subscriber import Chat
from tests.soak.past import AGAIN_SECONDS, HOUR, Sources, kept_past, settings_in

READERS = 40
BLOCKS, MOVES, MOVED_TO = 39, -40, -1_000_040
"""One who blocks the bot a while after the start, and a group that becomes a supergroup."""

IN_FLIGHT = 8
HALF_A_SEND = 0.004
"""Seconds before a message arrives, and as many until its answer does: so that a kill finds some under way."""

LONGEST_OUTAGE = 6 * HOUR


def chats() -> list[int]:
    return [*range(1, READERS), MOVES]


def digest_of(html: str) -> str:
    return hashlib.sha256(html.encode()).hexdigest()[:24]


class FaultyTelegram:
    """Puts messages into chats, each a line of a file, which stays whatever becomes of the process."""

    def __init__(self, folder: Path, clock: VirtualClock, numbers: random.Random, blocks_at: float) -> None:
        self._lines = os.open(folder / "arrived", os.O_CREAT | os.O_WRONLY | os.O_APPEND)
        self._noted = os.open(folder / "injected", os.O_CREAT | os.O_WRONLY | os.O_APPEND)
        self._clock, self._numbers, self._blocks_at = clock, numbers, blocks_at
        self._away_until = 0.0
        self._number = 0

    async def send(self, message: OutgoingMessage) -> Sent | Failure:
        await asyncio.sleep(HALF_A_SEND)
        if (failure := self._failure(message)) is not None:
            self._note(failure.kind.value)
            return failure
        chat = MOVES if message.chat_id == MOVED_TO else message.chat_id
        os.write(self._lines, f"{chat} {digest_of(message.html)}\n".encode())
        await asyncio.sleep(HALF_A_SEND)
        if self._numbers.random() < 0.02:
            self._note("arrived, then no answer")
            return Failure(FailureKind.AMBIGUOUS, "the answer was lost")
        self._number += 1
        return Sent(self._number)

    def _failure(self, message: OutgoingMessage) -> Failure | None:
        now, lot = self._clock.time(), self._numbers.random()
        if message.chat_id == BLOCKS and now >= self._blocks_at:
            return Failure(FailureKind.BLOCKED, "Forbidden: bot was blocked by the user")
        if message.chat_id == MOVES and now >= self._blocks_at:
            return Failure(FailureKind.MIGRATED, "upgraded", new_chat_id=MOVED_TO)
        if lot < 0.002:
            self._away_until = now + self._numbers.uniform(60, LONGEST_OUTAGE)
        if now < self._away_until:
            return Failure(FailureKind.NOT_SENT, "no route")
        for share, kind, seconds in (
            (0.06, FailureKind.FLOOD, self._numbers.choice([0.5, 3.0, 40.0, 900.0])),
            (0.08, FailureKind.FLOOD, None),
            (0.12, FailureKind.AMBIGUOUS, None),
            (0.14, FailureKind.NOT_SENT, None),
            (0.15, FailureKind.GONE, None),
            (0.16, FailureKind.NO_RIGHTS, None),
            (0.17, FailureKind.BAD_MARKUP if not message.plain else FailureKind.NOT_SENT, None),
        ):
            if lot < share:
                return Failure(kind, "a bad moment", retry_after=seconds)
        return None

    def _note(self, what: str) -> None:
        os.write(self._noted, f"{what}\n".encode())


def subscribe_all(db: Database, now: int) -> None:
    with immediate(db):
        for chat in chats():
            subscribe(db, Chat(chat, 0, "private" if chat > 0 else "group", ""), now)


class Life:
    """The bot's own scan, store and outbox on a clock that leaps from look to look, and is now and then set back."""

    def __init__(self, folder: Path, seed: str, *, faults: bool = True) -> None:
        self._folder = folder
        self._past = kept_past(folder)
        self._settings = settings_in(folder)
        self._numbers = random.Random(seed)
        self._faults = faults
        self._clock = VirtualClock(self._past.first)
        self._back = 0.0  # seconds by which the clock on the wall is behind
        self._store = Store(folder / "bellwether.db")
        self._sources = Sources(self._past, self._numbers, faults=faults)
        blocks_at = self._past.first + (self._past.last - self._past.first) / 2
        telegram = FaultyTelegram(folder, self._clock, self._numbers, blocks_at)
        clock = self._clock
        self._outbox = OutboxWorker(
            self._store,
            telegram,
            RateLimiter(1_000, in_flight=IN_FLIGHT),
            self._wall,
            monotonic=clock.time,
            sleep=clock.sleep,
            jitter=self._numbers.random,
        )

    def _wall(self) -> float:
        return self._clock.time() - self._back

    async def live(self) -> None:
        """From the look after the last one that was begun, to the end."""
        book = RuleReloader(self._settings.rules, frozenset(self._settings.markets))
        assert not book.current.problems, book.current.problems
        external = External(self._sources.fetch, self._sources.sessions, _no_picture)
        markets = {
            name: replace(market, sources=(Source(csv.KIND, f"past of {name}", name),) if market.sources else ())
            for name, market in self._settings.specs.items()
        }
        scanner = build_scan(self._settings, markets, self._store, external, book).scanner
        at = self._folder / "at"
        begun = int(at.read_text()) if at.exists() else self._past.first
        self._clock.advance(begun)
        if not at.exists():
            await scanner.scan(self._clock.now())
            await self._store.run(subscribe_all, self._clock.now())
        looks = [look for look in self._past.looks(self._settings.schedule.settle) if look >= begun]
        await self._outbox.recover()
        for look, after in zip(looks, [*looks[1:], self._past.last + 5 * DAY], strict=True):
            self._clock.advance(look)
            at.write_text(str(look))
            self._back = self._numbers.choice([30.0, 3_600.0, 2 * DAY]) if self._set_back() else 0.0
            before = self._sources.faults
            await scanner.scan(int(self._wall()))
            if self._sources.faults > before or self._back:
                await self._deliver(look + AGAIN_SECONDS)
                self._clock.advance(look + AGAIN_SECONDS)
                self._back = 0.0
                await scanner.scan(int(self._wall()))
            await self._deliver(after)
        await self._store.close()

    def _set_back(self) -> bool:
        return self._faults and self._numbers.random() < 0.03

    async def _deliver(self, until: float) -> None:
        """Send what may go before the next look, however long that takes on this clock."""
        while self._clock.time() < until:
            self._outbox.wake()
            while await self._outbox.step() and self._clock.time() < until:
                pass
            depth = await self._store.run(queue_depth)
            if not depth.queued and not depth.sending:
                return
            due = await self._store.run(next_due)
            self._clock.advance(min(until, max(self._clock.time() + 1, (due or self._wall() + 600) + self._back)))


async def _no_picture(*_: object) -> bytes | None:
    return None


if __name__ == "__main__":
    asyncio.run(Life(Path(sys.argv[1]), f"{sys.argv[2]}-{sys.argv[3]}").live())
