"""Rules in several folders: sub-folders, overriding, definitions, and what does not belong there."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.rulebook.book import Candidate, book_of_texts, book_with, load_book
from bot.rulebook.rule_definition import read_rule
from bot.rulebook.rule_files import find_rule_files, find_test_files
from bot.rulebook.testing.runner import run_tests
from tests.rulebook.books import MARKETS, rule_text

TEST = "tests:\n  - {name: n, series: {IWM: 1x5}, expect: silence}\n"


def write(folder: Path, **files: str) -> Path:
    """A folder with these files; `a__b` is the file b in the sub-folder a."""
    for name, text in files.items():
        path = folder / (name.replace("__", "/").replace("_", "-") + ".yaml")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def test_a_later_folder_s_file_replaces_an_earlier_one_s(tmp_path: Path) -> None:
    shipped = write(tmp_path / "shipped", one=rule_text("close > 1"), two=rule_text("close > 2"))
    mine = write(tmp_path / "mine", two=rule_text("close > 22"), three=rule_text("close > 3"))
    book = load_book([shipped, mine], MARKETS)
    assert not book.problems
    assert {id_: rule.rule.when.text for id_, rule in book.rules.items()} == {
        "one": "close > 1",
        "two": "close > 22",
        "three": "close > 3",
    }
    assert book.files == 4
    assert load_book([mine, shipped], MARKETS).rules["two"].rule.when.text == "close > 2"


def test_sub_folders_count_and_those_of_tests_and_old_versions_do_not(tmp_path: Path) -> None:
    write(tmp_path, one=rule_text(), trend__two=rule_text(), tests__one=TEST, previous__old=rule_text("nonsense"))
    (tmp_path / ".git").mkdir()
    write(tmp_path / ".git", hidden=rule_text("nonsense"))
    book = load_book(tmp_path, MARKETS)
    assert not book.problems
    assert set(book.rules) == {"one", "two"}


def test_one_name_twice_in_one_folder_is_a_mistake(tmp_path: Path) -> None:
    write(tmp_path, one=rule_text("close > 1"), more__one=rule_text("close > 2"))
    book = load_book(tmp_path, MARKETS)
    assert book.rules["one"].rule.when.text == "close > 1"
    (problem,) = book.problems
    assert f"the same rule stands in {tmp_path}/one.yaml too" in problem.message


def test_a_folder_that_is_missing_leaves_the_others(tmp_path: Path) -> None:
    write(tmp_path / "here", one=rule_text())
    book = load_book([tmp_path / "here", tmp_path / "gone"], MARKETS)
    assert set(book.rules) == {"one"}
    assert [each.message for each in book.problems] == ["rules can't be read: No such file or directory"]
    (tmp_path / "empty").mkdir()
    assert not load_book([tmp_path / "here", tmp_path / "empty"], MARKETS).problems


def test_rules_of_a_folder_that_can_t_be_read_for_a_while_go_on(tmp_path: Path) -> None:
    here = write(tmp_path / "here", one=rule_text(), user=rule_text('fired("two", within=3)'))
    away = write(tmp_path / "away", two=rule_text("close > 2"))
    before = load_book([here, away], MARKETS)
    away.rename(tmp_path / "unmounted")
    after = load_book([here, away], MARKETS, before)
    assert set(after.rules) == {"one", "two", "user"}
    assert after.stale == {"two"}
    assert len(after.problems) == 1


def test_a_link_that_leads_back_is_followed_nowhere(tmp_path: Path) -> None:
    write(tmp_path, one=rule_text())
    (tmp_path / "loop").symlink_to(tmp_path)
    book = load_book(tmp_path, MARKETS)
    assert not book.problems
    assert set(book.rules) == {"one"}


def test_a_definition_is_the_formula_that_it_names(tmp_path: Path) -> None:
    write(
        tmp_path,
        definitions="up: close > open\nstrong: up and volume > 500\nhalf: (high + low) / 2\n",
        named=rule_text("strong and close > half", level="half", headline='"{half:.1f}"'),
        spelled=rule_text("close > open and volume > 500 and close > (high + low) / 2"),
        asks=rule_text('fired("named", within=3) and up'),
    )
    book = load_book(tmp_path, MARKETS)
    assert not book.problems
    named, spelled = book.rules["named"].rule, book.rules["spelled"].rule
    assert named.when.history == spelled.when.history
    assert book.rules["asks"].needs == {"named"}
    assert book.definitions == {"up": "close > open", "strong": "up and volume > 500", "half": "(high + low) / 2"}


def test_a_definition_that_asks_for_another_rule_makes_its_user_need_it(tmp_path: Path) -> None:
    write(
        tmp_path,
        definitions='signal: fired("one", within=9)\n',
        one=rule_text(),
        user=rule_text("signal and close > 1"),
    )
    book = load_book(tmp_path, MARKETS)
    assert book.rules["user"].needs == {"one"}
    assert list(book.rules) == ["one", "user"]


def test_a_rule_s_digest_changes_with_the_definition_and_not_with_its_name(tmp_path: Path) -> None:
    def digest(definitions: str, when: str) -> str:
        write(tmp_path, definitions=definitions, rule=rule_text(when))
        return load_book(tmp_path, MARKETS).rules["rule"].rule.digest

    assert digest("up: close > open\n", "up") == digest("rises: close > open\n", "rises")
    assert digest("up: close > open\n", "up") != digest("up: close > low\n", "up")


@pytest.mark.parametrize(
    ("definitions", "told"),
    [
        ("close: open\n", "close: means something else in a formula (got 'close')"),
        ("sma: open\n", "sma: means something else in a formula"),
        ("Up: close > open\n", "Up: not a name (got 'Up'); allowed: small letters"),
        ("up: 5\n", "up: not a formula; allowed: one formula as text"),
        ("up: close > opne\n", "up: unknown name 'opne'; did you mean 'open'?"),
        ("up: close > highest(close, 20)\n", "up: 'close > highest(close, 20)' can never be yes"),
        ("a: b > 1\nb: close\n", "a: unknown name 'b'"),
        ("- up\n", "not definitions; allowed: names with formulas"),
        ("up: close > open\nup: close > low\n", "up: written twice"),
        ('up: fired("rul")\n', "did you mean 'rule'?"),
    ],
)
def test_mistakes_in_definitions(tmp_path: Path, definitions: str, told: str) -> None:
    write(tmp_path, definitions=definitions, rule=rule_text())
    book = load_book(tmp_path, MARKETS)
    assert any(
        f": {told}" in f": {problem.path}: {problem.message}" or told in str(problem) for problem in book.problems
    )
    assert set(book.rules) == {"rule"}


def test_definitions_can_t_grow_without_end(tmp_path: Path) -> None:
    doubled = "".join(f"n{at}: n{at - 1} + n{at - 1}\n" for at in range(1, 60))
    write(tmp_path, definitions="n0: close\n" + doubled, rule=rule_text("n59 > 1"))
    book = load_book(tmp_path, MARKETS)
    assert any("too large with the definitions in it" in problem.message for problem in book.problems)


def test_a_later_folder_s_definition_replaces_an_earlier_one_s(tmp_path: Path) -> None:
    shipped = write(tmp_path / "shipped", definitions="up: close > open\n", rule=rule_text("up"))
    mine = write(tmp_path / "mine", definitions="floor: low\nup: close > floor\n")
    book = load_book([shipped, mine], MARKETS)
    assert not book.problems
    assert (
        book.rules["rule"].rule.when.root.key
        == load_book(write(tmp_path / "plain", rule=rule_text("close > low")), MARKETS).rules["rule"].rule.when.root.key
    )


def test_the_last_good_version_comes_back_from_its_texts(tmp_path: Path) -> None:
    write(
        tmp_path,
        definitions="up: close > open\n",
        one=rule_text("up"),
        two=rule_text('fired("one", within=3) and up'),
        other=rule_text(),
    )
    before = load_book(tmp_path, MARKETS)
    restored = book_of_texts(before.texts, MARKETS)
    assert {id_: rule.rule.digest for id_, rule in restored.rules.items()} == {
        id_: rule.rule.digest for id_, rule in before.rules.items()
    }
    write(tmp_path, definitions="up: close > opne\n", one="title: [", other=rule_text("close > 9"))
    after = load_book(tmp_path, MARKETS, book_of_texts(before.texts, MARKETS))
    assert set(after.rules) == {"one", "two", "other"}
    assert after.stale == {"one", "two"}
    assert after.rules["other"].rule.when.text == "close > 9"
    again = load_book(tmp_path, MARKETS, book_of_texts(after.texts, MARKETS))
    assert set(again.rules) == {"one", "two", "other"}


def test_a_rule_whose_file_is_gone_does_not_come_back(tmp_path: Path) -> None:
    write(tmp_path, one=rule_text(), two=rule_text())
    texts = load_book(tmp_path, MARKETS).texts
    (tmp_path / "two.yaml").unlink()
    assert set(load_book(tmp_path, MARKETS, book_of_texts(texts, MARKETS)).rules) == {"one"}


def test_a_file_from_anywhere_is_read_among_the_others(tmp_path: Path) -> None:
    write(tmp_path, definitions="up: close > open\n", one=rule_text())
    text = rule_text('up and fired("one", within=3)')
    book = book_with(tmp_path, MARKETS, {"draft": Candidate("/elsewhere/draft.yaml", text.encode())})
    assert not book.problems
    assert list(book.rules) == ["one", "draft"]


def test_a_rule_that_is_replaced_is_tested_by_the_tests_beside_its_file(tmp_path: Path) -> None:
    fails = TEST.replace("silence", "{2: fired}")
    shipped = write(tmp_path / "shipped", one=rule_text("close > 5"), tests__one=fails, two=rule_text("close > 5"))
    write(shipped, tests__two=TEST)
    mine = write(tmp_path / "mine", one=rule_text("close > 6"), tests__one=TEST, deep__three=rule_text("close > 7"))
    write(mine, deep__tests__three=TEST)
    folders = [shipped, mine]
    run = run_tests(folders, load_book(folders, MARKETS))
    assert [(result.rule, result.passed) for result in run.results] == [("two", True), ("three", True), ("one", True)]
    only = run_tests(folders, load_book(folders, MARKETS), only={"three"})
    assert [result.rule for result in only.results] == ["three"]
    assert [path.name for path in find_test_files(mine)] == ["three.yaml", "one.yaml"]
    assert set(find_rule_files(folders).rules) == {"one", "two", "three"}


def test_without_a_headline_the_alert_says_title_and_close(tmp_path: Path) -> None:
    write(tmp_path, plain="title: A {b} rises\nmarket: IWM\nwhen: close > open\n")
    book = load_book(tmp_path, MARKETS)
    assert not book.problems
    assert book.rules["plain"].headline.render(lambda _: 1234.5) == "A {b} rises: IWM at 1,234.50"


def test_braces_in_a_market_s_name_are_a_complaint_and_no_headline() -> None:
    text = "title: T\nmarket: 'A {level:.2f}'\nwhen: close > open\n"
    assert [each.path for each in read_rule(text.encode(), "r.yaml", MARKETS, frozenset()).problems] == ["market"]
