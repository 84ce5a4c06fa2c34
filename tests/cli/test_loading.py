"""The real command as it is loaded: what it imports, how many threads it has, and that nothing is left switched off."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.author import weekdays

ROOT = Path(__file__).parents[2]

NEVER = {
    *("pandas", "telegram", "aiohttp", "asyncio", "sqlite_utils", "sqlite3", "http.client", "ssl"),
    *(
        "pydantic.networks",
        "importlib.metadata",
        "email",
        "xml.etree.ElementTree",
        "numpy._core._add_newdocs",
        "numpy._typing",
    ),
}
"""What no command needs that reads files only."""

BUILD = "import sys; from bot.cli.program import build; build(sys.argv[1:]); print(*sys.modules)"

RUN = """
import gc, json, os, sys
from bot.cli.main import main
try:
    main(sys.argv[1:])
except SystemExit as end:
    code = end.code
told = {"code": code, "modules": sorted(sys.modules), "threads": len(os.listdir("/proc/self/task")),
        "collects": gc.isenabled(), "set_apart": gc.get_freeze_count(),
        "plugins": os.environ["PYDANTIC_DISABLE_PLUGINS"], "blas": os.environ["OPENBLAS_NUM_THREADS"]}
print(json.dumps(told), file=sys.__stderr__)
"""


def after(line: str, place: Path, **environ: str) -> dict[str, Any]:
    """What a process is like once it has run a command."""
    done = subprocess.run(
        [sys.executable, "-c", RUN, *line.split()],
        cwd=place,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environ},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    told: dict[str, Any] = json.loads(done.stderr.splitlines()[-1])
    return told


@pytest.mark.parametrize(
    ("line", "heavy"),
    [
        ("--help", "rich numpy pydantic yaml bot.settings"),
        ("rules list", "rich"),
        ("rules --help", "rich numpy yaml bot.settings"),
        ("rules check", "PIL rich numpy.ma bot.market.csv_form bot.rulebook.testing bot.market.quality"),
        ("rules explain iwm-tops --data data", "PIL"),
        ("backtest --data data", "PIL bot.charts rich html.parser"),
        ("chart IWM iwm.png --data data", "matplotlib rich.progress"),
        ("levels IWM --data data", "PIL rich.progress"),
    ],
)
def test_a_command_imports_nothing_heavy_that_it_does_not_need(place: Path, line: str, heavy: str) -> None:
    told = after(line, place)
    assert told["code"] == 0
    assert "bot.cli.program" in told["modules"]
    assert {*NEVER, *heavy.split()} & set(told["modules"]) == set()


def test_a_plain_file_is_read_without_what_only_other_forms_need(place: Path) -> None:
    rows = (f"{day},100.25,101.5,99.75,{100 + at % 7},1000" for at, day in enumerate(weekdays(400)))
    (place / "data" / "IWM.csv").write_text("\n".join(["date,open,high,low,close,volume", *rows, ""]))
    told = after("backtest --data data", place)
    assert told["code"] == 0
    assert "bot.market.csv_form.plain" in told["modules"]
    assert "bot.market.csv_form.any_form" not in told["modules"]


@pytest.mark.parametrize("line", ["status", "run", "demo", "data fetch", "doctor"])
def test_a_command_that_is_only_built_imports_no_vendor(line: str) -> None:
    done = subprocess.run([sys.executable, "-c", BUILD, *line.split()], capture_output=True, text=True, check=True)
    assert "bot.cli.program" in done.stdout.split()
    vendors = {"pandas", "yfinance", "ccxt", "exchange_calendars", "PIL"}
    assert vendors & set(done.stdout.split()) == set()


def test_numpy_starts_no_thread_and_the_collector_works_again(place: Path) -> None:
    told = after("backtest --data data", place)
    assert "numpy" in told["modules"]
    assert told["threads"] == 1
    assert told["collects"]
    assert told["set_apart"] > 10_000


def test_what_a_person_tells_the_libraries_stays(place: Path) -> None:
    told = after("rules check", place, PYDANTIC_DISABLE_PLUGINS="some", OPENBLAS_NUM_THREADS="2")
    assert (told["plugins"], told["blas"]) == ("some", "2")
