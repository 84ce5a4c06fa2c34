"""`bellwether status`: how is the bot that runs here?"""

from __future__ import annotations

import json
import sys
import time
from typing import Annotated

import typer

from bot.cli.place import settings_here
from bot.cli.terminal import console, styled
from bot.messages.status import render_status, status_checks
from bot.problem import Problem, ProblemError
from bot.store.database import open_readonly
from bot.watch.status import read_status


def add(program: typer.Typer) -> None:
    """Make the command known."""
    program.command("status")(status)


def status(as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False) -> None:
    """Tell how the bot is, from its database; exit code 1 where something is wrong."""
    path = settings_here().database
    if not path.is_file():
        raise ProblemError([Problem(str(path), 0, 0, "", "no such database: no bot has run here yet")])
    db = open_readonly(path)
    try:
        facts = read_status(db, int(time.time()))
    finally:
        db.close()
    checks = status_checks(facts)
    fine = all(check["ok"] for check in checks)
    if as_json:
        json.dump({"ok": fine, "checks": checks}, sys.stdout, indent=1, ensure_ascii=False)
        print()
    else:
        console.print(styled(render_status(facts)))
    raise typer.Exit(0 if fine else 1)
