"""A rule's file goes into its place wholly or not at all, and the one before is kept."""

from __future__ import annotations

import pytest

from bot.problem import ProblemError
from bot.rulebook.book import Candidate, book_with, load_book
from bot.rulebook.rule_folder import (
    VERSIONS_KEPT,
    install_rule,
    installed_text,
    installed_versions,
    previous_version,
    rule_path,
)

NOW = 1_700_000_000
MARKETS = frozenset({"RUT"})
RULE = "title: A rule\nmarket: RUT\nwhen: close > {}\nheadline: it happened\n"


def test_the_first_file_has_nothing_before_it(tmp_path):
    assert installed_text(tmp_path, "a-rule") is None
    assert install_rule(tmp_path, "a-rule", b"one", NOW) is False
    assert installed_text(tmp_path, "a-rule") == b"one"
    assert installed_versions(tmp_path, "a-rule") == []
    assert previous_version(tmp_path, "a-rule") is None


def test_each_version_is_kept_and_the_newest_other_one_comes_back(tmp_path):
    for at, text in enumerate((b"one", b"two", b"three")):
        install_rule(tmp_path, "a-rule", text, NOW + at)
    assert [(version.at, version.read()) for version in installed_versions(tmp_path, "a-rule")] == [
        (NOW + 2, b"two"),
        (NOW + 1, b"one"),
    ]
    before = previous_version(tmp_path, "a-rule")
    assert before is not None
    assert install_rule(tmp_path, "a-rule", before.read(), NOW + 3) is True
    after = previous_version(tmp_path, "a-rule")
    assert after is not None
    assert after.read() == b"three"


def test_several_versions_within_one_second_keep_their_order(tmp_path):
    for text in (b"one", b"two", b"three", b"four"):
        install_rule(tmp_path, "a-rule", text, NOW)
    assert [version.read() for version in installed_versions(tmp_path, "a-rule")] == [b"three", b"two", b"one"]


def test_a_version_of_another_rule_whose_name_begins_alike_is_not_taken(tmp_path):
    for text in (b"one", b"two"):
        install_rule(tmp_path, "a-rule", text, NOW)
        install_rule(tmp_path, "a-rule-too", b"other " + text, NOW)
    assert [version.read() for version in installed_versions(tmp_path, "a-rule")] == [b"one"]


def test_only_so_many_are_kept(tmp_path):
    for at in range(VERSIONS_KEPT + 5):
        install_rule(tmp_path, "a-rule", b"%d" % at, NOW + at)
    kept = installed_versions(tmp_path, "a-rule")
    assert len(kept) == VERSIONS_KEPT
    assert kept[0].read() == b"%d" % (VERSIONS_KEPT + 3)


def test_what_lies_there_and_is_no_version_is_passed_over(tmp_path):
    for text in (b"one", b"two"):
        install_rule(tmp_path, "a-rule", text, NOW)
    for name in ("a-rule.yaml", "a-rule.99999999T999999Z.yaml", "notes.txt", "a-rule.20231114T221320Z-x.yaml"):
        (tmp_path / "previous" / name).write_text("?")
    assert [version.read() for version in installed_versions(tmp_path, "a-rule")] == [b"one"]


@pytest.mark.parametrize("name", ["../evil", "/etc/passwd", "", "a b", "A", "a..b", "a/b"])
def test_only_a_rules_id_names_a_place(tmp_path, name):
    with pytest.raises(ValueError, match="not a rule's id"):
        rule_path(tmp_path, name)


def test_a_disk_that_takes_nothing_leaves_the_file_as_it_was(tmp_path, monkeypatch):
    install_rule(tmp_path, "a-rule", b"one", NOW)

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("bot.regular_file.os.fsync", full)
    with pytest.raises(ProblemError, match="No space left on device"):
        install_rule(tmp_path, "a-rule", b"two", NOW)
    assert installed_text(tmp_path, "a-rule") == b"one"
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["a-rule.yaml"]


def test_a_folder_in_the_place_of_the_file_is_said_so(tmp_path):
    (tmp_path / "a-rule.yaml").mkdir()
    with pytest.raises(ProblemError, match="can't be read or written"):
        install_rule(tmp_path, "a-rule", b"one", NOW)


def test_kept_versions_do_not_run(tmp_path):
    for level in (1, 2):
        install_rule(tmp_path, "a-rule", RULE.format(level).encode(), NOW)
    book = load_book(tmp_path, MARKETS)
    assert (list(book.rules), book.problems) == (["a-rule"], ())


def test_a_book_with_a_file_that_is_not_there_is_the_book_that_would_be(tmp_path):
    (tmp_path / "first.yaml").write_text(RULE.format(1))
    candidate = RULE.format('2 and fired("first", within=3)')
    tried = book_with(tmp_path, MARKETS, {"second": Candidate("x.yaml", candidate.encode())})
    assert not (tmp_path / "second.yaml").exists()
    (tmp_path / "second.yaml").write_text(candidate)
    loaded = load_book(tmp_path, MARKETS)
    assert tried.problems == loaded.problems == ()
    assert {id_: rule.rule.digest for id_, rule in tried.rules.items()} == {
        id_: rule.rule.digest for id_, rule in loaded.rules.items()
    }


def test_a_book_with_another_version_of_a_file_takes_that_one(tmp_path):
    (tmp_path / "first.yaml").write_text(RULE.format(1))
    (tmp_path / "second.yaml").write_text(RULE.format('2 and fired("first", within=3)'))
    tried = book_with(
        tmp_path, MARKETS, {"first": Candidate("x.yaml", RULE.format('1 and fired("second", within=3)').encode())}
    )
    assert tried.rules == {}
    assert any("circle" in problem.message for problem in tried.problems)


def test_a_book_of_a_folder_that_is_not_there_is_that_one_file(tmp_path):
    tried = book_with(tmp_path / "none", MARKETS, {"first": Candidate("x.yaml", RULE.format(1).encode())})
    assert (list(tried.rules), tried.problems) == (["first"], ())
