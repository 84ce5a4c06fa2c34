"""Starting, listening through trouble, and stopping."""

from __future__ import annotations

import asyncio
import logging
import time
import warnings
from dataclasses import replace

import pytest
from telegram import (
    BotCommandScopeAllChatAdministrators,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
)

from bot.problem import ProblemError
from bot.sandbox.methods.keyboard import InlineButton
from bot.sandbox.server import Sandbox
from bot.store.notices import notice
from bot.store.outbox.queue import queue_depth
from bot.store.store import Store
from bot.store.subscribers.subscribers import mark_unreachable
from bot.telegram import handlers
from bot.telegram.application import build_bot, running, silence_library_logs
from bot.telegram.polling import policy
from bot.telegram.polling.policy import StopReason
from tests.telegram.telegram_side import MEMBER, OPERATOR, SOMEBODY, running_bot, services_for


@pytest.fixture
async def bot(tmp_path):
    async with running_bot(tmp_path) as opened:
        yield opened


@pytest.fixture
async def sandbox():
    server = Sandbox()
    await server.start()
    server.add_person(OPERATOR, "The operator")
    yield server
    await server.close()


@pytest.fixture
async def services(tmp_path):
    store = Store(tmp_path / "bot.sqlite")
    yield services_for(store, tmp_path)
    await store.close()


@pytest.fixture
def quick(monkeypatch):
    """Waits a hundredth of what it would."""
    monkeypatch.setattr(policy, "MAX_WAIT_SECONDS", 0.01)


async def test_stopping_does_not_wait_for_the_long_poll(sandbox, services):
    async with asyncio.timeout(15), running(build_bot(sandbox.token, sandbox.url), services) as side:
        await side.connected.wait()
        await sandbox.wait_until(lambda: bool(sandbox.calls("getUpdates")) or sandbox.updates.polled)


async def test_a_stop_at_any_moment_of_the_start_leaves_nothing_open(sandbox, services):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for steps in range(12):
            bot = build_bot(sandbox.token, sandbox.url)
            async with running(bot, services):
                for _ in range(steps):
                    await asyncio.sleep(0)
            assert not bot.request.is_open


async def test_a_flood_that_telegram_reports_while_fetching_is_waited_out(bot):
    bot.sandbox.fail("getUpdates", 429, retry_after=1)
    assert "/subscribe" in await bot.ask("/help")
    assert "/subscribe" in await bot.ask("/help")
    assert "slow down" in bot.services.troubles.last.what


async def test_what_was_said_before_the_start_is_answered(sandbox, services):
    sandbox.say("/status")
    async with running(build_bot(sandbox.token, sandbox.url), services):
        await sandbox.wait_for(SOMEBODY, 1)


async def test_what_was_answered_is_not_answered_again_after_a_restart(sandbox, services):
    for _ in range(2):
        async with running(build_bot(sandbox.token, sandbox.url), services) as side:
            await side.connected.wait()
            sandbox.say("/status")
            await sandbox.wait_for(SOMEBODY, 1)
            await asyncio.sleep(0.05)
    assert len(sandbox.messages(SOMEBODY)) == 2


async def test_a_stop_lets_the_answer_under_way_be_sent(sandbox, services):
    begun = asyncio.Event()

    async def slow():
        begun.set()
        await asyncio.sleep(0.2)
        return await services.status()

    async with running(build_bot(sandbox.token, sandbox.url), replace(services, status=slow)):
        sandbox.say("/status")
        await begun.wait()
    assert len(sandbox.messages(SOMEBODY)) == 1


async def test_a_stop_breaks_off_what_hangs(sandbox, services):
    begun = asyncio.Event()

    async def hangs():
        begun.set()
        await asyncio.sleep(3600)

    async with running(build_bot(sandbox.token, sandbox.url), replace(services, status=hangs)) as side:
        sandbox.say("/status")
        await begun.wait()
        async with asyncio.timeout(30):
            await side.stop(grace=0.2)


