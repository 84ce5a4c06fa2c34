"""A CSV file takes bounded time, memory and words, whatever is in it; the plain form is read as any other is."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.market.csv_form import text as csv_text
from bot.market.csv_form.any_form import any_table
from bot.market.csv_form.model import Table
from bot.market.csv_form.plain import plain_table
from bot.market.csv_form.table import read_table
from bot.market.csv_form.text import text_of
from bot.problem import ProblemError
from bot.regular_file import NotRegularFileError
from bot.signals.timeframe import DAY, Timeframe, label
from bot.worker.client import Worker
from tests.market.hostile.clients import memory

MOST_MB = 500
"""Of which this test itself, with what it imports, takes a hundred."""

MOST_WORDS = 30_000


def days(count: int) -> str:
    return "".join(f"{label(at * DAY, Timeframe.D1)},1,2,0.5,1.25,100\n" for at in range(count))


HOSTILE: dict[str, Callable[[], str]] = {
    "100,000 columns": lambda: f"date,close,{','.join(map(str, range(100_000)))}\n2020-01-02,1,{',' * 99_999}\n",
    "100,000 columns of one name": lambda: ",".join(["date", "close"] * 15_000) + "\n1\n",
    "half a million bad rows": lambda: "date,close\n" + "x,y\n" * 499_000,
    "100,000 rows of another width": lambda: "date,close\n" + "1,2,3\n" * 100_000,
    "100,000 times the same row": lambda: "date,close\n" + "2020-01-01,1\n" * 100_000,
    "100,000 rows in no order": lambda: "date,close\n" + "2020-01-02,1\n2020-01-01,2\n" * 50_000,
    "100,000 remarks": lambda: "date,close\n" + "2020-01-01,1\n" + "see below,\n" * 100_000,
    "a million bad rows": lambda: "date,close\n" + "x,y\n" * 1_000_000,
    "more lines than allowed": lambda: "date;close\n" + "2020-01-01;1\n" * 1_100_000,
    "a cell of 1 MB": lambda: f"date,close\n2020-01-01,{'9' * 1_000_000}\n",
    "cells of 130 kB": lambda: "date,close\n" + f"{'x' * 130_000},{'y' * 130_000}\n" * 20,
    "a header of 1 MB": lambda: "x" * 1_000_000 + "\n1\n",
    "an open quote": lambda: 'date,close\n"' + "2020-01-01,1\n" * 300_000,
    "commas": lambda: "date,close\n" + "," * 3_000_000 + "\n",
    "blank lines": lambda: "date,close\n" + "\n" * 490_000,
    "separators of all kinds": lambda: "date,close\n" + ";|\t," * 300_000,
    "zero bytes": lambda: "date,close\n" + "\0" * 1_000_000,
}


def read(path: str) -> tuple[str, int, int]:
    """What is said of a file, how many complaints there are, and this process's memory in MB at its most."""
    try:
        told, problems = read_table(Path(path)).form, 0
    except ProblemError as error:
        told, problems = str(error), len(error.problems)
    return told, problems, memory("VmHWM")


