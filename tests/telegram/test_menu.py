"""What each scope's menu holds."""

from __future__ import annotations

import asyncio

from bot.telegram.commands.registry import COMMANDS
from bot.telegram.menu import CommandMenus, command_menus


def names(menu):
    return [entry.command for entry in menu.commands]


def test_menus_are_by_scope_and_never_show_what_is_not_for_it():
    private, groups, admins, one, two = command_menus(COMMANDS, {7_000_000_002, 7_000_000_001})
    assert [menu.scope.type for menu in (private, groups, admins, one, two)] == [
        "all_private_chats",
        "all_group_chats",
        "all_chat_administrators",
        "chat",
        "chat",
    ]
    assert [menu.operator for menu in (private, one, two)] == [None, 7_000_000_001, 7_000_000_002]
    assert set(names(one)) - set(names(private)) == {
        "approve",
        "health",
        "pause",
        "reload",
        "resume",
        "subscribers",
        "test",
    }
    assert set(names(private)) - set(names(groups)) == {"subscribe", "unsubscribe", "mute", "settings", "tell"}
    assert names(private) == names(admins)
    assert "start" not in names(one)


async def test_a_menu_that_two_callers_set_at_once_is_no_trouble() -> None:
    class Slow:
        """Takes a moment, as the network does."""

        def __init__(self) -> None:
            self.set = 0

        async def set_my_commands(self, *_: object, **__: object) -> None:
            await asyncio.sleep(0.01)
            self.set += 1

    bot = Slow()
    wanted = command_menus(COMMANDS, frozenset({5}))
    kept = CommandMenus(bot, wanted, lambda _what: None)
    await asyncio.gather(kept.set_all(), kept.seen(5))
    assert bot.set == len(wanted) + 1
    await kept.set_all()
    assert bot.set == len(wanted) + 1
