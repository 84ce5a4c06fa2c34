"""Ten minutes of a subscriber: every command right, wrong and odd, written down as a transcript."""

from __future__ import annotations

import pytest

from bot.store.subscribers.subscribers import subscribe
from bot.subscriber import Chat
from bot.views.formatting.html import PHONE_WIDTH
from tests.telegram.alerting import deliver, fire
from tests.telegram.market_side import RECORD, RULES, town
from tests.telegram.telegram_side import NOW, SOMEBODY

LINES_SHOWN = {"odd": 4, "depth": 14, "spoken": 5}
"""Of each message; of others the first: what a command says in full is the views' affair."""

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

ODD = """
/start@NAME true
/Start ref_x
/HELP
/help levels
/help /mute
/help banana
mute
price
price is high
thanks
🙂
/ help
/risk banana
/liquidity
/liquidity now
/claims
/claims banana
/scorecard banana
/status please
/tell
/tell IWM 120
/tell when ^rut below 40
/tell me when IWM rises above 300
/tell IWM over 90
/tell IWM < 200
/tell IWM
/tell IWM banana
/tell dog 5
/tell delete 99
/tell
* ✖ IWM (Russell 2000 ETF) 120.00
/mute 1h30m
/mute 0h russell-claimed
/mute -1h
/mute until friday
/mute tag:russell 2h
/unmute
/unmute 1h
/unmute iwm
/subscribe tag:russell
/subscribe tag:
/subscribe tag:banana
/subscribe severity:high
/unsubscribe tag:russell
/unsubscribe btc-weekly
/stop
/forget
"""
DEPTH = """
/rules weekly
/rules iwm-resistance
/why weekly
/why iwm-resistance
/why russell-claimed today
/evidence btc-weekly
/evidence btc-weekly BTC details
/evidence btc-weekly placebo
/evidence btc-weekly SHIB
/evidence btc-weekly ETH SHIB
/evidence SHIB btc-weekly
/levels IWM 5
/levels BTC
/chart IWM 1y
/alerts 5
/crypto 7d
/crypto now
/settings severity banana
/settings sound loud
/settings quiet 22:00 07:00
/settings quiet from 10pm to 7am
/settings quiet 25-7
/settings digest sometimes
/settings pictures pink
/settings zone
/settings banana
"""
SPOKEN = """
/timezone Berlin
/quiet 22-7
/quiet
/digest weekly mon 9:00
/tz qqqq
/mute until friday
/mute until wednesday
/mute russell-claimed until 18:00
/mute until 6
/mute tag:russell 1h30m
/mute #russell until next tuesday
/mute btc-weekly, russell-claimed for 2 days
/mute btc-weekly and banana 1d
/mute btc 1d
/why btc
/why RUT
/mute iwm until tomorrow
* Through Wed
/mute for the weekend
/mute 90
/mute 30 russell
/mute high 1d
/mute until 2020-01-01
/mute until banana
/mute everything until further notice
/mute
/unmute tag:russell
/unmute all
/subscribe tag:russell, btc-weekly
* Only these
/subscribe only russell-claimed
/subscribe russell btc-weekly banana
/subscribe iwm-resistance severity:high
/unsubscribe btc-weekly, iwm-resistance
/unsubscribe tag:banana, btc-weekly
/alerts 3
/alerts 0
/alerts russell-claimed 2
/alerts last 5
/alerts banana 5
/evidence btc-weekly eth
/evidence weekly, eth
/levels iwm!
/levels "Bitcoin"
/tell bitcoin > 130k
/tell me when bitcoin is at 130,000.50
/tell btc 1e5
/tell btc -5
/tell btc 0
/tell iwm 112.5 and 115
/tell iwm +5%
/tell russell 2000
/tell russell 2000 71
/tell delete
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
    ],
)
async def test_a_session(tmp_path, golden, name, script):
    clock = Clock()
    rules = OTHER_RULES if name in {"odd", "depth", "spoken"} else RULES
    async with town(tmp_path, rules=rules, clock=clock) as here:
        here.bot.sandbox.add_person(SOMEBODY, "Ann")
        if name != "first-minutes":
            await here.bot.store.run(subscribe, Chat(SOMEBODY, 0, "private", "Ann"), NOW)
        if name == "looking":
            await fire(here.bot, "russell-record")
            await deliver(here.bot)
        told = await played(here, clock, script, LINES_SHOWN.get(name, 1))
        assert [line for message in here.bot.sandbox.messages(SOMEBODY) for line in too_wide(message)] == []
        golden(f"session-{name}.txt", told)
