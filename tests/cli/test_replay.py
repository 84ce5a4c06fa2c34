"""`bellwether replay`: its document, the rules chosen, and months counted, over a history made here."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import pytest

from bot.cli.main import main

ROOT = Path(__file__).parents[2]
RULE = """
title: {title}
market: RUT
when: close > highest(close, 20)[1]
level: highest(close, 20)[1]
quiet: 30 bars
follow: {{for: episode, failed: close < level - 2, resumed: true}}
headline: "{title} at {{close:.2f}}"
context: []
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A config with one market, two rules on it, and sessions that break out, fail and come back."""
    (tmp_path / "rules").mkdir()
    for name in ("one", "two"):
        (tmp_path / "rules" / f"{name}.yaml").write_text(RULE.format(title=f"Rule {name}"))
    config = (ROOT / "config.example.yaml").read_text()
    (tmp_path / "config.yaml").write_text(config.replace("rules: [shipped, my-rules]", "rules: [rules]"))
    (tmp_path / "daily").mkdir()
    closes = [95.0 - at * 7 % 10 for at in range(60)] + [101.0, 102.0, 90.0, 89.0, 103.0, 104.0]
    days = [date(2024, 1, 1) + timedelta(at) for at in range(200)]
    weekdays = [day for day in days if day.weekday() < 5 and (day.month, day.day) not in HOLIDAYS]
    rows = [
        f"{day},{price},{price + 0.5},{price - 0.5},{price},1000" for day, price in zip(weekdays, closes, strict=False)
    ]
    (tmp_path / "daily" / "RUT.csv").write_text("\n".join(["date,open,high,low,close,volume", *rows]))
    monkeypatch.chdir(tmp_path)
    return tmp_path


HOLIDAYS = {(1, 1), (1, 15), (2, 19), (3, 29), (5, 27), (6, 19)}


def replayed(*more: str) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["replay", "--data", "daily", "--from", "2024-03-01", "--to", "2024-04-10", *more])
    assert ended.value.code in {0, None}


def test_one_document_with_every_message_and_its_events(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    replayed("--json")
    document = json.loads(capsys.readouterr().out)
    story, failed, resumed = document["messages"]
    assert [(each["alert"].split("/")[0], each["event"]) for each in story["events"]] == [
        ("one", "fired"),
        ("two", "fired"),
    ]
    assert (story["id"], story["answers"], story["picture"]) == (1, None, True)
    assert [{each["event"] for each in message["events"]} for message in (failed, resumed)] == [{"failed"}, {"resumed"}]
    assert failed["answers"] == resumed["answers"] == 1
    assert story["text"].startswith("📈 Rule one at 101.00\n")
    assert sum(document["months"].values()) == 3


def test_the_reader_may_get_some_rules_only(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    replayed("--json", "--rules", "two")
    told = json.loads(capsys.readouterr().out)["messages"]
    assert {each["alert"].split("/")[0] for message in told for each in message["events"]} == {"two"}


def test_a_summary_counts_by_month(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    replayed("--summary")
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("year   1   2   3")
    assert lines[1].startswith("2024   ·   ·   ")
    assert lines[-1] == "3 messages from 2024-03-01 to 2024-04-10"


def test_a_span_without_bars_is_said_with_the_one_that_has_some(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    replayed("--from", "2035-03-01", "--to", "2035-04-01")
    said = capsys.readouterr().err
    assert "no bars of RUT in this span; there are bars from 2024-01-02 to 2024-04-0" in said
    replayed()
    assert "in this span" not in capsys.readouterr().err


def test_only_what_the_rules_or_the_context_read_is_said_to_lack(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "rules" / "other.yaml").write_text("title: Other\nmarket: IWN\nwhen: close > 1\ncontext: []\n")
    (here / "rules" / "then.yaml").write_text('title: Then\nmarket: RUT\nwhen: fired("other")\ncontext: []\n')
    (here / "rules" / "full.yaml").write_text("title: Full\nmarket: RUT\nwhen: close > 1\ncontext: [crypto]\n")
    said = {}
    for rule in ("two", "then", "full"):
        replayed("--summary", "--rules", rule)
        said[rule] = [line for line in capsys.readouterr().err.splitlines() if line.startswith("without bars")]
    assert said["two"] == ["without bars, so left out: IWM"], "which the prices of RUT are held against"
    assert said["then"][0].endswith(": IWN, IWM")
    (line,) = said["full"]
    assert "BTC" in line
    assert "IWN" not in line


def test_a_long_replay_that_nobody_can_watch_says_so(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.cli.analysis.replay._LONG", 5)
    replayed("--summary")
    assert " looks at the markets; this takes a while\n" in capsys.readouterr().err


def test_the_gate_tells_of_the_markets_that_the_named_rules_read_and_of_no_other(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "rules" / "other.yaml").write_text("title: Other\nmarket: IWN\nwhen: close > 1\ncontext: []\n")
    rows = (here / "daily" / "RUT.csv").read_text().splitlines()
    for market in ("RUT", "IWN"):
        (here / "daily" / f"{market}.csv").write_text("\n".join([*rows[:9], *rows[10:]]))
    for rule, market in (("two", "RUT"), ("other", "IWN")):
        replayed("--summary", "--rules", rule)
        told = [line for line in capsys.readouterr().err.splitlines() if "missing" in line]
        assert [line.partition(":")[0] for line in told] == [market]
