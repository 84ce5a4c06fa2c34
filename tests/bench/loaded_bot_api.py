"""A Bot API server with a crowd: some have blocked the bot, some press a button, some are flooded.

Run: python -m tests.bench.loaded_bot_api --attached   (takes what `python -m bot.sandbox` takes; `crowd` makes people)
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter

from bot.sandbox.__main__ import main
from bot.sandbox.errors import too_many
from bot.sandbox.http import Params
from bot.sandbox.server import Sandbox
from bot.sandbox.world import SentMessage

WANTED = "Why"
PRESSED_AFTER_SECONDS = 0.5
FLOODED = 1 / 2_000
"""Share of the sends to which the server says "too many"."""


class LoadedBotApi(Sandbox):
    """`press` is the share that presses a button under what it gets."""

    def __init__(self) -> None:
        super().__init__()
        self._numbers = random.Random(1)
        self._press = 0.0
        self._counts: Counter[str] = Counter()
        self._seconds: Counter[int] = Counter()
        self.on_message = self._count
        self._verbs |= {"crowd": self.crowd, "counts": self.counts, "all_say": self.all_say}

    def crowd(self, first: int, people: int, blocked: float, press: float) -> None:
        """So many people, of whom some have blocked the bot."""
        self._press = press
        for user in range(first, first + people):
            self.world.person(user)
            if self._numbers.random() < blocked:
                self.world.find(user).bot_status = "kicked"

    def counts(self) -> dict[str, int]:
        """Messages, those with a picture, presses, those that were answered, sends that were told to wait."""
        answered = sum(answer is not None for answer in self.queries.values())
        return dict(self._counts | Counter(pressed=len(self.queries), answered=answered))

    def all_say(self, text: str, first: int, people: int) -> None:
        """So many say something at once."""
        for user in range(first, first + people):
            self.say(text, user=user)

    def _count(self, message: SentMessage) -> None:
        self._counts["messages"] += 1
        self._counts["pictures"] += message.photo is not None
        second = int(asyncio.get_running_loop().time())
        self._seconds[second] += 1
        self._counts["busiest"] = max(self._counts["busiest"], self._seconds[second])
        if (
            any(button.text == "Why" for row in message.buttons for button in row)
            and self._numbers.random() < self._press
        ):
            asyncio.get_running_loop().call_later(PRESSED_AFTER_SECONDS, self._pressed, message)

    def _pressed(self, message: SentMessage) -> None:
        self.press(WANTED, user=message.chat_id, message_id=message.message_id)

    def _check_rate(self, name: str, params: Params) -> None:
        super()._check_rate(name, params)
        if name.lower().startswith("send") and self._numbers.random() < FLOODED:
            self._counts["flooded"] += 1
            raise too_many(1)


if __name__ == "__main__":
    main(LoadedBotApi())