async def test_the_bot_starts_while_telegram_is_out_of_reach(sandbox, services, quick):
    sandbox.fail("getMe", 502, times=3)
    async with running(build_bot(sandbox.token, sandbox.url), services) as side:
        assert await sandbox_answers(sandbox)
        assert side.connected.is_set()
    assert "can't be reached" in services.troubles.last.what


async def test_failures_while_fetching_are_survived_and_remembered(bot, quick):
    for status in (500, 502, 400, 403):
        bot.sandbox.fail("getUpdates", status, times=2)
        bot.sandbox.say("/help")
        await bot.sandbox.wait_until(lambda: bot.services.troubles.count > 0, 6)
        await bot.answer()
    assert "fetching updates" in bot.services.troubles.last.what


async def test_answers_cut_off_or_unreadable_are_survived(bot, quick):
    bot.sandbox.fail("getUpdates", 200, body="<html>oops</html>")
    bot.sandbox.fail("getUpdates", 200, drop="after")
    assert "/subscribe" in await bot.ask("/help")
    assert "/subscribe" in await bot.ask("/help")


async def test_a_token_that_is_refused_ends_it(sandbox, services, caplog):
    token = "4200000001:AAAA-BBBB-CCCC-DDDD-EEEE-FFFF-GGGG-H"
    with caplog.at_level(logging.DEBUG):
        async with running(build_bot(token, sandbox.url), services) as side:
            assert await asyncio.wait_for(side.ended, 5) is StopReason.TOKEN
    assert token.partition(":")[2] not in caplog.text
    assert token.partition(":")[2] not in str(list(services.troubles.recent))


async def test_a_token_that_has_worked_is_tried_again_for_minutes(bot, quick):
    bot.sandbox.fail("getUpdates", 401, times=4)
    bot.sandbox.say("/help")
    bot.sandbox.updates.release()
    assert "/subscribe" in await bot.answer()
    assert not bot.side.ended.done()
    assert "does not accept the token" in str(list(bot.services.troubles.recent))


async def test_so_is_one_that_has_worked_for_this_database_before(sandbox, services, quick):
    async with running(build_bot(sandbox.token, sandbox.url), services) as side:
        await side.connected.wait()
    sandbox.fail("getMe", 401, times=3)
    async with running(build_bot(sandbox.token, sandbox.url), services):
        assert await sandbox_answers(sandbox)


async def test_another_bots_token_is_refused_before_anything_is_sent(sandbox, services):
    async with running(build_bot(sandbox.token, sandbox.url), services) as side:
        await side.connected.wait()
    before = len(sandbox.calls())
    other = build_bot("5123456789:AAAA-BBBB-CCCC-DDDD-EEEE-FFFF-GGGG-H", sandbox.url)
    with pytest.raises(ProblemError, match="the database belongs to another bot"):
        async with running(other, services):
            pass
    assert len(sandbox.calls()) == before


async def test_of_two_copies_the_second_stops_and_says_so(sandbox, services, tmp_path, quick):
    (tmp_path / "other").mkdir()
    store = Store(tmp_path / "other" / "bot.sqlite")
    other = services_for(store, tmp_path)
    older = Clock()
    async with running(build_bot(sandbox.token, sandbox.url), services, clock=older) as first:
        await first.connected.wait()
        older.ahead = 100.0
        async with running(build_bot(sandbox.token, sandbox.url), other) as second:
            assert await asyncio.wait_for(second.ended, 10) is StopReason.ANOTHER_COPY
        assert "second copy" in (await sandbox.wait_for(OPERATOR, 1))[0].text
        assert not first.ended.done()
        sandbox.say("/help")
        await sandbox.wait_for(SOMEBODY, 1)
    await store.close()


async def test_a_webhook_is_taken_away(bot, quick):
    hooked = "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete it first"
    removed = len(bot.sandbox.calls("deleteWebhook"))
    bot.sandbox.fail("getUpdates", 409, description=hooked)
    bot.sandbox.say("/help")
    bot.sandbox.updates.release()
    await bot.answer()
    bot.sandbox.say("/help")
    await bot.answer()
    assert len(bot.sandbox.calls("deleteWebhook")) == removed + 1


