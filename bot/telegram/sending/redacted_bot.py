"""A bot of python-telegram-bot that shows its token nowhere."""

from __future__ import annotations

from telegram.error import InvalidToken
from telegram.ext import ExtBot

from bot.redaction import HIDDEN


class RedactedBot(ExtBot[None]):
    """A bot whose repr, and whose complaint about a wrong token, do not show the token."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}[{HIDDEN}]"

    async def initialize(self) -> None:
        """Ask Telegram who this bot is; raises InvalidToken, without the token in it."""
        refused = await self._first_call()
        if refused:  # raised out here, so that the library's own error is not attached to this one
            raise InvalidToken("Telegram does not know this token")

    async def _first_call(self) -> bool:
        try:
            await super().initialize()
        except InvalidToken:
            return True
        return False
