"""The list of a group's admins is asked for rarely, and a refusal does not stick."""

from __future__ import annotations

import pytest

from bot.telegram.chat_admins import ADMIN_TTL_SECONDS, OTHERS_TTL_SECONDS, Admins, AdminsUnknownError

GROUP, BOSS, FRIEND = -100, 1, 2


class Telegram:
    """Answers with the admins as they are, and counts."""

    def __init__(self):
        self.admins, self.asked, self.down, self.now = {BOSS}, 0, False, 0.0

    async def ask(self, chat_id):
        self.asked += 1
        if self.down:
            raise AdminsUnknownError("down")
        return frozenset(self.admins)


@pytest.fixture
def world():
    telegram = Telegram()
    return telegram, Admins(telegram.ask, lambda: telegram.now)


async def test_an_admin_is_known_for_some_minutes(world):
    telegram, admins = world
    for telegram.now in (0.0, ADMIN_TTL_SECONDS - 1):
        assert await admins.includes(GROUP, BOSS)
    assert telegram.asked == 1
    telegram.now = ADMIN_TTL_SECONDS
    assert await admins.includes(GROUP, BOSS)
    assert telegram.asked == 2


async def test_who_was_just_made_an_admin_need_not_wait_long(world):
    telegram, admins = world
    assert not await admins.includes(GROUP, FRIEND)
    telegram.admins.add(FRIEND)
    telegram.now = OTHERS_TTL_SECONDS - 1
    assert not await admins.includes(GROUP, FRIEND)
    assert telegram.asked == 1
    telegram.now = OTHERS_TTL_SECONDS
    assert await admins.includes(GROUP, FRIEND)


async def test_after_a_change_in_the_group_the_list_is_asked_for_anew(world):
    telegram, admins = world
    assert await admins.includes(GROUP, BOSS)
    telegram.admins.clear()
    admins.forget(GROUP)
    assert not await admins.includes(GROUP, BOSS)


async def test_no_list_is_neither_yes_nor_no(world):
    telegram, admins = world
    telegram.down = True
    with pytest.raises(AdminsUnknownError):
        await admins.includes(GROUP, BOSS)
    telegram.down = False
    assert await admins.includes(GROUP, BOSS)


async def test_groups_are_kept_apart_and_not_for_ever(world):
    telegram, admins = world
    for chat in range(1_100):
        await admins.includes(chat, BOSS)
    assert telegram.asked == 1_100
    await admins.includes(1_099, BOSS)
    assert telegram.asked == 1_100
    await admins.includes(0, BOSS)
    assert telegram.asked == 1_101
