"""What is said about formulas that are wrong: where, what, and what was probably meant."""

import time
from math import inf

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.signals.formula import FUNCTIONS, Formula, FormulaError, Kind, compile_formula
from tests.signals.formula.frames import SCOPE


def attempt(text):
    """The formula, or the problems in it."""
    try:
        return compile_formula(text, SCOPE)
    except FormulaError as error:
        return error.problems


def complaints(text, expect=Kind.YES_NO):
    with pytest.raises(FormulaError) as error:
        compile_formula(text, SCOPE, expect)
    return [f"{p.line}:{p.column}: {p.message}" for p in error.value.problems]


COMPLAINTS = {
    # names
    "close > hihgest(high, 20)": "1:9: unknown function 'hihgest'; did you mean 'highest'?",
    "clsoe > 1": "1:1: unknown name 'clsoe'; did you mean 'close'?",
    "Close > open": "1:1: unknown name 'Close'; did you mean 'close'?",
    "close > avg(close, 20)": "1:9: unknown function 'avg'; did you mean 'sma'?",
    "IMW.close > 1": "1:1: unknown market 'IMW'; did you mean 'IWM'?",
    "IWM.clos > 1": "1:1: unknown series of 'IWM': 'clos'; did you mean 'close'?",
    "IWM > 1": "1:1: 'IWM' is a market; name one of its series, as in IWM.close",
    "highest > 1": "1:1: 'highest' is a function; call it, as in close > highest(high, 20)[1]",
    "all > 1": "1:1: 'all' is a window; it stands as a parameter, as in highest(close, all)",
    "true": "1:1: 'true' is not known; a condition is a comparison, as in close > open",
    "close > None": "1:9: 'None' is not known; a condition is a comparison, as in close > open",
    "a.b.c > 1": "1:1: a dot stands between a market and one of its series only, as in IWM.close",
    "fired('ohter')": "1:7: unknown rule 'ohter'; did you mean 'other'?",
    "fired(other)": '1:7: fired takes the id of a rule in quotes, as in fired("iwm-resistance-break")',
    # kinds
    "close and 1 > 0": "1:1: 'and' needs yes or no, but 'close' is a number; compare it with something, as in x > 0",
    "not close": "1:5: 'not' needs yes or no, but 'close' is a number; compare it with something, as in x > 0",
    "(close > 1) + 1 > 0": "1:2: '+' needs a number, but 'close > 1' is yes or no",
    "-(close > 1) > 0": "1:3: the sign needs a number, but 'close > 1' is yes or no",
    "first(close, 3)": (
        "1:7: 'cond' of first needs yes or no, but 'close' is a number; compare it with something, as in x > 0"
    ),
    "sma(close > open, 3) > 0": "1:5: 'x' of sma needs a number, but 'close > open' is yes or no",
    "close": "1:1: this is a number, but a condition is needed; compare it with something, as in close > open",
    # lags
    "close > close[-1]": "1:15: a lag of -1 looks into the future; lags are 0 or more",
    "close > close[ - 2 ]": "1:16: a lag of - 2 looks into the future; lags are 0 or more",
    "close > close[open]": "1:15: a lag is a number written down, as in close[1] (got 'open')",
    "close > close[1.5]": "1:15: a lag is a whole number of bars (got 1.5)",
    "close > close[5001]": "1:15: a lag reaches back 5,000 bars at most (got 5001)",
    "close > close[1:3]": "1:15: a lag is one number of bars, as in close[1]",
    "close > (1 + 1)[1]": "1:9: '1 + 1' is the same at every bar; a lag has no meaning",
    "close > close(1)": "1:9: 'close' is no function; a lag stands in square brackets, as in close[1]",
    "close > IWM.close(1)": "1:9: 'close' is no function; a lag stands in square brackets, as in IWM.close[1]",
    # parameters
    "sma(close) > 1": "1:1: sma needs 'n', window in bars, this one included, or all; allowed: sma(x, n)",
    "sma(close, 5, 6) > 1": "1:15: too many parameters; allowed: sma(x, n)",
    "sma(close, m=5) > 1": "1:12: unknown parameter of sma: 'm'; known: n, x",
    "sma(close, 5, n=5) > 1": "1:15: 'n' is given twice",
    "sma(close, **5) > 1": "1:12: '**' before a parameter is not known; write the parameters one by one",
    "sma(*close, 5) > 1": "1:5: '*' before a parameter is not known; write the parameters one by one",
    "sma(close, 0) > 1": "1:12: 'n' of sma is out of range (got 0); allowed: whole numbers 1 to 5,000, or all",
    "sma(close, 2.5) > 1": "1:12: 'n' of sma is out of range (got 2.5); allowed: whole numbers 1 to 5,000, or all",
    "sma(close, open) > 1": (
        "1:12: 'n' of sma is a number written down (got 'open'); allowed: whole numbers 1 to 5,000, or all"
    ),
    "ema(close, all) > 1": "1:12: 'n' of ema can't be all; allowed: whole numbers 1 to 5,000",
    "sma(close, 99999999999999999999) > 1": (
        "1:12: 'n' of sma is out of range (got 99999999999999999999); allowed: whole numbers 1 to 5,000, or all"
    ),
    "rsi(14) > 70": "1:5: 'x' of rsi needs a series, but '14' never changes; write rsi(close, 14)",
    "BTC.atr(14) > 1": "1:1: atr looks at the rule's own market only",
    "BTC.rsi(14) > 1": "1:1: functions take another market's series as a parameter; write rsi(BTC.close, …)",
    # Python that is not in the language
    "close = 5": "1:7: '=' gives a parameter its value; to compare, write '=='",
    "close && open": "1:7: '&&' is not known; write 'and'",
    "close > 1 || open > 1": "1:11: '||' is not known; write 'or'",
    "!(close > 1)": "1:1: '!' is not known; write 'not'",
    "close > 1 & open > 1": "1:9: '&' is not known; write 'and'",
    "close ^ 2 > 1": "1:1: '^' is not known; a power is written **",
    "close // 2 > 1": "1:1: '//' is not known; allowed: + - * / ** %",
    "close is open": "1:1: 'is' is not known; to compare numbers, write '=='",
    "close in [1, 2]": "1:1: 'in' is not known; write the comparisons one by one",
    "lambda: 1": "1:1: a formula defines nothing; 'lambda' is not known",
    "(x := 1) > 0": "1:2: a formula stores nothing; ':=' is not known",
    "close if open else high": "1:1: there is no if … else; combine conditions with and / or, or write two rules",
    "[x for x in close]": "1:1: loops are not known; functions look over windows of bars: count(close > open, 20)",
    "f'{close}' > 1": "1:1: texts have no place in a formula, f-strings neither",
    "'close' > 1": '1:1: a text has no place here; only fired("rule-id") takes one',
    "2j > 1": "1:1: imaginary numbers are not known",
    "close, open": "1:1: a formula is one expression; commas stand between the parameters of a function only",
    "close AND open": "1:7: 'and', 'or' and 'not' are written in small letters",
    "close => open": "1:7: '=>' is not known; write '>='",
    "change(close) > 5 %": "1:17: a percentage is written as a ratio: 5 % is 0.05",
    "close ≥ open": "1:7: '≥' can't be used here; write >=",
    "close > “x”": "1:9: '“' can't be used here; write \"",
    "close; open": "1:6: ';' can't be used here; a formula is one expression",
    # form
    "": "1:1: the formula is empty; write for example close > sma(close, 200)",
    " \n ": "1:1: the formula is empty; write for example close > sma(close, 200)",
    "close >": "1:8: the formula ends too early; something is missing",
    "close > (open": "1:9: '(' is never closed",
    "close > open)": "1:13: ')' closes a bracket that was never opened",
    "close) > (open": "1:6: ')' closes a bracket that was never opened",
    "close > (open]": "1:14: ']' can't close the '(' at line 1, column 9",
    "close open": "1:1: an operator or a comma is missing in 'close open'",
    "close > \x00": "1:9: the character '\\x00' can't be used in a formula",
    "1" + "0" * 400 + " > close": "1:1: the number is too large; at most 1e+15 is allowed",
    "1e999 > close": "1:1: the number is too large; at most 1e+15 is allowed",
    "close" * 3_000: "1:1: the formula has 15,000 characters; 10,000 are allowed",
    "-" * 2_000 + "close > 1": (
        "1:1: the formula is nested more than 50 levels deep; split it, or add brackets to long sums"
    ),
    "(" * 60 + "close" + ")" * 60: (
        "1:51: the formula is nested more than 50 levels deep; split it, or add brackets to long sums"
    ),
}


