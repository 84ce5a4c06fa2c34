"""`bellwether status`: how the bot is that runs here."""

from __future__ import annotations

import time
from pathlib import Path

import typer

from bot.cli.io.chat_text import show_wrapped
from bot.cli.io.options import current_settings
from bot.cli.io.output import print_json
from bot.scan.status import read_status
from bot.store.database import reading
from bot.views.formatting import html
from bot.views.operator.status import render_status
from bot.views.operator.status_checks import status_checks
from bot.views.operator.status_facts import StatusFacts

_NEVER_RAN = "no bot has run here yet"
NO_DATABASE = f"no such database: {_NEVER_RAN}"
_STARTS_IT = "`bellwether run` starts one"


def status(*, as_json: bool) -> None:
    """`bellwether status`, as it is typed in `bot.cli.signatures.operation`."""
    path = current_settings().database
    if not path.is_file():
        checks, text = [_none("database", path, NO_DATABASE)], _told(path, NO_DATABASE)
    elif (facts := _facts(path)).never_ran:
        checks, text = [_none("bot", path, _NEVER_RAN)], _told(path, _NEVER_RAN)
    else:
        checks, text = status_checks(facts), render_status(facts)
    fine = all(check["ok"] for check in checks)
    if as_json:
        print_json({"ok": fine, "checks": checks})
    else:
        show_wrapped(text)
    raise typer.Exit(0 if fine else 1)


def _none(name: str, path: Path, why: str) -> dict[str, object]:
    return {"name": name, "ok": False, "detail": f"{path}: {why}", "remedy": _STARTS_IT}


def _told(path: Path, why: str) -> str:
    return html.escape(f"{path}: {why}; {_STARTS_IT}")


def _facts(path: Path) -> StatusFacts:
    with reading(path) as db:
        return read_status(db, int(time.time()))
