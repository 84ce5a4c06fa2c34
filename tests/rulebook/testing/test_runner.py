"""Rule tests: passing, failing with the bars that differ, and files that prove nothing."""

from __future__ import annotations

from pathlib import Path
from xml.etree.ElementTree import fromstring

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.rulebook.book import load_book
from bot.rulebook.testing.junit import junit_xml
from bot.rulebook.testing.report import run_report
from bot.rulebook.testing.runner import TestRun, TestSetting, run_tests
from tests.rulebook.books import MARKETS, ROUND_THE_CLOCK, book_of, rule_text

BREAK = rule_text(
    "close > highest(high, 3)[1]",
    level="highest(high, 3)[1]",
    quiet="5 bars",
    follow="{for: 4 bars, confirmed: 2 closes, held: low <= level and close > level, failed: close < level - 1}",
)


SAME_EPISODE = "yes, but it was yes 1 bar before: the same episode (quiet: 5 bars)"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rules" / "tests").mkdir(parents=True)
    (tmp_path / "rules" / "break.yaml").write_text(BREAK)
    return tmp_path / "rules"


def run(folder: Path, **files: str) -> TestRun:
    for name, text in files.items():
        (folder / "tests" / f"{name.replace('_', '-')}.yaml").write_text(text)
    book = load_book(Path("rules"), MARKETS)
    assert not book.problems
    return run_tests(Path("rules"), book, TestSetting(ROUND_THE_CLOCK))


def case(series: str, expect: str, name: str = "it works", more: str = "") -> str:
    return f"tests:\n  - name: {name}\n    series: {series}\n    expect: {expect}\n{more}"


def test_what_comes_as_expected_passes(folder: Path) -> None:
    done = run(folder, **{"break": case("{IWM: '10x3 11x3 11x2'}", "{4: fired, 6: [confirmed], 8: ended}")})
    assert done.passed
    assert run_report(done) == "break: no test shows it; needed: a non-firing test\n1 passed, 0 failed"


def test_bars_may_be_called_by_their_dates(folder: Path) -> None:
    done = run(folder, **{"break": case("{IWM: '10x3 11'}", "{2024-01-04: fired}")})
    assert done.passed
    done = run(folder, **{"break": case("{IWM: '10x3 11'}", "{2024-05-05: fired}", more="    start: 2024-04-30\n")})
    assert not done.passed
    done = run(folder, **{"break": case("{IWM: '10x3 11'}", "{2024-05-03: fired}", more="    start: 2024-04-30\n")})
    assert done.passed


def test_every_difference_is_shown_with_its_reason(folder: Path) -> None:
    text = """\
tests:
  - name: wrong in every way
    series: {IWM: "10x3 10 11 12 8 13 13"}
    expect:
      4: fired
      5: confirmed
      6: fired
      7: held
      9: [ended, ended]
  - name: silence that is none
    series: {IWM: "10x3 11"}
    expect: silence
  - name: fine
    series: {IWM: "10x4"}
    expect: silence
"""
    done = run(folder, **{"break": text})
    assert run_report(done).split("\n") == [
        "✗ break › wrong in every way     rules/tests/break.yaml:2",
        "    bar   close   level   expected       got",
        "      3      10       –   –              –",
        "      4      10      10   fired          –        close (10) is not > highest(high, 3)[1] (10)",
        "      5      11      10   confirmed      fired    nothing is followed here",
        f"      6      12      11   fired          –        {SAME_EPISODE}",
        "      7       8      12   held           failed   close (8) is not > level (10)",
        "      8      13      12   –              –",
        "      9      13      13   ended, ended   –",
        "✗ break › silence that is none     rules/tests/break.yaml:10",
        "    bar   close   level   expected   got",
        "      3      10       –   –          –",
        "      4      11      10   –          fired   close (11) is > highest(high, 3)[1] (10)",
        "1 passed, 2 failed",
    ]
    assert not done.passed


@pytest.mark.parametrize(
    ("expect", "said"),
    [
        ("", "expects nothing; say which events, as in 31: fired, or expect: silence"),
        ("{}", "expects nothing; say which events, as in 31: fired, or expect: silence"),
        ("[]", "expects nothing; say which events, as in 31: fired, or expect: silence"),
    ],
)
def test_a_test_that_expects_nothing_fails(folder: Path, expect: str, said: str) -> None:
    done = run(folder, **{"break": case("{IWM: '10x3 11'}", expect)})
    assert [result.reason for result in done.results] == [said]
    assert not done.passed


