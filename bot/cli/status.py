"""`bellwether status`: how the bot is that runs here."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from bot.cli.io.chat_text import styled
from bot.cli.io.options import current_settings
from bot.cli.io.output import print_json
from bot.cli.io.terminal import console
from bot.scan.status import read_status
from bot.store.database import reading
from bot.views.operator.status import StatusFacts, render_status, status_checks

NO_DATABASE = "no such database: no bot has run here yet"


def status(as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False) -> None:
    """Tell how the bot is, from its database; exit code 1 where something is wrong."""
    path = current_settings().database
    if path.is_file():
        facts = _facts(path)
        checks, text = status_checks(facts), styled(render_status(facts))
    else:
        checks, text = [_no_database(path)], Text(f"{path}: {NO_DATABASE}")
    fine = all(check["ok"] for check in checks)
    if as_json:
        print_json({"ok": fine, "checks": checks})
    else:
        console.print(text)
    raise typer.Exit(0 if fine else 1)


def _no_database(path: Path) -> dict[str, object]:
    return {"name": "database", "ok": False, "detail": f"{path}: {NO_DATABASE}", "remedy": "`bellwether run` makes it"}


def _facts(path: Path) -> StatusFacts:
    with reading(path) as db:
        return read_status(db, int(time.time()))
