"""`bellwether init`: a first config.yaml, with the token checked by Telegram, an operator, and who may subscribe."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import sys
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from bot.cli.loading import imported
from bot.problem import ProblemError
from bot.regular_file import write_regular
from bot.settings import OWN_RULES, Settings, holds_rules, load_settings, shipped

if TYPE_CHECKING:
    from bot.telegram.token_check import TokenCheck

CONFIG = Path("config.yaml")

TOKEN_FORM = re.compile(r"[0-9]{5,20}:[A-Za-z0-9_-]{30,60}")
PRIVATE = 0o600
CONTACT_SECONDS = 180.0
"""Seconds that the operator's first message is waited for."""

NO_OPERATOR = """No operator is named, so nobody may subscribe yet and nobody hears when the bot is ill.
Send /start to the bot once it runs: it tells your id. Put that into telegram.operators in config.yaml, choose
telegram.access there, and start the bot again."""


class AccessChoice(StrEnum):
    """Who may subscribe."""

    OPEN = "open"
    APPROVAL = "approval"
    MEMBERS = "members"


def init(*, force: bool, operator: int | None, access: str | None) -> None:
    """`bellwether init`, as it is typed in `bot.cli.signatures.operation`."""
    if (CONFIG.exists() or CONFIG.is_symlink()) and not force:
        raise ProblemError.of(CONFIG, "is here already; --force puts a new one in its place")
    token = os.environ.get("TELEGRAM_TOKEN", "").strip() or _ask_token()
    if not TOKEN_FORM.fullmatch(token):
        message = "does not look like a bot's token; allowed: as @BotFather gives it, like 123456789:AAE…"
        raise ProblemError.of("token", message)
    settings = load_settings(None, os.environ, Path.cwd())
    check_token = imported("bot.telegram.token_check:check_token")
    bot: TokenCheck = asyncio.run(check_token(token, str(settings.telegram.api_url), settings.telegram.proxy_url))
    if bot.trouble:
        raise ProblemError.of("token", bot.trouble)
    print(f"This is @{bot.username}.")
    operators = [operator] if operator else sorted(settings.telegram.operators) or _ask_operator(token, bot, settings)
    chosen = AccessChoice(access) if access else _ask_access(known=bool(operators))
    _write({'  # token: "123456:ABC…"': f'  token: "{token}"', "  operators: []": f"  operators: {operators}"}, chosen)
    _tell(bot, operators)


def _ask_token() -> str:
    if not sys.stdin.isatty():
        message = "is not set, and there is nobody to ask; allowed: a bot's token from @BotFather"
        raise ProblemError.of("TELEGRAM_TOKEN", message)
    print("Talk to @BotFather in Telegram, send /newbot, and paste the token that it gives you.")
    answer: str = typer.prompt("Token", hide_input=True)
    return answer.strip()


def _ask_operator(token: str, bot: TokenCheck, settings: Settings) -> list[int]:
    """The id of the person at this terminal, found by a message of theirs to the bot; empty where there is none."""
    if not sys.stdin.isatty():
        return []
    print(
        "Who operates it? The operator hears when the bot is ill, and may let people in.\n"
        f"Open https://t.me/{bot.username} now and send it any message (Ctrl-C: name the operator later)."
    )
    with contextlib.suppress(KeyboardInterrupt):
        return asyncio.run(_contact(token, str(settings.telegram.api_url), settings.telegram.proxy_url))
    print()
    return []


async def _contact(token: str, api_url: str, proxy: str | None) -> list[int]:
    private_writers = imported("bot.telegram.first_contact:private_writers")
    async with contextlib.aclosing(private_writers(token, api_url, CONTACT_SECONDS, proxy)) as writers:
        async for person in writers:
            if await asyncio.to_thread(
                typer.confirm, f"Is this you: {person.name} (id {person.user_id})?", default=True
            ):
                return [person.user_id]
    return []


def _ask_access(*, known: bool) -> AccessChoice:
    """Who may subscribe: asked where there is somebody to ask, else the safe choice."""
    safe = AccessChoice.APPROVAL if known else AccessChoice.MEMBERS
    if not known or not sys.stdin.isatty():
        return safe
    print(
        "Who may subscribe?\n"
        "  open      anybody who finds the bot\n"
        "  approval  whom you let in; you are asked each time\n"
        "  members   only the ids that you list in config.yaml"
    )
    while True:
        answer: str = typer.prompt("Access", default=safe.value)
        if answer.strip().lower() in set(AccessChoice):
            return AccessChoice(answer.strip().lower())


def _write(lines: Mapping[str, str], access: AccessChoice) -> None:
    """The example with these lines in it; the file is private before the token is in it."""
    text = shipped("config.example.yaml").read_text("utf-8")
    first = "rules" if holds_rules(Path("rules")) else "shipped"
    rules = {"rules: [shipped, my-rules] ": f"rules: [{first}, {OWN_RULES}] "}
    for old, new in {**lines, **rules, "  access: open ": f"  access: {access} "}.items():
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    try:
        write_regular(CONFIG, text.encode(), PRIVATE)
    except OSError as error:
        raise ProblemError.of(CONFIG, f"can't be written: {error.strerror}") from error
    OWN_RULES.mkdir(exist_ok=True)


def _tell(bot: TokenCheck, operators: list[int]) -> None:
    print("config.yaml is written; only you can read it.")
    print(f"Rules of your own go into {OWN_RULES}/, which no upgrade touches; the shipped ones run beside them.")
    if not operators:
        print(NO_OPERATOR)
    print(f"Now: `bellwether run`, then open https://t.me/{bot.username} and send /start, then /subscribe.")
