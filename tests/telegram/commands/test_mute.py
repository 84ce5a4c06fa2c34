"""/mute and /unmute, as they are typed, listed and pressed under an alert."""

from __future__ import annotations

import pytest

from bot.signals.timeframe import DAY
from bot.store.subscribers.mutes import FOR_GOOD, Mute, mute, mutes_of
from tests.telegram.alerting import deliver, fire
from tests.telegram.telegram_side import BOSS, NOW, SOMEBODY, running_bot

GROUP = -1_001_000_001


@pytest.fixture
async def bot(tmp_path):
    async with running_bot(tmp_path) as opened:
        opened.sandbox.add_person(SOMEBODY, "Somebody")
        await opened.enter()
        yield opened


async def muted(bot, chat=SOMEBODY):
    return await bot.store.run(mutes_of, chat, 0, NOW)


async def press(bot, text, *, user=SOMEBODY, chat=None):
    query = bot.sandbox.press(text, user=user, chat=chat)
    await bot.settled()
    return bot.sandbox.answer_to(query)


def last(bot, chat=SOMEBODY):
    return bot.sandbox.messages(chat)[-1]


async def alert(bot, rule="iwm-resistance-break"):
    await fire(bot, rule)
    await deliver(bot)


@pytest.mark.parametrize(
    ("said", "rule", "until"),
    [
        ("/mute 24h", "", NOW + DAY),
        ("/mute all", "", NOW + DAY),
        ("/mute all 7 days", "", NOW + 7 * DAY),
        ("/mute for 2 weeks", "", NOW + 14 * DAY),
        ("/Mute Russell_Record 24 h", "russell-record", NOW + DAY),
        ("/mute rule: IWM breaks", "iwm-resistance-break", FOR_GOOD),
        ("/snooze russell-record forever", "russell-record", FOR_GOOD),
        ("/mute russell-record 99 years", "russell-record", NOW + 99 * 365 * DAY),
        ("/mute tag:iwm", "iwm-resistance-break", FOR_GOOD),
        ("/mute #iwm 1d", "iwm-resistance-break", NOW + DAY),
        ("/mute 1h30m russell-record", "russell-record", NOW + 5_400),
        ("/mute russell-record until 23:00", "russell-record", NOW - NOW % DAY + 23 * 3_600),
        ("/mute an hour", "", NOW + 3_600),
        ("/mute until further notice", "", FOR_GOOD),
    ],
)
async def test_muting_as_people_type_it(bot, said, rule, until):
    answer = await bot.ask(said)
    assert "Muted" in answer
    assert ("for good" in answer) == (until == FOR_GOOD)
    assert await muted(bot) == [Mute(rule, until)]


async def test_the_list_unmutes_by_buttons_and_changes_itself(bot):
    assert "Nothing is muted" in await bot.ask("/mute")
    await bot.ask("/mute russell-record")
    await bot.ask("/mute 24h")
    answer = await bot.ask("/mute")
    assert "all alerts until" in answer
    assert "A <record> & more for good" in answer
    count = len(bot.sandbox.messages(SOMEBODY))
    await press(bot, "🔔 Unmute all")
    await press(bot, "🔔 Unmute A <record> & more")
    assert "Nothing is muted" in last(bot).text
    assert await muted(bot) == []
    await press(bot, "All for 7 days")
    assert await muted(bot) == [Mute("", NOW + 7 * DAY)]
    await press(bot, "A rule …")
    await press(bot, "IWM breaks")
    assert "IWM breaks for good" in last(bot).text
    assert len(bot.sandbox.messages(SOMEBODY)) == count
    await press(bot, "⚙️ Settings")
    assert "Settings of this chat" in last(bot).text
    await press(bot, "« Alerts")
    assert "This chat gets everything" in last(bot).text


async def test_the_answer_offers_other_lengths(bot):
    await bot.ask("/mute russell-record 24h")
    await press(bot, "For good")
    assert await muted(bot) == [Mute("russell-record", FOR_GOOD)]
    assert "Muted in this chat" in last(bot).text


async def test_unmuting_by_hand(bot):
    await bot.ask("/mute russell-record")
    await bot.ask("/mute 24h")
    assert "1 rule keeps its own" in await bot.ask("/unmute all")
    assert "come again" in await bot.ask("/unmute Russell record")
    assert "was not muted" in await bot.ask("/unmute russell-record")
    assert "Nothing is muted" in await bot.ask("/unmute")


