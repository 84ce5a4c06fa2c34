"""Ten minutes of a subscriber: every command right, wrong and odd, written down as a transcript."""

from __future__ import annotations

import pytest

from bot.store.subscribers.subscribers import subscribe
from bot.subscriber import Chat
from tests.telegram.alerting import deliver, fire
from tests.telegram.market_side import town
from tests.telegram.telegram_side import NOW, SOMEBODY

LINES_SHOWN = 1
"""Of each message: the news. What a command says in full is the views' affair."""

FIRST_MINUTES = """
/start ref_abc123
hello
help
/help
/helpp
/statsu
/subscribe everything
/subscribe
/subscribe tag:russell
/subscribe iwm-break
/subscribe iwm-resistence-braek
/subscribe banana
/start russell-record
/start
* Choose
* ✅ Everything
* ▫️ High severity
"""
LOOKING = """
/rules
/rules russell
/rules banana
/rules iwm
/status
/levels
/levels IWM
/levels ^RUT
/levels DAX
/levels dog
/chart BTC
/chart BTC banana
/chart spy
/crypto
/crypto chart
/crypto correlation
/crypto nonsense
/risk
/why
/why russell-record
/why iwm
/why did russell-record not fire
/evidence
/evidence russell-record
/evidence russell-record ETH
/evidence russell-record SHIB
/evidence russell-record banana
/evidence ETH
/evidence banana
/scorecard
/alerts
/alerts russell-record
/alerts banana
"""
QUIET = """
/mute 1h russell-record
/mute russell-record 1h30m
/mute for 2 days iwm-near-record
/mute 0h
/mute 1.5h
/mute 3h banana
/mute iwm 7d
/mute
* 🔔 Unmute all
/unmute russell-record
/unmute banana
/settings
/settings severity high
/settings quiet 22-7
/settings quiet sometimes
/settings zone Berlin
/settings zone IST
/settings zone Narnia
/settings zone UTC+5:30
/settings digest weekly mon 9:00
/settings colour blue
/settings sound none
"""
LEAVING = """
/unsubscribe severity:high
/unsubscribe banana
/unsubscribe
/unsubscribe
/mute 24h
/settings
/pause
/approve 5
/start
stop
"""


class Clock:
    """A steady clock that the test moves."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


async def played(here, clock, script):
    """What the chat shows: each line of the script, and below it what came of it."""
    shown, bot = [], here.bot
    for line in filter(None, script.splitlines()):
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
                shown += described(message)
    return "\n".join(shown).strip()


def described(message):
    lines = message.text.splitlines() or [""]
    more = ["  …"] if len(lines) > LINES_SHOWN + 1 else lines[LINES_SHOWN:]
    mark = "🖼 " if message.photo else "📄 " if message.document else ""
    rows = [" ".join(f"[{button.text}]" for button in row) for row in message.buttons]
    return [f"  {mark}{lines[0]}", *(f"  {line}" for line in lines[1:LINES_SHOWN]), *map("  {}".format, more)] + [
        f"    {row}" for row in rows[:4]
    ]


@pytest.mark.parametrize(
    ("name", "script"),
    [("first-minutes", FIRST_MINUTES), ("looking", LOOKING), ("quiet", QUIET), ("leaving", LEAVING)],
)
async def test_a_session(tmp_path, golden, name, script):
    clock = Clock()
    async with town(tmp_path, clock=clock) as here:
        here.bot.sandbox.add_person(SOMEBODY, "Ann")
        if name != "first-minutes":
            await here.bot.store.run(subscribe, Chat(SOMEBODY, 0, "private", "Ann"), NOW)
        if name == "looking":
            await fire(here.bot, "russell-record")
            await deliver(here.bot)
        golden(f"session-{name}.txt", await played(here, clock, script))
