"""Choosing alerts by buttons: everything, by severity, tag and rule; and leaving them one by one."""

from __future__ import annotations

import pytest

from bot.store.subscribers.mutes import FOR_GOOD, mute, mutes_of
from bot.store.subscribers.subscribers import subscribe
from bot.subscriber import Chat
from bot.views.alerts.buttons import rule_word
from tests.telegram.telegram_side import APPROVAL, BOSS, NOW, OPERATOR, SOMEBODY, running_bot

GROUP, FORUM, CHANNEL = -1_001_000_001, -1_001_000_002, -1_001_000_003


@pytest.fixture
async def bot(tmp_path):
    async with running_bot(tmp_path) as opened:
        yield opened


def panel(bot, chat=SOMEBODY):
    return bot.sandbox.messages(chat)[-1]


def texts(bot, chat=SOMEBODY):
    return [button.text for row in panel(bot, chat).buttons for button in row]


async def press(bot, text, *, user=SOMEBODY, chat=None):
    """Press a button and wait until all is done; what the person was shown in passing."""
    query = bot.sandbox.press(text, user=user, chat=chat)
    await bot.settled()
    return bot.sandbox.answer_to(query)


async def muted(bot, chat=SOMEBODY, thread=0):
    return [each.rule for each in await bot.store.run(mutes_of, chat, thread, NOW)]


async def test_the_panel_shows_what_is_on_and_edits_itself(bot):
    await bot.ask("/subscribe")
    assert texts(bot)[0] == "✅ Everything"
    assert {"✅ IWM breaks", "✅ A <record> & more"} <= set(texts(bot))
    assert not any("Sleeping" in text for text in texts(bot)), "a rule that is off sends nothing"
    await press(bot, "✅ Everything")
    assert len(bot.sandbox.messages(SOMEBODY)) == 1, "the message changes, no second one comes"
    assert "gets no alerts" in panel(bot).text
    assert await bot.state() == "unsubscribed"
    assert {"▫️ Everything", "▫️ High severity", "▫️ #iwm", "▫️ IWM breaks"} <= set(texts(bot))
    await press(bot, "▫️ IWM breaks")
    assert (await bot.subscribed()).subscriptions == (("rule", "iwm-resistance-break"),)
    assert "IWM breaks" in panel(bot).text
    await press(bot, "▫️ High severity")
    await press(bot, "▫️ #iwm")
    assert set((await bot.subscribed()).subscriptions) == {
        ("rule", "iwm-resistance-break"),
        ("severity", "high"),
        ("tag", "iwm"),
    }
    assert {"✅ A <record> & more", "✅ High severity", "✅ #iwm"} <= set(texts(bot))
    await press(bot, "▫️ Everything")
    assert "everything, 2 rules" in panel(bot).text


async def test_a_button_pressed_twice_changes_nothing(bot):
    await bot.ask("/subscribe russell-record")
    for _ in range(2):
        bot.sandbox.press("▫️ #iwm")
    await bot.settled()
    assert ("tag", "iwm") in (await bot.subscribed()).subscriptions
    assert len(bot.sandbox.messages(SOMEBODY)) == 1


async def test_a_rule_that_others_bring_along_is_muted_and_comes_back(bot):
    await bot.ask("/subscribe")
    await press(bot, "✅ IWM breaks")
    assert await muted(bot) == ["iwm-resistance-break"]
    assert "1 rule muted" in panel(bot).text
    await press(bot, "🔇 IWM breaks")
    assert await muted(bot) == []
    assert (await bot.subscribed()).subscriptions == (("all", ""),)


async def test_the_last_one_off_ends_the_alerts(bot):
    await bot.ask("/subscribe russell-record")
    await press(bot, "✅ A <record> & more")
    assert await bot.state() == "unsubscribed"
    assert "gets no alerts" in panel(bot).text


async def test_subscribe_again_shows_the_panel(bot):
    await bot.ask("/subscribe russell-record")
    answer = await bot.ask("/subscribe")
    assert "already" in answer
    assert "A <record> & more" in answer
    assert "✅ A <record> & more" in texts(bot)
    assert (await bot.subscribed()).subscriptions == (("rule", "russell-record"),)
    assert "Subscribed" in await bot.ask("/subscribe all")
    assert ("all", "") in (await bot.subscribed()).subscriptions


async def test_unsubscribe_from_one_thing(bot):
    await bot.ask("/subscribe russell-record")
    await bot.ask("/subscribe tag:iwm")
    assert "no subscription to severity high" in await bot.ask("/unsubscribe high")
    assert "No more alerts of the tag iwm" in await bot.ask("/unsubscribe #IWM")
    assert (await bot.subscribed()).subscriptions == (("rule", "russell-record"),)
    assert "Did you mean" in await bot.ask("/unsubscribe russel-recrod")
    assert "Unsubscribed" in await bot.ask("/unsubscribe Russell record")
    assert await bot.state() == "unsubscribed"
    assert "was not subscribed" in await bot.ask("/unsubscribe")