@pytest.mark.parametrize(("text", "complaint"), COMPLAINTS.items(), ids=range(len(COMPLAINTS)))
def test_mistake_is_named_with_its_place(text, complaint):
    assert complaints(text)[0] == complaint


def test_all_problems_are_told_at_once_in_the_order_of_the_text():
    assert complaints("clsoe > hihgest(opn, -1)[-1]\n  and sma(close, 0) > 1 + (low > 2)") == [
        "1:1: unknown name 'clsoe'; did you mean 'close'?",
        "1:9: unknown function 'hihgest'; did you mean 'highest'?",
        "1:17: unknown name 'opn'; did you mean 'open'?",
        "1:26: a lag of -1 looks into the future; lags are 0 or more",
        "2:18: 'n' of sma is out of range (got 0); allowed: whole numbers 1 to 5,000, or all",
        "2:28: '+' needs a number, but 'low > 2' is yes or no",
    ]


def test_columns_count_characters_over_lines_of_any_ending():
    assert complaints("close > 1 and\r\n  opn > 2 and\n\t(hgih\n > 3)") == [
        "2:3: unknown name 'opn'; did you mean 'open'?",
        "3:3: unknown name 'hgih'; did you mean 'high'?",
    ]
    assert complaints("fired('ä') and clos > 1")[1] == "1:16: unknown name 'clos'; did you mean 'close'?"


