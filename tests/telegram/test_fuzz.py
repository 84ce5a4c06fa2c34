"""Commands, arguments and buttons as nobody means them: each is answered, in markup that Telegram takes, or ignored.

The long form: FUZZ_ROUNDS=5000 pytest tests/telegram/test_fuzz.py
"""

from __future__ import annotations

import os
import random
import string

from bot.telegram.commands.registry import COMMANDS
from tests.telegram.market_side import RULES, town
from tests.telegram.telegram_side import OPERATOR, SOMEBODY

ROUNDS = int(os.environ.get("FUZZ_ROUNDS", "150"))
WORDS = [
    *RULES,
    "IWM", "^RUT", "BTC", "banana", "all", "tag:iwm", "only", "severity high", "24h", "0h", "1h30m", "forever", "-1",
    "1e9", "254.12", "delete 1", "+rule:x 0", "zone", "quiet 22-7", "chart", "restore", "\u202e", "<b>", "&amp;", "`",
    "'; DROP TABLE alerts; --", "🚀" * 40, "x" * 300, "\x00", "٣", "%s", "{0}", "/pause", "@all", "1 2 3", "~", ":",
    "#", "until", "friday", "through 9999-12-31", "until 24:00", "until 3/4", "90", "and", ",", "130k", "last 5",
]  # fmt: skip
NAMES = [word for command in COMMANDS for word in (command.name, *command.aliases)]


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def line(rng: random.Random) -> str:
    """One thing that is typed or pressed."""
    argument = " ".join(rng.choice(WORDS) for _ in range(rng.randrange(4)))
    noise = "".join(rng.choice(string.printable) for _ in range(rng.randrange(30)))
    return rng.choice([f"/{rng.choice(NAMES)} {argument}", f"/{rng.choice(NAMES)}{noise}", noise or "?"])[:4000]


async def test_whatever_is_typed_or_pressed_is_answered_or_ignored(tmp_path):
    rng, clock = random.Random(7), Clock()
    async with town(tmp_path, clock=clock) as here:
        bot = here.bot
        for _ in range(ROUNDS):
            clock.now += 100.0
            user = rng.choice([SOMEBODY, OPERATOR])
            said = line(rng)
            if rng.random() < 0.3 and (shown := [m for m in bot.sandbox.messages(user) if m.buttons]):
                button = rng.choice(rng.choice(rng.choice(shown).buttons))
                if button.data:
                    bot.sandbox.press(button.data, user=user)
                    continue
            bot.sandbox.say(said, user=user)
            await bot.settled()
            assert bot.services.troubles.last is None, said
        await bot.settled()
        refused = [call for call in bot.sandbox.calls() if call.status == 400]
        told = [message.text for user in (SOMEBODY, OPERATOR) for message in bot.sandbox.messages(user)]
        assert not any("went wrong on my side" in text for text in told)
        assert {call.method for call in refused} <= {"editmessagetext"}, "an edit that changes nothing is refused"
        assert len(told) > ROUNDS / 3
