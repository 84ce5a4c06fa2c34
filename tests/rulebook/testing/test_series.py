"""The notation of a line of bars, and every word that it refuses."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rulebook.testing.series import MAX_BARS, SeriesError, parse_series

READ = [
    ("100", [100.0]),
    ("100x3", [100.0] * 3),
    ("100x3 101 102 _ 99", [100.0, 100.0, 100.0, 101.0, 102.0, None, 99.0]),
    ("100+1x3", [100.0, 101.0, 102.0, 103.0]),
    ("100-1x3", [100.0, 99.0, 98.0, 97.0]),
    ("1+0.1x3", [1.0, 1.1, 1.2, 1.3]),
    ("_x2 5", [None, None, 5.0]),
    (" \n 1\n\t2 ", [1.0, 2.0]),
    ("-5 -5+1x1 .5", [-5.0, -5.0, -4.0, 0.5]),
    ("", []),
]


@pytest.mark.parametrize(("text", "values"), READ)
def test_a_line_stands_for_its_bars(text: str, values: list[float | None]) -> None:
    assert list(parse_series(text)) == values


def test_a_question_mark_is_a_bar_of_unknown_value() -> None:
    known, *unknown = parse_series("1 ? ?x2")
    assert known == 1
    assert len(unknown) == 3
    assert all(value is not None and math.isnan(value) for value in unknown)


WRONG = [
    ("100 1o1", 4, "can't read '1o1'; allowed: 100, 100x30, 100+1x20, 100-1x20, _, _x3, ?, ?x3"),
    ("2.", 0, "can't read '2.'; allowed: 100, 100x30, 100+1x20, 100-1x20, _, _x3, ?, ?x3"),
    ("100+1", 0, "a ramp needs a number and its steps (got '100+1'); allowed: like 100+1x20"),
    ("_+1x3", 0, "a ramp needs a number and its steps (got '_+1x3'); allowed: like 100+1x20"),
    ("5x0", 0, "no bars at all (got '5x0'); allowed: x1 or more"),
    (f"1 5x{MAX_BARS}", 2, f"too many bars; allowed: up to {MAX_BARS} in one line"),
]


@pytest.mark.parametrize(("text", "offset", "message"), WRONG)
def test_what_stands_for_no_bars_is_said_with_its_place(text: str, offset: int, message: str) -> None:
    with pytest.raises(SeriesError) as caught:
        parse_series(text)
    assert [(each.offset, each.message) for each in caught.value.problems] == [(offset, message)]


def test_all_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(SeriesError) as caught:
        parse_series("a 1 b 2 c")
    assert [each.offset for each in caught.value.problems] == [0, 4, 8]


def test_of_endless_mistakes_some_are_told() -> None:
    with pytest.raises(SeriesError) as caught:
        parse_series("a " * 10_000)
    assert len(caught.value.problems) == 20


NUMBERS = st.integers(0, 10_000).map(lambda number: number / 100)


@given(st.lists(st.tuples(NUMBERS, NUMBERS, st.integers(1, 30)), max_size=8))
def test_a_ramp_is_its_first_bar_and_its_steps(ramps: list[tuple[float, float, int]]) -> None:
    expected: list[float] = []
    for first, step, count in ramps:
        value = first
        expected.append(value)
        for _ in range(count):
            value += step
            expected.append(value)
    assert parse_series(" ".join(f"{first}+{step}x{count}" for first, step, count in ramps)) == pytest.approx(expected)


@given(st.text(alphabet="0159.+-x_? \n", max_size=30))
def test_any_text_is_bars_or_a_list_of_problems(text: str) -> None:
    values, offsets = read_or_refused(text)
    assert len(values) <= MAX_BARS
    assert all(0 <= offset < len(text) for offset in offsets)
    assert bool(values) != bool(offsets) or not text.split()


def read_or_refused(text: str) -> tuple[tuple[float | None, ...], list[int]]:
    try:
        return parse_series(text), []
    except SeriesError as error:
        return (), [each.offset for each in error.problems]
