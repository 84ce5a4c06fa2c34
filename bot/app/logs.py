"""Log lines to standard error, the token kept out of them."""

from __future__ import annotations

import logging
import sys

from bot.redaction import hide_tokens, install_redaction, register_secret

_FORMAT = "%(asctime)s %(levelname)-7s %(name)s: %(message)s"


class _RedactingFormatter(logging.Formatter):
    """The last door that a line passes: whatever a library wrote, the token does not get out."""

    def __init__(self) -> None:
        super().__init__(_FORMAT, "%Y-%m-%d %H:%M:%S")

    def format(self, record: logging.LogRecord) -> str:
        return hide_tokens(super().format(record))


def log_to_terminal(token: str, *, level: int = logging.INFO) -> None:
    """Log to standard error, without the token."""
    install_redaction()
    register_secret(token)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_RedactingFormatter())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in ("apscheduler", "asyncio"):
        logging.getLogger(name).setLevel(logging.WARNING)