def test_a_silence_of_too_few_bars_fails(folder: Path) -> None:
    done = run(folder, **{"break": case("{IWM: '10x3'}", "silence")})
    assert "silent only because the formula is unknown at every bar; give it more bars" in run_report(done)
    assert not done.passed


def test_series_are_those_that_the_rule_reads(folder: Path) -> None:
    done = run(folder, **{"break": case("{SPY: '10x4'}", "silence")})
    assert done.results[0].reason == "no bars of IWM, which the rule reads; add them to series"
    done = run(folder, **{"break": case("{IWM: '10x4', SPY: '10x4'}", "silence")})
    assert done.results[0].reason == "bars of SPY, which the rule does not read; it reads IWM"


def test_bars_that_are_not_there_can_have_no_events(folder: Path) -> None:
    done = run(folder, **{"break": case("{IWM: '10x3 _ 11'}", "{4: fired, 99: fired}")})
    assert done.results[0].reason.split("\n") == [
        "rules/tests/break.yaml:4:14: tests[0].expect.4: no such bar among the 4 of IWM",
        "rules/tests/break.yaml:4:24: tests[0].expect.99: no such bar among the 4 of IWM",
    ]


def test_rules_that_build_on_others_run_with_them(folder: Path) -> None:
    (folder / "after.yaml").write_text(rule_text('fired("break", within=3) and close > 5', market="BTC"))
    text = """\
tests:
  - name: a day of BTC closes after the session of IWM
    series: {IWM: "10x3 11 11", BTC: "4x3 6 6 4x20 6"}
    expect: {4: fired}
"""
    assert run(folder, after=text).passed


def test_files_that_are_wrong_are_told_and_the_others_run(folder: Path) -> None:
    done = run(
        folder,
        a="tests:\n  - nmae: x\n    series: {IWM: '1'}\n",
        b="rule: braek\n" + case("{IWM: '1'}", "silence"),
        c=case("{IWM: '1'}", "silence"),
        d="rule: break\n" + case("{IWM: '10x3 11'}", "{4: fierd, x: fired}"),
        e="rule: break\n" + case("{IWM: '10x3 1o'}", "{4: fired}"),
        f="rule: break\ntests:\n" + 2 * "  - {name: n, series: {IWM: '10x4'}, expect: silence}\n",
        g="rule: break\ntests: [{name: n, series: {IWM: {high: '1'}}, start: soon}]\n",
        h="",
    )
    assert [str(problem).removeprefix("rules/tests/") for problem in done.problems] == [
        "a.yaml:1:1: no such rule, or a broken one (got 'a'); allowed: break",
        "a.yaml:2:5: tests[0].name: missing; needed: what the test shows, in words",
        "a.yaml:2:5: tests[0].nmae: unknown key; did you mean 'name'? allowed: name, start, series, expect",
        "b.yaml:1:7: rule: no such rule, or a broken one (got 'braek'); did you mean 'break'? allowed: break",
        "c.yaml:1:1: no such rule, or a broken one (got 'c'); allowed: break",
        (
            "d.yaml:5:13: tests[0].expect: unknown event (got 'fierd'); did you mean 'fired'? allowed: "
            "fired, provisional, withdrawn, confirmed, held, failed, resumed, milestone, ended, retracted, corrected; "
            "not a bar (got 'x'); allowed: a number from 1, or a date like 2024-01-01"
        ),
        "f.yaml:4:12: tests[1].name: a name that an earlier test has",
        "g.yaml:2:33: tests[0].series.IWM: bars are either closes or a csv file (got neither); allowed: close, csv",
        "g.yaml:2:54: tests[0].start: not a day (got 'soon'); allowed: like 2024-01-01",
        "h.yaml: empty",
    ]
    assert done.results[0].reason.startswith("rules/tests/e.yaml:4:25: tests[0].series.IWM: can't read '1o'")
    assert run_report(done).endswith("2 passed, 1 failed, 7 files with mistakes")
    assert not done.passed


