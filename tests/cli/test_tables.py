"""Tables in the terminal: nothing is cut off, however narrow it is, and styles are for who sees them."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cli.io.tables import TextTable

ROWS = [("russell-2000-all-time-high", "RUT", "23", "0.6"), ("small-caps-lead", "IWM", "1,020", "12.0")]


def printed(columns: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], **environ: str) -> str:
    for name in ("FORCE_COLOR", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {"COLUMNS": str(columns), **environ}.items():
        monkeypatch.setenv(name, value)
    table = TextTable("How often", ("rule", "market", "alerts", "a year"), right={"alerts", "a year"})
    for row in ROWS:
        table.add(*row, colour="red")
    table.caption = "counted over all of the bars that there are, and more"
    table.print()
    return capsys.readouterr().out


def test_figures_are_lined_up_and_the_caption_is_as_wide_as_the_table(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert printed(80, monkeypatch, capsys).splitlines() == [
        "How often",
        "rule                        market  alerts  a year",
        "──────────────────────────────────────────────────",
        "russell-2000-all-time-high  RUT         23     0.6",
        "small-caps-lead             IWM      1,020    12.0",
        "counted over all of the bars that there are, and",
        "more",
    ]


def test_a_narrow_terminal_folds_words(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert printed(40, monkeypatch, capsys).splitlines()[1:7] == [
        "rule              market  alerts  a year",
        "────────────────────────────────────────",
        "russell-2000-     RUT         23     0.6",
        "all-time-high",
        "small-caps-lead   IWM      1,020    12.0",
        "counted over all of the bars that there",
    ]


def test_where_folding_does_not_help_the_columns_come_in_parts(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    table = TextTable("By year", ("year", *(f"#{at}" for at in range(1, 13))), right=[f"#{at}" for at in range(1, 13)])
    table.add("2024", *(str(at * 111) for at in range(1, 13)))
    monkeypatch.setenv("COLUMNS", "30")
    table.print()
    assert capsys.readouterr().out.splitlines() == [
        "By year",
        "year   #1   #2   #3   #4   #5",
        "─────────────────────────────",
        "2024  111  222  333  444  555",
        "",
        "year   #6   #7   #8   #9   #10",
        "──────────────────────────────",
        "2024  666  777  888  999  1110",
        "",
        "year   #11   #12",
        "────────────────",
        "2024  1221  1332",
    ]


def test_styles_are_for_terminals_and_colours_for_who_wants_them(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    plain = printed(80, monkeypatch, capsys)
    assert "\x1b" not in plain
    coloured = printed(80, monkeypatch, capsys, FORCE_COLOR="1")
    assert coloured.startswith("\x1b[1mHow often\x1b[0m\n")
    assert "\x1b[31mrussell" in coloured
    bare = printed(80, monkeypatch, capsys, FORCE_COLOR="1", NO_COLOR="1")
    assert "\x1b[31m" not in bare
    assert "\x1b[1mHow often" in bare
    assert "\nsmall-caps-lead " in bare
    assert "12.0\n" in bare  # and no code behind what has no style
    assert {re.sub(r"\x1b\[\d+m", "", each) for each in (coloured, bare)} == {plain}


cells = st.text(st.sampled_from("ab1 -–x9"), max_size=30).map(str.strip)


@given(st.lists(st.tuples(cells, cells, cells), min_size=1, max_size=4), st.integers(20, 120))
def test_nothing_is_lost_and_lines_fit(rows: list[tuple[str, str, str]], room: int) -> None:
    table = TextTable("", ("one", "two", "three"), right={"two"})
    for row in rows:
        table.add(*row)
    lines = list(table.lines(room))
    parts = sum(line.startswith("─") for line in lines)
    first, *others = zip(("one", "two", "three"), *rows, strict=True)
    expected = Counter("".join(first) * parts) + Counter("".join(map("".join, others)))
    assert {sign: count for sign, count in Counter("".join(lines)).items() if sign not in " ─"} == {
        sign: count for sign, count in expected.items() if sign != " "
    }
    assert max(map(len, lines)) <= max(room, 62)  # a first and a second column of 30 each
