"""The real command as it is loaded: what it imports, how many threads it has, and that nothing is left switched off."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from inspect import signature
from pathlib import Path
from typing import Any

import pytest

from bot.cli.loading import imported
from bot.cli.program import COMMANDS, CommandEntry, load
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

HELP = [f"{name} --help" for name in COMMANDS]
MISTAKES = [f"{name} --no-such-option" for name in COMMANDS]
MISTAKES += ["bactest", "rules bogus", "chart", "chart IWM", "rules explain", "replay --from x", "demo --days x"]

TYPER = {
    *("typer", "shellingham", "annotated_doc"),
    *("pydantic", "pydantic_core", "annotated_types", "typing_extensions", "typing_inspection"),
}
"""What typer is made of, and reads options by."""

BENEATH_HELP = {
    *("bot.problem", "bot.redaction", "bot.market", "bot.market.simulation", "bot.market.simulation.scenarios"),
    *("bot.printable", "bot.unneeded", "bot.cli"),
}
"""What is imported of the rooms below to say how a command is typed."""

RUN = """
import gc, json, os, sys
from bot.cli.main import main
codes = []
for words in json.loads(sys.argv[1]):
    try:
        main(words)
    except SystemExit as end:
        codes.append(end.code)
known = {*sys.stdlib_module_names, "bot", "__main__", "__mp_main__"}
libraries = {name.partition(".")[0] for name in sys.modules} - known
told = {"code": codes[0], "codes": codes, "libraries": sorted(each for each in libraries if not each.startswith("_")),
        "modules": sorted(sys.modules), "threads": len(os.listdir("/proc/self/task")),
        "collects": gc.isenabled(), "set_apart": gc.get_freeze_count(),
        "plugins": os.environ["PYDANTIC_DISABLE_PLUGINS"], "blas": os.environ["OPENBLAS_NUM_THREADS"]}
print(json.dumps(told), file=sys.__stderr__)
"""


def after(line: str, place: Path, **environ: str) -> dict[str, Any]:
    """What a process is like once it has run a command."""
    return after_all([line], place, **environ)


def after_all(lines: Sequence[str], place: Path, **environ: str) -> dict[str, Any]:
    """What a process is like once it has run several."""
    done = subprocess.run(
        [sys.executable, "-c", RUN, json.dumps([line.split() for line in lines])],
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
        ("rules check", "PIL rich numpy.ma bot.market.csv_form bot.rulebook.testing bot.market.quality"),
        ("rules explain iwm-tops --data data", "PIL"),
        ("backtest --data data", "PIL bot.charts rich html.parser"),
        ("chart IWM iwm.png --data data", "matplotlib rich.progress"),
        ("chart IWM iwm.png all --data data", "bot.telegram rich.progress"),
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


@pytest.mark.parametrize(("lines", "code"), [(HELP, 0), (MISTAKES, 2)])
def test_help_and_mistakes_import_nothing_that_commands_work_with(place: Path, lines: Sequence[str], code: int) -> None:
    told = after_all(lines, place)
    assert told["codes"] == [code] * len(lines)
    assert "bot.cli.program" in told["modules"]
    assert set(told["libraries"]) <= TYPER
    assert not NEVER & set(told["modules"])
    ours = {name for name in told["modules"] if name.startswith("bot.") and not name.startswith("bot.cli.")}
    assert ours <= BENEATH_HELP


@pytest.mark.parametrize("words", ["back", "backtest --", "rules ", "rules check --", "data fetch --"])
def test_a_shell_completes_commands_and_options_without_what_they_work_with(place: Path, words: str) -> None:
    told = after("", place, _BELLWETHER_COMPLETE="complete_zsh", _TYPER_COMPLETE_ARGS=f"bellwether {words}")
    assert "bot.cli.program" in told["modules"]
    assert set(told["libraries"]) <= TYPER


@pytest.mark.parametrize("entry", COMMANDS.values())
def test_what_a_command_does_takes_what_can_be_typed(entry: CommandEntry) -> None:
    work = signature(imported(f"bot.cli.{entry.work}"))
    assert list(work.parameters) == list(signature(load(entry)).parameters)


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
