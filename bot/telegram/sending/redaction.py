"""Redaction of bot tokens in logs, errors and whatever is printed."""

from __future__ import annotations

import logging
import re
import traceback
from typing import Any, Final

from telegram.error import InvalidToken
from telegram.ext import ExtBot

HIDDEN: Final = "<token>"

_token = re.compile(r"\d{3,20}(?::|%3A)[A-Za-z0-9_-]{20,}")


def hide_tokens(text: str) -> str:
    """The text with everything that looks like a bot's token replaced; what else it says stays."""
    return _token.sub(HIDDEN, text)


def hide_tokens_in_logs() -> None:
    """From now on no log record of this process holds a token, tracebacks included. Calling it twice is harmless."""
    made = logging.getLogRecordFactory()
    if not isinstance(made, _Redacting):
        logging.setLogRecordFactory(_Redacting(made))


class _Redacting:
    """Makes records as before, and empties out what must not be read."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def __call__(self, *args: Any, **kwargs: Any) -> logging.LogRecord:
        record: logging.LogRecord = self._inner(*args, **kwargs)
        said = record.getMessage()
        if _token.search(said):
            record.msg, record.args = hide_tokens(said), ()
        if isinstance(record.exc_info, tuple) and record.exc_info[1] is not None:
            told = "".join(traceback.format_exception(record.exc_info[1])).rstrip()
            if _token.search(told):
                record.exc_info, record.exc_text = None, hide_tokens(told)
        return record


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