def test_number_is_refused_where_a_condition_stands_and_the_other_way_round():
    assert complaints("close > 1", Kind.NUMBER) == [
        "1:1: this is yes or no, but a number is needed, as in highest(high, 20)"
    ]


ACCEPTED = [
    "close > highest(high, all)[1]",
    "10 < close <= 20 != volume",
    "close > highest(\n  high,\n  20)[1]\nand volume > 0",
    "first(cond=close > open, quiet=3) or fired('other', within=60) or fired(\"other\")",
    "fired(within=60, rule='other')",
    "close > level and armed",
    "+close > -1e3 ** .5 % 2",
    "min(open, close, high, low) > max(x=open, y=close)",
    "close > open  # says why",
    "close[0] > open[5000]",
    "resistance(touches=2, age=0, tolerance=0.25) < high and not support() > low",
    "((((((((((((close))))))))))))>1",
    " and ".join(["close > open"] * 500),
]


@pytest.mark.parametrize("text", ACCEPTED)
def test_good_formula_is_accepted(text):
    assert compile_formula(text, SCOPE, Kind.YES_NO).kind is Kind.YES_NO


def test_formula_knows_what_it_needs():
    formula = compile_formula("BTC.close > sma(IWM.low[3], 20)[2] and fired('other') and level > 1", SCOPE)
    assert (formula.markets, formula.rules, formula.names) == ({"BTC", "IWM"}, {"other"}, {"level"})
    assert (formula.history, formula.firings) == (24, {("other", 1)})
    assert compile_formula("since(close > open[3])", SCOPE).history == 0  # all of the past: a frame's past answers
    assert compile_formula("close > highest(close, all)[1]", SCOPE).history == 1
    assert compile_formula("ema(level, 5) > 1", SCOPE).history == inf  # nothing has the past of a named series
    assert compile_formula("sma(level, 5)[2] > ema(close, 9)", SCOPE).history == 6


@pytest.mark.parametrize(
    ("text", "bars"),
    [
        ("close > highest(close, all)[1]", -inf),
        ("abs(close / level - 1) > 0.02 and low[3] < level", 0),
        ("level - highest(close, 20)[5]", 0),
        ("highest(level, 4)[2] > level", 5),
        ("since(close > level) > 3", inf),
    ],
)
def test_formula_knows_how_far_back_it_asks_for_names(text, bars):
    assert compile_formula(text, SCOPE).names_history == bars


TOKENS = [
    *FUNCTIONS, *"()[],.:=<>!+-*/%&|^~@;{}#'\"\\\n\t 0123456789", "close", "BTC", "all", "level", "and ", " or ",
    "not ", " if ", " else ", "lambda ", " in ", " is ", "**", "//", "==", "1e9", "0x", "1_0", "f'", "fired('other')",
    "close[1]", "highest(", "(close", "x=", "n=", "≥", "é", "\x00", "\ud800", "９", "await ", "yield ", "for x in ",
    "'''", "None",
]  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(text=st.one_of(st.text(max_size=60), st.lists(st.sampled_from(TOKENS), max_size=25).map("".join)))
def test_whatever_is_typed_gives_a_formula_or_problems_inside_the_text(text):
    found = attempt(text)
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    assert isinstance(found, Formula) or found
    for problem in () if isinstance(found, Formula) else found:
        assert 1 <= problem.line <= len(lines)
        assert 1 <= problem.column <= len(lines[problem.line - 1]) + 1
        assert problem.message


HEAVY = [
    "+".join(f"x{i}" for i in range(1_500)),
    " and ".join(f"x{i} > 1" for i in range(800)),
    "min(" + ",".join(["close"] * 1_500) + ") > 5",
    ">".join(["close"] * 1_600),
    "= " * 4_999,
    "(" * 25 + "= " * 2_000 + ")" * 25,
    "not " * 2_400 + "close > 1",
    "a" + ".a" * 4_900,
    "a" + "()" * 4_900,
    "close" + "[1]" * 3_300,
    "'" * 9_999,
    "[" * 9_999,
    "9**9**9**9**9**9 > close",
    "max(" * 45 + "close" + ", open)" * 45 + " > " + "min(" * 45 + "high" + ", open)" * 45,
    " and ".join(f"close*0.9-{i}>open+{i}" for i in range(350)),
    "1 if 1 else " * 800 + "1",
    "lambda:" * 1_400 + "1",
    "".join(f"f(x{i}," for i in range(48)) + "1" + ")" * 48,
    "*" * 9_000,
    "close and " * 999 + "close",
]


@pytest.mark.parametrize("text", HEAVY, ids=range(len(HEAVY)))
def test_no_text_takes_long(text):
    began = time.process_time()
    found = attempt(text)
    assert time.process_time() - began < 1
    assert isinstance(found, Formula) or 1 <= len(found) <= 30


def test_deepest_formula_that_is_allowed_is_read_from_far_down_the_stack():
    text = "max(" * 45 + "close" + ", open)" * 45 + " > " + "min(" * 45 + "high" + ", open)" * 45

    def down(levels):
        return down(levels - 1) if levels else compile_formula(text, SCOPE)

    assert down(300).kind is Kind.YES_NO
