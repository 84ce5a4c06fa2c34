"""Log lines to standard error, the token kept out of them."""

from __future__ import annotations

import logging
import sys

from bot.telegram.sending.redaction import hide_tokens_in_logs

_FORMAT = "%(asctime)s %(levelname)-7s %(name)s: %(message)s"


class _RedactingFormatter(logging.Formatter):
    """The last door that a line passes: whatever a library wrote, the token does not get out."""

    def __init__(self, token: str) -> None:
        super().__init__(_FORMAT, "%Y-%m-%d %H:%M:%S")
        self._token = token

    def format(self, record: logging.LogRecord) -> str:
        line = super().format(record)
        return line.replace(self._token, "<token>") if self._token else line


def log_to_terminal(token: str, *, level: int = logging.INFO) -> None:
    """Log to standard error, without the token."""
    hide_tokens_in_logs()
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_RedactingFormatter(token))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in ("apscheduler", "asyncio"):
        logging.getLogger(name).setLevel(logging.WARNING)
