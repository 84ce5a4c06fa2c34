"""Ten minutes of a subscriber: every command right, wrong and odd, written down as a transcript."""

from __future__ import annotations

import pytest

from bot.store.subscribers.subscribers import subscribe
from bot.subscriber import Chat
from bot.views.formatting.html import PHONE_WIDTH
from tests.telegram.alerting import deliver, fire
from tests.telegram.market_side import RECORD, RULES, town
from tests.telegram.session_scripts import DEPTH, FIRST_MINUTES, LEAVING, LOOKING, ODD, QUIET, SPANS, SPOKEN
from tests.telegram.telegram_side import NOW, SOMEBODY

LINES_SHOWN = {"odd": 4, "depth": 14, "spoken": 5, "spans": 6}
"""Of each message; of others the first: what a command says in full is the views' affair."""

LONG = "resistance(touches=2) + 0.25 * atr(14) and change(close, 5) > 0.2"
CLAIMS = """tags: [russell]
claims:
  - text: Bitcoin <soars> after it.
    source: a & b
    made: 2022-06-01
    check: {measure: return, asset: BTC, within: 90 days}
"""
OTHER_RULES = {
    "btc-weekly": RECORD.replace("RUT", "BTC").replace(": 1d", ": 1w").replace("Russell record", "Bitcoin's weeks"),
    "iwm-resistance": RECORD.replace("RUT", "IWM")
    .replace("Russell record", "IWM through resistance")
    .replace("close > highest(close, 20)[1]", f"close > {LONG}")
    .replace("level: highest(close, 20)[1]", "level: resistance(touches=2)"),
    "russell-claimed": RECORD.replace("Russell record", "Russell, as others see it") + CLAIMS,
}
"""Rules of weeks, of a long formula, with a claim and a tag."""


class Clock:
    """A steady clock that the test moves."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


async def played(here, clock, script, lines_shown):
    """What the chat shows: each line of the script, and below it what came of it."""
    shown, bot = [], here.bot
    for line in filter(None, script.replace("NAME", (await bot.bot.get_me()).username).splitlines()):
        clock.now += 60.0
        before = {message.message_id: message.text for message in bot.sandbox.messages(SOMEBODY)}
        if line.startswith("* "):
            query = bot.sandbox.press(line[2:])
        else:
            query = None
            bot.sandbox.say(line)
        await bot.settled()
        shown.append(f"\n> {line}")
        pop_up = bot.sandbox.answer_to(query) if query is not None else None
        shown += [f"  ({pop_up})"] if pop_up else []
        for message in bot.sandbox.messages(SOMEBODY):
            if before.get(message.message_id) != message.text:
                shown += described(message, lines_shown)
    return "\n".join(shown).strip()


def too_wide(message):
    """Lines of a message's tables that a phone would break."""
    units = message.text.encode("utf-16-le")
    tables = [each for each in message.entities if each["type"] == "pre"]
    texts = [units[2 * each["offset"] : 2 * (each["offset"] + each["length"])].decode("utf-16-le") for each in tables]
    return [line for text in texts for line in text.splitlines() if len(line) > PHONE_WIDTH]


def untidy(message):
    """Lines that end in a blank, and empty lines beside another."""
    lines = message.text.split("\n")
    doubled = [f"before {after}" for one, two, after in zip(lines, lines[1:], lines[2:], strict=False) if not one + two]
    return [line for line in lines if line != line.rstrip()] + doubled


def described(message, lines_shown):
    lines = message.text.splitlines() or [""]
    more = ["  …"] if len(lines) > lines_shown + 1 else lines[lines_shown:]
    mark = "🖼 " if message.photo else "📄 " if message.document else ""
    rows = [" ".join(f"[{button.text}]" for button in row) for row in message.buttons]
    return [f"  {mark}{lines[0]}", *(f"  {line}" for line in lines[1:lines_shown]), *map("  {}".format, more)] + [
        f"    {row}" for row in rows[:4]
    ]


@pytest.mark.parametrize(
    ("name", "script"),
    [
        ("first-minutes", FIRST_MINUTES),
        ("looking", LOOKING),
        ("quiet", QUIET),
        ("leaving", LEAVING),
        ("odd", ODD),
        ("depth", DEPTH),
        ("spoken", SPOKEN),
        ("spans", SPANS),
    ],
)
async def test_a_session(tmp_path, golden, name, script):
    clock = Clock()
    rules = OTHER_RULES if name in {"odd", "depth", "spoken", "spans"} else RULES
    async with town(tmp_path, rules=rules, clock=clock) as here:
        here.bot.sandbox.add_person(SOMEBODY, "Ann")
        if name != "first-minutes":
            await here.bot.store.run(subscribe, Chat(SOMEBODY, 0, "private", "Ann"), NOW)
        if name == "looking":
            await fire(here.bot, "russell-record")
            await deliver(here.bot)
        told = await played(here, clock, script, LINES_SHOWN.get(name, 1))
        assert [line for message in here.bot.sandbox.messages(SOMEBODY) for line in too_wide(message)] == []
        assert [line for message in here.bot.sandbox.messages(SOMEBODY) for line in untidy(message)] == []
        golden(f"session-{name}.txt", told)
