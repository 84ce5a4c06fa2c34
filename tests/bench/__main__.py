"""Run the benches and renew the table in README.md: python -m tests.bench [NAME …] [--list] [--keep]

Each bench is a process of its own, with a time that it may take. Ends with 1 where a goal is missed, where a figure is
twice as bad as the last one, or where a bench did not end well.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.bench.figures import HANDED_TO, Figure, number

HERE = Path(__file__).parent
README, LAST = HERE / "README.md", HERE / "last.json"
BEGINS, ENDS = "<!-- figures -->\n", "<!-- end of figures -->\n"
TWICE = 2.0


@dataclass(frozen=True, slots=True)
class Bench:
    """One bench: its module in this folder, what it asks, and the seconds after which it is ended."""

    name: str
    asks: str
    seconds: int = 120
    words: tuple[str, ...] = ()
    """What is typed behind the module's name, so that it ends in time."""

    @property
    def module(self) -> str:
        """As `python -m` wants it."""
        return f"tests.bench.bench_{self.name}"


BENCHES = (
    Bench("commands", "seconds of the processor that commands in the shell take"),
    Bench("signals", "rules against vectorbt, backtrader and a plain loop; 200 rules on 50 markets", 180),
    Bench("years", "what the loop and commands ask of a file of ten years and 5,000,000 deliveries", 180),
    Bench("start", "the shipped config: start to the first answer and the first scan, memory of all processes", 180),
    Bench("cycles", "the shipped config: whether the processes stay as small as they are, look after look", 150),
    Bench("latency", "the shipped config: from the vendors' answers to the first message, with one that hangs too"),
    Bench("chart", "the chart of an alert: drawn by Pillow, matplotlib, cairo and aggdraw; packed as PNG and as JPEG"),
    Bench("road", "from a bar in the store to the first message; a chart asked for while a fan-out runs", 180),
    Bench("outbox", "queueing, claiming and marking 100,000 deliveries"),
    Bench("fanout", "how much of the rate limit the outbox reaches", 150),
    Bench("messenger", "a fan-out through the real messenger, against a bare client loop", 150),
    Bench("evidence", "how often the event study cries at nothing, and which effects it finds", 180),
    Bench(
        "scale", "a million subscribers, an alert for 20,000 of them, questions meanwhile", 240, ("--readers", "20000")
    ),
)


@dataclass(frozen=True, slots=True)
class Run:
    """What came of one bench. `ended` says how it ended where that was not by itself."""

    bench: Bench
    figures: tuple[Figure, ...] = ()
    ended: str = ""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__, allow_abbrev=False)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"only these: {' '.join(b.name for b in BENCHES)}")
    parser.add_argument("--list", action="store_true", help="say what each asks, and run none")
    parser.add_argument("--keep", action="store_true", help="leave the table and the last figures as they are")
    asked = parser.parse_args()
    if unknown := set(asked.names) - {bench.name for bench in BENCHES}:
        parser.error(f"no such bench: {', '.join(sorted(unknown))}; allowed: {' '.join(b.name for b in BENCHES)}")
    chosen = [bench for bench in BENCHES if not asked.names or bench.name in asked.names]
    if asked.list:
        print("\n".join(f"{bench.name:10} {bench.asks}" for bench in chosen))
        return 0
    last = json.loads(LAST.read_text("utf-8")) if LAST.is_file() else {}
    pace = measured_pace()
    runs = [run(bench) for bench in chosen]
    wrong = [line for each in runs for line in complaints(each, last, pace)]
    if not asked.keep:
        renew(runs, last, pace)
    print("\n".join(["", *wrong]) if wrong else "\nall goals are met, and nothing is twice as slow as it was")
    return 1 if wrong else 0


def measured_pace() -> float:
    """Milliseconds of a million turns of an empty loop, by which machines and days can be compared."""
    taken = []
    for _ in range(20):
        began = time.process_time()
        for _ in range(1_000_000):
            pass
        taken.append(1000 * (time.process_time() - began))
    return min(taken)


