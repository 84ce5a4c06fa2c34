"""Run the benches and renew the table in README.md: python -m tests.bench [NAME …] [--list] [--keep] [--accept]

Each bench is a process of its own, with a time that it may take. Ends with 1 where a goal is missed, where a figure is
1.6 times as bad as the last one, where one is not measured any more, or where a bench did not end well.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from tests.bench.record import Part, Record, complaints, renewed
from tests.bench.running import Bench, run

HERE = Path(__file__).parent
INTERRUPTED = 130

BENCHES = (
    Bench("commands", "seconds of the processor that commands in the shell take", 180),
    Bench("signals", "rules against vectorbt, backtrader and a plain loop; 200 rules on 50 markets", 240),
    Bench("years", "what the loop and commands ask of a file of ten years and 5,000,000 deliveries", 180),
    Bench("start", "the shipped config: start to the first answer and the first scan, memory of all processes", 180),
    Bench("cycles", "the shipped config: whether the processes stay as small as they are, look after look", 150),
    Bench("latency", "the shipped config: from the vendors' answers to the first message, one hanging too", 300),
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


def main(words: Sequence[str] | None = None, benches: Sequence[Bench] = BENCHES, folder: Path = HERE) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__, allow_abbrev=False)
    names = [bench.name for bench in benches]
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"only these: {' '.join(names)}")
    parser.add_argument("--list", action="store_true", help="say what each asks, and run none")
    parser.add_argument("--keep", action="store_true", help="leave the table and the last figures as they are")
    parser.add_argument("--accept", action="store_true", help="hold the next run against this one, where it is bad too")
    asked = parser.parse_args(words)
    if unknown := set(asked.names) - set(names):
        parser.error(f"no such bench: {', '.join(sorted(unknown))}; allowed: {' '.join(names)}")
    if asked.keep and asked.accept:
        parser.error("--keep and --accept at once: nothing can be accepted that is not kept")
    chosen = [bench for bench in benches if not asked.names or bench.name in asked.names]
    if asked.list:
        print("\n".join(f"{bench.name:10} {bench.asks}" for bench in chosen))
        return 0
    with alone(folder) as first:
        if not first:
            print("benches are at work in this folder already: two at once would spoil each other's figures")
            return 2
        return measured(chosen, names, Record(folder), keep=asked.keep, accept=asked.accept)


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[bool]:
    """Whether nobody else runs the benches of this folder; nobody does meanwhile."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield True
    except BlockingIOError:
        yield False
    finally:
        os.close(handle)


def measured(chosen: Sequence[Bench], names: Sequence[str], record: Record, *, keep: bool, accept: bool) -> int:
    """Run them, the record being renewed after each: what is interrupted keeps the figures until then."""
    parts, wrong = record.parts(), list[str]()
    usual = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        for bench in chosen:
            day = datetime.now(UTC).date().isoformat()
            part = renewed(run(bench), parts.get(bench.name), day, accept=accept)
            wrong += complaints(bench.name, part)
            parts[bench.name] = part
            if not keep:
                record.keep(in_order(parts, names))
    except KeyboardInterrupt:
        print(f"\ninterrupted{'' if keep else ', the figures of the benches before are kept'}")
        return INTERRUPTED
    finally:
        signal.signal(signal.SIGTERM, usual)
    print("\n".join(["", *wrong]) if wrong else "\nall goals are met, and nothing is much worse than it was")
    return 1 if wrong else 0


def in_order(parts: dict[str, Part], names: Sequence[str]) -> dict[str, Part]:
    """As the benches stand; what is none any more goes."""
    return {name: parts[name] for name in names if name in parts}


if __name__ == "__main__":
    sys.exit(main())
