"""What is answered to something that was said?"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from bot.messages import membership, texts
from bot.telegram.admins import Admins, RollError
from bot.telegram.command import Answer, Asked, Command, Who
from bot.telegram.conduct import Conduct, Deed, conduct, visible
from bot.telegram.desk import Desk
from bot.telegram.flood import COST_OF_PRESS, FloodGate, Pace
from bot.telegram.hearing import Enclosure, Heard

TakeFile = Callable[[Enclosure], Awaitable[Answer]]

LONGEST_WORK = 30.0
_NO_COMMAND = frozenset({Deed.IGNORE, Deed.HINT, Deed.UNKNOWN})


class Dispatcher:
    """Finds the command that was meant, sees to who may ask it and how often, and has it answered.

    `clock` is any steady clock in seconds. `take_file` answers to a file that an operator sent.
    """

    def __init__(
        self,
        desk: Desk,
        admins: Admins,
        commands: Sequence[Command],
        clock: Callable[[], float],
        take_file: TakeFile | None = None,
    ) -> None:
        self._desk = desk
        self._admins = admins
        self._commands = commands
        self._clock = clock
        self._take_file = take_file
        self._gate = FloodGate()

    async def answer(self, heard: Heard, username: str) -> Answer | None:
        """The answer, or None for silence. Raises what the command raises, TimeoutError if it takes too long."""
        what = conduct(heard, username, self._desk.access, self._commands)
        if what.deed is Deed.IGNORE and not heard.pressed:
            return None
        match self._gate.ask(heard.chat.chat_id, self._clock(), COST_OF_PRESS if heard.pressed else 1.0):
            case Pace.SILENCE:
                return None
            case Pace.WARN:
                return Answer(texts.slow_down(), aside=True)
            case Pace.ANSWER:
                return await self._react(heard, what)

    async def _react(self, heard: Heard, what: Conduct) -> Answer:
        if heard.pressed and what.deed in _NO_COMMAND:
            return Answer(membership.dead_button(), aside=True)
        if what.deed is Deed.STRANGER:
            return Answer(membership.stranger(heard.user_id), aside=True)
        if heard.enclosure is not None and what.deed is Deed.FILE and self._take_file is not None:
            async with asyncio.timeout(LONGEST_WORK):
                return await self._take_file(heard.enclosure)
        return await self._obey(heard, what)

    async def _obey(self, heard: Heard, what: Conduct) -> Answer:
        known = tuple(each for each in visible(self._commands, self._desk.access, heard.user_id) if each.typed)
        if what.typed is None:
            return Answer(membership.hint())
        if what.command is None:
            return Answer(texts.unknown_command(what.typed.name, [texts.Command(c.name, c.help) for c in known]))
        asked = self._asked(heard, what.typed.argument, known)
        try:
            async with asyncio.timeout(LONGEST_WORK):
                return await self._run(what.command, asked)
        except RollError:
            return Answer(membership.admins_unknown(), aside=True)

    async def _run(self, command: Command, asked: Asked) -> Answer:
        if command.who is Who.CHAT_ADMINS and not await asked.may_change():
            return Answer(texts.not_allowed(group=True), aside=True)
        return await command.answer(self._desk, asked)

    def _asked(self, heard: Heard, argument: str, known: tuple[Command, ...]) -> Asked:
        async def may_change() -> bool:
            if heard.chat.kind == "private" or heard.speaks_for_chat:
                return True
            return heard.user_id is not None and await self._admins.includes(heard.chat.chat_id, heard.user_id)

        return Asked(heard.chat, heard.user_id, heard.name, argument, may_change, known, heard.pressed)
