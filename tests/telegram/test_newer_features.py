"""Newer features of Telegram, each with and without a server that has it."""

from __future__ import annotations

import json

import pytest

from bot.store.subscribers.price_alerts import fulfil_price_alert, open_price_alerts
from bot.views.alerts.buttons import level_buttons
from bot.views.alerts.facts import NextLevel
from bot.views.chats import onboarding
from tests.telegram.alerting import deliver, fire
from tests.telegram.market_side import town
from tests.telegram.telegram_side import BOSS, MEMBER, MEMBERS, NOW, SOMEBODY, running_bot
from tests.views.alert_facts import alert

GROUP, CHANNEL = -1_001_000_001, -1_001_000_003


@pytest.fixture
async def bot(tmp_path):
    async with running_bot(tmp_path) as opened:
        opened.sandbox.add_chat(GROUP, "supergroup", "Group", members={BOSS: "creator", SOMEBODY: "member"})
        await opened.enter()
        yield opened


def said(call, parameter):
    """A parameter of a call, whichever way it came."""
    given = call.params[parameter]
    return json.loads(given) if isinstance(given, str) else given


async def test_an_ephemeral_command_is_answered_to_its_sender_alone(bot):
    asked = bot.sandbox.say("/rules", user=SOMEBODY, chat=GROUP, alone=True)
    await bot.answer(GROUP)
    assert bot.sandbox.messages(GROUP)[-1].only_for == SOMEBODY
    (call,) = bot.sandbox.calls("sendMessage")
    assert said(call, "reply_parameters") == {"ephemeral_message_id": asked}


async def test_who_presses_a_button_in_a_group_is_answered_alone(bot):
    await fire(bot)
    await bot.enter(GROUP, "supergroup")
    await fire(bot, "russell-record")
    await deliver(bot)
    bot.read[GROUP] = 1
    query = bot.sandbox.press("Crypto", user=SOMEBODY, chat=GROUP)
    await bot.answer(GROUP)
    assert bot.sandbox.messages(GROUP)[0].only_for is None, "alerts are for everybody"
    assert bot.sandbox.messages(GROUP)[-1].only_for == SOMEBODY
    assert said(bot.sandbox.calls("sendMessage")[-1], "ephemeral_message_parameters") == {
        "receiver_user_id": SOMEBODY,
        "callback_query_id": query,
    }


async def test_an_ordinary_command_is_answered_to_all_unless_the_bot_is_an_admin(bot):
    await bot.ask("/rules", user=SOMEBODY, chat=GROUP)
    assert bot.sandbox.messages(GROUP)[-1].only_for is None
    assert not [call for call in bot.sandbox.calls("sendMessage") if "ephemeral_message_parameters" in call.params]
    bot.sandbox.member("administrator", chat=GROUP)
    await bot.settled()
    await bot.ask("/rules", user=SOMEBODY, chat=GROUP)
    assert bot.sandbox.messages(GROUP)[-1].only_for == SOMEBODY
    await bot.ask("/subscribe", user=BOSS, chat=GROUP)
    assert bot.sandbox.messages(GROUP)[-1].only_for is None, "what concerns the group is for the group to see"


async def test_what_was_asked_alone_is_changed_in_its_place(bot):
    await bot.enter(GROUP, "supergroup")
    bot.sandbox.say("/settings", user=BOSS, chat=GROUP, alone=True)
    assert "Settings of this chat" in await bot.answer(GROUP)
    bot.sandbox.press("Sound", user=BOSS, chat=GROUP)
    await bot.settled()
    (message,) = bot.sandbox.messages(GROUP)
    assert "Which alerts should make a sound?" in message.text
    assert message.only_for == BOSS
    assert len(bot.sandbox.calls("editEphemeralMessageText")) == 1


async def test_who_asks_alone_may_not_change_the_group_either(bot):
    for said, words in (("/subscribe", "Only admins"), ("/rules banana", "no rule called")):
        bot.sandbox.say(said, user=SOMEBODY, chat=GROUP, alone=True)
        assert words in await bot.answer(GROUP)
        assert bot.sandbox.messages(GROUP)[-1].only_for == SOMEBODY
    assert await bot.state(GROUP) is None


async def test_what_was_asked_long_ago_is_answered_to_all(bot):
    bot.sandbox.world.clock = lambda: NOW - 60.0  # the bot's clock says NOW
    bot.sandbox.say("/rules", user=SOMEBODY, chat=GROUP, alone=True)
    await bot.answer(GROUP)
    assert bot.sandbox.messages(GROUP)[-1].only_for is None


