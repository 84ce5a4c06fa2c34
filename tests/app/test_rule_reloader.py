"""Rules under the running bot: taken up when saved, kept when broken, also over a restart."""

from __future__ import annotations

from pathlib import Path

from bot.app.rule_reloader import RuleReloader, accepted_before
from bot.store.database import open_database
from bot.store.rule_versions import accepted_texts, keep_rules

MARKETS = frozenset({"IWM"})
RULE = "title: T\nmarket: IWM\nwhen: {}\n"


def start(folder: Path, database: Path) -> RuleReloader:
    """A bot that starts, looks once and stops."""
    rules = RuleReloader(folder, MARKETS, accepted_before(database))
    db = open_database(database)
    try:
        keep_rules(db, rules.current.texts, 1_700_000_000)
    finally:
        db.close()
    return rules


def test_a_broken_rule_and_those_that_need_it_survive_a_restart(tmp_path: Path) -> None:
    folder, database = tmp_path / "rules", tmp_path / "bot.db"
    folder.mkdir()
    (folder / "definitions.yaml").write_text("up: close > open\n")
    (folder / "one.yaml").write_text(RULE.format("up"))
    (folder / "two.yaml").write_text(RULE.format('fired("one", within=3)'))
    assert accepted_before(database) == {}
    first = start(folder, database)
    assert not first.current.stale
    (folder / "one.yaml").write_text(RULE.format("clsoe > open"))
    second = start(folder, database)
    assert set(second.current.rules) == {"one", "two"}
    assert second.current.stale == {"one"}
    assert second.current.rules["one"].rule.digest == first.current.rules["one"].rule.digest
    assert second.current.problems
    (folder / "definitions.yaml").write_text("up: [\n")
    third = start(folder, database)
    assert third.current.rules["one"].rule.digest == first.current.rules["one"].rule.digest
    (folder / "one.yaml").unlink()
    assert "one" not in start(folder, database).current.rules


def test_a_folder_that_is_deleted_leaves_the_last_good_rules(tmp_path: Path) -> None:
    folder, database = tmp_path / "rules", tmp_path / "bot.db"
    folder.mkdir()
    (folder / "one.yaml").write_text(RULE.format("close > open"))
    rules = start(folder, database)
    folder.rename(tmp_path / "away")
    assert rules.refresh()
    assert set(rules.current.rules) == rules.current.stale == {"one"}
    assert "rules can't be read" in str(rules.current.problems[0])
    (tmp_path / "away").rename(folder)
    assert rules.refresh()
    assert not rules.current.stale
    assert not rules.current.problems


def test_a_save_in_a_sub_folder_is_taken_up_and_a_look_without_one_reads_nothing(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "one.yaml").write_text(RULE.format("close > 1"))
    rules = RuleReloader([tmp_path], MARKETS)
    assert not rules.refresh()
    (tmp_path / "deep" / "one.yaml").write_text(RULE.format("close > 22"))
    assert rules.refresh()
    assert rules.book().rules["one"].rule.when.text == "close > 22"


def test_a_database_of_another_program_holds_no_rules(tmp_path: Path) -> None:
    (tmp_path / "bot.db").write_text("no database")
    assert accepted_before(tmp_path / "bot.db") == {}


def test_the_newest_text_of_each_rule_is_the_accepted_one(tmp_path: Path) -> None:
    db = open_database(tmp_path / "bot.db")
    keep_rules(db, {"one": "old", "two": "b"}, 1)
    keep_rules(db, {"one": "new"}, 2)
    assert accepted_texts(db) == {"one": "new", "two": "b"}
    db.close()
