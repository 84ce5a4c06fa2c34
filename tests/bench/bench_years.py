"""The store's answers after ten years of 1,000 readers: all that runs in the loop or answers a command.

Run: python -m tests.bench.bench_years

A file of 5,000,000 deliveries is made first, which takes most of the time; it lies in the system's cache then. Figures
are the processor's time. What changes something is undone, and its commit is not counted. `store_calls.py` has what is
asked: each function of the bot that takes the database, but for those that it names with a reason.
"""

from __future__ import annotations

import contextlib
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bot.store.database import immediate, open_database, open_readonly
from bot.store.sqlite import Database
from tests.bench.aged_database import aged_database
from tests.bench.figures import Figure, of_rounds, repeated, tell, timed
from tests.bench.store_calls import Prepared, changes, questions

GOAL = 20.0
ROUNDS = 3


class _UndoneError(Exception):
    """Raised to undo what was timed."""


def undone(db: Database, name: str, act: Callable[[], object]) -> Figure:
    """Time a change without its commit, and take it back."""

    def once() -> float:
        spent = 0.0
        with contextlib.suppress(_UndoneError), immediate(db):
            if isinstance(act, Prepared):
                act.before()
            began = time.process_time()
            act()
            spent = 1000 * (time.process_time() - began)
            raise _UndoneError
        return spent

    return of_rounds(name, repeated(once, ROUNDS), "ms", GOAL)


def opened(path: Path) -> list[Figure]:
    """The file is opened by a bot that starts, and by a command in the shell beside it."""
    return [
        timed("start, the file is opened", lambda: open_database(path).close(), ROUNDS, GOAL, clock=time.process_time),
        timed("shell, the file is opened", lambda: open_readonly(path).close(), ROUNDS, GOAL, clock=time.process_time),
    ]


def main() -> int:
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "old.db"
        with contextlib.closing(aged_database(path)) as db:
            (rows,) = db.execute("SELECT count(*) FROM deliveries").fetchone()
            print(
                f"{rows:,} deliveries, {path.stat().st_size / 1e6:,.0f} MB, made in {time.perf_counter() - began:.0f} s"
            )
            figures = [timed(name, ask, ROUNDS, GOAL, clock=time.process_time) for name, ask in questions(db).items()]
            figures += [undone(db, name, act) for name, act in changes(db).items()]
        figures += opened(path)
    return tell(figures)


if __name__ == "__main__":
    sys.exit(main())
