"""A group, a forum and a channel as their members use them, right, wrong and odd, written down as a transcript."""

from __future__ import annotations

from tests.telegram.market_side import RULES, town
from tests.telegram.telegram_side import BOSS, SOMEBODY
from tests.telegram.test_session import Clock, described, too_wide

GROUP, FORUM, CHANNEL = -1_001_000_001, -1_001_000_002, -1_001_000_003
PEOPLE = {"ann": SOMEBODY, "boss": BOSS}
PLACES = {"group": GROUP, "forum": FORUM, "channel": CHANNEL}
LONG = "very " * 800 + "long"
SCRIPT = f"""
group ann: good morning
group ann: /start
group ann: /start@NAME true
group ann: /rules@another_bot
group ann: /RULES@NAME
group ann alone: /rules
group ann: /subscribe
group ann: /mute 1h
group ann alone: /subscribe
group ann alone: /levels iwm
group ann press: 🔔 At 110.90
group ann press: Chart
group ann alone: /chart banana
group boss: /subscribe banana
group boss: /subscribe russell-record, iwm-near-record
group boss: /mute russell-record until tomorrow
group ann press: 7 days
group boss press: Unmute
group boss anonymous: /settings
group boss press: Sound
group boss anonymous: /tell IWM 120
group ann: /unknown
group ann: /status@NAME please
group ann: /levels\u200f \u202bIWM\u202c
group ann: /levels 🚀
group ann: /why {LONG}
group ann edit: /rules
group ann via another_bot: /rules
group ann: @NAME hello
group boss: /pause
group boss: /health
group boss: /stop
forum boss in 11: /subscribe
forum boss in 12: /subscribe russell-record
forum ann in 11: /levels iwm
forum ann in 11: /alerts
forum boss in 11: /unsubscribe
channel post: /subscribe
channel post: /settings quiet 22-7
channel post: hello
channel edit: /stop
channel post: /unsubscribe
"""


async def said(here, line):
    """Do what a line says, as it stands before the colon."""
    sandbox = here.bot.sandbox
    how, _, text = line.partition(": ")
    place, *rest = how.split()
    chat, user = PLACES[place], PEOPLE.get(rest[0], BOSS) if rest else BOSS
    words = {"alone": "alone" in rest, "anonymous": "anonymous" in rest}
    if "in" in rest:
        words["thread"] = int(rest[rest.index("in") + 1])
    if "via" in rest:
        words["via_bot"] = rest[rest.index("via") + 1]
    if "press" in rest:
        return sandbox.press(text, user=user, chat=chat)
    if "edit" in rest:
        theirs = [message for message in sandbox.world.find(chat).messages.values() if not message.by_bot]
        sandbox.edit(theirs[-1].message_id, text, chat=chat)
        return None
    sandbox.say(text, user=user, chat=chat, **words)
    return None


def placed(message):
    """Who sees it, in which topic, and what it answers."""
    marks = ["only ann" if message.only_for == SOMEBODY else "only boss" if message.only_for == BOSS else ""]
    marks += [f"topic {message.thread_id}" if message.thread_id else "", "answers" if message.reply_to else ""]
    told = ", ".join(filter(None, marks))
    return f"  ({told})" if told else ""


async def test_a_session_in_a_group(tmp_path, golden):
    clock, shown = Clock(), []
    async with town(tmp_path, rules=RULES, clock=clock) as here:
        sandbox = here.bot.sandbox
        members = {BOSS: "creator", SOMEBODY: "member"}
        sandbox.add_chat(GROUP, "supergroup", "Group", members=members)
        sandbox.add_chat(FORUM, "supergroup", "Forum", members=members, topics=[11, 12])
        sandbox.add_chat(CHANNEL, "channel", "Channel", bot_status="administrator", members={BOSS: "creator"})
        name = (await here.bot.bot.get_me()).username
        for line in filter(None, SCRIPT.replace("NAME", name).splitlines()):
            clock.now += 60.0
            before = {(m.chat_id, m.message_id): m.text for chat in PLACES.values() for m in sandbox.messages(chat)}
            query = await said(here, line)
            await here.bot.settled()
            shown.append(f"\n> {line[:100]}")
            pop_up = sandbox.answer_to(query) if query is not None else None
            shown += [f"  ({pop_up})"] if pop_up else []
            for message in (each for chat in PLACES.values() for each in sandbox.messages(chat)):
                if before.get((message.chat_id, message.message_id)) != message.text:
                    first, *rest = described(message, 3)
                    shown += [f"{first}{placed(message)}", *rest]
                    assert too_wide(message) == []
        golden("session-group.txt", "\n".join(shown).strip())
