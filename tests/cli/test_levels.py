"""`levels` and `chart`, as the author types them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.author import Shell, closes, weekdays


def test_the_ladder(shell: Shell) -> None:
    text = shell("levels iwm --data data")
    lines = text.splitlines()
    assert lines[0].endswith(f", bar of {weekdays(400)[-1]:%a} {weekdays(400)[-1].day} {weekdays(400)[-1]:%b %Y}")
    middle = next(at for at, line in enumerate(lines) if line.startswith("▸"))
    close = closes(400)[-1]
    assert lines[middle].split()[1] == f"{close:.2f}"
    above = [float(line.split()[0]) for line in lines[1:middle] if line.split()[0][0].isdigit()]
    below = [float(line.split()[0]) for line in lines[middle + 1 :] if line.split()[0][0].isdigit()]
    assert [*above, close, *below] == sorted([*above, close, *below], reverse=True)
    assert "123.45" in text
    assert "pinned" in text


def test_for_programs(shell: Shell) -> None:
    told = json.loads(shell("levels IWM --data data --json --at 2024-01-07"))
    assert shell.err == "IWM has no bar of 2024-01-07; the one before is taken: 2024-01-05\n"
    assert (told["market"], told["bar"]) == ("IWM", "2024-01-05")
    assert {"price", "low", "high", "role", "distance", "touches", "broken", "pinned"} == set(told["levels"][0])
    assert all(day <= "2024-01-05" for level in told["levels"] for day in level["touches"])
    assert [level["price"] for level in told["levels"] if level["pinned"]] == [123.45]


def test_only_levels_that_were_touched_often(shell: Shell) -> None:
    told = json.loads(shell("levels IWM --data data --json --touches 2"))
    assert all(level["pinned"] or len(level["touches"]) >= 2 for level in told["levels"])


@pytest.mark.parametrize("dark", ["", " --dark"])
def test_the_chart(shell: Shell, place: Path, dark: str) -> None:
    assert shell(f"chart IWM iwm.png --data data{dark}").startswith("iwm.png (")
    png = (place / "iwm.png").read_bytes()
    assert png.startswith(b"\x89PNG")
    shell(f"chart IWM then.png --data data --at 2023-06-01{dark}")
    assert (place / "then.png").read_bytes() != png
    shell(f"chart IWM all.png the last 6 months --data data{dark}")
    assert (place / "all.png").read_bytes() != png


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("levels IWX --data data", "IWX: no such market; did you mean"),
        ("levels IWN --data data", "data: IWN: no bars of this market here; wanted: a file data/IWN.csv\n"),
        (
            "levels ALTS --data data",
            "data: ALTS: no bars of this market here; wanted: files of at least 3 members of this basket, as data/",
        ),
        ("levels IWM --data data --at 1999-01-04", "here on or before 1999-01-04: its bars begin on 20"),
        (
            "chart BTC a.png --data demo --at 2008-01-04",
            "demo: BTC: no bars of this market here on or before 2008-01-04: its bars begin on 2015-01-0",
        ),
        (
            "chart RUT a.png --data demo --at 2008-01-04",
            "its bars begin on 2015-01-02; allowed: that day or a later one",
        ),
        (
            "levels IWM_FLOWS --data demo",
            "wanted: bars of a day of IWM_FLOWS in --data FOLDER, as the simulated market",
        ),
        ("levels IWM --data data --at 2020-13-01", "--at: not a date (got '2020-13-01'); allowed: as 2020-01-31"),
        ("chart IWM iwm.png blah --data data", "SPAN: not a span of time (got 'blah'); allowed: as 6mo, 1y"),
        ("chart IWM iwm.png in 2020 --data data", "SPAN: not a span of time (it ends in the past) (got 'in 2020')"),
        ("chart IWM iwm.jpg --data data", "FILE: not a PNG file (got iwm.jpg); allowed: names that end in .png"),
        ("chart IWM no/where.png --data data", "FILE: no such folder (got no); allowed: one that is there"),
        ("chart QQQQQQ x.png --data data", "QQQQQQ: no such market; allowed: "),
    ],
)
def test_mistakes_are_said_kindly(shell: Shell, line: str, said: str) -> None:
    assert shell(line, 2) == ""
    assert said in shell.err


def test_a_file_that_can_not_be_written(shell: Shell, place: Path) -> None:
    (place / "taken.png").mkdir()
    shell("chart IWM taken.png --data data", 2)
    assert "taken.png: can't be written: " in shell.err
