"""The rulebook of a folder: rules in order of need, last good versions, and every complaint."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.evidence.claim_check import ClaimCheck, Measure, Stance
from bot.rulebook.book import Rulebook, load_book
from bot.rulebook.check_report import check_report
from bot.rulebook.rule_definition import claim_markets, read_rule
from bot.severity import Severity
from bot.signals.formula import MarketNames
from bot.signals.replay.rule import Trigger
from bot.signals.timeframe import Timeframe, label
from bot.yamlfile.parser import MAX_NODES
from tests.rulebook.books import MARKETS, RULES, book_of, rule_text

FULL = """\
title: Everything
market: IWM
timeframe: 4h
when: close > highest(close, 20)[1] and BTC.close > 1
level: highest(close, 20)[1]
headline: "{close:.2f} over {level:.2f}"
why: >
  Because it
  matters.
trigger: intraday
quiet: 3 bars
levels: [251.30, 250]
follow:
  for: 20 bars
  confirmed: 2 closes
  held: low <= level and close > level
  failed: close < level
severity: high
tags: [iwm, resistance]
context: [crypto, history]
claims:
  - text: It rises.
    source: market commentary
    made: 2025-12-11
    check: {measure: breakout, asset: ALTS, within: 365 days, events: {last: 3}}
  - {text: It falls., source: somebody else, made: 2025-12-12, stance: against}
