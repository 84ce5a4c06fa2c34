"""`rules diff`, as the author types it after an edit."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from bot.signals.timeframe import start_of
from bot.store.database import open_database
from bot.store.rule_versions import keep_rules
from tests.cli.author import RULE, Shell

EDITED = RULE.replace("0.1 * atr(5)", "0.5 * atr(5)")


@pytest.fixture
def edited(place: Path) -> Path:
    (place / "before.yaml").write_text(RULE)
    path = place / "rules" / "iwm-tops.yaml"
    path.write_text(EDITED)
    return path


def fires(shell: Shell) -> set[str]:
    told = json.loads(shell("backtest iwm-tops --data data --json"))
    return {event["bar"] for event in told["rules"][0]["events"] if event["event"] == "fired"}


def test_days_side_by_side_are_those_of_two_backtests(shell: Shell, edited: Path) -> None:
    new = fires(shell)
    edited.write_text(RULE)
    old = fires(shell)
    edited.write_text(EDITED)
    assert old - new
    told = json.loads(shell("rules diff before.yaml rules/iwm-tops.yaml --data data --json"))
    assert {day["bar"] for day in told["days"] if day["old"]} == old
    assert {day["bar"] for day in told["days"] if day["new"]} == new
    assert (told["old"]["alerts"], told["new"]["alerts"]) == (len(old), len(new))
    assert (told["old"]["version"], told["new"]["version"]) == ("before.yaml", "rules/iwm-tops.yaml")

    text = shell("rules diff iwm-tops --old before.yaml --data data")
    assert text.startswith("iwm-tops on IWM 1d: 2023-01-03 to ")
    assert "old: before.yaml" in text
    assert len(re.findall("^− ", text, re.MULTILINE)) == len(old - new)
    assert len(re.findall(r"^\+ ", text, re.MULTILINE)) == len(new - old)
    said = f"{len(old & new)} day{'' if len(old & new) == 1 else 's'} in both, {len(old - new)} only in the old version"
    assert said in text


def test_the_old_version_is_the_one_that_the_bot_ran_before(shell: Shell, edited: Path, place: Path) -> None:
    db = open_database(place / "bellwether.db")
    keep_rules(db, {"iwm-tops": RULE}, start_of("2026-11-19T14:02"))
    keep_rules(db, {"iwm-tops": EDITED}, start_of("2026-11-20T09:00"))  # the running bot takes an edit up by itself
    db.close()
    text = shell("rules diff rules/iwm-tops.yaml --data data")
    assert "old: what the bot took up on Thu 19 Nov 2026, 14:02 UTC\n" in text
    edited.write_text(RULE)
    assert "took up on Fri 20 Nov 2026" in shell("rules diff iwm-tops --data data")


def test_without_a_version_to_compare_with_it_asks_for_one(shell: Shell, edited: Path, place: Path) -> None:
    shell("rules diff iwm-tops --data data", 2)
    assert "nothing to compare with: no bot has run this rule here; allowed: --old FILE" in shell.err
    db = open_database(place / "bellwether.db")
    keep_rules(db, {"iwm-tops": EDITED}, 10)
    db.close()
    shell("rules diff iwm-tops --data data", 2)
    assert "nothing to compare with: the bot has run no other version; allowed: --old FILE" in shell.err


def test_a_shipped_rule_is_compared_with_what_was_shipped(shell: Shell, place: Path) -> None:
    (place / "rules" / "iwm-52-week-high.yaml").write_text(EDITED)
    assert "old: the rule as it is shipped\n" in shell("rules diff iwm-52-week-high --data data")


def test_words_that_change_no_event(shell: Shell, edited: Path) -> None:
    edited.write_text(RULE.replace("tops ten", "is above ten"))
    text = shell("rules diff iwm-tops --old before.yaml --data data")
    assert "Both decide alike" in text
    assert " 0 only in the old version, 0 only in the new one." in text


def test_problems_of_either_version_are_said_where_they_are(shell: Shell, edited: Path, place: Path) -> None:
    edited.write_text(RULE.replace("highest", "hihgest"))
    assert shell("rules diff iwm-tops --old before.yaml --data data", 2) == ""
    assert "iwm-tops.yaml:3:15: when: unknown function 'hihgest'; did you mean 'highest'?" in shell.err
    edited.write_text(EDITED)
    (place / "before.yaml").write_text(RULE.replace("market: IWM", "market: IWX"))
    shell("rules diff iwm-tops --old before.yaml --data data", 2)
    assert shell.err.startswith("before.yaml:2:9: market: unknown market")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("rules diff nothing.yaml --data data", "nothing.yaml: no such file; allowed: a rule file, or a rule's name"),
        ("rules diff iwm-tops --old gone.yaml --data data", "gone.yaml: no such file"),
        ("rules diff a b c --data data", "one rule, or the old file and the new one"),
    ],
)
def test_mistakes_are_said_kindly(shell: Shell, edited: Path, line: str, said: str) -> None:
    assert shell(line, 2) == ""
    assert said in shell.err