@pytest.mark.parametrize("said", ["tag:iwm 2h", "iwm-resistance-break, russell-record 2h", "#iwm until tomorrow"])
async def test_a_mute_of_several_ends_no_longer_one(bot, said):
    await bot.ask("/subscribe")
    assert "kept quiet for good" in await bot.ask("/unsubscribe iwm-resistance-break")
    answer = await bot.ask(f"/mute {said}")
    assert "IWM breaks stays muted for good, as before" in answer
    assert Mute("iwm-resistance-break", FOR_GOOD) in await muted(bot)


async def test_a_tag_whose_only_rule_is_muted_for_longer_changes_nothing(bot):
    await bot.ask("/mute iwm-resistance-break 3d")
    answer = await bot.ask("/mute #iwm 2h")
    assert "No change. IWM breaks stays muted until Fri 17 Nov 2023" in answer
    assert await muted(bot) == [Mute("iwm-resistance-break", NOW + 3 * DAY)]
    assert "Muted for good" in await bot.ask("/mute #iwm forever")
    assert await muted(bot) == [Mute("iwm-resistance-break", FOR_GOOD)]


async def test_a_short_mute_of_all_ends_no_longer_one(bot):
    await bot.ask("/mute all forever")
    assert "All alerts stay muted for good" in await bot.ask("/mute 2h")
    assert [button.text for button in last(bot).buttons[0]] == ["Unmute"], "a button that changes nothing is none"
    assert await muted(bot) == [Mute("", FOR_GOOD)]


async def test_the_one_rule_that_is_named_may_come_back_earlier_and_that_is_said(bot):
    await bot.ask("/mute russell-record")
    answer = await bot.ask("/mute russell-record 2h")
    assert "It was muted for good; now it comes back earlier." in answer
    assert await muted(bot) == [Mute("russell-record", NOW + 7_200)]
    assert "comes back" not in await bot.ask("/mute russell-record 3h")


async def test_what_is_muted_for_good_is_not_offered_that_again(bot):
    await bot.ask("/mute russell-record")
    assert [button.text for button in last(bot).buttons[0]] == ["7 days", "Unmute"]
    await bot.ask("/mute all forever")
    assert [button.text for button in last(bot).buttons[0]] == ["Unmute"]


async def test_while_all_is_muted_no_rule_comes_again(bot):
    await bot.ask("/mute 1d")
    await bot.ask("/mute russell-record")
    answer = await bot.ask("/unmute russell-record")
    assert "come again" not in answer
    assert "all alerts are muted until Wed 15 Nov 2023, 22:13 UTC" in answer
    answer = await bot.ask("/unmute russell-record")
    assert "no mute of its own" in answer
    assert "all alerts are muted until Wed 15 Nov" in answer
    assert "All alerts come again" in await bot.ask("/unmute all")


async def test_a_muted_rule_that_is_gone_can_be_unmuted(bot):
    await bot.store.run(mute, SOMEBODY, 0, FOR_GOOD, NOW, "of-yesterday")
    assert "of-yesterday for good" in await bot.ask("/mute")
    assert "come again" in await bot.ask("/unmute of-yesterday")
    assert await muted(bot) == []


