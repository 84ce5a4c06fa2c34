"""Headline templates: formats, braces and their mistakes."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rulebook.template import compile_template
from bot.signals.formula import FormulaError, FormulaProblem, Kind, Scope

SCOPE = Scope(frozenset({"BTC"}), frozenset({"other"}), {"level": Kind.NUMBER})


def rendered(text: str, value: float) -> str:
    return compile_template(text, SCOPE).render(lambda _: value)


RENDERED = [
    ("{close:.2f}", 251.3, "251.30"),
    ("{close}", 1234.5, "1,234.50"),
    ("{close:,.0f}!", 117137.4, "117,137!"),
    ("{close / level - 1:+.1%}", 0.0149, "+1.5\u00a0%"),
    ("{close:+.1%}", -0.0149, "−1.5\u00a0%"),
    ("{close:.1%}", -0.0001, "0.0\u00a0%"),
    ("{close:+.1f}", -0.01, "+0.0"),
    ("{close:.3g}", 0.00012345, "0.000123"),
    ("{close:.2f}", math.nan, "–"),
    ("{close:.2f}", math.inf, "–"),
    ("{{{close:.0f}}}", 5.0, "{5}"),
    ("it's {count(fired('other', within=5), 10):.0f} times", 3.0, "it's 3 times"),
    ("{ highest(high, all)[1] :.0f}", 3.0, "3"),
    ("no formula", 3.0, "no formula"),
]


@pytest.mark.parametrize(("text", "value", "line"), RENDERED)
def test_a_line_reads_as_its_author_wrote_it(text: str, value: float, line: str) -> None:
    assert rendered(text, value) == line


def test_each_formula_gets_its_own_value() -> None:
    template = compile_template("{close:.0f} of {BTC.close:.0f}, {close[1]:.0f}", SCOPE)
    values = {"close": 1.0, "BTC.close": 2.0, "close[1]": 3.0}
    assert template.render(lambda formula: values[formula.text]) == "1 of 2, 3"
    assert [formula.text for formula in template.formulas] == list(values)


WRONG = [
    ("{}", [(1, 2, "no formula between the braces")]),
    ("ab {close", [(1, 4, "a brace that is never closed; write {{ for a brace itself")]),
    ("ab }", [(1, 4, "a brace that was never opened; write }} for a brace itself")]),
    ("{close:d}", [(1, 8, "unknown format (got 'd'); allowed: like .2f, ,.0f, +.1%")]),
    ("{close:1000000000.2f}", [(1, 8, "unknown format (got '1000000000.2f'); allowed: like .2f, ,.0f, +.1%")]),
    ("a {hihgest(high, 2):.2f}", [(1, 4, "unknown function 'hihgest'; did you mean 'highest'?")]),
    ("a\n {lvel} {low[-1]:q}", [
        (2, 3, "unknown name 'lvel'; did you mean 'level'?"),
        (2, 14, "a lag of -1 looks into the future; lags are 0 or more"),
        (2, 18, "unknown format (got 'q'); allowed: like .2f, ,.0f, +.1%"),
    ]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "problems"), WRONG)
def test_what_is_wrong_is_said_with_its_place(text: str, problems: list[tuple[int, int, str]]) -> None:
    with pytest.raises(FormulaError) as caught:
        compile_template(text, SCOPE)
    assert [(each.line, each.column, each.message) for each in caught.value.problems] == problems


@given(st.text(alphabet="ab {}':\"cloe.2f%+,[]()#\n", max_size=40), st.floats())
def test_any_text_is_a_template_or_a_list_of_problems(text: str, value: float) -> None:
    line, problems = rendered_or_refused(text, value)
    assert (line is None) == bool(problems)
    assert all(1 <= each.line <= text.count("\n") + 1 for each in problems)


def rendered_or_refused(text: str, value: float) -> tuple[str | None, tuple[FormulaProblem, ...]]:
    try:
        return rendered(text, value), ()
    except FormulaError as error:
        return None, error.problems


@given(st.text(max_size=60))
def test_braces_written_twice_are_braces(text: str) -> None:
    assert rendered(text.replace("{", "{{").replace("}", "}}"), 1.0) == text
