"""Each command, as a person types it and as the chat reads it."""

from __future__ import annotations

import pytest

from bot.store.subscribers.subscribers import mark_unreachable
from bot.telegram.command import Permission
from bot.telegram.commands.registry import COMMANDS, command_table
from tests.telegram.telegram_side import NOW, OPERATOR, SOMEBODY, running_bot


@pytest.fixture
async def bot(tmp_path):
    async with running_bot(tmp_path) as opened:
        yield opened


async def test_start_greets_and_says_how_to_subscribe(bot):
    answer = await bot.ask("/start")
    assert "Bellwether" in answer
    assert "/subscribe" in answer
    assert await bot.state() is None


async def test_subscribe_and_unsubscribe(bot):
    assert "Subscribed" in await bot.ask("/subscribe")
    assert (await bot.subscribed()).subscriptions == (("all", ""),)
    assert "already" in await bot.ask("/Subscribe")
    assert "You are subscribed" in await bot.ask("/start")
    assert "Unsubscribed" in await bot.ask("/unsubscribe")
    assert await bot.state() == "unsubscribed"
    assert "was not subscribed" in await bot.ask("/stop")


async def test_subscribe_to_a_rule_a_tag_a_severity(bot):
    assert "iwm-resistance-break" in await bot.ask("/subscribe IWM Resistance_Break")
    assert "iwm" in await bot.ask("/subscribe Tag: IWM")
    assert "high" in await bot.ask("/subscribe HIGH")
    assert "already" in await bot.ask("/subscribe high")
    assert set((await bot.subscribed()).subscriptions) == {
        ("rule", "iwm-resistance-break"),
        ("tag", "iwm"),
        ("severity", "high"),
    }


async def test_subscribe_to_something_unknown_proposes_the_nearest(bot):
    answer = await bot.ask("/subscribe iwm-resistence-braek <b>&")
    assert "Did you mean /subscribe iwm-resistance-break?" in answer
    assert "<b>&" in answer
    assert await bot.state() is None


async def test_a_link_with_a_rule_subscribes_to_it(bot):
    assert "russell-record" in await bot.ask("/start russell-record")
    assert (await bot.subscribed()).subscriptions == (("rule", "russell-record"),)


async def test_rules_lists_every_rule(bot):
    answer = await bot.ask("/rules")
    assert "A <record> & more" in answer
    assert "IWM breaks" in answer
    assert "off" in answer


async def test_status_says_how_the_bot_is(bot):
    assert "Bellwether 0.0" in await bot.ask("/status")


async def test_alerts_says_that_there_was_none(bot):
    assert "No alert yet" in await bot.ask("/alerts")


async def test_help_lists_what_this_person_may_use(bot):
    answer = await bot.ask("/help")
    assert "/subscribe" in answer
    assert "/approve" not in answer
    assert "/approve" in await bot.ask("/help", user=OPERATOR)


async def test_an_unknown_command_gets_the_nearest(bot):
    assert "Did you mean /status?" in await bot.ask("/statsu")
    assert "/help" in await bot.ask("/🚀")


async def test_operator_commands_are_unknown_to_others(bot):
    assert "I don't know /approve" in await bot.ask("/approve 1")


async def test_plain_words_get_a_hint(bot):
    assert "/help" in await bot.ask("when moon?")


async def test_commands_to_other_bots_and_edits_are_ignored(bot):
    await bot.silence("/status@some_other_bot")
    await bot.ask("/help")
    before = len(bot.sandbox.messages(SOMEBODY))
    message = bot.sandbox.say("/status@some_other_bot")
    bot.sandbox.edit(message, "/status")
    await bot.settled()
    assert len(bot.sandbox.messages(SOMEBODY)) == before


async def test_a_long_strange_argument_is_answered_safely(bot):
    for argument in ("x" * 4000, "🚀" * 1500, "<b>" * 1000, "\u202eabc\u202c&amp;", "'; DROP TABLE subscribers; --"):
        assert "no rule, tag or severity" in await bot.ask(f"/subscribe {argument}")


