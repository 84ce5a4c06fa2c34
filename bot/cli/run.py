"""`bellwether run`: start the bot."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import sys
from pathlib import Path

import typer

from bot.app.logs import log_to_terminal
from bot.cli.loading import imported
from bot.settings import OWN_RULES, Settings, find_config, load_settings, without_absent
from bot.settings.model import LogFormat

NO_CONFIG = """no config.yaml in this folder.
`bellwether init` makes one with your bot's token; `bellwether demo` shows the bot without any account."""

NO_TOKEN = """no token: the bot can't talk to Telegram.
Set TELEGRAM_TOKEN in the environment, or telegram.token_file in config.yaml; `bellwether init` asks for it."""  # noqa: S105  # a sentence


def run(*, verbose: bool, log_format: str | None) -> None:
    """`bellwether run`, as it is typed in `bot.cli.signatures.operation`."""
    here = Path.cwd()
    config = find_config(os.environ, here)
    if config is None and "TELEGRAM_TOKEN" not in os.environ:
        print(NO_CONFIG, file=sys.stderr)
        raise typer.Exit(2)
    settings = _settings(config, here)
    if settings.telegram.token is None:
        print(NO_TOKEN, file=sys.stderr)
        raise typer.Exit(2)
    style = LogFormat(log_format) if log_format else settings.log_format
    level = logging.DEBUG if verbose else logging.INFO
    log_to_terminal(settings.telegram.token.get_secret_value(), style, level=level)
    serve = imported("bot.app.serve:serve")
    raise typer.Exit(asyncio.run(serve(settings, lambda: _settings(config, here))))


def _settings(config: Path | None, here: Path) -> Settings:
    """The settings; the folder of one's own rules is made, so that a rule sent from the phone finds its place."""
    settings = load_settings(config, os.environ, here)
    for folder in settings.rules:
        if folder.name == OWN_RULES.name:
            with contextlib.suppress(OSError):  # a container may be read-only
                folder.mkdir(exist_ok=True)
    return without_absent(settings)
