"""`rules explain`, as the author types it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.cli.author import RULE, Shell, closes, weekdays


def test_the_newest_bar(shell: Shell) -> None:
    text = shell("rules explain iwm-tops --data data")
    assert text.startswith("IWM tops ten sessions: ")
    assert "close > highest(close, 10)[1] + 0.1 * atr(5)\n" in text
    assert re.search(rf"close +{closes(400)[-1]:.2f}\n", text)
    assert re.search(rf"highest\(close, 10\)\[1\] +{max(closes(400)[-11:-1]):.2f}\n", text)
    assert re.search(r"0\.1 \* atr\(5\) +0\.\d\d\n", text)
    assert shell.err == ""


def fires(shell: Shell) -> list[str]:
    told = json.loads(shell("backtest iwm-tops --data data --json"))
    return [event["bar"] for event in told["rules"][0]["events"] if event["event"] == "fired"]


def test_it_says_what_the_backtest_says(shell: Shell) -> None:
    fired = fires(shell)
    assert len(fired) > 3
    days = [str(day) for day in weekdays(400)]
    for day in fired[:2]:
        assert json.loads(shell(f"rules explain iwm-tops --data data --at {day} --json"))["verdict"] == "fired"
    after = days[days.index(fired[1]) + 1]
    told = json.loads(shell(f"rules explain iwm-tops --data data --at {after} --json"))
    assert told["verdict"] in {"quiet", "no"}
    assert told["last_fired"] == fired[1]
    assert told["bars_since_fired"] == 1
    assert told["held_back"][0].startswith("Quiet: it was yes 1 session ago")


def test_the_price_it_needs_makes_it_fire(shell: Shell, place: Path) -> None:
    days = [str(day) for day in weekdays(400)]
    fired = set(fires(shell))
    for day in (day for day in days[60:] if day not in fired):
        told = json.loads(shell(f"rules explain iwm-tops --data data --at {day} --json"))
        within = told["verdict"] == "no" and told["when"]["needs"]["value"] < told["close"] + 0.5
        if within and not told["held_back"]:
            break
    needs = told["when"]["needs"]
    assert needs["series"] == "close"
    assert needs["change"] == pytest.approx(needs["value"] / told["close"] - 1)
    rows = (place / "data" / "IWM.csv").read_text().splitlines()
    at = next(at for at, row in enumerate(rows) if row.startswith(day))
    cells = rows[at].split(",")
    rows[at] = ",".join([*cells[:4], str(needs["value"]), cells[5]])  # within the bar's range, or the gate held it
    (place / "data" / "IWM.csv").write_text("\n".join(rows) + "\n")
    assert json.loads(shell(f"rules explain iwm-tops --data data --at {day} --json"))["verdict"] == "fired"


def test_a_day_without_a_bar_takes_the_one_before_and_says_so(shell: Shell) -> None:
    text = shell("rules explain iwm-tops --data data --at 2023-06-04")
    assert "bar of Fri 2 Jun 2023" in text
    assert shell.err == "IWM has no bar of 2023-06-04; the one before is taken: 2023-06-02\n"


def test_a_day_that_lies_ahead_is_said_to(shell: Shell) -> None:
    shell("rules explain iwm-tops --data data --at 2135-01-01")
    assert shell.err.startswith("2135-01-01 lies ahead; the newest bar of IWM is taken: ")


def test_history_that_is_too_short_is_said(shell: Shell) -> None:
    text = shell("rules explain iwm-tops --data data --at 2023-01-05")
    assert "IWM tops ten sessions: unknown" in text
    assert "atr(5): not enough history, 3 bars of 5" in text


def test_a_rule_that_is_not_enabled_says_so(shell: Shell, place: Path) -> None:
    (place / "rules" / "iwm-tops.yaml").write_text(f"{RULE}enabled: false\n")
    assert "It is not enabled, so it sends no alerts." in shell("rules explain iwm-tops --data data")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("rules explain iwm-topps --data data", "iwm-topps: no such rule; did you mean iwm-tops?"),
        ("rules explain iwm-tops --data data --at yesterday", "--at: not a date (got 'yesterday')"),
        (
            "rules explain iwm-tops --data data --at 1999-01-01",
            "IWM: no bars of this market here on or before 1999-01-01",
        ),
        ("rules explain iwm-tops --data nowhere", "nowhere: no such folder"),
        ("rules explain iwm-tops", "no such database; `bellwether data fetch`"),
    ],
)
def test_mistakes_are_said_kindly(shell: Shell, line: str, said: str) -> None:
    assert shell(line, 2) == ""
    assert said in shell.err
    assert "Traceback" not in shell.err
