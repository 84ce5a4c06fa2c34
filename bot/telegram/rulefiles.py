"""How do rules come and go by phone: a file that is sent, tried, installed, sent back, restored?"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from hashlib import blake2s
from pathlib import Path, PurePosixPath

from telegram import Bot
from telegram.error import TelegramError

from bot.messages import rulework
from bot.messages.buttons import WORD_LIMIT
from bot.messages.sketch import Sketch, backtest_sketch
from bot.problem import ProblemError
from bot.rulebook import shelf
from bot.rulebook.book import SUFFIX
from bot.rulebook.rulefile import RULE_ID
from bot.signals.replay import Replay
from bot.store.meta import forget_fact, get_fact, set_fact
from bot.telegram.choosing import offer
from bot.telegram.command import Answer, Asked, Command, Who
from bot.telegram.desk import Desk
from bot.telegram.hearing import Enclosure
from bot.telegram.reading import canonical
from bot.watch.trial import Trial, try_rule

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


async def take_file(desk: Desk, fetch: Fetch, enclosure: Enclosure) -> Answer:
    """Check a rule file that an operator sent, and tell when it would have fired; a button installs it."""
    if desk.rules_folder is None:
        return Answer(rulework.no_folder())
    rule_id = rule_id_of(enclosure.name)
    if rule_id is None:
        return Answer(rulework.not_a_rule_file(enclosure.name))
    if enclosure.size is not None and enclosure.size > LARGEST:
        return Answer(rulework.too_large(LARGEST))
    try:
        raw = await fetch(enclosure.file_id)
    except TelegramError:
        return Answer(rulework.not_fetched())
    if len(raw) > LARGEST:
        return Answer(rulework.too_large(LARGEST))
    return await _try(desk, desk.rules_folder, rule_id, raw)


async def install(desk: Desk, asked: Asked) -> Answer:
    """Put the file of an Install button into place, if it is still the one that was tried."""
    if desk.rules_folder is None:
        return Answer(rulework.no_folder())
    rule_id, _, digest = asked.argument.partition(" ")
    draft = await desk.store.do(get_fact, _DRAFT + rule_id)
    if draft is None or RULE_ID.fullmatch(rule_id) is None or digest_of(draft.encode()) != digest:
        return Answer(rulework.draft_gone(rule_id))
    raw = draft.encode()
    try:
        trial = await try_rule(desk.facts, desk.rules_folder, rule_id, raw)  # the others may have changed meanwhile
        if trial.problems:
            return Answer(rulework.refused(rule_id, trial.problems))
        replaced = await asyncio.to_thread(shelf.install, desk.rules_folder, rule_id, raw, desk.now())
    except ProblemError as error:
        return Answer(rulework.disk_trouble(error.problems))
    await desk.store.do(forget_fact, _DRAFT + rule_id)
    live = await _take_up(desk)
    return Answer(rulework.installed(rule_id, replaced=replaced, live=live), await restore_button(desk, rule_id))


async def restore(desk: Desk, rule_id: str) -> Answer:
    """Put the version before back into its place; the one that it replaces is kept."""
    if desk.rules_folder is None:
        return Answer(rulework.no_folder())
    if RULE_ID.fullmatch(rule_id) is None:
        return Answer(rulework.nothing_to_restore(rule_id))
    try:
        version = await asyncio.to_thread(shelf.earlier, desk.rules_folder, rule_id)
        if version is None:
            return Answer(rulework.nothing_to_restore(rule_id))
        trial = await try_rule(desk.facts, desk.rules_folder, rule_id, version.read())
        if trial.problems:
            return Answer(rulework.refused(rule_id, trial.problems))
        await asyncio.to_thread(shelf.install, desk.rules_folder, rule_id, trial.raw, desk.now())
    except ProblemError as error:
        return Answer(rulework.disk_trouble(error.problems))
    await _take_up(desk)
    return Answer(rulework.restored(rule_id, version.at), await restore_button(desk, rule_id))


async def restore_button(desk: Desk, rule_id: str) -> tuple[tuple[tuple[str, str], ...], ...]:
    """A row with the button that brings the version before back; no row where there is none."""
    if await earlier_at(desk, rule_id) is None:
        return ()
    made = offer("Restore the version before", "rules", f"{rule_id} restore")
    return ((made,),) if made is not None else ()


async def earlier_at(desk: Desk, rule_id: str) -> int | None:
    """When the version that can be restored was replaced; None where there is none."""
    if desk.rules_folder is None:
        return None
    try:
        version = await asyncio.to_thread(shelf.earlier, desk.rules_folder, rule_id)
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
    rule_id = canonical(_COPY.sub("", path.name.removesuffix(path.suffix)))
    return rule_id if RULE_ID.fullmatch(rule_id) and len(rule_id) <= WORD_LIMIT else None


def digest_of(raw: bytes) -> str:
    """A short hash that tells one file from another."""
    return blake2s(raw, digest_size=6).hexdigest()


async def _try(desk: Desk, folder: Path, rule_id: str, raw: bytes) -> Answer:
    try:
        trial = await try_rule(desk.facts, folder, rule_id, raw)
    except ProblemError as error:
        return Answer(rulework.disk_trouble(error.problems))
    if trial.written is None or trial.replay is None:
        return Answer(rulework.refused(rule_id, trial.problems))
    same = trial.before == raw
    text = rulework.tried(rule_id, trial.written, trial.replay, replaces=trial.before is not None, same=same)
    picture = _picture(desk, trial, trial.replay)
    if same:
        return Answer(text, picture=picture)
    await desk.store.do(set_fact, _DRAFT + rule_id, raw.decode(), desk.now())
    made = offer("Install", "install", f"{rule_id} {digest_of(raw)}")
    return Answer(text, ((made,),) if made is not None else (), picture=picture)


def _picture(desk: Desk, trial: Trial, replay: Replay) -> Sketch | None:
    """All bars of the rule's market, with every firing and how it ended."""
    if not len(replay.bars) or trial.written is None:
        return None
    return backtest_sketch(replay, trial.written.title, desk.banner)


async def _take_up(desk: Desk) -> bool:
    if desk.reload is None:
        return False
    await desk.reload()
    return True


COMMANDS = (
    Command("install", "put a rule file into place", install, Who.OPERATORS, "RULE", listed=False, typed=False),
)
