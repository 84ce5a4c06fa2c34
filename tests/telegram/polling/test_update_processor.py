"""Updates of one chat go one after another, in order; of all chats a few at a time."""

from __future__ import annotations

import asyncio

import pytest
from telegram import Chat, Update, User
from telegram import Message as TelegramMessage

from bot.telegram.polling.update_processor import MAX_WAITING_PER_CHAT, PerChatUpdateProcessor, chat_id_of


def update(chat_id, number=1, kind="private"):
    chat = Chat(chat_id, kind)
    return Update(number, message=TelegramMessage(number, None, chat))


class Work:
    """Runs jobs through lanes and remembers when each began and ended."""

    def __init__(self, processor):
        self.processor, self.log, self.running, self.most = processor, [], 0, 0

    async def job(self, name, seconds=0.01):
        self.running += 1
        self.most = max(self.most, self.running)
        self.log.append(f"+{name}")
        await asyncio.sleep(seconds)
        self.log.append(f"-{name}")
        self.running -= 1

    def put(self, chat_id, name, seconds=0.01, kind="private"):
        asked = update(chat_id, kind=kind)
        return asyncio.create_task(self.processor.process_update(asked, self.job(name, seconds)))


async def test_one_chat_is_served_in_order():
    work = Work(PerChatUpdateProcessor())
    await asyncio.gather(*(work.put(7, name, 0.01 / (1 + index)) for index, name in enumerate("abcde")))
    assert work.log == [sign + name for name in "abcde" for sign in "+-"]


async def test_chats_do_not_wait_for_each_other_up_to_the_limit():
    work = Work(PerChatUpdateProcessor(at_once=3))
    await asyncio.gather(*(work.put(chat, str(chat)) for chat in range(10)))
    assert work.most == 3
    assert len(work.log) == 20


async def test_a_slow_chat_takes_one_place_only():
    work = Work(PerChatUpdateProcessor(at_once=2))
    slow = [work.put(1, f"slow{index}", 0.2) for index in range(5)]
    fast = [work.put(2, f"fast{index}", 0.001) for index in range(5)]
    await asyncio.wait_for(asyncio.gather(*fast), 0.15)
    assert not any(task.done() for task in slow)
    await work.processor.cancel_all()
    await asyncio.gather(*slow, return_exceptions=True)


async def test_who_comes_when_all_places_are_taken_is_passed_over():
    processor = PerChatUpdateProcessor(waiting=2)
    work = Work(processor)
    assert [processor.admit(update(chat)) for chat in (1, 2, 3)] == [True, True, False]
    await work.put(1, "a", 0.001)
    assert processor.admit(update(3))


async def test_one_chat_takes_no_more_than_its_places():
    processor = PerChatUpdateProcessor()
    assert [processor.admit(update(1)) for _ in range(30)].count(True) == MAX_WAITING_PER_CHAT
    assert processor.admit(update(2))


async def test_groups_hold_up_nobody_in_private():
    work = Work(PerChatUpdateProcessor(at_once=1))
    slow = [work.put(-chat, f"group{chat}", 60, kind="group") for chat in range(1, 5)]
    await asyncio.sleep(0.01)
    async with asyncio.timeout(5):
        await work.put(7, "person", 0.001)
    await work.processor.cancel_all()
    await asyncio.gather(*slow, return_exceptions=True)


async def test_what_is_abandoned_ends_at_once_and_frees_its_place():
    processor = PerChatUpdateProcessor(waiting=4)
    work = Work(processor)
    assert all(processor.admit(update(index % 2)) for index in range(4))
    tasks = [work.put(index % 2, str(index), 60) for index in range(4)]
    await asyncio.sleep(0.01)
    await processor.cancel_all()
    assert all(
        isinstance(each, asyncio.CancelledError) for each in await asyncio.gather(*tasks, return_exceptions=True)
    )
    assert all(processor.admit(update(index % 2)) for index in range(4))


async def test_a_failure_leaves_the_lane_open():
    processor = PerChatUpdateProcessor()

    async def fails():
        raise LookupError

    with pytest.raises(LookupError):
        await processor.process_update(update(1), fails())
    work = Work(processor)
    await work.put(1, "next")
    assert work.log == ["+next", "-next"]


def test_what_has_no_chat_has_a_lane_of_its_own():
    assert chat_id_of(Update(1)) == 0
    assert chat_id_of(object()) == 0


async def test_an_operator_waits_for_nobody():
    operator = 9
    processor = PerChatUpdateProcessor(lambda user: user == operator, at_once=1, waiting=1)
    work = Work(processor)
    slow = [asyncio.create_task(processor.process_update(update(7), work.job("slow", 60)))]
    await asyncio.sleep(0.01)
    asked = Update(5, message=TelegramMessage(5, None, Chat(7, "group"), from_user=User(operator, "O", is_bot=False)))
    async with asyncio.timeout(5):
        assert processor.admit(asked)
        await processor.process_update(asked, work.job("operator", 0.001))
    assert work.log[-1] == "-operator"
    await processor.cancel_all()
    await asyncio.gather(*slow, return_exceptions=True)
