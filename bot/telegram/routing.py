"""Routing: the command that a message asks for, whether its sender may ask it, and the reply."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from telegram import User

from bot.alert import Buttons
from bot.cancellation import cancellable
from bot.delivery.transport import OnlyFor
from bot.subscriptions.permissions import Access
from bot.telegram.chat_admins import Admins, AdminsUnknownError
from bot.telegram.command import Command, CommandRequest, Permission, Reply
from bot.telegram.incoming import Attachment, IncomingMessage, entitled, is_group
from bot.telegram.keyboard import button_if_fits, button_row
from bot.telegram.parsing.command_text import ParsedCommand, is_for_another_bot, mentions, read_command
from bot.telegram.parsing.resolve import named_market
from bot.telegram.services import Services
from bot.telegram.throttle import COST_OF_PRESS, CommandThrottle, Throttle
from bot.views.chats import access as texts
from bot.views.chats import onboarding
from bot.views.markets.market import ways_to_see

TakeFile = Callable[[Attachment], Awaitable[Reply]]

COMMAND_TIMEOUT_SECONDS = 30.0


class Action(StrEnum):
    """The ways to react to a message."""

    IGNORE = "ignore"
    RUN = "run"
    HINT = "hint"  # plain words: one line on how to ask
    UNKNOWN = "unknown"
    REFUSE = "refuse"  # not let in
    FILE = "file"  # look into what an operator sent


@dataclass(frozen=True, slots=True)
class Route:
    """An action; with RUN the command, with RUN and UNKNOWN what was typed and the commands that its sender has."""

    action: Action
    typed: ParsedCommand | None = None
    command: Command | None = None
    available: tuple[Command, ...] = ()


IGNORE = Route(Action.IGNORE)

_FIRST_STEPS: Buttons = (
    (("Get alerts", "/subscribe"), ("What I watch", "/rules")),
    (("Crypto now", "/crypto"), ("Help", "/help")),
)


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
    available = available_commands(commands, access, incoming.user_id)
    command = find_command(typed.name, available)
    if not _let_in(incoming, access, command):
        return Route(Action.REFUSE) if private else IGNORE
    if command is not None:
        return Route(Action.RUN, typed, command, available)
    return Route(Action.UNKNOWN, typed, None, available) if private or typed.addressed else IGNORE


def available_commands(commands: Sequence[Command], access: Access, user_id: int | None) -> tuple[Command, ...]:
    """The commands that exist for this person."""
    operator = access.is_operator(user_id)
    return tuple(command for command in commands if operator or command.who is not Permission.OPERATORS)


def find_command(name: str, commands: Sequence[Command]) -> Command | None:
    """The command of this name or alias."""
    return next((command for command in commands if name == command.name or name in command.aliases), None)


class Router:
    """Replies to messages: each is routed, throttled and run here. `clock` is any steady clock in seconds.

    `take_file` replies to a file that an operator sent.
    """

    def __init__(
        self,
        services: Services,
        admins: Admins,
        commands: Sequence[Command],
        clock: Callable[[], float],
        take_file: TakeFile,
    ) -> None:
        self._services = services
        self._admins = admins
        self._commands = commands
        self._clock = clock
        self._take_file = take_file
        self._throttle = CommandThrottle()

    async def reply(self, incoming: IncomingMessage, me: User) -> Reply | None:
        """The reply, or None for silence. Raises what the command raises, TimeoutError where it takes too long."""
        found = route(incoming, me.username or "", self._services.access, self._commands)
        alone = await self._alone(incoming, found, me.id)
        reply = await self._reply(incoming, found)
        return reply if reply is None or alone is None else replace(reply, only_for=alone)

    async def _alone(self, incoming: IncomingMessage, found: Route, me: int) -> OnlyFor | None:
        """Whether the asker alone is to see the reply: in a group, where it does not concern the group."""
        if incoming.only_bot is None and (found.command is None or found.command.who is not Permission.ANYONE):
            return None
        alone = entitled(incoming, self._services.now(), self._services.clock())
        if alone is not None or incoming.user_id is None or not is_group(incoming.chat):
            return alone
        with contextlib.suppress(AdminsUnknownError):
            if await self._admins.includes(incoming.chat.chat_id, me):
                return OnlyFor(incoming.user_id)
        return None

    async def _reply(self, incoming: IncomingMessage, found: Route) -> Reply | None:
        if found.action is Action.IGNORE and not incoming.pressed:
            return None
        match self._throttled(incoming):
            case Throttle.SILENCE:
                return None
            case Throttle.WARN:
                return Reply(onboarding.slow_down(), aside=True)
        try:
            return await self._within_limit(incoming, found)
        except AdminsUnknownError:
            return Reply(texts.admins_unknown(), aside=True)

    async def _within_limit(self, incoming: IncomingMessage, found: Route) -> Reply:
        """The reply. A thread can't be stopped from outside: what takes too long is told to end by itself."""
        with cancellable() as cancel:
            try:
                async with asyncio.timeout(COMMAND_TIMEOUT_SECONDS):
                    return await self._react(incoming, found)
            except (TimeoutError, asyncio.CancelledError):
                cancel()
                raise

    def silenced(self, chat_id: int, user_id: int | None) -> bool:
        """Whether what comes from there would get no answer anyway."""
        operator = self._services.access.is_operator(user_id)
        return not operator and self._throttle.silenced(chat_id, user_id, self._clock())

    def _throttled(self, incoming: IncomingMessage) -> Throttle:
        cost = COST_OF_PRESS if incoming.pressed else 1.0
        operator = self._services.access.is_operator(incoming.user_id)
        return self._throttle.ask(incoming.chat.chat_id, incoming.user_id, self._clock(), cost, operator=operator)

    async def _react(self, incoming: IncomingMessage, found: Route) -> Reply:
        typed = tuple(command for command in found.available if command.typed)
        match found.action:
            case Action.REFUSE:
                return Reply(texts.no_access_for(incoming.user_id), aside=True)
            case Action.FILE if incoming.attachment is not None:
                return await self._take_file(incoming.attachment)
            case Action.RUN if found.command is not None and found.typed is not None:
                return await self._run(found.command, self._request(incoming, found.typed, typed))
            case _ if incoming.pressed:
                return Reply(texts.dead_button(), aside=True)
            case Action.UNKNOWN if found.typed is not None:
                return await self._unknown(incoming, found.typed, typed)
            case _:
                return self._way_in(incoming)

    async def _unknown(self, incoming: IncomingMessage, said: ParsedCommand, commands: tuple[Command, ...]) -> Reply:
        """What no command is called: a market's name, /btc 1y, means its chart."""
        market, chart = named_market(self._services.market_data, said.name), find_command("chart", commands)
        if market is None or chart is None:
            names = [onboarding.CommandHelp(command.name, command.help) for command in commands]
            return Reply(onboarding.unknown_command(said.name, names))
        meant = replace(said, name=chart.name, argument=f"{market} {said.argument}".strip())
        return await self._run(chart, self._request(incoming, meant, commands))

    def _way_in(self, incoming: IncomingMessage) -> Reply:
        """What plain words are answered: the command that they would be with a slash, else a few to begin with."""
        word, _, rest = incoming.text.strip().partition(" ")
        available = available_commands(self._commands, self._services.access, incoming.user_id)
        named = find_command(word.casefold(), [each for each in available if each.typed])
        said = named is not None and (named.name == word.casefold() or not rest)  # "price" alone, not in a sentence
        meant = button_if_fits(f"/{word} {rest}".strip(), word.casefold(), rest) if said else None
        if meant is not None:
            return Reply(texts.meant_command(meant[1]), ((meant,),))
        market = named_market(self._services.market_data, incoming.text.strip(" ?!."))
        if market is not None:
            rows = button_row(("Chart", "chart", market), ("Levels", "levels", market))
            return Reply(ways_to_see(self._services.market_data.title(market), market), rows)
        return Reply(texts.hint(), _FIRST_STEPS)

    async def _run(self, command: Command, request: CommandRequest) -> Reply:
        if command.who is Permission.CHAT_ADMINS and not await request.may_change():
            return Reply(onboarding.not_allowed(group=True), aside=True)
        try:
            reply = await command.answer(self._services, request)
        finally:
            self._services.recall(request.chat.chat_id)  # an alert on its way there goes by what was just asked for
        if request.argument and not command.usage and not request.pressed:
            reply = replace(reply, html=f"{texts.words_too_many(request.argument, command.name)}\n\n{reply.html}")
        private = request.chat.kind == "private"
        return replace(reply, privately=command.who is Permission.OPERATORS and not private)

    def _request(
        self, incoming: IncomingMessage, typed: ParsedCommand, available: tuple[Command, ...]
    ) -> CommandRequest:
        async def may_change() -> bool:
            if incoming.chat.kind == "private" or incoming.speaks_for_chat:
                return True
            return incoming.user_id is not None and await self._admins.includes(incoming.chat.chat_id, incoming.user_id)

        who = (incoming.chat, incoming.user_id, incoming.name)
        return CommandRequest(*who, typed.argument, may_change, available, incoming.pressed, typed.name)


def _file(incoming: IncomingMessage, access: Access, *, private: bool) -> Route:
    """Files are looked into for operators, in private; what people send each other in a group is their affair."""
    if not private:
        return IGNORE
    if not access.may_look(incoming.user_id):
        return Route(Action.REFUSE)
    return Route(Action.FILE if access.is_operator(incoming.user_id) else Action.HINT)


def _plain_words(incoming: IncomingMessage, username: str, access: Access, *, private: bool) -> Route:
    if is_for_another_bot(incoming.text, username):
        return IGNORE
    if private:
        return Route(Action.HINT if access.may_look(incoming.user_id) else Action.REFUSE)
    spoken_to = (
        incoming.chat.kind != "channel" and mentions(incoming.text, username) and access.may_look(incoming.user_id)
    )
    return Route(Action.HINT) if spoken_to else IGNORE


def _let_in(incoming: IncomingMessage, access: Access, command: Command | None) -> bool:
    if access.may_look(incoming.user_id) or (command is not None and command.always):
        return True
    return incoming.speaks_for_chat and command is not None and command.who is Permission.CHAT_ADMINS