async def test_unsubscribe_from_a_rule_where_all_come_mutes_it(bot):
    await bot.ask("/subscribe")
    assert "Muted here" in await bot.ask("/unsubscribe russell-record")
    assert await bot.state() == "active"
    assert await muted(bot) == ["russell-record"]
    await bot.ask("/subscribe russell-record")
    assert await muted(bot) == [], "who asks for a rule wants to hear it"


async def test_what_stays_muted_is_said_with_a_new_subscription(bot):
    await bot.ask("/subscribe russell-record")
    await bot.ask("/mute iwm-resistance-break")
    assert "1 rule muted: /mute" in await bot.ask("/subscribe tag:iwm")
    assert "muted" not in await bot.ask("/subscribe severity high")
    assert "1 rule muted: /mute" in await bot.ask("/subscribe only tag:iwm")
    await bot.ask("/mute all 2h")
    assert "All alerts are muted for now: /mute" in await bot.ask("/subscribe russell-record")
    assert "All alerts are muted for now: /mute" in await bot.ask("/subscribe all")


@pytest.mark.parametrize("first", ["/subscribe tag:iwm", "/subscribe"])
async def test_a_tag_is_not_said_to_have_ended_where_all_come(bot, first):
    await bot.ask("/subscribe")
    await bot.ask(first)
    answer = await bot.ask("/unsubscribe tag:iwm")
    assert "No more alerts" not in answer
    assert "his chat gets everything, so alerts of the tag iwm still come" in answer
    await press(bot, "Mute #iwm")
    assert await muted(bot) == ["iwm-resistance-break"]


async def test_what_other_subscriptions_still_bring_is_named(bot):
    await bot.ask("/subscribe iwm-resistance-break")
    await bot.ask("/subscribe tag:iwm")
    answer = await bot.ask("/unsubscribe tag:iwm")
    assert "has ended, but its other subscriptions bring 1 rule of it: IWM breaks" in answer
    assert (await bot.subscribed()).subscriptions == (("rule", "iwm-resistance-break"),)
    await bot.ask("/subscribe severity high")
    await bot.ask("/subscribe severity normal")
    answer = await bot.ask("/unsubscribe severity normal")
    assert "bring 2 rules of it: IWM breaks, A <record> & more" in answer
    await bot.ask("/subscribe tag:iwm")
    assert "other subscriptions" not in await bot.ask("/unsubscribe iwm-resistance-break, tag:iwm"), "both end"
    assert (await bot.subscribed()).subscriptions == (("severity", "high"),)


async def test_what_is_gone_can_be_switched_off(bot):
    chat = Chat(SOMEBODY, 0, "private", "somebody")
    await bot.store.run(subscribe, chat, NOW, ("rule", "of-yesterday"))
    await bot.store.run(subscribe, chat, NOW, ("tag", "old"))
    await bot.ask("/subscribe")
    await press(bot, "✅ of-yesterday (gone)")
    assert (await bot.subscribed()).subscriptions == (("tag", "old"),)
    assert "No more" in await bot.ask("/unsubscribe old") or await bot.state() == "unsubscribed"


async def test_a_button_of_a_rule_that_is_gone_says_so(bot):
    await bot.ask("/subscribe russell-record")
    panel(bot).buttons = ((replaced(panel(bot).buttons[0][0], "/choose +rule:of-yesterday 0"),),)
    assert "nothing called “of-yesterday”" in await press(bot, "/choose +rule:of-yesterday 0")
    assert (await bot.subscribed()).subscriptions == (("rule", "russell-record"),)


@pytest.mark.parametrize(
    "data",
    [
        "/choose +rule:../../etc 0", "/choose ++", "/choose -rule: 0", "/choose +tag:no", "/choose +severity:shrill",
        "/choose 999", "choose", "/approve 1", "/unmute '; DROP TABLE mutes", "/settings zone \x00", "/hush x y z",
        "/choose +all:x 0",
    ],
)  # fmt: skip
async def test_forged_data_gets_a_kind_answer_and_no_right(bot, data):
    await bot.ask("/subscribe russell-record")
    before = await bot.subscribed()
    panel(bot).buttons = ((replaced(panel(bot).buttons[0][0], data),),)
    assert await press(bot, data) is not None
    after = await bot.subscribed()
    assert (after.state, after.preferences) == (before.state, before.preferences)
    assert set(after.subscriptions) <= {*before.subscriptions, ("all", "")}
    assert bot.services.troubles.count == 0


