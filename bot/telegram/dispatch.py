"""What is answered to something that was said?"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from bot.telegram.chat_admins import Admins, AdminsUnknownError
from bot.telegram.command import Command, CommandRequest, Permission, Reply
from bot.telegram.incoming import Attachment, IncomingMessage
from bot.telegram.routing import Action, Route, route, visible
from bot.telegram.services import Services
from bot.telegram.throttle import COST_OF_PRESS, CommandThrottle, Throttle
from bot.views.chats import access, onboarding

TakeFile = Callable[[Attachment], Awaitable[Reply]]

LONGEST_WORK = 30.0
_NO_COMMAND = frozenset({Action.IGNORE, Action.HINT, Action.UNKNOWN})


class Dispatcher:
    """Finds the command that was meant, sees to who may ask it and how often, and has it answered.

    `clock` is any steady clock in seconds. `take_file` answers to a file that an operator sent.
    """

    def __init__(
        self,
        services: Services,
        admins: Admins,
        commands: Sequence[Command],
        clock: Callable[[], float],
        take_file: TakeFile | None = None,
    ) -> None:
        self._services = services
        self._admins = admins
        self._commands = commands
        self._clock = clock
        self._take_file = take_file
        self._gate = CommandThrottle()

    async def answer(self, incoming: IncomingMessage, username: str) -> Reply | None:
        """The answer, or None for silence. Raises what the command raises, TimeoutError if it takes too long."""
        what = route(incoming, username, self._services.access, self._commands)
        if what.action is Action.IGNORE and not incoming.pressed:
            return None
        match self._gate.ask(incoming.chat.chat_id, self._clock(), COST_OF_PRESS if incoming.pressed else 1.0):
            case Throttle.SILENCE:
                return None
            case Throttle.WARN:
                return Reply(onboarding.slow_down(), aside=True)
            case Throttle.ANSWER:
                return await self._react(incoming, what)

    async def _react(self, incoming: IncomingMessage, what: Route) -> Reply:
        if incoming.pressed and what.action in _NO_COMMAND:
            return Reply(access.dead_button(), aside=True)
        if what.action is Action.STRANGER:
            return Reply(access.stranger(incoming.user_id), aside=True)
        if incoming.attachment is not None and what.action is Action.FILE and self._take_file is not None:
            async with asyncio.timeout(LONGEST_WORK):
                return await self._take_file(incoming.attachment)
        return await self._obey(incoming, what)

    async def _obey(self, incoming: IncomingMessage, what: Route) -> Reply:
        known = tuple(each for each in visible(self._commands, self._services.access, incoming.user_id) if each.typed)
        if what.typed is None:
            return Reply(access.hint())
        if what.command is None:
            return Reply(
                onboarding.unknown_command(what.typed.name, [onboarding.Command(c.name, c.help) for c in known])
            )
        asked = self._asked(incoming, what.typed.argument, known)
        try:
            async with asyncio.timeout(LONGEST_WORK):
                return await self._run(what.command, asked)
        except AdminsUnknownError:
            return Reply(access.admins_unknown(), aside=True)

    async def _run(self, command: Command, asked: CommandRequest) -> Reply:
        if command.who is Permission.CHAT_ADMINS and not await asked.may_change():
            return Reply(onboarding.not_allowed(group=True), aside=True)
        return await command.answer(self._services, asked)

    def _asked(self, incoming: IncomingMessage, argument: str, known: tuple[Command, ...]) -> CommandRequest:
        async def may_change() -> bool:
            if incoming.chat.kind == "private" or incoming.speaks_for_chat:
                return True
            return incoming.user_id is not None and await self._admins.includes(incoming.chat.chat_id, incoming.user_id)

        return CommandRequest(
            incoming.chat, incoming.user_id, incoming.name, argument, may_change, known, incoming.pressed
        )