@pytest.mark.parametrize("kind", HOSTILE)
async def test_a_hostile_file_is_refused_or_read_in_few_words_and_little_memory(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "x.csv"
    path.write_text(HOSTILE[kind]())
    worker = Worker("csv")
    told, problems, most = await worker.call(f"{__name__}:read", str(path), timeout=60)
    await worker.close()
    print(f"{kind}: {most} MB, {len(told):,} characters: {told[:100]!r}")
    assert len(told) < MOST_WORDS
    assert problems <= 101
    assert most < MOST_MB


def test_what_is_not_told_is_counted(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("date,close\n" + "x,y\n" * 5_000)
    with pytest.raises(ProblemError) as caught:
        read_table(path)
    assert [each.line for each in caught.value.problems[:4]] == [2, 2, 3, 3]
    assert str(caught.value).count("and 4,997 more like it") == 2


@pytest.mark.parametrize("kind", ["pipe", "folder", "device", "dangling"])
def test_only_ordinary_files_are_read(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "x.csv"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    else:
        path.symlink_to("/dev/zero" if kind == "device" else tmp_path / "nowhere")
    with pytest.raises(ProblemError, match=r"allowed: a CSV file|no such file") as caught:
        read_table(path)
    assert isinstance(caught.value.__cause__, NotRegularFileError | FileNotFoundError)


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x.csv"
    with path.open("wb") as file:
        file.truncate(10_000_000_000)  # a hole: it takes no room on the disk
    with pytest.raises(ProblemError, match="larger than 128 MB"):
        read_table(path)
    monkeypatch.setattr(csv_text, "MAX_ODD_BYTES", 1_000)
    path.write_text("date,close\n" + "2020-01-02,1\n2020-01-01,1\n" * 100)
    with pytest.raises(ProblemError, match=r"larger than 0 MB .* or more in the plain form: date or datetime"):
        read_table(path)
    path.write_text("date,open,high,low,close,volume\n" + days(100))
    assert len(read_table(path).lines) == 100


def same(one: Table, other: Table) -> bool:
    """Whether two tables say the same, NaN for NaN."""
    return (
        one.lines == other.lines
        and one.form == other.form
        and one.times.zoned == other.times.zoned
        and one.numbers.keys() == other.numbers.keys()
        and all(np.array_equal(one.numbers[name], other.numbers[name], equal_nan=True) for name in one.numbers)
        and all(
            np.array_equal(mine, theirs)
            for mine, theirs in (
                (one.times.day, other.times.day),
                (one.times.clock, other.times.clock),
                (one.times.offset, other.times.offset),
            )
        )
    )


STAMPS = st.sampled_from(
    ["2020-01-01", "2020-02-30", "2020-01-02T10:00:00Z", "2020-01-02T25:00Z", "2020-01-03T10:00", "x"]
)
CELLS = st.one_of(
    st.floats(-1e6, 1e6, allow_nan=False).map(lambda each: f"{each:.6f}"),
    st.integers(-(10**16), 10**16).map(str),
    st.decimals(allow_nan=False, allow_infinity=False, places=8, min_value=-99, max_value=99999).map(str),
    st.sampled_from(
        ["", "0", "-0", ".", "-", "1.", ".5", "1.2.3", "1-2", "1e5", "nan", "+1", " 1", "1_0", "١", "0007"]
    ),
)


@given(
    head=st.sampled_from(
        ["date,close", "datetime,open,close,volume", "close,date", "date,open,high,low,close,adj_close"]
    ),
    shape=st.integers(0, 2),
    rows=st.lists(st.tuples(st.integers(-30_000, 30_000), st.tuples(*[CELLS] * 6).map(list)), min_size=1, max_size=6),
    odd=STAMPS,
    end=st.sampled_from(["\n", "\r\n"]),
    spoiled=st.booleans(),
)
def test_the_plain_form_is_read_as_the_same_rows_are_in_any_other(
    head: str, shape: int, rows: list[tuple[int, list[str]]], odd: str, end: str, *, spoiled: bool
) -> None:
    stamps = [label(at * DAY, Timeframe.D1) + ("", "T10:30:00Z", "T10:30")[shape] for at, _ in sorted(rows)]
    stamps[-1] = odd if spoiled else stamps[-1]
    names = head.split(",")
    lines = [
        ",".join(stamp if name.startswith("date") else cells.pop() for name in names)
        for stamp, (_, cells) in zip(stamps, rows, strict=True)
    ]
    raw = end.join([head, *lines, ""]).encode()
    plain = plain_table(raw)
    if plain is None:
        return
    other = any_table(Path("x.csv"), text_of(Path("x.csv"), raw))
    mine = Table(list(range(2, 2 + len(plain.times.day))), plain.times, plain.numbers, plain.times.form)
    assert same(mine, other)


def test_a_plain_file_is_read_as_one(tmp_path: Path) -> None:
    plain = plain_table(b"date,open,high,low,close,volume\n" + days(1_000).encode())
    assert plain is not None
    assert plain.numbers["low"].tolist() == [0.5] * 1_000
    assert plain.times.day.tolist() == [at * DAY for at in range(1_000)]


@pytest.mark.parametrize("day", ["2020-13-01", "2020-02-30", "2021-00-07", "1999-06-00"])
def test_a_date_that_there_is_not_is_told_with_its_line_in_a_long_file(tmp_path: Path, day: str) -> None:
    (path := tmp_path / "RUT.csv").write_text(f"date,open,high,low,close,volume\n{days(2_000)}{day},1,2,0.5,1.25,100\n")
    with pytest.raises(ProblemError) as refused:
        read_table(path)
    assert [problem.line for problem in refused.value.problems] == [2_002]
