"""CommandMenus of commands that Telegram shows, one for each scope."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from telegram import (
    Bot,
    BotCommand,
    BotCommandScope,
    BotCommandScopeAllChatAdministrators,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
)
from telegram.error import TelegramError

from bot.telegram.command import Command, Permission
from bot.views.chats import onboarding


@dataclass(frozen=True, slots=True)
class CommandMenu:
    """The commands of one scope; `operator` is the user whose private chat it is for, None for a general one."""

    scope: BotCommandScope
    commands: tuple[BotCommand, ...]
    operator: int | None = None


def command_menus(commands: Sequence[Command], operators: Iterable[int]) -> list[CommandMenu]:
    """One menu for private chats, one for groups, one for their admins, one for each operator."""
    looking, changing = {Permission.ANYONE}, {Permission.ANYONE, Permission.CHAT_ADMINS}
    general = [
        CommandMenu(BotCommandScopeAllPrivateChats(), _entries(commands, changing)),
        CommandMenu(BotCommandScopeAllGroupChats(), _entries(commands, looking, group=True)),
        CommandMenu(BotCommandScopeAllChatAdministrators(), _entries(commands, changing, group=True)),
    ]
    everything = _entries(commands, set(Permission))
    return general + [CommandMenu(BotCommandScopeChat(user), everything, user) for user in sorted(operators)]


class CommandMenus:
    """Sets the menus. Telegram takes an operator's only once they have started the bot: then it is tried again."""

    def __init__(self, bot: Bot, wanted: Sequence[CommandMenu], note: Callable[[str], None]) -> None:
        self._bot = bot
        self._missing = list(wanted)
        self._note = note

    async def set_all(self) -> None:
        """Set every menu that is not set yet."""
        for menu in tuple(self._missing):
            await self._set(menu)

    async def set_descriptions(self, banner: str) -> None:
        """What a stranger reads before /start, and what stands in the bot's profile."""
        try:
            await self._bot.set_my_description(onboarding.description(banner))
            await self._bot.set_my_short_description(onboarding.short_description(banner))
        except TelegramError as error:
            self._note(f"the bot's description could not be set ({type(error).__name__})")

    async def seen(self, user_id: int | None) -> None:
        """An operator whose menu is missing may have started the bot."""
        for menu in tuple(self._missing):
            if user_id is not None and menu.operator == user_id:
                await self._set(menu)

    async def _set(self, menu: CommandMenu) -> None:
        try:
            await self._bot.set_my_commands(menu.commands, scope=menu.scope)
        except TelegramError as error:
            if menu.operator is None:
                self._note(f"a command menu could not be set ({type(error).__name__})")
        else:
            self._missing = [each for each in self._missing if each is not menu]  # both callers may have set it


def _entries(commands: Sequence[Command], whose: set[Permission], *, group: bool = False) -> tuple[BotCommand, ...]:
    """In a group, what concerns only the asker is sent so that nobody but the bot sees it."""
    shown = [command for command in commands if command.listed and command.who in whose]
    alone = {"is_ephemeral": True}
    return tuple(
        BotCommand(each.name, each.help, api_kwargs=alone if group and each.who is Permission.ANYONE else None)
        for each in shown
    )
