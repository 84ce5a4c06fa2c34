"""Commands: what one is asked, what it replies, and whom it is for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum

from bot.alert import Buttons
from bot.charts.request import ChartRequest
from bot.delivery.transport import OnlyFor, OutgoingMessage
from bot.subscriber import Chat
from bot.telegram.services import Services


class Permission(StrEnum):
    """Whom a command is for."""

    ANYONE = "anyone"
    CHAT_ADMINS = "chat admins"  # in a private chat the person; in a group its admins
    OPERATORS = "operators"  # to others the command does not exist


class HelpGroup(StrEnum):
    """What people want from commands: the groups of /help, in their order."""

    ALERTS = "Alerts in this chat"
    NOW = "How things stand"
    RECORD = "What came of it"
    BOT = "This bot"
    OPERATORS = "For operators"


@dataclass(frozen=True, slots=True)
class CommandRequest:
    """One command, and where it was asked.

    `user_id` is None for a channel's post and for an admin who hides behind the group. `may_change` finds out
    whether the asker may change this chat's subscription. `commands` are those that the asker may use. `pressed`:
    by a button. `word`: the command's name or alias, as it was typed.
    """

    chat: Chat
    user_id: int | None
    name: str
    argument: str
    may_change: Callable[[], Awaitable[bool]]
    commands: tuple[Command, ...]
    pressed: bool = False
    word: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """What the chat reads: HTML of any length; `buttons` go under its last page.

    `others` are messages to other chats. `aside` is for the asker's eyes only where that is possible. `picture` is
    drawn meanwhile; if that fails, the words come alone. `document` is a file's name and bytes. `in_place`: where a
    button was pressed, the reply takes the place of the button's message. `privately`: it goes to the asker's own
    chat. `only_for`: of a group, only that member is to see it. `dark`: how the picture is drawn, None as the chat's
    settings say.
    """

    html: str
    buttons: Buttons = ()
    others: tuple[OutgoingMessage, ...] = ()
    aside: bool = False
    picture: ChartRequest | None = None
    document: tuple[str, bytes] | None = None
    in_place: bool = False
    privately: bool = False
    only_for: OnlyFor | None = None
    dark: bool | None = None


@dataclass(frozen=True, slots=True)
class Command:
    """One command of the registry: the menu, /help and the table for readers are made from it.

    `usage` names its argument ("[RULE]"), empty where it takes none. `aliases` are other words that people type
    for it. `listed` is False for what needs no place in the menu (/start), `typed` for what only buttons say. `always`
    is True for what nobody is ever refused (/unsubscribe). `group` is its place in /help, `example` an argument that
    people may type.
    """

    name: str
    help: str
    answer: Callable[[Services, CommandRequest], Awaitable[Reply]]
    who: Permission = Permission.ANYONE
    usage: str = ""
    aliases: tuple[str, ...] = ()
    listed: bool = True
    typed: bool = True
    always: bool = False
    group: HelpGroup = HelpGroup.BOT
    example: str = ""
