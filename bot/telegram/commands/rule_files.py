"""Rule files by phone: sent, tried, installed, sent back, restored."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from hashlib import blake2s
from pathlib import Path, PurePosixPath

from telegram import Bot
from telegram.error import TelegramError

from bot.charts.request import BacktestChart, ChartRequest
from bot.problem import ProblemError
from bot.queries.dry_run import DryRun, dry_run
from bot.rulebook.book import SUFFIX
from bot.rulebook.rule_file import RULE_ID
from bot.rulebook.rule_folder import install_rule, previous_version
from bot.signals.replay.replay import Replay
from bot.store.meta import delete_value, get_value, set_value
from bot.telegram.command import Command, CommandRequest, Permission, Reply
from bot.telegram.incoming import Attachment
from bot.telegram.parsing.command_text import normalized
from bot.telegram.parsing.resolve import button_if_fits
from bot.telegram.services import Services
from bot.views.alerts.buttons import WORD_LIMIT
from bot.views.operator import rule_admin

LARGEST = 64 * 1024
"""Bytes of a rule file that is taken from a chat."""

Fetch = Callable[[str], Awaitable[bytes]]
"""Gives the content of a file by Telegram's id. Raises TelegramError."""

_COPY = re.compile(r"\s*\(\d+\)$")
_DRAFT = "draft:"


def fetching(bot: Bot) -> Fetch:
    """How the Bot API is asked for a file."""

    async def fetch(file_id: str) -> bytes:
        file = await bot.get_file(file_id)
        return bytes(await file.download_as_bytearray())

    return fetch


async def take_file(services: Services, fetch: Fetch, attachment: Attachment) -> Reply:
    """Check a rule file that an operator sent, and tell when it would have fired; a button installs it."""
    rule_id = rule_id_of(attachment.name)
    if rule_id is None:
        return Reply(rule_admin.not_a_rule_file(attachment.name))
    if attachment.size is not None and attachment.size > LARGEST:
        return Reply(rule_admin.too_large(LARGEST))
    try:
        raw = await fetch(attachment.file_id)
    except TelegramError:
        return Reply(rule_admin.not_fetched())
    if len(raw) > LARGEST:
        return Reply(rule_admin.too_large(LARGEST))
    return await _try(services, services.rules_folder, rule_id, raw)


async def install(services: Services, request: CommandRequest) -> Reply:
    """Put the file of an Install button into place, if it is still the one that was tried."""
    rule_id, _, digest = request.argument.partition(" ")
    draft = await services.store.run(get_value, _DRAFT + rule_id)
    if draft is None or RULE_ID.fullmatch(rule_id) is None or digest_of(draft.encode()) != digest:
        return Reply(rule_admin.draft_gone(rule_id))
    raw = draft.encode()
    try:
        trial = await dry_run(
            services.market_data, services.rules_folder, rule_id, raw
        )  # the others may have changed meanwhile
        if trial.problems:
            return Reply(rule_admin.refused(rule_id, trial.problems))
        replaced = await asyncio.to_thread(install_rule, services.rules_folder, rule_id, raw, services.now())
    except ProblemError as error:
        return Reply(rule_admin.disk_trouble(error.problems))
    await services.store.run(delete_value, _DRAFT + rule_id)
    await services.reload()
    return Reply(rule_admin.installed(rule_id, replaced=replaced, live=True), await restore_button(services, rule_id))


async def restore(services: Services, rule_id: str) -> Reply:
    """Put the version before back into its place; the one that it replaces is kept."""
    if RULE_ID.fullmatch(rule_id) is None:
        return Reply(rule_admin.nothing_to_restore(rule_id))
    try:
        version = await asyncio.to_thread(previous_version, services.rules_folder, rule_id)
        if version is None:
            return Reply(rule_admin.nothing_to_restore(rule_id))
        trial = await dry_run(services.market_data, services.rules_folder, rule_id, version.read())
        if trial.problems:
            return Reply(rule_admin.refused(rule_id, trial.problems))
        await asyncio.to_thread(install_rule, services.rules_folder, rule_id, trial.raw, services.now())
    except ProblemError as error:
        return Reply(rule_admin.disk_trouble(error.problems))
    await services.reload()
    return Reply(rule_admin.restored(rule_id, version.at), await restore_button(services, rule_id))


async def restore_button(services: Services, rule_id: str) -> tuple[tuple[tuple[str, str], ...], ...]:
    """A row with the button that brings the version before back; no row where there is none."""
    if await earlier_at(services, rule_id) is None:
        return ()
    made = button_if_fits("Restore the version before", "rules", f"{rule_id} restore")
    return ((made,),) if made is not None else ()


async def earlier_at(services: Services, rule_id: str) -> int | None:
    """When the version that can be restored was replaced; None where there is none."""
    try:
        version = await asyncio.to_thread(previous_version, services.rules_folder, rule_id)
    except ProblemError:
        return None
    return version.at if version is not None else None


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


def digest_of(raw: bytes) -> str:
    """A short hash that tells one file from another."""
    return blake2s(raw, digest_size=6).hexdigest()


async def _try(services: Services, folder: Path, rule_id: str, raw: bytes) -> Reply:
    try:
        trial = await dry_run(services.market_data, folder, rule_id, raw)
    except ProblemError as error:
        return Reply(rule_admin.disk_trouble(error.problems))
    if trial.definition is None or trial.replay is None:
        return Reply(rule_admin.refused(rule_id, trial.problems))
    same = trial.before == raw
    text = rule_admin.tried(rule_id, trial.definition, trial.replay, replaces=trial.before is not None, same=same)
    picture = _picture(services, trial, trial.replay)
    if same:
        return Reply(text, picture=picture)
    await services.store.run(set_value, _DRAFT + rule_id, raw.decode(), services.now())
    made = button_if_fits("Install", "install", f"{rule_id} {digest_of(raw)}")
    return Reply(text, ((made,),) if made is not None else (), picture=picture)


def _picture(services: Services, trial: DryRun, replay: Replay) -> ChartRequest | None:
    """All bars of the rule's market, with every firing and how it ended."""
    if not len(replay.bars) or trial.definition is None:
        return None
    return BacktestChart.of(replay, trial.definition.title, services.banner)


COMMANDS = (
    Command("install", "put a rule file into place", install, Permission.OPERATORS, "RULE", listed=False, typed=False),
)
