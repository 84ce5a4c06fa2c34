"""Rule versions that the bot took up."""

from __future__ import annotations

from bot.store.rule_versions import KEPT, RuleVersion, accepted_versions, keep_rules
from bot.store.sqlite import Database


def test_a_rule_that_never_ran_has_no_versions(db: Database) -> None:
    assert accepted_versions(db, "a") == []


def test_the_same_text_again_is_no_new_version(db: Database) -> None:
    keep_rules(db, {"a": "one", "b": "eins"}, 10)
    keep_rules(db, {"a": "one", "b": "zwei"}, 20)
    assert accepted_versions(db, "a") == [RuleVersion("one", 10)]
    assert accepted_versions(db, "b") == [RuleVersion("zwei", 20), RuleVersion("eins", 10)]


def test_an_edit_that_is_taken_back_is_a_version_of_its_own(db: Database) -> None:
    for now, text in enumerate(["one", "two", "one"]):
        keep_rules(db, {"a": text}, now)
    assert [version.text for version in accepted_versions(db, "a")] == ["one", "two", "one"]


def test_a_rule_whose_file_is_gone_keeps_its_versions(db: Database) -> None:
    keep_rules(db, {"a": "one"}, 10)
    keep_rules(db, {}, 20)
    assert accepted_versions(db, "a") == [RuleVersion("one", 10)]


def test_only_the_newest_versions_are_kept(db: Database) -> None:
    for now in range(KEPT + 3):
        keep_rules(db, {"a": f"text {now}"}, now)
    kept = accepted_versions(db, "a")
    assert len(kept) == KEPT
    assert kept[0] == RuleVersion(f"text {KEPT + 2}", KEPT + 2)
