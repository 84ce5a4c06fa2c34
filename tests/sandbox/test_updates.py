"""getUpdates: offsets, waiting, kinds, and two pollers."""

from __future__ import annotations

import asyncio

import pytest
import telegram
from telegram.error import Conflict

from bot.sandbox.server import Sandbox
from tests.sandbox.conftest import ADA, Call


async def texts(call: Call, **params: object) -> list[str]:
    status, body = await call("getUpdates", **params)
    assert status == 200
    return [update["message"]["text"] for update in body["result"]]


async def test_an_update_stays_until_a_later_offset_confirms_it(call: Call, sandbox: Sandbox) -> None:
    for text in ("a", "b", "c"):
        sandbox.say(text, user=ADA)
    first = (await call("getUpdates"))[1]["result"][0]["update_id"]
    assert await texts(call) == ["a", "b", "c"]
    assert await texts(call, limit=2) == ["a", "b"]
    assert await texts(call, limit=0) == await texts(call, limit=101) == ["a", "b", "c"]
    assert await texts(call, offset=first + 1) == ["b", "c"]
    assert await texts(call, offset=first) == ["b", "c"]
    assert await texts(call, offset=-1) == ["c"]
    assert await texts(call) == ["c"]
    assert await texts(call, offset=first + 99) == []


async def test_a_long_poll_ends_with_the_first_update(call: Call, sandbox: Sandbox) -> None:
    poll = asyncio.create_task(texts(call, timeout=20))
    await asyncio.sleep(0.05)
    assert not poll.done()
    sandbox.say("now", user=ADA)
    assert await asyncio.wait_for(poll, 2) == ["now"]


async def test_a_long_poll_ends_empty_after_its_timeout(call: Call) -> None:
    assert await asyncio.wait_for(texts(call, timeout=1), 3) == []


async def test_the_first_of_two_pollers_is_told_of_the_second(bot: telegram.Bot, call: Call, sandbox: Sandbox) -> None:
    first = asyncio.create_task(bot.get_updates(timeout=20))
    await asyncio.sleep(0.1)
    second = asyncio.create_task(texts(call, timeout=20))
    with pytest.raises(Conflict, match="terminated by other getUpdates request; make sure that only one bot"):
        await asyncio.wait_for(first, 2)
    sandbox.say("x", user=ADA)
    assert await asyncio.wait_for(second, 2) == ["x"]


async def test_closing_ends_a_poll(call: Call, sandbox: Sandbox) -> None:
    poll = asyncio.create_task(texts(call, timeout=20))
    await asyncio.sleep(0.05)
    await asyncio.wait_for(sandbox.close(), 2)
    assert await poll == []


async def test_kinds_are_kept_until_others_are_named(call: Call, sandbox: Sandbox) -> None:
    await call("getUpdates", allowed_updates=["callback_query"])
    sandbox.say("unheard", user=ADA)
    assert await texts(call) == []
    await call("getUpdates", allowed_updates="[]")
    sandbox.say("heard", user=ADA)
    sandbox.set_member("administrator", chat=-4_000_000_001, user=ADA + 1)
    assert await texts(call) == ["heard"]
    await call("getUpdates", allowed_updates=["chat_member"], offset=-1)
    sandbox.set_member("member", chat=-4_000_000_001, user=ADA + 1)
    updates = (await call("getUpdates"))[1]["result"]
    assert [sorted(update) for update in updates][-1] == ["chat_member", "update_id"]


@pytest.mark.parametrize("kinds", ["{", "[1]", {"a": 1}])
async def test_kinds_that_are_no_list_of_names(call: Call, kinds: object) -> None:
    assert (await call("getUpdates", allowed_updates=kinds))[0] == 400


async def test_pending_updates_can_be_dropped(bot: telegram.Bot, sandbox: Sandbox, call: Call) -> None:
    sandbox.say("old", user=ADA)
    assert (await bot.get_webhook_info()).pending_update_count == 1
    assert await bot.delete_webhook()
    assert await texts(call) == ["old"]
    await bot.delete_webhook(drop_pending_updates=True)
    assert await texts(call) == []
