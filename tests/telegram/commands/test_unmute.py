"""/unmute brings back what the mute has just dropped, once."""

from __future__ import annotations

import pytest

from bot.store.subscribers.mutes import mutes_of
from tests.telegram.alerting import deliver, fire
from tests.telegram.telegram_side import NOW, SOMEBODY, running_bot


@pytest.fixture
async def bot(tmp_path):
    async with running_bot(tmp_path) as opened:
        opened.sandbox.add_person(SOMEBODY, "Somebody")
        await opened.enter()
        yield opened


def alerts(bot):
    return [each.text for each in bot.sandbox.messages(SOMEBODY) if each.text.startswith("iwm-resistance-break")]


@pytest.mark.parametrize("mute", ["/mute 1h", "/mute iwm-resistance-break 1h", "/mute #iwm forever"])
async def test_what_a_mute_drops_comes_once_it_is_lifted_soon(bot, mute):
    await fire(bot)
    await bot.ask(mute)
    await deliver(bot)
    assert alerts(bot) == []
    assert "1 alert that the mute kept back comes now." in await bot.ask("/unmute")
    await deliver(bot)
    assert len(alerts(bot)) == 1
    await bot.ask(mute)
    assert "kept back" not in await bot.ask("/unmute")
    await deliver(bot)
    assert len(alerts(bot)) == 1


async def test_what_was_sent_is_not_sent_again(bot):
    await fire(bot)
    await deliver(bot)
    await bot.ask("/mute 1h")
    assert "kept back" not in await bot.ask("/unmute all")
    await deliver(bot)
    assert len(alerts(bot)) == 1


async def test_what_another_mute_forbids_stays_away(bot):
    await fire(bot)
    await bot.ask("/mute 1h")
    await bot.ask("/mute iwm-resistance-break 1h")
    assert "kept back" not in await bot.ask("/unmute all")
    await deliver(bot)
    assert alerts(bot) == []
    assert "1 alert that the mute kept back comes now." in await bot.ask("/unmute iwm-resistance-break")


@pytest.mark.parametrize(
    "change",
    [
        f"UPDATE deliveries SET finished = {NOW - 3_601}",
        "UPDATE deliveries SET unclear = 1",
        f"UPDATE deliveries SET created = {NOW - 80 * 3_600}",
        "UPDATE deliveries SET reason = 'too late'",
        f"UPDATE subscribers SET since = {NOW + 1}",
    ],
)
async def test_what_is_old_or_in_doubt_or_dropped_for_another_reason_stays_dropped(bot, change):
    await fire(bot)
    await bot.ask("/mute 1h")
    await bot.store.run(lambda db: db.conn.execute(change).rowcount)
    assert "kept back" not in await bot.ask("/unmute")
    await deliver(bot)
    assert alerts(bot) == []


async def test_of_several_mutes_a_bare_unmute_ends_none(bot):
    await bot.ask("/mute russell-record")
    await bot.ask("/mute iwm-resistance-break")
    assert "Muted in this chat" in await bot.ask("/unmute")
    assert len(await bot.store.run(mutes_of, SOMEBODY, 0, NOW)) == 2