@pytest.mark.parametrize("said", ["nonsense", "nonsense 24h", "iwm, no 1d", "x" * 4_000, "🚀 7d", "<b>&"])
async def test_what_is_no_rule_mutes_nothing(bot, said):
    answer = await bot.ask(f"/mute {said}")
    assert "Mute what?" in answer
    assert await muted(bot) == []


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("90", "“90”: minutes, hours or days?"),
        ("russell-record 5", "“5”: minutes, hours or days?"),
        ("until banana", "I don't know when “until banana” is"),
        ("russell-record until", "I don't know when “until” is"),
        ("until 2020-01-01", "is over already"),
        ("from 2020-01-01 to 2020-02-01", "“from 2020-01-01 to 2020-02-01” is over already"),
        ("russell-record 2020-01-01 for 3 days", "is over already"),
        ("severity:high 3d", "a setting, not a mute"),
        ("high 3d", "a setting, not a mute"),
        ("0h", "no time at all"),
        ("for the weekend", "“the weekend”: nothing is muted yet. From now on, or only then?"),
        ("iwm this weekend", "“this weekend”: nothing is muted yet"),
        ("weekend", "nothing is muted yet"),
        ("next week", "“next week”: nothing is muted yet"),
        ("monday", "“monday”: nothing is muted yet"),
        ("#iwm on monday", "“on monday”: nothing is muted yet"),
        ("tonight", "“tonight”: nothing is muted yet"),
        ("tonight russell-record", "“tonight”: nothing is muted yet"),
        ("18:00", "“18:00”: nothing is muted yet"),
        ("tomorrow", "“tomorrow”: nothing is muted yet"),
        ("2h 3h", "“2h 3h”: that is more than one time, so nothing is muted"),
        ("russell-record 30m 2h", "“30m 2h”: that is more than one time, so nothing is muted"),
        ("2h until friday", "that is more than one time, so nothing is muted"),
        ("2h tonight", "that is more than one time, so nothing is muted"),
        ("2h russell-record 3h", "nothing is muted"),
        ("forever 2h", "that is more than one time, so nothing is muted"),
        ("99999 days", "“99999 days” is 100 years or more, so nothing is muted"),
        ("999999999999 days", "is 100 years or more, so nothing is muted"),
        ("russell-record 999999w", "“999999w” is 100 years or more, so nothing is muted"),
        ("-5h", "I don't understand “-5h”, so nothing is muted"),
        ("russell-record -5h", "I don't understand “-5h”, so nothing is muted"),
        ("-5", "I don't understand “-5”, so nothing is muted"),
        ("2-3h", "I don't understand “2-3h”, so nothing is muted"),
        ("10s", "I don't understand “10s”, so nothing is muted"),
        ("10 seconds", "I don't understand “10 seconds”, so nothing is muted"),
        ("off", "To end a mute: /unmute RULE, or /unmute all. All alerts are not muted."),
        ("russell-record off", "To end a mute"),
        ("tag:foo", "There is no tag “foo”, so nothing changes. Tags: #iwm."),
        ("#foo 2h", "There is no tag “foo”, so nothing changes. Tags: #iwm."),
        ("1h -iwm", "There is no rule called “-iwm”"),
        ("!iwm", "There is no rule called “!iwm”"),
        ("-all 2h", "There is no rule called “-all”"),
    ],
)
async def test_what_is_not_understood_is_said(bot, said, words):
    answer = await bot.ask(f"/mute {said}")
    assert words in answer
    assert await muted(bot) == []


async def test_a_time_that_begins_later_is_muted_from_now_by_a_button(bot):
    await bot.ask("/mute russell-record this weekend")  # Tue 14 Nov 2023
    await press(bot, "Now until Mon 20 Nov, 00:00")
    assert await muted(bot) == [Mute("russell-record", NOW - NOW % DAY + 6 * DAY)]
    await bot.ask("/mute tonight")
    assert [row[0].text for row in last(bot).buttons] == ["Wed 15 Nov, 00:00", "Wed 15 Nov, 07:00"]
    assert "From now until when?" in last(bot).text
    await bot.ask("/mute next week")
    assert [row[0].text for row in last(bot).buttons] == [
        "Now until Mon 20 Nov, 00:00",
        "Now until Mon 27 Nov, 00:00",
        "Only Mon 20 Nov, 00:00 – Mon 27 Nov, 00:00",
    ]


async def test_off_says_what_is_muted(bot):
    await bot.ask("/mute 1d")
    assert "All alerts are muted until Wed 15 Nov 2023, 22:13 UTC" in await bot.ask("/mute off")


@pytest.mark.parametrize("command", ["subscribe", "unsubscribe", "unmute", "mute"])
async def test_an_unknown_tag_is_met_with_those_that_there_are(bot, command):
    assert "There is no tag “foo”, so nothing changes. Tags: #iwm." in await bot.ask(f"/{command} tag:foo")


@pytest.mark.parametrize("command", ["subscribe", "unsubscribe", "unmute", "mute"])
async def test_a_name_with_a_sign_before_it_is_no_name(bot, command):
    answer = await bot.ask(f"/{command} -iwm-resistance-break")
    assert "There is no rule" in answer
    assert await muted(bot) == []


@pytest.mark.parametrize("said", ["-1", "0", "51", "1.5", "99999", "russell-record -3", "iwm 5.5", "--1"])
async def test_what_is_no_number_of_alerts_is_said(bot, said):
    answer = await bot.ask(f"/alerts {said}")
    assert f"“{said.split()[-1]}” is no number of alerts. From 1 to 50" in answer


async def test_several_rules_are_muted_at_once(bot):
    answer = await bot.ask("/mute tag:iwm, russell-record 1d")
    assert "alerts of #iwm, 1 rule: IWM breaks; and of A <record> & more." in answer
    assert await muted(bot) == [Mute("iwm-resistance-break", NOW + DAY), Mute("russell-record", NOW + DAY)]
    await press(bot, "Unmute")
    assert await muted(bot) == []


