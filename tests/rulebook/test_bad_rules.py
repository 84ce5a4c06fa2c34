"""A folder of rules that are wrong in every way, and word for word what is said of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.rulebook.book import load_book
from bot.rulebook.check_report import check_json, check_report
from bot.rulebook.rule_definition import read_rule
from tests.conftest import Golden
from tests.rulebook.books import MARKETS

HERE = Path(__file__).parent


@pytest.fixture(autouse=True)
def _here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(HERE)


def test_every_complaint_is_what_it_should_be(golden: Golden) -> None:
    book = load_book(Path("bad"), MARKETS)
    golden("complaints.txt", check_report(book))
    assert list(book.rules) == ["fine"]


def test_every_complaint_for_programs() -> None:
    book = load_book(Path("bad"), MARKETS)
    found = check_json(book.problems)["problems"]
    assert len(found) == len(book.problems)
    assert {
        "file": "bad/looks-ahead.yaml",
        "line": 4,
        "column": 35,
        "path": "when",
        "message": "a lag of -1 looks into the future; lags are 0 or more",
    } in found


def test_every_bad_file_is_complained_of() -> None:
    book = load_book(Path("bad"), MARKETS)
    files = {str(path) for path in Path("bad").iterdir() if path.suffix in (".yaml", ".yml")}
    assert files - {problem.file for problem in book.problems} == {"bad/fine.yaml"}
    assert book.files == len(files)


def test_a_headline_in_bare_braces_is_one_mistake() -> None:
    rule = b"title: T\nmarket: IWM\nwhen: close > open\nheadline: {close}\n"
    (problem,) = read_rule(rule, "r.yaml", MARKETS, frozenset()).problems
    assert str(problem).startswith("r.yaml:4:11: headline: not text (got a mapping); allowed: text, in quotes")
