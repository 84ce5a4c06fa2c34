"""Tables in the terminal: nothing is cut off, however narrow it is, and styles are for who sees them."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wcwidth import width

from bot.cli.io.tables import TextTable
from bot.cli.io.terminal import _NARROW

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


def lines_of(room: int | None, *rows: tuple[str, ...]) -> list[str]:
    names, *others = rows
    table = TextTable("", names, right={"two"})
    for row in others:
        table.add(*row)
    return list(table.lines(room))


def test_wide_characters_take_two_columns_and_accents_none() -> None:
    rows = [("日本語", "x"), ("🚀 rocket", "x"), ("cafe\u0301s", "x"), ("plain", "x")]
    assert lines_of(80, ("one", "three"), *rows) == [
        "one        three",
        "────────────────",
        "日本語     x",
        "🚀 rocket  x",
        "cafe\u0301s      x",
        "plain      x",
    ]
    assert lines_of(16, ("one", "three"), ("日本語テキスト", "x y z"))[2:] == ["日本語テ   x y z", "キスト"]


def test_what_is_told_above_and_below_is_as_wide_as_it_is_shown() -> None:
    table = TextTable("日本語日本語 日本語", ("one",))
    table.add("x" * 12)
    table.caption = "日本語 日本語"
    lines = list(table.lines(12))
    assert (lines[:2], lines[-2:]) == (["日本語日本語", "日本語"], ["日本語", "日本語"])


def test_a_line_end_in_a_cell_is_a_blank() -> None:
    assert lines_of(80, ("one", "three"), ("a\nb\tc\u2028d", "x"))[2:] == ["a b c d  x"]


def test_each_part_is_folded_by_itself() -> None:
    cells = (
        "russell-2000-record-with-liquidity",
        "RUT",
        "1d",
        "important",
        "A record of the index while money is loose",
    )
    lines = lines_of(40, ("rule", "market", "every", "severity", "title"), cells)
    assert max(map(len, lines)) <= 40
    assert sum(line.startswith("─") for line in lines) <= 2


def test_a_word_longer_than_the_room_is_broken() -> None:
    lines = lines_of(40, ("rule", "market", "title"), ("q" * 95, "RUT", "A new record"))
    assert max(map(len, lines)) <= 40
    assert "".join(lines).count("q") == 95


def test_a_pipe_gets_whole_names_unless_it_is_told_a_width(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    table = TextTable("", ("rule", "title"))
    table.add("russell-2000-record-with-liquidity", "many words " * 20)
    table.caption = "told of it " * 20
    monkeypatch.delenv("COLUMNS", raising=False)
    table.print()
    lines = capsys.readouterr().out.splitlines()
    assert lines[2] == "russell-2000-record-with-liquidity  " + ("many words " * 20).strip()
    assert lines[3:] == ["told of it " * 20]
    monkeypatch.setenv("COLUMNS", "50")
    table.print()
    assert max(map(len, capsys.readouterr().out.splitlines())) <= 50


def test_what_is_counted_without_the_table_of_widths_is_one_column_wide() -> None:
    narrow = [chr(at) for at in range(0x3000) if _NARROW.fullmatch(chr(at))]
    assert len(narrow) > 600
    assert [each for each in narrow if width(each) != 1] == []


cells = st.text(st.sampled_from("ab1 -–x9日ー🚀e\u0301"), max_size=30).map(str.strip)


@given(st.lists(st.tuples(cells, cells, cells), min_size=1, max_size=4), st.integers(6, 120))
def test_nothing_is_lost_and_lines_fit(rows: list[tuple[str, str, str]], room: int) -> None:
    lines = lines_of(room, ("one", "two", "three"), *rows)
    parts = sum(line.startswith("─") for line in lines)
    first, *others = zip(("one", "two", "three"), *rows, strict=True)
    expected = Counter("".join(first) * parts) + Counter("".join(map("".join, others)))
    assert {sign: count for sign, count in Counter("".join(lines)).items() if sign not in " ─"} == {
        sign: count for sign, count in expected.items() if sign != " "
    }
    assert max(map(width, lines)) <= room
