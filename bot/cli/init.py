"""`bellwether init`: a first config.yaml, with the bot's token checked by Telegram."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import sys
from pathlib import Path
from typing import Annotated

import typer

from bot.problem import ProblemError
from bot.settings import load_settings, shipped
from bot.telegram.token_check import TokenCheck, check_token

CONFIG = Path("config.yaml")
TOKEN_FORM = re.compile(r"[0-9]{5,20}:[A-Za-z0-9_-]{30,60}")


def init(
    force: Annotated[bool, typer.Option("--force", help="Put a new config.yaml in the place of the old one.")] = False,
) -> None:
    """Ask for the bot's token, check it with Telegram, and write config.yaml (only you can read it)."""
    if CONFIG.exists() and not force:
        raise ProblemError.of(CONFIG, "is here already; --force puts a new one in its place")
    token = os.environ.get("TELEGRAM_TOKEN", "").strip() or _ask()
    if not TOKEN_FORM.fullmatch(token):
        message = "does not look like a bot's token; allowed: as @BotFather gives it, like 123456789:AAE…"
        raise ProblemError.of("token", message)
    settings = load_settings(None, os.environ, Path.cwd())
    bot = asyncio.run(check_token(token, str(settings.telegram.api_url), settings.telegram.proxy_url))
    if bot.trouble:
        raise ProblemError.of("token", bot.trouble)
    _write(token)
    _tell(bot)


def _ask() -> str:
    if not sys.stdin.isatty():
        message = "is not set, and there is nobody to ask; allowed: a bot's token from @BotFather"
        raise ProblemError.of("TELEGRAM_TOKEN", message)
    print("Talk to @BotFather in Telegram, send /newbot, and paste the token that it gives you.")
    answer: str = typer.prompt("Token", hide_input=True)
    return answer.strip()


def _write(token: str) -> None:
    """The example with the token in it; the file is private before the token is in it."""
    text = shipped("config.example.yaml").read_text("utf-8")
    line = '  # token: "123456:ABC…"'
    assert line in text
    partial = CONFIG.with_suffix(".yaml.new")
    partial.unlink(missing_ok=True)
    partial.touch(mode=0o600, exist_ok=False)
    partial.write_text(text.replace(line, f'  token: "{token}"'), "utf-8")
    partial.replace(CONFIG)
    if not Path("rules").exists():
        shutil.copytree(shipped("rules"), "rules")


def _tell(bot: TokenCheck) -> None:
    print(f"This is @{bot.username}. config.yaml is written; only you can read it. The rules are in rules/.")
    print(f"Now: `bellwether run`, then open https://t.me/{bot.username} and send /start.")