async def test_the_end_is_told_by_the_clock_of_the_chat(bot):
    await bot.ask("/settings zone New York")  # Tue 14 Nov 2023, 17:13
    answer = await bot.ask("/mute russell-record until friday")
    assert "until Fri 17 Nov 2023, 00:00 America/New_York" in answer
    await press(bot, "Through Fri")
    assert "until Sat 18 Nov 2023, 00:00 America/New_York" in last(bot).text


async def test_a_time_that_is_one_of_two_is_asked_about(bot):
    assert "“until 6”: which one?" in await bot.ask("/mute russell-record until 6")
    assert await muted(bot) == []
    await press(bot, "Wed 15 Nov, 18:00")
    assert await muted(bot) == [Mute("russell-record", NOW - NOW % DAY + DAY + 18 * 3_600)]


async def test_words_that_fit_several_rules_ask_which(tmp_path, monkeypatch):
    body = "market: IWM\nwhen: close > 1\n"
    monkeypatch.setattr(
        "tests.telegram.telegram_side.RULES", {f"iwm-{way}": f"title: IWM goes {way}\n{body}" for way in ("up", "down")}
    )
    async with running_bot(tmp_path) as bot:
        await bot.enter()
        assert "Which rule?" in await bot.ask("/mute iwm 7d")
        assert "Muted until" in await press(bot, "IWM goes down")
        assert await muted(bot) == [Mute("iwm-down", NOW + 7 * DAY)]
        assert "IWM goes up" in await bot.ask("/mute up")


async def test_a_chat_without_alerts_has_nothing_to_mute(tmp_path):
    async with running_bot(tmp_path) as bot:
        assert "/subscribe starts them" in await bot.ask("/mute 24h")
        assert "Nothing is muted" in await bot.ask("/mute")


async def test_the_buttons_under_an_alert(bot):
    await alert(bot)
    assert last(bot).text == "iwm-resistance-break fired"
    shown = await press(bot, "Mute 24 h")
    assert "Muted until Wed 15 Nov 2023, 22:13 UTC: all alerts" in shown
    assert await muted(bot) == [Mute("", NOW + DAY)]
    shown = await press(bot, "Mute this rule")
    assert "Muted for good: alerts of IWM breaks" in shown
    assert last(bot).text == "iwm-resistance-break fired", "the alert itself stays as it is"
    assert len(bot.sandbox.messages(SOMEBODY)) == 1
    await alert(bot, "russell-record")
    assert len(bot.sandbox.messages(SOMEBODY)) == 1, "all is muted"


async def test_the_button_of_a_rule_with_a_long_name_survives_a_restart(tmp_path, monkeypatch):
    rule = "iwm-" + "a-very-long-story-" * 6 + "end"
    monkeypatch.setattr("tests.telegram.telegram_side.RULES", {rule: "title: Long\nmarket: IWM\nwhen: close > 1\n"})
    async with running_bot(tmp_path) as bot:
        bot.sandbox.add_person(SOMEBODY, "Somebody")
        await bot.enter()
        await alert(bot, rule)
        button = last(bot).buttons[1][1]
    async with running_bot(tmp_path) as bot:
        await bot.ask("/help")
        last(bot).buttons = ((button,),)
        assert "alerts of Long" in await press(bot, "Mute this rule")
        assert await muted(bot) == [Mute(rule, FOR_GOOD)]


async def test_the_button_of_a_rule_that_is_gone_is_answered_kindly(bot):
    await alert(bot, "of-yesterday")
    assert "no rule called" in await press(bot, "Mute this rule")
    assert await muted(bot) == []


async def test_in_a_group_only_admins_mute(bot):
    bot.sandbox.add_chat(GROUP, "supergroup", "Group", members={BOSS: "creator", SOMEBODY: "member"})
    await bot.enter(GROUP, "supergroup")
    await alert(bot)
    assert "Only admins" in await press(bot, "Mute this rule", user=SOMEBODY, chat=GROUP)
    assert await muted(bot, GROUP) == []
    assert "Muted for good" in await press(bot, "Mute this rule", user=BOSS, chat=GROUP)
    assert await muted(bot, GROUP) == [Mute("iwm-resistance-break", FOR_GOOD)]
    assert await muted(bot) == [], "a button holds for the chat that it stands in"
