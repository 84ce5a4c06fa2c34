"""What does the bot do about something that was said?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.telegram.command import Command, Permission
from bot.telegram.incoming import IncomingMessage
from bot.telegram.parsing.command_text import ParsedCommand, is_for_another_bot, mentions, read_command
from bot.telegram.permissions import Access


class Action(StrEnum):
    """The ways to react."""

    IGNORE = "ignore"
    RUN = "run"
    HINT = "hint"  # plain words: one line on how to ask
    UNKNOWN = "unknown"
    STRANGER = "stranger"  # not let in
    FILE = "file"  # look into what an operator sent


@dataclass(frozen=True, slots=True)
class Route:
    """A deed; with RUN the command, with RUN and UNKNOWN what was typed."""

    action: Action
    typed: ParsedCommand | None = None
    command: Command | None = None


IGNORE = Route(Action.IGNORE)


def route(incoming: IncomingMessage, username: str, access: Access, commands: Sequence[Command]) -> Route:
    """How to react: in private every word is meant for the bot, elsewhere only its commands and its @name.

    Whoever is not let in reads so in private and nothing elsewhere. A nameless voice (a channel, an admin
    who writes as the group) may manage the chat's subscription in every mode: what it may have is decided there.
    """
    private = incoming.chat.kind == "private"
    if incoming.attachment is not None:
        return _file(incoming, access, private=private)
    typed = read_command(incoming.text, username)
    if typed is None:
        return _plain_words(incoming, username, access, private=private)
    command = find(typed.name, visible(commands, access, incoming.user_id))
    if not _let_in(incoming, access, command):
        return Route(Action.STRANGER) if private else IGNORE
    if command is not None:
        return Route(Action.RUN, typed, command)
    return Route(Action.UNKNOWN, typed) if private or typed.addressed else IGNORE


def visible(commands: Sequence[Command], access: Access, user_id: int | None) -> tuple[Command, ...]:
    """The commands that exist for this person."""
    operator = access.is_operator(user_id)
    return tuple(command for command in commands if operator or command.who is not Permission.OPERATORS)


def find(name: str, commands: Sequence[Command]) -> Command | None:
    """The command of this name or alias."""
    return next((command for command in commands if name == command.name or name in command.aliases), None)


def _file(incoming: IncomingMessage, access: Access, *, private: bool) -> Route:
    """Files are looked into for operators, in private; what people send each other in a group is their affair."""
    if not private:
        return IGNORE
    if not access.may_look(incoming.user_id):
        return Route(Action.STRANGER)
    return Route(Action.FILE if access.is_operator(incoming.user_id) else Action.HINT)


def _plain_words(incoming: IncomingMessage, username: str, access: Access, *, private: bool) -> Route:
    if is_for_another_bot(incoming.text, username):
        return IGNORE
    if private:
        return Route(Action.HINT if access.may_look(incoming.user_id) else Action.STRANGER)
    spoken_to = (
        incoming.chat.kind != "channel" and mentions(incoming.text, username) and access.may_look(incoming.user_id)
    )
    return Route(Action.HINT) if spoken_to else IGNORE


def _let_in(incoming: IncomingMessage, access: Access, command: Command | None) -> bool:
    if access.may_look(incoming.user_id) or (command is not None and command.always):
        return True
    return incoming.speaks_for_chat and command is not None and command.who is Permission.CHAT_ADMINS