async def test_a_name_full_of_markup_is_no_markup(bot):
    bot.sandbox.add_person(SOMEBODY, "<i>R & D</i> \u202e🚀")
    assert "Subscribed" in await bot.ask("/subscribe")
    assert (await bot.subscribed()).chat.title.startswith("<i>R & D</i>")


async def test_start_brings_back_what_a_block_switched_off(bot):
    await bot.ask("/subscribe russell-record")
    await bot.store.run(mark_unreachable, SOMEBODY, "blocked", NOW)
    assert "You are subscribed" in await bot.ask("/start")
    assert (await bot.subscribed()).subscriptions == (("rule", "russell-record"),)
    assert await bot.state() == "active"


async def test_a_flood_is_met_with_one_word_and_then_silence(bot):
    for _ in range(30):
        bot.sandbox.say("/help")
    messages = await bot.sandbox.wait_for(SOMEBODY, 9)
    await bot.settled()
    messages = bot.sandbox.messages(SOMEBODY)
    assert len(messages) == 9
    assert "a lot at once" in messages[-1].text


async def test_the_banner_stands_before_every_answer(tmp_path):
    async with running_bot(tmp_path, banner="SIMULATED") as bot:
        for said in ("/start", "/rules", "/status", "/nonsense", "hello"):
            assert (await bot.ask(said)).startswith("SIMULATED")


async def test_a_long_answer_comes_in_pages(tmp_path, monkeypatch):
    rules = {f"rule-{index:03}": f"title: {'Rule ' * 10}{index}\n" for index in range(150)}
    body = "market: RUT\nwhen: close > 1\n"
    monkeypatch.setattr("tests.telegram.telegram_side.RULES", {name: text + body for name, text in rules.items()})
    async with running_bot(tmp_path, banner="SIMULATED") as bot:
        bot.sandbox.say("/rules")
        pages = await bot.sandbox.wait_for(SOMEBODY, 3)
        await bot.settled()
        pages = bot.sandbox.messages(SOMEBODY)
        assert 3 <= len(pages) <= 6
        assert sum(page.text.count("RUT") for page in pages) == 150


async def test_a_broken_command_says_sorry_and_is_remembered(tmp_path, caplog):
    async def broken():
        raise LookupError("secret detail")

    async with running_bot(tmp_path, status=broken) as bot:
        answer = await bot.ask("/status")
        assert "went wrong" in answer
        assert "secret" not in answer
        assert "LookupError" in bot.services.troubles.last.what
        assert "/subscribe" in await bot.ask("/help")
    assert "secret detail" in caplog.text


def test_the_table_for_readers_has_every_command():
    table = command_table()
    typed = [command for command in COMMANDS if command.typed]
    assert all(f"`/{command.name}" in table for command in typed)
    assert len(table.splitlines()) == len(typed) + 2
    assert r"[RULE \| tag:TAG \| all except RULE] [24h \| until friday \| from friday to monday \| forever]" in table


def test_names_and_aliases_are_unique_and_fit_the_menu():
    words = [word for command in COMMANDS for word in (command.name, *command.aliases)]
    assert len(words) == len(set(words))
    for command in COMMANDS:
        assert command.name.isascii()
        assert command.name.islower()
        assert len(command.name) <= 32
        assert 0 < len(command.help) <= 256
        assert command.who in Permission


async def test_a_start_with_a_rule_that_there_is_not_says_so(bot):
    answer = await bot.ask("/start nope")
    assert answer.startswith("No rule here is called “nope”; nothing was subscribed")
    for link in ("ref_x", "true", "utm-abc"):
        assert "No rule" not in await bot.ask(f"/start {link}")


async def test_what_resembles_no_command_suggests_none(bot):
    assert "Did you mean" not in await bot.ask("/help nonsense")
    assert "Did you mean /settings?" in await bot.ask("/help setings")