async def test_where_the_server_knows_no_such_messages_everybody_sees_it(bot):
    bot.sandbox.world.knows_ephemeral = False
    bot.sandbox.member("administrator", chat=GROUP)
    await bot.settled()
    assert "IWM breaks" in await bot.ask("/rules", user=SOMEBODY, chat=GROUP)
    assert bot.sandbox.messages(GROUP)[0].only_for is None


async def test_where_they_are_refused_the_answer_comes_without(bot):
    bot.sandbox.member("administrator", chat=GROUP)
    bot.sandbox.fail("sendMessage", 400, description="Bad Request: EPHEMERAL_NOT_ALLOWED", chat=GROUP)
    await bot.settled()
    assert "IWM breaks" in await bot.ask("/rules", user=SOMEBODY, chat=GROUP)
    await bot.ask("/alerts", user=SOMEBODY, chat=GROUP)
    asked = ["ephemeral_message_parameters" in call.params for call in bot.sandbox.calls("sendMessage")]
    assert asked == [True, False, False]


async def test_one_late_answer_gives_nothing_up(bot):
    bot.sandbox.fail("sendMessage", 400, description="Bad Request: too old", chat=GROUP)
    for expected in (None, SOMEBODY):
        bot.sandbox.say("/rules", user=SOMEBODY, chat=GROUP, alone=True)
        await bot.answer(GROUP)
        assert bot.sandbox.messages(GROUP)[-1].only_for == expected


async def test_groups_are_offered_commands_that_only_the_bot_sees(bot):
    await bot.sandbox.wait_until(lambda: len(bot.sandbox.calls("setMyCommands")) >= 3)
    alone = {
        said(call, "scope")["type"]: [each["command"] for each in said(call, "commands") if each.get("is_ephemeral")]
        for call in bot.sandbox.calls("setMyCommands")
    }
    assert not alone["all_private_chats"]
    assert "levels" in alone["all_group_chats"]
    assert "subscribe" not in alone["all_chat_administrators"]
    assert alone["all_group_chats"] == alone["all_chat_administrators"]


async def test_a_level_is_copied_and_told_by_buttons(tmp_path):
    async with town(tmp_path) as here:
        await here.bot.ask("/levels IWM")
        ((above, *_), (copied, *_), _) = here.bot.sandbox.messages(SOMEBODY)[-1].buttons
        assert copied.copied == above.text.removeprefix("🔔 At ")
        query = here.bot.sandbox.press(above.text)
        await here.bot.settled()
        assert "I will tell you once when IWM" in here.bot.sandbox.answer_to(query)
        assert "Prices that you wait for" in await here.bot.ask("/tell")
        assert copied.copied in here.bot.sandbox.messages(SOMEBODY)[-1].text
        here.bot.sandbox.press(f"✖ IWM (Russell 2000 ETF) {copied.copied}")
        await here.bot.settled()
        assert "You wait for no price" in here.bot.sandbox.messages(SOMEBODY)[-1].text


async def under_an_alert(bot):
    lead = alert([240.0, 1250.5], 1245.25, next_level=NextLevel(1300.0, 3))
    await fire(bot, levels=level_buttons(lead))
    await deliver(bot)
    return [[button.text for button in row] for row in bot.sandbox.messages(SOMEBODY)[-1].buttons]


async def test_the_levels_of_an_alert_are_copied(bot):
    assert ["📋 Level 1,245.25", "📋 Next 1,300.00"] in await under_an_alert(bot)
    (copies,) = [row for row in bot.sandbox.messages(SOMEBODY)[-1].buttons if row[0].copied]
    assert [button.copied for button in copies] == ["1245.25", "1300.00"]


async def test_where_no_text_can_be_copied_the_alert_arrives_with_its_other_buttons(bot):
    bot.sandbox.fail("sendMessage", 400, description="Bad Request: BUTTON_TYPE_INVALID")
    assert await under_an_alert(bot) == [["Why", "Evidence", "Crypto"], ["Mute 24 h", "Mute this rule"]]


async def test_a_rules_formula_is_copied(bot):
    await bot.ask("/rules iwm-resistance-break")
    (copied,) = [button.copied for row in bot.sandbox.messages(SOMEBODY)[-1].buttons for button in row if button.copied]
    assert copied == "close > resistance(touches=2)"


async def test_a_keyboard_that_is_refused_comes_without_its_newer_buttons(tmp_path):
    async with town(tmp_path) as here:
        here.bot.sandbox.fail("sendMessage", 400, description="Bad Request: BUTTON_TYPE_INVALID")
        await here.bot.ask("/levels IWM")
        assert not any(button.copied for row in here.bot.sandbox.messages(SOMEBODY)[-1].buttons for button in row)


