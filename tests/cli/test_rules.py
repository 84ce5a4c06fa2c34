"""`rules new`, `check`, `test` and `schema`, and `backtest` of a file, as an author types them."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from bot.rulebook.schema import rule_schema
from bot.yamlfile.load import read_yaml
from tests.cli.author import RULE, Shell

GIT = ["git", "-c", "user.name=a", "-c", "user.email=a@b"]


def config(place: Path, text: str) -> None:
    (place / "config.yaml").write_text(text)


def test_a_new_rule_and_its_test_are_right_as_they_stand(shell: Shell, place: Path) -> None:
    told = shell("rules new my-breakout --market iwm")
    assert told.startswith("my-rules/my-breakout.yaml\nmy-rules/tests/my-breakout.yaml\n")
    assert shell("rules check my-breakout") == "1 rule, no problems\n"
    assert shell("rules test my-breakout") == "2 passed, 0 failed\n"
    assert "market: IWM" in (place / "my-rules" / "my-breakout.yaml").read_text()
    shell("rules new my-breakout", code=2)
    assert "is here already" in shell.err
    shell("rules new My_Rule", code=2)
    assert "not a rule's name (got 'My_Rule')" in shell.err
    assert "like my-rule" in shell.err
    shell("rules new definitions", code=2)
    assert json.loads((place / "my-rules" / "rule.schema.json").read_text())["properties"]["market"]["examples"]


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("../evil", "rules new: not a rule's name (got '../evil'); allowed: a name without a folder"),
        ("{place}/evil", "allowed: a name without a folder"),
        ("sub/rule", "allowed: a name without a folder"),
        ("rules/rule.yaml", "allowed: a name without a folder"),
        ("a.b", "not a rule's name (got 'a.b'); allowed: small letters, digits and single hyphens, like a-b"),
        ("Größe", "like groesse"),
        ("café--1", "like cafe-1"),
        ("日本", "allowed: small letters, digits and single hyphens\n"),
        ("1h", "'1h' means something else in commands"),
        ("all", "'all' means something else in commands"),
        ("iwm-tops", "rules/iwm-tops.yaml: is here already; allowed: another name"),
        (".", "not a rule's name"),
        ("..", "not a rule's name"),
        ("x" * 300, "can't be written: File name too long"),
    ],
)
def test_a_name_that_no_rule_may_have_writes_nothing(shell: Shell, place: Path, name: str, says: str) -> None:
    before = sorted(path for path in place.rglob("*") if path.is_file())
    shell(f"rules new {name.format(place=place)}", code=2)
    assert says in shell.err
    assert sorted(path for path in place.rglob("*") if path.is_file()) == before


def test_a_new_rule_in_an_empty_folder_stands_beside_the_shipped_ones(
    shell: Shell, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (place / "empty").mkdir()
    monkeypatch.chdir(place / "empty")
    shipped_ones = len(shell("rules list").splitlines())
    told = shell("rules new my-breakout")
    assert told.startswith("my-rules/my-breakout.yaml\nmy-rules/tests/my-breakout.yaml\n")
    assert len(shell("rules list").splitlines()) == shipped_ones + 1
    assert shell("rules test my-breakout") == "2 passed, 0 failed\n"
    config(place / "empty", "rules: shipped\n")
    told = shell("rules new my-second")
    assert "config.yaml does not name this folder yet; write `rules: [shipped, my-rules]` in it" in told
    config(place / "empty", "rules: [shipped, my-rules]\n")
    assert "does not name" not in shell("rules new my-third")
    assert len(shell("rules list").splitlines()) == shipped_ones + 3


def test_one_file_is_checked_alone_and_need_not_lie_among_the_rules(shell: Shell, place: Path) -> None:
    (place / "rules" / "broken.yaml").write_text("title: [")
    (place / "draft.yaml").write_text(RULE.replace("close >", "clsoe >"))
    told = shell("rules check draft.yaml", code=2)
    assert told.startswith("draft.yaml:3:7: when: unknown name 'clsoe'; did you mean 'close'?\n1 problem in 1 file\n")
    assert "broken" not in told
    assert shell("rules check iwm-tops") == "1 rule, no problems\n"
    assert "rules/broken.yaml" in shell("rules check", code=2)
    assert "no-such: no such rule" in shell("rules check no-such", code=2)
    assert "1 problem in 1 of 3 files" in shell("rules check rules", code=2)


def test_the_tests_of_one_rule(shell: Shell, place: Path) -> None:
    (place / "rules" / "tests").mkdir()
    test = "tests:\n  - {name: n, series: {IWM: 100x40}, expect: silence}\n"
    (place / "rules" / "tests" / "iwm-tops.yaml").write_text(test)
    (place / "rules" / "tests" / "iwm-mine.yaml").write_text(test.replace("silence", "{5: fired}"))
    assert "1 passed, 0 failed" in shell("rules test iwm-tops")
    assert "0 passed, 1 failed" in shell("rules test rules/iwm-mine.yaml", code=1)
    assert "1 passed, 1 failed" in shell("rules test", code=1)
    shell("rules test no-such", code=2)
    assert "no such rule" in shell.err


def test_a_test_over_real_bars(shell: Shell, place: Path) -> None:
    fired = [each["bar"] for each in events(shell("backtest iwm-tops --data data --json")) if each["event"] == "fired"]
    inside = [day for day in fired if "2023-06-01" <= day <= "2023-12-31"]
    assert inside
    (place / "rules" / "tests").mkdir()
    series = "{csv: ../../data/IWM.csv, from: 2023-06-01, to: 2023-12-31}"
    expected = "".join(f"      {day}: fired\n" for day in inside)
    text = f"tests:\n  - name: real\n    series: {{IWM: {series}}}\n    expect:\n{expected}"
    place_of_test = place / "rules" / "tests" / "iwm-tops.yaml"
    place_of_test.write_text(text)
    told = shell("rules test iwm-tops", code=1)  # what follows the alerts is not expected yet
    assert all(day not in told.split("got")[0] for day in fired if day < "2023-06-01")
    (place / "rules" / "iwm-tops.yaml").write_text(RULE[: RULE.index("follow:")])
    assert "1 passed, 0 failed" in shell("rules test iwm-tops")
    for wrong, said, code in (
        ("{csv: ../nowhere.csv}", "no such file", 1),
        ("{csv: ../../data/IWM.csv, from: 2031-01-01}", "no bars of that time", 1),
        ("{csv: ../../data/IWM.csv, from: 2023-03-01, to: 2023-02-01}", "the first day is after the last", 2),
        ("{csv: ../../data/IWM.csv, close: 1x3}", "either closes or a csv file (got both)", 2),
        ("{close: 1x3, from: 2023-01-01}", "from and to choose among the bars of a csv file", 2),
        ("{csv: ../../data/IWM.csv, high: 1x3}", "a csv file has all columns (got high too)", 2),
    ):
        place_of_test.write_text(text.replace(series, wrong))
        assert said in shell("rules test iwm-tops", code)
        assert said not in shell("rules test iwm-mine"), "another rule's tests"
    place_of_test.write_text(
        text.split("expect:", maxsplit=1)[0].replace(series, "{csv: ../../data/IWM.csv}") + "expect: silence\n"
    )
    lines = shell("rules test iwm-tops", code=1).splitlines()
    assert re.match(r" +2023-\d\d-\d\d .* fired ", lines[3]), lines[3]
    assert [line for line in lines if line.endswith(" bars more")] or len(lines) < 24


def test_a_file_of_another_kind_is_no_rule(shell: Shell, place: Path) -> None:
    (place / "rules" / "tests").mkdir()
    (place / "rules" / "tests" / "iwm-tops.yaml").write_text("tests: []\n")
    (place / "rules" / "definitions.yaml").write_text("up: close > open\n")
    for name in ("draft.yml", "rule.txt"):
        (place / name).write_text(RULE)
        assert f"{name}: not read; allowed: rules by name, and files" in shell(f"rules check {name}", 2)
    assert "`bellwether rules test iwm-tops` runs them" in shell("rules check rules/tests/iwm-tops.yaml", 2)
    assert shell("rules check rules/definitions.yaml") == "1 file, no problems\n"
    (place / "rules" / "definitions.yaml").write_text("up: clsoe > open\n")
    assert "definitions.yaml:1:5: up: unknown name 'clsoe'" in shell("rules check definitions", 2)


def events(printed: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = json.loads(printed)["rules"][0]["events"]
    return found


def test_a_file_is_backtested_and_explained_where_it_lies(shell: Shell, place: Path) -> None:
    shutil.copy(place / "rules" / "iwm-tops.yaml", place / "draft.yaml")
    told = events(shell("backtest draft.yaml --data data --json"))
    assert told
    assert [each["bar"] for each in told] == [
        each["bar"] for each in events(shell("backtest iwm-tops --data data --json"))
    ]
    assert "IWM tops ten sessions" in shell("rules explain draft.yaml --data data")


def test_an_edit_beside_what_git_has(shell: Shell, place: Path) -> None:
    for command in (["init", "-q"], ["add", "rules"], ["commit", "-qm", "first"]):
        subprocess.run([*GIT, *command], cwd=place, check=True)
    rule = place / "rules" / "iwm-tops.yaml"
    rule.write_text(RULE.replace("0.1 * atr(5)", "0.9 * atr(5)"))
    told = json.loads(shell("rules diff iwm-tops --old HEAD --data data --json"))
    assert told["old"]["version"] == "rules/iwm-tops.yaml at HEAD"
    assert told["old"]["alerts"] > told["new"]["alerts"]
    shell("rules diff iwm-tops --old nonsense --data data", code=2)
    assert "neither a file nor a revision of rules/iwm-tops.yaml (got nonsense" in shell.err
    shell("rules diff iwm-tops --old --upload-pack=touch --data data", code=2)
    subprocess.run([*GIT, "checkout", "-q", "."], cwd=place, check=True)
    subprocess.run([*GIT, "mv", "rules/iwm-tops.yaml", "rules/iwm-peaks.yaml"], cwd=place, check=True)
    (place / "rules" / "iwm-peaks.yaml").write_text(RULE.replace("0.1 * atr(5)", "0.9 * atr(5)"))
    told = json.loads(shell("rules diff iwm-peaks --old HEAD --data data --json"))
    assert told["old"]["version"] == "rules/iwm-tops.yaml at HEAD"
    assert told["old"]["alerts"] > told["new"]["alerts"]
    (place / "rules" / "new-one.yaml").write_text(RULE)
    shell("rules diff new-one --old HEAD --data data", code=2)
    assert "exists on disk, but not in 'HEAD'); allowed: a file, or like HEAD~1" in shell.err


def test_several_folders_of_rules(shell: Shell, place: Path) -> None:
    config(place, "rules: [rules, my-rules]\n")
    (place / "my-rules" / "deep").mkdir(parents=True)
    (place / "my-rules" / "deep" / "iwm-tops.yaml").write_text(RULE.replace("title: IWM tops", "title: My own tops"))
    assert shell("rules check") == "2 rules, no problems\n"
    assert "My own tops" in shell("rules list")
    shell("rules new another")
    assert (place / "my-rules" / "tests" / "another.yaml").is_file()
    config(place, "rules: [shipped, my-rules]\n")
    assert shell("rules check").endswith("rules, no problems\n")
    assert "iwm-near-record" in shell("rules list")


def test_the_schema_offers_what_there_is_and_refuses_nothing_for_it(shell: Shell, place: Path) -> None:
    (place / "rules" / "definitions.yaml").write_text("up: close > open\n")
    schema = json.loads(shell("rules schema"))
    offered = schema["properties"]["market"]["anyOf"][0]["enum"]
    assert {"RUT", "IWM", "BTC"} <= set(offered)
    labels = [each["label"] for each in schema["properties"]["when"]["defaultSnippets"]]
    assert 'fired("iwm-tops", within=20)' in labels
    assert "up" in labels
    assert any("highest(" in label for label in labels)
    jsonschema.Draft202012Validator.check_schema(schema)
    rule = read_yaml((place / "rules" / "iwm-tops.yaml").read_bytes(), "x").data
    jsonschema.validate({**rule, "market": "GOLD"}, schema)
    assert rule_schema()["properties"].keys() == schema["properties"].keys()


def test_the_schema_of_the_config_accepts_the_example(shell: Shell) -> None:
    schema = json.loads(shell("rules schema --config"))
    jsonschema.Draft202012Validator.check_schema(schema)
    example = Path(__file__).parents[2] / "config.example.yaml"
    data = read_yaml(example.read_bytes(), "x").data
    jsonschema.validate(data, schema)
    jsonschema.validate({**data, "rules": ["rules", "my-rules"]}, schema)
    for wrong in ({"ruels": "rules"}, {"catch_up": "many"}, {"schedule": {"settle": "soon"}}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({**data, **wrong}, schema)


def test_watched_tests_run_again_when_a_file_is_saved(place: Path) -> None:
    (place / "rules" / "tests").mkdir()
    test = place / "rules" / "tests" / "iwm-tops.yaml"
    text = "tests:\n  - {name: n, series: {IWM: 100x40}, expect: silence}\n"
    test.write_text(text)
    command = [sys.executable, "-m", "bot", "rules", "test", "iwm-tops", "--watch"]
    with subprocess.Popen(command, cwd=place, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as run:
        try:
            assert run.stdout is not None
            lines = iter(run.stdout.readline, "")
            assert next(line for line in lines if "passed" in line) == "1 passed, 0 failed\n"
            test.write_text(text.replace("silence", "{5: fired}"))
            assert next(line for line in lines if "0 passed, 1 failed" in line)
            rule = place / "rules" / "iwm-tops.yaml"
            rule.rename(place / "gone.yaml")  # as some editors do for a moment
            assert next(line for line in lines if "no such rule" in line)
            (place / "gone.yaml").rename(rule)
            assert "1 failed" in next(line for line in lines if "passed" in line)
        finally:
            run.kill()
