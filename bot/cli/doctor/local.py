"""Checks of what is on this machine: disk, database, the bot's sign of life, rules."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from bot.cli.doctor.check import Check
from bot.market.sources.registry import source_types
from bot.problem import ProblemError
from bot.rulebook.book import load_book
from bot.scan.status import read_status
from bot.settings import Settings
from bot.store.database import damage, reading
from bot.views.operator.status_checks import process_check

FREE_BYTES = 200_000_000
"""Bytes that should be free where the database is."""

_BACKUP = "put back a copy made by `bellwether db backup`"


def database_checks(settings: Settings) -> Iterator[Check]:
    """Room for the database, the file itself, and whether a bot lives on it."""
    path = settings.database
    free = shutil.disk_usage(path.parent if path.parent.is_dir() else Path.cwd()).free
    room = free > FREE_BYTES
    yield Check("disk", room, f"{free / 1e9:.1f} GB free", "" if room else "make room for the database")
    if not path.is_file():
        yield Check("database", ok=False, detail=f"{path} is not there yet", remedy="`bellwether run` makes it")
        return
    try:
        with reading(path) as db:
            wrong, facts = damage(db), read_status(db, int(time.time()))
    except ProblemError as error:
        yield Check("database", ok=False, detail=str(error), remedy=_BACKUP)
        return
    yield Check("database", not wrong, "; ".join(wrong[:3]) or f"{path} is whole", _BACKUP if wrong else "")
    alive, detail = process_check(facts)
    yield Check("bot", alive, detail, "" if alive else "start it: `bellwether run`")


def key_checks(settings: Settings) -> Iterator[Check]:
    """Whether the sources that take a free key have one, and what one would give: none of them is needed."""
    for kind, source in source_types().items():
        if source.key:
            detail = "given" if kind in settings.keys else f"none; {source.key} would give {source.with_key}"
            yield Check(f"key {kind}", ok=True, detail=detail)


def rule_check(settings: Settings) -> Check:
    """Whether every rule file can be read."""
    book = load_book(settings.rules, settings.market_names)
    detail = "; ".join(map(str, book.problems)) or f"{len(book.rules)} rules, no problems"
    remedy = "`bellwether rules check` names each line" if book.problems else ""
    return Check("rules", not book.problems, detail, remedy)
