"""Seconds of the processor that commands in the shell take, start of the interpreter included.

Run: python -m tests.bench.bench_commands

The shipped config and rules, CSV files, and a database with the same bars: real history since 1987 where it lies in
../shared/data/daily, else the simulated markets since 2000. No bot runs. Code is compiled before, as an installer does.
"""

from __future__ import annotations

import io
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import redirect_stderr
from datetime import date
from pathlib import Path

from bot.cli import program
from bot.cli.io.bars import bars_of
from bot.market.model import FetchRequest, Source
from bot.market.new_york import CALENDAR, new_york_sessions
from bot.market.sources import simulated
from bot.scan.fetching.fetch_plan import FIRST_SESSION
from bot.settings import load_settings
from bot.signals.bars import COLUMNS, Bars
from bot.signals.sessions import ROUND_THE_CLOCK, Sessions
from bot.signals.timeframe import DAY, Timeframe, day_of, midnight
from bot.store.bars import save_all, save_sessions
from bot.store.database import open_database
from tests.bench.figures import Figure, of_rounds, tell

ROOT = Path(__file__).parents[2]
DATA = ROOT.parent / "shared" / "data" / "daily"
ROUNDS = 5
FIRST, LAST = midnight(date(2000, 1, 3)), midnight(date(2026, 10, 30))

COMMANDS = {
    "--version": 0.1,
    "--help": 0.25,
    "rules check": 0.35,
    "backtest --data data": 0.5,
    "chart IWM iwm.png --data data": 0.6,
    "levels IWM --data data": None,
    "evidence russell-2000-all-time-high --data data": None,
    "backtest": None,
    "chart IWM iwm.png": 0.6,
    "levels IWM": None,
    "evidence russell-2000-all-time-high": None,
    "rules test": None,
    "rules explain russell-2000-all-time-high": None,
    "status": None,
}
"""By what is typed, the seconds that it may take; what has no --data reads the database."""

ANY_GOAL = 0.25
"""Seconds for the help of any single command, and for saying that there is no such option."""


def main() -> int:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        furnish(folder)
        keep(folder)
        environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
        environment["PYTHONPYCACHEPREFIX"] = str(folder / "compiled")
        figures = [measured(words, goal, folder, environment) for words, goal in COMMANDS.items()]
        return tell([*figures, *(slowest(option, folder, environment) for option in ("--help", "--no-such-option"))])


def furnish(folder: Path) -> None:
    """The shipped config and rules, and the history of its markets."""
    shutil.copytree(ROOT / "rules", folder / "rules")
    shutil.copy(ROOT / "config.example.yaml", folder / "config.yaml")
    if DATA.is_dir():
        (folder / "data").symlink_to(DATA)
        return
    (folder / "data").mkdir()
    markets = load_settings(ROOT / "config.example.yaml", {}, folder).specs
    hours = {CALENDAR: new_york_sessions(FIRST, LAST), ROUND_THE_CLOCK: Sessions.round_the_clock(FIRST, LAST)}
    for market, spec in markets.items():
        if spec.calendar in hours and not spec.members:
            source = Source(simulated.KIND, "simulator", market, {"seed": 7})
            asked = FetchRequest(market, Timeframe.D1, source, hours[spec.calendar], FIRST, LAST + DAY)
            _write(folder / "data" / f"{market}.csv", simulated.fetch(asked).bars)


def keep(folder: Path) -> None:
    """Put the bars of the files into the folder's database, as a bot would that had fetched them."""
    settings = load_settings(folder / "config.yaml", {}, folder)
    plain = [name for name, market in settings.specs.items() if not market.members]
    with redirect_stderr(io.StringIO()):  # what is odd about the rows
        known = bars_of(folder / "data", settings, plain)
    db = open_database(settings.database)
    save_all(db, [(bars, "file") for bars in known.values()], int(time.time()))
    first, last = FIRST_SESSION, int(time.time())
    save_sessions(db, new_york_sessions(first, last))
    db.close()


def _write(path: Path, bars: Bars) -> None:
    columns = [getattr(bars, name).round(4).tolist() for name in COLUMNS]
    rows = zip((day_of(day).isoformat() for day in bars.start.tolist()), *columns, strict=True)
    lines = (",".join(map(str, row)) for row in rows)
    path.write_text("\n".join([",".join(("date", *COLUMNS)), *lines, ""]), "utf-8")


def measured(words: str, goal: float | None, folder: Path, environment: Mapping[str, str]) -> Figure:
    """The first time is not counted: it compiles."""
    taken = [_spent(words.split(), folder, environment) for _ in range(ROUNDS + 1)]
    return of_rounds(f"bellwether {words}", taken[1:], "s", goal)


def slowest(option: str, folder: Path, environment: Mapping[str, str]) -> Figure:
    """Of all commands with an option that asks for no work, the one that takes longest in each round."""
    taken = [
        max(_spent([*name.split(), option], folder, environment) for name in program.COMMANDS)
        for _ in range(ROUNDS + 1)
    ]
    return of_rounds(f"bellwether ANY {option}, the slowest", taken[1:], "s", ANY_GOAL)


def _spent(words: Sequence[str], folder: Path, environment: Mapping[str, str]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-P", "-m", "bot.cli.main", *words]
    environment = {**environment, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=folder, env=environment, check=False, capture_output=True, timeout=60)
    expected = 1 if words == ["status"] else 2 if "--no-such-option" in words else 0  # 1: no bot runs
    assert done.returncode == expected, done.stderr
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    sys.exit(main())
