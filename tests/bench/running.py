"""One bench as a process of its own, with all that it starts; it leaves nothing behind, however it ends."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from tests.bench.figures import HANDED_TO, Figure

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Bench:
    """One bench: its module, what it asks, and the seconds after which it is ended."""

    name: str
    asks: str
    seconds: int = 120
    words: tuple[str, ...] = ()
    """What is typed behind the module's name, so that it ends in time."""

    folder: str = "tests.bench"

    @property
    def module(self) -> str:
        """As `python -m` wants it."""
        return f"{self.folder}.bench_{self.name}"


@dataclass(frozen=True, slots=True)
class Run:
    """What came of one bench. `ended` says how it ended where that was not by itself; `pace` is that of the minute."""

    bench: Bench
    figures: tuple[Figure, ...]
    ended: str
    pace: float
    seconds: float


def run(bench: Bench) -> Run:
    """Run one bench, its lines going to the terminal. What it has started ends with it, its temporary files go."""
    print(f"\n=== {bench.name}: {bench.asks}", flush=True)
    pace, began = measured_pace(), time.monotonic()
    with tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as folder:
        handed = Path(folder) / "figures.json"
        ended = _ended(bench, {**os.environ, HANDED_TO: str(handed), "TMPDIR": folder})
        told = json.loads(handed.read_text("utf-8")) if handed.is_file() else []
    figures = tuple(Figure(**each) for each in told)
    if ended == _code(1) and not all(figure.met for figure in figures):
        ended = ""  # as a bench does whose goal is missed
    return Run(bench, figures, ended or ("" if figures else "told no figures"), pace, time.monotonic() - began)


def measured_pace() -> float:
    """Milliseconds of a million turns of an empty loop, by which machines and days can be compared."""
    taken = []
    for _ in range(20):
        began = time.process_time()
        for _ in range(1_000_000):
            pass
        taken.append(1000 * (time.process_time() - began))
    return min(taken)


def _ended(bench: Bench, environment: dict[str, str]) -> str:
    """How the process ended; nothing where all was well."""
    command = [sys.executable, "-m", bench.module, *bench.words]
    process = subprocess.Popen(command, env=environment, cwd=ROOT, start_new_session=True)
    try:
        code = process.wait(bench.seconds)
    except subprocess.TimeoutExpired:
        return f"took more than {bench.seconds} s"
    finally:  # an interrupt comes by here too
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    return _code(code) if code else ""


def _code(code: int) -> str:
    return f"ended with {code}" if code >= 0 else f"was ended by {signal.Signals(-code).name}"
