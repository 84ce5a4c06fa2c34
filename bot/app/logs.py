"""Log lines to standard error, as text or JSON, the token kept out of them."""

from __future__ import annotations

import json
import logging
import sys
from datetime import datetime

from bot.redaction import hide_tokens, install_redaction, register_secret
from bot.settings.model import LogFormat

_TEXT = "%(asctime)s %(levelname)-7s %(name)s: %(message)s"
_TIME = "%Y-%m-%dT%H:%M:%S%z"

OWN = "bot"
"""The logger above all of this program's; libraries speak from WARNING on only."""


class _RedactingFormatter(logging.Formatter):
    """The last door that a line passes: whatever a library wrote, the token does not get out."""

    def __init__(self) -> None:
        super().__init__(_TEXT, _TIME)

    def format(self, record: logging.LogRecord) -> str:
        return hide_tokens(super().format(record))


class _JsonFormatter(logging.Formatter):
    """One JSON object a line: time, level, logger, message, and what was raised; without the token, too."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created).astimezone().isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info or record.exc_text:
            line["raised"] = record.exc_text or self.formatException(record.exc_info)  # type: ignore[arg-type]  # set
        return hide_tokens(json.dumps(line, ensure_ascii=False))


def log_to_terminal(token: str, style: LogFormat = LogFormat.TEXT, *, level: int = logging.INFO) -> None:
    """Log to standard error, without the token; each line says when, with the time's zone."""
    install_redaction()
    register_secret(token)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_JsonFormatter() if style is LogFormat.JSON else _RedactingFormatter())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger(OWN).setLevel(level)
