"""What each scope's menu holds."""

from __future__ import annotations

from bot.telegram.commands import COMMANDS
from bot.telegram.menu import menus


def names(menu):
    return [entry.command for entry in menu.commands]


def test_menus_are_by_scope_and_never_show_what_is_not_for_it():
    private, groups, admins, one, two = menus(COMMANDS, {7_000_000_002, 7_000_000_001})
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
    assert set(names(private)) - set(names(groups)) == {"subscribe", "unsubscribe", "mute", "settings"}
    assert names(private) == names(admins)
    assert "start" not in names(one)