async def test_in_a_group_only_admins_choose(bot):
    people = {BOSS: "creator", SOMEBODY: "member"}
    bot.sandbox.add_chat(GROUP, "supergroup", "Group", members=people)
    await bot.ask("/subscribe russell-record", user=BOSS, chat=GROUP)
    assert "Only admins" in await press(bot, "▫️ Everything", user=SOMEBODY, chat=GROUP)
    assert (await bot.subscribed(GROUP)).subscriptions == (("rule", "russell-record"),)
    await press(bot, "▫️ Everything", user=BOSS, chat=GROUP)
    assert ("all", "") in (await bot.subscribed(GROUP)).subscriptions


async def test_a_topic_chooses_for_itself(bot):
    bot.sandbox.add_chat(FORUM, "supergroup", "Forum", members={BOSS: "creator"}, topics=[11, 12])
    await bot.ask("/subscribe", user=BOSS, chat=FORUM, thread=11)
    await press(bot, "✅ IWM breaks", user=BOSS, chat=FORUM)
    assert await muted(bot, FORUM, 11) == ["iwm-resistance-break"]
    assert await bot.state(FORUM, 0) is None
    await press(bot, "✅ Everything", user=BOSS, chat=FORUM)
    assert await bot.state(FORUM, 11) == "unsubscribed"


async def test_a_channels_admin_chooses_by_the_buttons_under_its_post(bot):
    bot.sandbox.add_chat(CHANNEL, "channel", "Channel", bot_status="administrator", members={BOSS: "creator"})
    await bot.ask("/subscribe russell-record", chat=CHANNEL)
    assert "Only admins" in await press(bot, "▫️ #iwm", user=SOMEBODY, chat=CHANNEL)
    await press(bot, "▫️ #iwm", user=BOSS, chat=CHANNEL)
    assert ("tag", "iwm") in (await bot.subscribed(CHANNEL)).subscriptions


async def test_where_the_message_can_not_be_changed_a_new_one_comes(bot):
    await bot.ask("/subscribe russell-record")
    bot.sandbox.fail("editMessageText", 400, description="message can't be edited")
    await press(bot, "▫️ #iwm")
    assert len(bot.sandbox.messages(SOMEBODY)) == 2
    assert "✅ #iwm" in texts(bot)


async def test_start_offers_the_alerts_and_a_press_takes_them(bot):
    await bot.ask("/start")
    await press(bot, "Get alerts")
    assert await bot.state() == "active"
    assert "Subscribed" in panel(bot).text


async def test_choosing_needs_an_approval_too_and_rings_the_operator_once(tmp_path):
    async with running_bot(tmp_path, APPROVAL) as bot:
        await bot.ask("/start")
        await press(bot, "Get alerts")
        assert await bot.state() == "pending"
        assert "asks for alerts" in await bot.answer(OPERATOR)
        await press(bot, "✅ Everything")
        assert await bot.state() == "unsubscribed"
        await press(bot, "▫️ #iwm")
        assert "Waiting" in panel(bot).text
        assert len(bot.sandbox.messages(OPERATOR)) == 1, "who comes and goes rings once"
        bot.sandbox.press("Approve", user=OPERATOR)
        await bot.settled()
        assert await bot.state() == "active"
        bot.sandbox.member("kicked")
        await bot.settled()
        bot.sandbox.member("member")
        bot.sandbox.say("/start")
        await bot.settled()
        assert "You are subscribed" in panel(bot).text
        assert await bot.state() == "active", "let in once, need not wait again"


async def test_many_rules_come_in_pages(tmp_path, monkeypatch):
    body = "market: RUT\nwhen: close > 1\n"
    long = "a-very-long-name-of-a-rule-that-says-all-it-does-in-its-own-name"
    rules = {f"rule-{index:02}": f"title: Rule {index}\n{body}" for index in range(25)}
    monkeypatch.setattr("tests.telegram.telegram_side.RULES", rules | {f"{long}-one": f"title: One\n{body}"})
    async with running_bot(tmp_path) as bot:
        await bot.ask("/subscribe high")
        assert "1 of 3" in texts(bot)
        await press(bot, "▫️ One") if "▫️ One" in texts(bot) else None
        await press(bot, "»")
        assert "2 of 3" in texts(bot)
        await press(bot, "▫️ Rule 15")
        assert "✅ Rule 15" in texts(bot), "the page stays"
        await press(bot, "»")
        await press(bot, "»")
        assert "1 of 3" in texts(bot)
        assert ("rule", "rule-15") in (await bot.subscribed()).subscriptions
        assert ("rule", f"{long}-one") in (await bot.subscribed()).subscriptions
        assert len(rule_word(f"{long}-one")) < len(long)


async def test_mutes_of_all_are_said(bot):
    await bot.ask("/subscribe")
    await bot.store.run(mute, SOMEBODY, 0, FOR_GOOD, NOW)
    assert "All alerts are muted" in await bot.ask("/subscribe")


def replaced(button, data):
    return type(button)(text=data, data=data)