async def test_pictures_are_dark_where_the_chat_wants_them_so(tmp_path):
    async with town(tmp_path) as here:
        await here.bot.enter()
        await here.bot.ask("/settings pictures dark")
        await here.bot.ask("/chart IWM")
        await here.bot.ask("/settings pictures light")
        await here.bot.ask("/chart IWM")
        await here.bot.settled()
        assert [chart.dark for chart in here.drawn] == [True, False]


async def test_reactions_are_counted_on_the_scorecard(bot):
    bot.sandbox.member("administrator", chat=GROUP)
    await bot.enter(GROUP, "supergroup")
    await fire(bot)
    await deliver(bot)
    (alert,) = bot.sandbox.messages(GROUP)
    for emoji in ("👍", "👎"):
        bot.sandbox.react(emoji, alert.message_id, chat=GROUP)
    await bot.settled()
    bot.read[SOMEBODY] = 1
    assert "Reactions of readers\nIWM breaks: 👎 1" in await bot.ask("/scorecard")
    bot.sandbox.react("", alert.message_id, chat=GROUP)
    await bot.settled()
    assert "Reactions" not in await bot.ask("/scorecard")


async def test_the_nameless_readers_of_a_channel_are_counted(bot):
    bot.sandbox.add_chat(CHANNEL, "channel", "Channel", bot_status="administrator")
    await bot.enter(CHANNEL, "channel")
    await fire(bot)
    await deliver(bot)
    (alert,) = bot.sandbox.messages(CHANNEL)
    for user, emoji in ((11, "👍"), (12, "👍"), (13, "🔥"), (12, "🔥"), (13, "")):
        bot.sandbox.react(emoji, alert.message_id, user=user, chat=CHANNEL)
    await bot.settled()
    bot.read[SOMEBODY] = 1
    assert "IWM breaks: 👍 1  🔥 1" in await bot.ask("/scorecard")


async def test_a_reaction_to_another_message_counts_nothing(bot):
    await bot.ask("/help")
    bot.sandbox.member("administrator", chat=GROUP)
    await bot.ask("/help", user=BOSS, chat=GROUP)
    bot.sandbox.react("👍", bot.sandbox.messages(GROUP)[0].message_id, chat=GROUP)
    await bot.settled()
    assert "Reactions" not in await bot.ask("/scorecard")


async def shared(bot, words, user=SOMEBODY):
    query = bot.sandbox.ask_inline(words, user=user)
    await bot.sandbox.wait_until(lambda: bot.sandbox.inline_results(query) is not None)
    return [(result["type"], result["title"]) for result in bot.sandbox.inline_results(query)]


async def test_the_cards_of_alerts_can_be_shared(bot):
    assert await shared(bot, "") == []
    await fire(bot)
    await fire(bot, "russell-record")
    assert await shared(bot, "") == [("article", "A <record> & more"), ("article", "IWM breaks")]
    assert await shared(bot, "iwm") == [("article", "IWM breaks")]
    assert await shared(bot, "banana") == []


async def test_whoever_is_not_let_in_shares_nothing(tmp_path):
    async with running_bot(tmp_path, MEMBERS) as bot:
        await fire(bot)
        assert await shared(bot, "", user=SOMEBODY) == []
        assert len(await shared(bot, "", user=MEMBER)) == 1


async def test_strangers_read_what_the_bot_is(tmp_path):
    async with running_bot(tmp_path, banner="SIMULATED") as bot:
        await bot.sandbox.wait_until(lambda: bool(bot.sandbox.calls("setMyShortDescription")))
        assert (await bot.bot.get_my_description()).description == onboarding.description("SIMULATED")
        assert (await bot.bot.get_my_short_description()).short_description.startswith("SIMULATED US small caps")


def test_the_descriptions_fit():
    assert len(onboarding.description("SIMULATED")) <= 512
    assert len(onboarding.short_description("SIMULATED")) <= 120


@pytest.mark.parametrize("subscribed", [False, True])
async def test_a_reached_price_arrives_also_where_no_alerts_are_wanted(tmp_path, subscribed):
    async with town(tmp_path) as here:
        if subscribed:
            await here.bot.enter()
        await here.bot.ask("/tell IWM 1000")
        (alert,) = await here.bot.store.run(open_price_alerts)
        assert await here.bot.store.run(fulfil_price_alert, alert.id, "🔔 <b>IWM</b> rose to 1,000.00", NOW)
        await deliver(here.bot)
        assert (await here.bot.answer()) == "🔔 IWM rose to 1,000.00"
        assert "You wait for no price" in await here.bot.ask("/tell")
