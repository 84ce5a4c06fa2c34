"""What does the bot do about something that was said?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.telegram.access import Access
from bot.telegram.command import Command, Who
from bot.telegram.hearing import Heard
from bot.telegram.reading import Typed, is_for_another_bot, mentions, read_command


class Deed(StrEnum):
    """The ways to react."""

    IGNORE = "ignore"
    RUN = "run"
    HINT = "hint"  # plain words: one line on how to ask
    UNKNOWN = "unknown"
    STRANGER = "stranger"  # not let in
    FILE = "file"  # look into what an operator sent


@dataclass(frozen=True, slots=True)
class Conduct:
    """A deed; with RUN the command, with RUN and UNKNOWN what was typed."""

    deed: Deed
    typed: Typed | None = None
    command: Command | None = None


IGNORE = Conduct(Deed.IGNORE)


def conduct(heard: Heard, username: str, access: Access, commands: Sequence[Command]) -> Conduct:
    """How to react: in private every word is meant for the bot, elsewhere only its commands and its @name.

    Whoever is not let in reads so in private and nothing elsewhere. A nameless voice (a channel, an admin
    who writes as the group) may manage the chat's subscription in every mode: what it may have is decided there.
    """
    private = heard.chat.kind == "private"
    if heard.enclosure is not None:
        return _file(heard, access, private=private)
    typed = read_command(heard.text, username)
    if typed is None:
        return _plain_words(heard, username, access, private=private)
    command = find(typed.name, visible(commands, access, heard.user_id))
    if not _let_in(heard, access, command):
        return Conduct(Deed.STRANGER) if private else IGNORE
    if command is not None:
        return Conduct(Deed.RUN, typed, command)
    return Conduct(Deed.UNKNOWN, typed) if private or typed.addressed else IGNORE


def visible(commands: Sequence[Command], access: Access, user_id: int | None) -> tuple[Command, ...]:
    """The commands that exist for this person."""
    operator = access.is_operator(user_id)
    return tuple(command for command in commands if operator or command.who is not Who.OPERATORS)


def find(name: str, commands: Sequence[Command]) -> Command | None:
    """The command of this name or alias."""
    return next((command for command in commands if name == command.name or name in command.aliases), None)


def _file(heard: Heard, access: Access, *, private: bool) -> Conduct:
    """Files are looked into for operators, in private; what people send each other in a group is their affair."""
    if not private:
        return IGNORE
    if not access.may_look(heard.user_id):
        return Conduct(Deed.STRANGER)
    return Conduct(Deed.FILE if access.is_operator(heard.user_id) else Deed.HINT)


def _plain_words(heard: Heard, username: str, access: Access, *, private: bool) -> Conduct:
    if is_for_another_bot(heard.text, username):
        return IGNORE
    if private:
        return Conduct(Deed.HINT if access.may_look(heard.user_id) else Deed.STRANGER)
    spoken_to = heard.chat.kind != "channel" and mentions(heard.text, username) and access.may_look(heard.user_id)
    return Conduct(Deed.HINT) if spoken_to else IGNORE


def _let_in(heard: Heard, access: Access, command: Command | None) -> bool:
    if access.may_look(heard.user_id) or (command is not None and command.always):
        return True
    return heard.speaks_for_chat and command is not None and command.who is Who.CHAT_ADMINS
