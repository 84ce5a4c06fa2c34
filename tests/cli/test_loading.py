"""The real command as it is loaded: what it imports, how many threads it has, and that nothing is left switched off."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bot.cli.program import COMMANDS
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

WORK = {
    *("telegram", "aiohttp", "prompt_toolkit", "apscheduler", "pandas", "yfinance", "ccxt", "PIL", "rich.progress"),
    *("bot.app.workers", "bot.app.components", "bot.scan.scanner", "bot.demo.demo", "bot.cli.doctor.outside"),
}
"""What commands work with, and their help does not."""

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


@pytest.mark.parametrize("line", [name for name, entry in COMMANDS.items() if not entry.hidden])
def test_the_help_of_a_command_imports_nothing_for_its_work(place: Path, line: str) -> None:
    told = after(f"{line} --help", place)
    assert told["code"] == 0
    assert WORK & set(told["modules"]) == set()


def test_a_scorecard_without_a_database_loads_nothing_to_count_with(place: Path) -> None:
    told = after("scorecard", place)
    assert told["code"] == 2
    assert {"bot.cli.analysis.backtest", "bot.queries.scorecard", "bot.cli.io.bars"} & set(told["modules"]) == set()


def test_numpy_starts_no_thread_and_the_collector_works_again(place: Path) -> None:
    told = after("backtest --data data", place)
    assert "numpy" in told["modules"]
    assert told["threads"] == 1
    assert told["collects"]
    assert told["set_apart"] > 10_000


def test_what_a_person_tells_the_libraries_stays(place: Path) -> None:
    told = after("rules check", place, PYDANTIC_DISABLE_PLUGINS="some", OPENBLAS_NUM_THREADS="2")
    assert (told["plugins"], told["blas"]) == ("some", "2")


@pytest.mark.parametrize(
    ("loader", "found"),
    [
        ("from importlib.metadata import entry_points\nFOUND = len(entry_points(group='nobody-s'))\n", "0"),
        (
            "from importlib.metadata import PathDistribution\nclass Found(PathDistribution): pass\nFOUND = 0 / 1\n",
            "0.0",
        ),
        ("from pydantic.plugin.more import found\nFOUND = len(found(group='nobody-s'))\n", "0"),
        (None, "no loader"),
    ],
)
def test_another_pydantic_is_imported_as_it_is(tmp_path: Path, loader: str | None, found: str) -> None:
    """One that uses what is kept out while it is imported, by itself or in a module of its own, or has no such part."""
    plugin = tmp_path / "pydantic" / "plugin"
    plugin.mkdir(parents=True)
    for package in (plugin.parent, plugin):
        (package / "__init__.py").write_text("")
    (plugin / "more.py").write_text("from importlib.metadata import entry_points as found\n")
    if loader:
        (plugin / "_loader.py").write_text(loader)
    code = "from bot.cli.loading import import_pydantic, tell_libraries; tell_libraries(); import_pydantic()\n"
    code += "try:\n    from pydantic.plugin._loader import FOUND\n"
    code += "except ImportError:\n    FOUND = 'no loader'\nprint(FOUND)"
    environment = {**os.environ, "PYTHONPATH": f"{tmp_path}:{ROOT}"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == found


def test_another_numpy_is_imported_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "numpy" / "_core").mkdir(parents=True)
    (tmp_path / "numpy" / "_core" / "_add_newdocs.py").write_text("def added(to): return to\n")
    (tmp_path / "numpy" / "_core" / "__init__.py").write_text("")
    (tmp_path / "numpy" / "__init__.py").write_text("from numpy._core._add_newdocs import added\nFOUND = added(7)\n")
    code = "from bot.cli.loading import import_numpy; import_numpy(); import numpy; print(numpy.FOUND)"
    environment = {**os.environ, "PYTHONPATH": f"{tmp_path}:{ROOT}"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == "7\n"
