"""Seconds of the processor that commands in the shell take, start of the interpreter included.

Run: python -m tests.bench.bench_commands

The shipped config and rules, and CSV files: real history since 1987 where it lies in ../shared/data/daily, else the
simulated markets since 2015. Code is compiled before, as an installer does.
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from bot.market.model import FetchRequest, Source
from bot.market.new_york import CALENDAR, new_york_sessions
from bot.market.sources import simulated
from bot.settings import load_settings
from bot.signals.bars import COLUMNS, Bars
from bot.signals.sessions import ROUND_THE_CLOCK, Sessions
from bot.signals.timeframe import DAY, Timeframe, day_of, midnight
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
}


def main() -> int:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        furnish(folder)
        environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
        environment["PYTHONPYCACHEPREFIX"] = str(folder / "compiled")
        return tell([measured(words, goal, folder, environment) for words, goal in COMMANDS.items()])


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


def _write(path: Path, bars: Bars) -> None:
    columns = [getattr(bars, name).round(4).tolist() for name in COLUMNS]
    rows = zip((day_of(day).isoformat() for day in bars.start.tolist()), *columns, strict=True)
    lines = (",".join(map(str, row)) for row in rows)
    path.write_text("\n".join([",".join(("date", *COLUMNS)), *lines, ""]), "utf-8")


def measured(words: str, goal: float | None, folder: Path, environment: Mapping[str, str]) -> Figure:
    """The first time is not counted: it compiles."""
    taken = [_spent(words.split(), folder, environment) for _ in range(ROUNDS + 1)]
    return of_rounds(f"bellwether {words}", taken[1:], "s", goal)


def _spent(words: Sequence[str], folder: Path, environment: Mapping[str, str]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-P", "-m", "bot.cli.main", *words]
    environment = {**environment, "PYTHONPATH": str(ROOT)}
    subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True, timeout=60)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    sys.exit(main())