async def test_an_update_that_can_not_be_read_stops_nothing(bot):
    bot.sandbox.updates.add("message", {"message_id": "?", "date": "yesterday", "chat": 5})
    assert "/subscribe" in await bot.ask("/help")
    assert "passed over" in bot.services.troubles.last.what


async def test_the_menus_are_set_for_everybody_who_has_one(bot):
    await bot.sandbox.wait_until(lambda: len(bot.sandbox.calls("setMyCommands")) >= 4)
    scopes = (
        BotCommandScopeAllPrivateChats(),
        BotCommandScopeAllGroupChats(),
        BotCommandScopeAllChatAdministrators(),
        BotCommandScopeChat(OPERATOR),
    )
    menus = [[entry.command for entry in await bot.bot.get_my_commands(scope)] for scope in scopes]
    assert ["subscribe" in menu for menu in menus] == [True, False, True, True]
    assert ["approve" in menu for menu in menus] == [False, False, False, True]
    assert all("status" in menu for menu in menus)
    assert not any("start" in menu for menu in menus)


async def test_an_operator_who_starts_the_bot_later_gets_the_menu_then(sandbox, services):
    services = replace(services, access=replace(services.access, operators=frozenset({OPERATOR, MEMBER})))
    async with running(build_bot(sandbox.token, sandbox.url), services):
        await sandbox.wait_until(lambda: len(sandbox.calls("setMyCommands")) >= 5)
        sandbox.say("/start", user=MEMBER)
        await sandbox.wait_until(lambda: len(sandbox.calls("setMyCommands")) >= 6)
    assert [call.status for call in sandbox.calls("setMyCommands")].count(200) == 5


async def test_nothing_that_is_logged_holds_the_token(bot, caplog, quick):
    secret = bot.sandbox.token.partition(":")[2]
    with caplog.at_level(logging.INFO):
        silence_library_logs()
        bot.sandbox.fail("*", 500, times=3)
        bot.sandbox.say("/help")
        await bot.answer()
        await bot.settled()
    assert secret not in caplog.text
    assert secret not in str(list(bot.services.troubles.recent))


async def test_only_what_is_used_is_asked_for(bot):
    await bot.ask("/help")
    (call, *_) = bot.sandbox.calls("getUpdates")
    assert "edited" not in str(call.params["allowed_updates"])
    assert "my_chat_member" in str(call.params["allowed_updates"])


async def test_a_press_is_always_acknowledged(bot, monkeypatch):
    assert handlers.MAX_ASIDE_CHARACTERS < 200
    await bot.ask("/help")
    message = bot.sandbox.messages(SOMEBODY)[0]
    message.buttons = (
        (InlineButton("Rules", "/rules"), InlineButton("Odd", "no command"), InlineButton("Secret", "/approve 1")),
    )
    query = bot.sandbox.press("Rules")
    assert "RUT" in await bot.answer()
    assert bot.sandbox.answer_to(query) == ""
    for text in ("Odd", "Secret"):
        query = bot.sandbox.press(text)
        await bot.settled()
        assert "does nothing here" in bot.sandbox.answer_to(query)
    assert len(bot.sandbox.messages(SOMEBODY)) == 2


async def test_an_operator_who_starts_late_reads_what_there_was_to_tell_before(bot):
    now = int(time.time())
    await bot.store.run(notice, "the bot was ill", "operators", now)
    await bot.store.run(mark_unreachable, OPERATOR, "gone", now)
    assert (await bot.store.run(queue_depth)).queued == 0
    await bot.ask("/start", user=OPERATOR)
    await bot.settled()
    assert (await bot.store.run(queue_depth)).queued == 1


class Clock:
    """A steady clock that can be set ahead."""

    ahead = 0.0

    def __call__(self):
        return time.monotonic() + self.ahead


async def sandbox_answers(sandbox):
    sandbox.say("/help")
    return await sandbox.wait_for(SOMEBODY, 1, 10)
