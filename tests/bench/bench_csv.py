"""Rows of a plain CSV file a second, beside pandas: python -m tests.bench.bench_csv."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd

from bot.market.csv_form.table import read_table

ROWS = 1_000_000


def write(path: Path) -> float:
    """A plain file; its size in MB."""
    begin = datetime(2015, 1, 1, tzinfo=UTC)
    with path.open("w") as file:
        file.write("datetime,open,high,low,close,volume\n")
        for at in range(ROWS):
            stamp = f"{begin + timedelta(minutes=5 * at):%Y-%m-%dT%H:%M:%SZ}"
            file.write(f"{stamp},{100 + at % 97}.25,102.5,99.75,101.5,{1_000 + at}\n")
    return path.stat().st_size / 1e6


def seconds(what: Callable[[], object]) -> float:
    """Processor time of the best of three."""
    times = []
    for _ in range(3):
        began = time.process_time()
        what()
        times.append(time.process_time() - began)
    return min(times)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "x.csv"
        size = write(file)
        ours = seconds(lambda: read_table(file))
        theirs = seconds(lambda: pd.read_csv(file, parse_dates=["datetime"]))
    print(f"{size:.0f} MB, {ROWS:,} rows: ours {size / ours:.0f} MB/s, pandas {size / theirs:.0f} MB/s")
    print(f"ratio {theirs / ours:.2f}; wanted: 50 MB/s, or 1")
    raise SystemExit(0 if size / ours >= 50 or theirs >= ours else 1)
