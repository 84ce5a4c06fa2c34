"""Eighty people hear of two records while the whole bot is killed again and again."""

from __future__ import annotations

import asyncio
import random
import signal
from collections import Counter
from pathlib import Path

import pytest

from bot.delivery.rate_limit import RATE, in_flight_for
from bot.sandbox.world import SentMessage
from tests.acceptance.running_bot import DEADLINE_SECONDS, SHIPPED, RunningBot, running_bot

pytestmark = pytest.mark.timeout(240)

READERS = range(6_000_000_001, 6_000_000_081)
RULES = {"russell-2000-all-time-high": "Russell 2000", "told-twice": "Small caps"}
EVERYTHING = set(READERS)
KILLS = 5
ANSWERS_AFTER = 0.4
"""Seconds; so that the limit in flight is reached, and a kill finds messages that arrived and are not on record."""

SLOWEST_ANSWER = 1.0
"""Seconds that an answer takes on a machine that has much else to do; the limit in flight follows it."""

SENT = "SELECT count(*) FROM deliveries d JOIN messages m ON m.id = d.message WHERE m.kind = 'alert' AND state = 'sent'"


class Post:
    """Who was told of both records, in order, in each life of the bot."""

    def __init__(self, bot: RunningBot) -> None:
        self.lives: list[list[int]] = []
        self._came = asyncio.Event()
        bot.sandbox.on_message = self._note

    def _note(self, message: SentMessage) -> None:
        if "closed at 2,467.70, a record" in message.text:
            assert all(name in message.text for name in RULES.values()), "one message tells of both"
            self.lives[-1].append(message.chat_id)
            self._came.set()

    def begin_life(self) -> None:
        self.lives.append([])
        self._came.clear()

    async def first(self) -> None:
        """Until something has arrived in this life."""
        await asyncio.wait_for(self._came.wait(), DEADLINE_SECONDS)

    @property
    def arrived(self) -> Counter[int]:
        return Counter(reader for life in self.lives for reader in life)


async def killed_until_weary(bot: RunningBot, post: Post, instants: random.Random) -> int:
    """Kill it at random instants, first of its look, then of its sending, and start it again; how often."""
    kills = 0
    while kills < KILLS and post.arrived.keys() != EVERYTHING:
        if kills:
            await post.first()
        await asyncio.sleep(instants.uniform(0.0, 1.2 if kills else 2.5))
        await bot.stop(signal.SIGKILL)
        kills += 1
        post.begin_life()
        await bot.start(f"2025-09-18T20:{20 + kills}:00+00:00")
    return kills


async def test_everybody_hears_everything_and_doubles_stay_within_the_bound(tmp_path: Path) -> None:
    async with running_bot(tmp_path) as bot:
        bot.write_rule("told-twice", SHIPPED.replace("Russell 2000", "Small caps"))
        bot.subscribe(READERS)
        bot.sandbox.fail("sendphoto", 200, times=None, delay=ANSWERS_AFTER)
        post = Post(bot)
        post.begin_life()
        await bot.start()
        await bot.until("SELECT count(*) FROM watermarks", len(RULES))
        bot.new_record()
        kills = await killed_until_weary(bot, post, random.Random(20_250_918))
        await bot.until(SENT, len(EVERYTHING))
        await bot.looked(2)
        assert await bot.stop() == 0
    assert kills >= 3, "it was done before it could be killed"
    assert post.arrived.keys() == EVERYTHING
    assert all(len(life) == len(set(life)) for life in post.lives), "doubles without a kill between them"
    cut_short = sum(bool(life) for life in post.lives[:-1])
    assert post.arrived.total() - len(EVERYTHING) <= cut_short * in_flight_for(RATE, 1.25 * SLOWEST_ANSWER)
    assert bot.count(SENT) == len(EVERYTHING)
    assert bot.count("SELECT count(*) FROM events WHERE kind = 'fired'") == len(RULES)
    assert "Traceback" not in bot.log()
