"""The real command, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest


def typed(line: str, place: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "COLUMNS": "80"}
    return subprocess.run(
        [sys.executable, "-m", "bot", *line.split()],
        cwd=place,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize(
    ("line", "code", "says"),
    [
        ("rules explain iwm-tops --data data", 0, "IWM tops ten sessions: "),
        ("levels IWM --data data", 0, "▸ "),
        ("backtest --data data --plot p.png", 0, "How often"),
        ("rules diff iwm-tops --data data", 2, ""),
        ("levels NOPE --data data", 2, ""),
    ],
)
def test_it_ends_as_it_should(place: Path, line: str, code: int, says: str) -> None:
    done = typed(line, place)
    assert done.returncode == code, done.stderr
    assert says in done.stdout
    assert "Traceback" not in done.stderr
    assert bool(done.stderr) == (code != 0)


def test_a_reader_that_goes_away_is_no_error(place: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    command = f"{sys.executable} -m bot backtest iwm-tops --data data | head -1"
    done = subprocess.run(command, shell=True, cwd=place, env=environment, capture_output=True, text=True, check=False)
    assert "iwm-tops" in done.stdout
    assert "Traceback" not in done.stderr