caveats: [Correlation is not causation.]
enabled: false
"""


def test_a_rule_on_a_market_that_knows_no_zero_may_ask_for_less(tmp_path: Path) -> None:
    text = rule_text("close < 0", market="NFCI")
    names = MarketNames(MARKETS | {"NFCI"}, signed={"NFCI"})
    (tmp_path / "easy-money.yaml").write_text(text, encoding="utf-8")
    assert not load_book(tmp_path, names).problems
    assert "easy-money" in load_book(tmp_path, names).rules
    (told,) = load_book(tmp_path, frozenset(names)).problems
    assert "'close' is always above 0" in told.message
    (told,) = read_rule(rule_text("close < 0").encode(), "iwm", names, frozenset()).problems
    assert "'close' is always above 0" in told.message


def test_every_key_of_a_rule_arrives(tmp_path: Path) -> None:
    written = book_of(tmp_path / "rules", complete=FULL).rules["complete"]
    rule = written.rule
    assert (rule.id, rule.market, rule.timeframe, rule.quiet) == ("complete", "IWM", Timeframe.H4, 3)
    assert (rule.trigger, rule.pinned) == (Trigger.INTRADAY, (251.3, 250))
    assert rule.when.text == "close > highest(close, 20)[1] and BTC.close > 1"
    assert rule.level is not None
    assert rule.follow is not None
    assert (rule.follow.bars, rule.follow.confirmed) == (20, 2)
    assert rule.follow.held is not None
    assert rule.follow.failed is not None
    assert rule.follow.failed.text == "close < level"
    assert (written.title, written.why, written.severity) == ("Everything", "Because it matters.", Severity.HIGH)
    assert (written.tags, written.context) == (("iwm", "resistance"), ("crypto", "history"))
    rises, falls = written.claims
    assert (rises.text, label(rises.made, Timeframe.D1), rises.stance) == ("It rises.", "2025-12-11", Stance.FOR)
    assert rises.check == ClaimCheck(Measure.BREAKOUT, "ALTS", 365, last=3)
    assert (falls.text, falls.source, falls.stance, falls.check) == ("It falls.", "somebody else", "against", None)
    assert claim_markets(written) == {"ALTS"}
    assert written.caveats == ("Correlation is not causation.",)
    assert written.text == FULL
    assert written.markets == {"IWM", "BTC"}
    assert not written.enabled


CLAIM = "claims: [{{text: T, source: S, made: 2025-12-11, check: {{measure: return, asset: {}, within: 9 days}}}}]\n"


def test_a_claim_may_speak_of_a_market_that_is_not_there_but_not_by_a_slip(tmp_path: Path) -> None:
    book = book_of(tmp_path / "rules", far=rule_text() + CLAIM.format("GOLD"), near=rule_text() + CLAIM.format("ALT"))
    assert list(book.rules) == ["far"]
    assert "did you mean 'ALTS'?" in book.problems[0].message


def test_what_is_left_out_has_its_default(tmp_path: Path) -> None:
    written = book_of(tmp_path / "rules", small=rule_text()).rules["small"]
    rule = written.rule
    assert (rule.timeframe, rule.quiet, rule.trigger, rule.level, rule.follow) == ("1d", 1, "close", None, None)
    assert (written.severity, written.enabled, written.why, written.claims) == (Severity.NORMAL, True, "", ())


def test_a_broken_file_keeps_its_last_good_version_and_nothing_else_suffers(tmp_path: Path) -> None:
    folder = tmp_path / "rules"
    first = book_of(folder, a=rule_text(), b=rule_text("close < open"))
    second = book_of(folder, first, a=rule_text("close >"), b=rule_text("close < low[1]"))
    assert second.rules["a"].rule == first.rules["a"].rule
    assert second.rules["b"].rule.when.text == "close < low[1]"
    assert second.stale == {"a"}
    assert len(second.problems) == 1
    third = book_of(folder, second, a=rule_text("close >"), b=rule_text("close < low[1]"))
    assert third.stale == {"a"}
    mended = book_of(folder, third, a=rule_text("close > 1"), b=rule_text("close < low[1]"))
    assert mended.rules["a"].rule.when.text == "close > 1"
    assert not mended.stale
    assert not mended.problems


def test_a_broken_file_without_a_good_version_is_no_rule(tmp_path: Path) -> None:
    book = book_of(tmp_path / "rules", a=rule_text("close >"), b=rule_text())
    assert list(book.rules) == ["b"]
    assert not book.stale
    assert [problem.file for problem in book.problems] == [str(tmp_path / "rules" / "a.yaml")]


def test_a_deleted_file_goes_and_a_renamed_one_is_new(tmp_path: Path) -> None:
    folder = tmp_path / "rules"
    first = book_of(folder, a=rule_text(), b=rule_text())
    second = book_of(folder, first, c=rule_text())
    assert list(second.rules) == ["c"]
    assert not second.stale


def test_a_folder_that_vanishes_takes_no_rule_with_it(tmp_path: Path) -> None:
    first = book_of(tmp_path / "rules", a=rule_text())
    book = load_book(tmp_path / "nowhere", MARKETS, first)
    assert list(book.rules) == ["a"]
    assert book.stale == {"a"}
    assert str(book.problems[0]) == f"{tmp_path}/nowhere: rules can't be read: No such file or directory"


def test_an_empty_folder_says_so(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    book = load_book(tmp_path, MARKETS)
    example = f"a rule is a file like {tmp_path}/my-rule.yaml, and `rules: [shipped]` names the program's own"
    assert check_report(book) == f"{tmp_path}: no rules here; {example}\n1 problem"


def test_only_what_means_to_be_a_rule_is_read(tmp_path: Path) -> None:
    folder = tmp_path / "rules"
    book_of(folder, a=rule_text())
    (folder / "tests").mkdir()
    (folder / "tests" / "a.yaml").write_text("tests: []")
    for name in ("README.md", "rule.schema.json", ".a.yaml.swp", ".hidden.yaml", "#a.yaml", "a.yaml~", "a.yaml.orig"):
        (folder / name).write_text("anything")
    (folder / "dir.yaml").mkdir()
    (folder / "b.yml").write_text(rule_text())
    book = load_book(folder, MARKETS)
    assert list(book.rules) == ["a"]
    assert [str(problem).removeprefix(f"{folder}/") for problem in book.problems] == [
        "b.yml: not read; allowed: names that end in .yaml",
        "dir.yaml: a folder; allowed: a text file",
    ]


@pytest.mark.parametrize("name", ["A", "a_b", "-a", "a-", "a--b", "ä", "a b", "a.b"])
def test_a_name_that_is_no_id_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / f"{name}.yaml").write_text(rule_text())
    book = load_book(tmp_path, MARKETS)
    assert not book.rules
    assert f"not a rule's name (got '{name}')" in book.problems[0].message


def test_rules_stand_after_those_that_they_speak_of(tmp_path: Path) -> None:
    needs = {"a": "c", "b": "a", "c": "d"}
    rules = {name: rule_text(f"fired('{other}')") for name, other in needs.items()}
    book = book_of(tmp_path / "rules", d=rule_text(), **rules)
    assert list(book.rules) == ["d", "c", "a", "b"]
    assert book.rules["b"].needs == {"a"}


def test_a_headline_speaks_of_rules_too(tmp_path: Path) -> None:
    headline = "\"{count(fired('z'), 5):.0f}\""
    book = book_of(tmp_path / "rules", a=rule_text(headline=headline), z=rule_text())
    assert list(book.rules) == ["z", "a"]


def test_a_circle_is_refused_in_each_of_its_files_and_named(tmp_path: Path) -> None:
    book = book_of(tmp_path / "rules", a=rule_text("fired('b')"), b=rule_text("fired('a')"), c=rule_text())
    assert list(book.rules) == ["c"]
    assert [(each.line, each.column, each.message) for each in book.problems] == [
        (3, 13, "rules that speak of each other in a circle: a → b → a"),
        (3, 13, "rules that speak of each other in a circle: b → a → b"),
    ]


def test_a_circle_that_an_edit_closes_leaves_the_versions_before_it(tmp_path: Path) -> None:
    folder = tmp_path / "rules"
    first = book_of(folder, a=rule_text("fired('b')"), b=rule_text())
    second = book_of(folder, first, a=rule_text("fired('b')"), b=rule_text("fired('a')"))
    assert second.rules["b"].rule == first.rules["b"].rule
    assert list(second.rules) == ["b", "a"]
    assert second.stale == {"a", "b"}
    assert len(second.problems) == 2


def test_a_rule_whose_neighbour_is_gone_stops_on_its_good_version_too(tmp_path: Path) -> None:
    folder = tmp_path / "rules"
    first = book_of(folder, a=rule_text("fired('b')"), b=rule_text())
    second = book_of(folder, first, a=rule_text("fired('b')"))
    assert not second.rules
    assert [problem.message for problem in second.problems] == ["unknown rule 'b'; known: a"]


def test_a_headline_is_one_line(tmp_path: Path) -> None:
    folded, literal = ">\n  x {close:.0f}\n  y\n", "|\n  x\n  y"
    book = book_of(tmp_path / "rules", a=rule_text(headline=folded), b=rule_text(headline=literal))
    assert book.rules["a"].headline.text == "x {close:.0f} y"
    assert [problem.message for problem in book.problems] == [
        "several lines; allowed: one, or a block that > folds into one"
    ]


def test_blanks_before_a_headline_move_no_complaint(tmp_path: Path) -> None:
    book = book_of(tmp_path / "rules", a=rule_text(headline='"   {clse:.2f}"'))
    assert (book.problems[0].line, book.problems[0].column) == (4, 16)


def test_two_hundred_rules_are_read(tmp_path: Path) -> None:
    text = (RULES / "iwm-resistance-break.yaml").read_text("utf-8")
    for number in range(200):
        (tmp_path / f"rule-{number}.yaml").write_text(text, encoding="utf-8")
    book = load_book(tmp_path, MARKETS)
    assert (len(book.rules), book.files) == (200, 200)


def test_an_empty_book_is_a_book() -> None:
    assert check_report(Rulebook()) == "0 rules, no problems"


HUGE = {
    "unknown keys": rule_text() + "".join(f"k{i}: 1\n" for i in range(25_000)),
    "some unknown keys": rule_text() + "".join(f"k{i}: 1\n" for i in range(2_400)),
    "a key again and again": rule_text() + "title: x\n" * 25_000,
    "bad tags": rule_text(tags=f"[{'A,' * 4_900}]"),
    "empty items": rule_text() + "caveats:\n" + "-\n" * 4_900,
    "bad claims": rule_text() + "claims:\n" + "- {a: 1}\n" * 1_600,
    "a long headline": rule_text(headline=f'"{"{clse}" * 40_000}"'),
    "a full headline": rule_text(headline=f'"{"{clse}" * 49}"'),
    "braces": rule_text(headline=f'"{"{" * 299}"'),
    "a long formula": rule_text("close > 1 and " * 18_000 + "close > 1"),
    "a full formula": rule_text("clse + " * 285 + "1"),
    "brackets": rule_text("(" * 1_999),
}


@pytest.mark.parametrize("text", HUGE.values(), ids=HUGE)
def test_a_huge_rule_is_complained_of_no_more_than_its_nodes_may_be(text: str) -> None:
    reading = read_rule(text.encode(), "x.yaml", MARKETS, frozenset())
    assert 0 < len(reading.problems) <= 2 * MAX_NODES


LINES = FULL.split("\n")
VALUES = st.sampled_from(
    [
        "",
        "5",
        "true",
        "[1, 2]",
        "{a: 1}",
        "'x'",
        "close",
        "10 bars",
        "close > open",
        "null",
        "|",
        "{close",
        "1e400",
        "*a",
    ]
)
MUTATIONS = st.lists(
    st.tuples(st.integers(0, len(LINES) - 1), st.sampled_from(["cut", "drop", "double", "value", "indent"]), VALUES),
    max_size=5,
)


def mutated(changes: list[tuple[int, str, str]]) -> str:
    lines = list(LINES)
    for at, how, value in changes:
        line = lines[at]
        lines[at] = {
            "cut": line[: len(line) // 2],
            "drop": "",
            "double": f"{line}\n{line}",
            "value": f"{line.split(':')[0]}: {value}",
            "indent": f" {line}",
        }[how]
    return "\n".join(lines)


@settings(max_examples=100, deadline=None)
@given(MUTATIONS)
def test_a_rule_wrong_in_any_way_is_a_rule_or_a_list_of_problems(changes: list[tuple[int, str, str]]) -> None:
    text = mutated(changes)
    reading = read_rule(text.encode(), "x.yaml", MARKETS, frozenset())
    assert (reading.rule is None) == bool(reading.problems)
    rows = text.split("\n")
    for problem in reading.problems:
        assert "Input should" not in problem.message
        assert problem.line <= len(rows) + 1
        assert problem.line == 0 or problem.line > len(rows) or problem.column <= len(rows[problem.line - 1]) + 1


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(st.sampled_from(["a", "b", "c", "d"]), st.sets(st.sampled_from(["a", "b", "c", "d"]), max_size=2))
)
def test_of_rules_that_speak_of_each_other_those_run_that_reach_no_circle(
    tmp_path_factory: pytest.TempPathFactory, needs: dict[str, set[str]]
) -> None:
    folder = tmp_path_factory.mktemp("rules")
    rules = {
        name: rule_text(" or ".join(["close > open", *(f"fired('{each}')" for each in sorted(others))]))
        for name, others in needs.items()
    }
    book = book_of(folder / "rules", **rules)
    good: set[str] = set()
    for _ in needs:
        good |= {name for name, others in needs.items() if others <= good}
    assert set(book.rules) == good
    assert {Path(problem.file).stem for problem in book.problems} >= needs.keys() - good


@pytest.mark.parametrize("name", ["all", "everything", "high", "restore", "off", "1h", "30-days", "2w"])
def test_a_name_that_means_something_else_in_commands_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / f"{name}.yaml").write_text(rule_text(), "utf-8")
    (problem,) = load_book(tmp_path, MARKETS).problems
    assert f"'{name}' means something else in commands" in problem.message