def test_all_that_is_wrong_in_a_file_is_told_at_once(folder: Path) -> None:
    text = """\
tests:
  - name: an unknown event
    series: {IWM: "10x3 11"}
    expect: {4: exploded, 99: fired}
  - name: a bad series
    series: {IWM: "10x3 banana"}
    expect: {4: [fired, exploded]}
  - name: a key too many
    series: {IWM: "10x3 11"}
    bars: 3
    expect: {98: fired}
  - name: a bar that is not there
    series: {IWM: "10x3 11"}
    expect: {97: fired}
  - name: bars of a bad column
    series: {IWM: "10x3 what"}
    expect: silence
  - name: fine
    series: {IWM: "10x3 11"}
    expect: {4: fired}
  - nothing
"""
    done = run(folder, **{"break": text})
    assert [(problem.line, problem.path) for problem in done.problems] == [
        (4, "tests[0].expect"),
        (4, "tests[0].expect.99"),
        (6, "tests[1].series.IWM"),
        (7, "tests[1].expect"),
        (10, "tests[2].bars"),
        (11, "tests[2].expect.98"),
        (21, "tests[6]"),
    ]
    assert [result.passed for result in done.results] == [False, False, True]
    assert "tests[3].expect.97: no such bar" in done.results[0].reason
    assert "tests[4].series.IWM" in done.results[1].reason
    assert not done.unproven, "what a file lacks can't be told before all of it is read"
    assert not run(folder, **{"break": "tests: [}"}).unproven


def test_the_same_for_a_build_server(folder: Path) -> None:
    name = '"tom & jerry < \\u2028 \U0001f4c8"'
    done = run(folder, **{"break": case("{IWM: '10x3 11'}", "silence", name=name), "bad": "x: 1"})
    root = fromstring(junit_xml(done))
    assert root.attrib == {"name": "bellwether rules", "tests": "1", "failures": "1", "errors": "1"}
    failed, unread = root.findall("./testsuite/testcase")
    assert failed.attrib["classname"] == "break"
    assert failed.attrib["name"].startswith("tom & jerry <")
    assert (failed.attrib["file"], failed.attrib["line"]) == ("rules/tests/break.yaml", "2")
    assert "close (11) is >" in str(failed[0].text)
    assert unread[0].tag == "error"


def test_what_passes_is_no_failure_in_xml(folder: Path) -> None:
    done = run(folder, **{"break": case("{IWM: '10x3 11'}", "{4: fired}")})
    root = fromstring(junit_xml(done))
    assert root.attrib["failures"] == "0"
    assert len(root.findall(".//testcase")) == 1
    assert root.find(".//failure") is None


def test_one_bar_may_be_a_plain_number(folder: Path) -> None:
    (folder / "small.yaml").write_text(rule_text("close > 5"))
    assert run(folder, small=case("{IWM: 100}", "{1: fired}")).passed


@pytest.mark.parametrize("bar", ["0", "04", "-1", "1.5", "first", "2024-13-01", "9999999"])
def test_a_bar_is_a_number_from_one_or_a_date(folder: Path, bar: str) -> None:
    done = run(folder, **{"break": case("{IWM: '10x3 11'}", f"{{{bar}: fired}}")})
    assert [problem.message for problem in done.problems] == [
        f"not a bar (got '{bar}'); allowed: a number from 1, or a date like 2024-01-01"
    ]


GOOD = case("{IWM: {close: '10x3 11', high: '11x4', start: 2024-05-01}, BTC: '5 _ ?'}", "{4: [fired], 5: held}")
PIECES = st.sampled_from(
    ["", "5", "true", "[]", "{a: 1}", "'x'", "silence", "9999x9", "1+1", "2199-12-31", "_x4", "?x4", "null", "[fired]"]
)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(GOOD)), st.integers(0, 6), PIECES), max_size=4))
def test_a_test_file_wrong_in_any_way_is_told(
    tmp_path_factory: pytest.TempPathFactory, cuts: list[tuple[int, int, str]]
) -> None:
    text = GOOD
    for at, length, piece in cuts:
        text = text[:at] + piece + text[at + length :]
    folder = tmp_path_factory.mktemp("cut") / "rules"
    book = book_of(folder, b=rule_text("close > highest(high, 3)[1] and BTC.close > 1"))
    (folder / "tests").mkdir()
    (folder / "tests" / "b.yaml").write_text(text, encoding="utf-8")
    done = run_tests(folder, book, TestSetting(ROUND_THE_CLOCK))
    assert done.results or done.problems
    assert "Input should" not in run_report(done)
    fromstring(junit_xml(done))


def test_without_a_folder_of_tests_every_rule_is_unproven(folder: Path) -> None:
    (folder / "tests").rmdir()
    done = run(folder)
    assert run_report(done) == "break: no test shows it; needed: a firing and a non-firing test\n0 passed, 0 failed"
