"""Rule files by phone: sent, tried, installed, restored."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from pathlib import PurePosixPath

from telegram import Bot
from telegram.error import TelegramError

from bot.alert import Buttons
from bot.charts.request import BacktestChart, ChartRequest
from bot.problem import Problem, ProblemError
from bot.queries.dry_run import DryRun, dry_run
from bot.rulebook.rule_file import RULE_ID
from bot.rulebook.rule_files import SUFFIX
from bot.signals.replay.replay import Replay
from bot.subscriptions.installing import NotInstalled, RuleInstaller
from bot.telegram.command import Command, CommandRequest, HelpGroup, Permission, Reply
from bot.telegram.incoming import Attachment
from bot.telegram.keyboard import button_row
from bot.telegram.parsing.command_text import normalized
from bot.telegram.services import Services
from bot.views.alerts.buttons import WORD_LIMIT
from bot.views.operator import rule_admin

MAX_FILE_BYTES = 64 * 1024
"""Bytes of a rule file that is taken from a chat."""

FetchFile = Callable[[str], Awaitable[bytes]]
"""Gives the content of a file by Telegram's id. Raises TelegramError."""

_COPY = re.compile(r"\s*\(\d+\)$")


def file_fetcher(bot: Bot) -> FetchFile:
    """How the Bot API is asked for a file."""

    async def fetch(file_id: str) -> bytes:
        file = await bot.get_file(file_id)
        return bytes(await file.download_as_bytearray())

    return fetch


async def take_file(services: Services, fetch: FetchFile, attachment: Attachment) -> Reply:
    """Check a rule file that an operator sent, and tell when it would have fired; a button installs it."""
    rule_id = rule_id_of(attachment.name)
    if rule_id is None:
        return Reply(rule_admin.not_a_rule_file(attachment.name))
    if attachment.size is not None and attachment.size > MAX_FILE_BYTES:
        return Reply(rule_admin.too_large(MAX_FILE_BYTES))
    try:
        raw = await fetch(attachment.file_id)
    except TelegramError:
        return Reply(rule_admin.not_fetched())
    if len(raw) > MAX_FILE_BYTES:
        return Reply(rule_admin.too_large(MAX_FILE_BYTES))
    return await _try(services, rule_id, raw)


async def install_command(services: Services, request: CommandRequest) -> Reply:
    """Put the file of an Install button into place, if it is still the one that was tried."""
    rule_id, _, digest = request.argument.partition(" ")
    try:
        outcome = await installer(services).install(rule_id, digest, services.now())
    except ProblemError as error:
        return Reply(rule_admin.disk_trouble(error.problems))
    if isinstance(outcome, NotInstalled):
        gone = not outcome.problems
        return Reply(rule_admin.draft_gone(rule_id) if gone else rule_admin.refused(rule_id, outcome.problems))
    text = rule_admin.installed(rule_id, outcome.life, replaced=outcome.replaced)
    return Reply(text, await restore_button(services, rule_id))


async def restore_rule(services: Services, rule_id: str) -> Reply:
    """Put the version before back into its place; the one that it replaces is kept."""
    try:
        outcome = await installer(services).restore(rule_id, services.now())
    except ProblemError as error:
        return Reply(rule_admin.disk_trouble(error.problems))
    if isinstance(outcome, NotInstalled):
        gone = not outcome.problems
        return Reply(rule_admin.nothing_to_restore(rule_id) if gone else rule_admin.refused(rule_id, outcome.problems))
    return Reply(rule_admin.restored(rule_id, outcome.at, outcome.life), await restore_button(services, rule_id))


async def restore_button(services: Services, rule_id: str) -> Buttons:
    """A row with the button that brings the version before back; no row where there is none."""
    if await installer(services).previous_at(rule_id) is None:
        return ()
    return button_row(("Restore the version before", "rules", f"{rule_id} restore"))


def installer(services: Services) -> RuleInstaller:
    """Who installs rules here."""

    async def check(rule_id: str, raw: bytes) -> tuple[Problem, ...]:
        return (await dry_run(services.market_data, services.rule_folders, rule_id, raw)).problems

    return RuleInstaller(
        services.store,
        services.rule_folders[-1],
        check=check,
        reload=services.reload,
        rulebook=services.rulebook,
    )


def rule_id_of(name: str) -> str | None:
    """The rule that a file of this name holds, whatever a phone made of the name; None where it can be none.

    >>> rule_id_of("IWM_break (2).yaml")
    'iwm-break'
    """
    path = PurePosixPath(name.replace("\\", "/"))
    if path.suffix.lower() not in {SUFFIX, ".yml"}:
        return None
    rule_id = normalized(_COPY.sub("", path.name.removesuffix(path.suffix)))
    return rule_id if RULE_ID.fullmatch(rule_id) and len(rule_id) <= WORD_LIMIT else None


async def _try(services: Services, rule_id: str, raw: bytes) -> Reply:
    try:
        trial = await dry_run(services.market_data, services.rule_folders, rule_id, raw)
    except ProblemError as error:
        return Reply(rule_admin.disk_trouble(error.problems))
    if trial.definition is None or trial.replay is None:
        return Reply(rule_admin.refused(rule_id, trial.problems))
    same = trial.before == raw
    text = rule_admin.tried(rule_id, trial.definition, trial.replay, replaces=trial.before is not None, same=same)
    picture = _picture(services, trial, trial.replay)
    if same:
        return Reply(text, picture=picture)
    digest = await installer(services).keep_draft(rule_id, raw, services.now())
    return Reply(text, button_row(("Install", "install", f"{rule_id} {digest}")), picture=picture)


def _picture(services: Services, trial: DryRun, replay: Replay) -> ChartRequest | None:
    """All bars of the rule's market, with every firing and how it ended."""
    if not len(replay.bars) or trial.definition is None:
        return None
    return BacktestChart.of(replay, trial.definition.title, services.banner)


COMMANDS = (
    Command(
        "install",
        "put a rule file into place",
        install_command,
        Permission.OPERATORS,
        "RULE",
        listed=False,
        typed=False,
        group=HelpGroup.OPERATORS,
    ),
)