def run(bench: Bench) -> Run:
    """Run one bench, its lines going to the terminal."""
    print(f"\n=== {bench.name}: {bench.asks}", flush=True)
    if not (HERE / f"bench_{bench.name}.py").is_file():
        return Run(bench, ended="is not written yet")
    with tempfile.TemporaryDirectory() as folder:
        handed = Path(folder) / "figures.json"
        try:
            done = subprocess.run(
                [sys.executable, "-m", bench.module, *bench.words],
                env={**os.environ, HANDED_TO: str(handed)},
                cwd=HERE.parents[1],
                timeout=bench.seconds,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return Run(bench, ended=f"took more than {bench.seconds} s")
        told = json.loads(handed.read_text("utf-8")) if handed.is_file() else []
    figures = tuple(Figure(**each) for each in told)
    missed = any(not figure.met for figure in figures)
    return Run(bench, figures, f"ended with {done.returncode}" if done.returncode and not missed else "")


def key(run: Run, figure: Figure) -> str:
    """The figure's name among all."""
    return f"{run.bench.name}: {figure.name}"


def before(run: Run, figure: Figure, last: Mapping[str, Any], pace: float) -> float | None:
    """What the same figure was the last time; a time as it would be at today's pace. None where it is new."""
    value = last.get("figures", {}).get(key(run, figure))
    if value is None:
        return None
    return float(value) * (pace / last["pace"] if figure.unit in {"ms", "s"} else 1.0)


def worse_by(figure: Figure, was: float) -> float:
    """How many times as bad as before; 1 where both are next to nothing."""
    low, high = (figure.value, was) if figure.more_is_better else (was, figure.value)
    return high / low if low > 0 else 1.0


def complaints(run: Run, last: Mapping[str, Any], pace: float) -> list[str]:
    """What is wrong with a bench's figures."""
    found = [f"{run.bench.name}: {run.ended}"] if run.ended else []
    for figure in run.figures:
        was = before(run, figure, last, pace)
        if not figure.met:
            found.append(f"{key(run, figure)}: {number(figure.value)} {figure.unit} misses its goal")
        elif was is not None and worse_by(figure, was) >= TWICE:
            found.append(f"{key(run, figure)}: {number(was)} {figure.unit} before, {number(figure.value)} now")
    return found


def renew(runs: Sequence[Run], last: Mapping[str, Any], pace: float) -> None:
    """Write the table of the benches that ran, and keep the lines of those that did not."""
    text = README.read_text("utf-8")
    head, _, rest = text.partition(BEGINS)
    table, _, tail = rest.partition(ENDS)
    tables = {name: body for name, _, body in (part.partition("\n") for part in table.split("### ")[1:])}
    for each in runs:
        tables[each.bench.name] = "\n".join(["", *lines(each, last, pace), "", ""])
    ordered = [f"### {bench.name}\n{tables[bench.name]}" for bench in BENCHES if bench.name in tables]
    README.write_text(head + BEGINS + "\n" + "".join(ordered) + ENDS + tail, "utf-8")
    figures = {key(each, figure): figure.value for each in runs for figure in each.figures}
    kept = {**last.get("figures", {}), **figures}
    LAST.write_text(json.dumps({"pace": pace, "figures": kept}, indent=1) + "\n", "utf-8")


def lines(run: Run, last: Mapping[str, Any], pace: float) -> list[str]:
    """A bench's part of the table."""
    day = datetime.now(UTC).date().isoformat()
    told = f"{run.bench.asks[0].upper()}{run.bench.asks[1:]}. {day}, a million empty turns {pace:.1f} ms."
    if not run.figures:
        return [f"{told} {run.ended or 'It ended well; its figures are those that it prints.'}"]
    return [
        told,
        "",
        "| what | measured | least to most | goal | before | now / before |",
        "|---|---|---|---|---|---|",
        *(row(figure, before(run, figure, last, pace)) for figure in run.figures),
    ]


def row(figure: Figure, was: float | None) -> str:
    """One figure's line."""
    spread = "" if figure.least is None else f"{number(figure.least)} to {number(figure.most or 0)}"
    sign = "at least" if figure.more_is_better else "at most"
    goal = "" if figure.goal is None else f"{sign} {number(figure.goal)}{'' if figure.met else ', **missed**'}"
    changed = ("", "") if was is None else (number(was), f"{figure.value / was:.2f}" if was else "")
    return f"| {figure.name} | {number(figure.value)} {figure.unit} | {spread} | {goal} | {' | '.join(changed)} |"


if __name__ == "__main__":
    sys.exit(main())
