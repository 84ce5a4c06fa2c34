"""Weeks and hours in backtest, explain, diff and rule tests, as the author types it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.cli.author import RULE, Shell, closes, weekdays
from tests.cli.test_claims import CLAIMS, write_bitcoin

WEEKLY = """title: A week's high
market: IWM
timeframe: 1w
when: close > highest(close, 4)[1]
headline: H
"""
HOURLY = WEEKLY.replace("1w", "1h").replace("A week's", "An hour's")


def hours(place: Path) -> dict[str, float]:
    """A file of hourly bars of the first sessions, in local time with its zone; closes by the label of their bar.

    The days that they are of get a range that holds them.
    """
    found = {}
    lines = ["datetime,open,high,low,close,volume"]
    for number, day in enumerate(weekdays(20)):
        for hour in range(6):
            close = 100 + (number * 7 + hour * 3) % 11 + number / 10
            found[f"{day}T{hour + 14}:30Z"] = close
            lines.append(f"{day}T{hour + 9:02d}:30:00-05:00,{close},{close + 1},{close - 1},{close},{100 + hour}")
    (place / "data" / "IWM.1h.csv").write_text("\n".join(lines) + "\n")
    daily = place / "data" / "IWM.csv"
    rows = [row.split(",") for row in daily.read_text().splitlines()]
    for row in rows[1:21]:
        row[2:4] = "115", "95"
    daily.write_text("".join(",".join(row) + "\n" for row in rows))
    return found


def test_a_week_closes_with_its_last_session(shell: Shell, place: Path) -> None:
    (place / "rules" / "a-week.yaml").write_text(WEEKLY)
    (rule,) = json.loads(shell("backtest a-week --data data --json"))["rules"]
    by_week: dict[tuple[int, int], float] = {}
    for day, close in zip(weekdays(400), closes(400), strict=True):
        by_week[day.isocalendar()[:2]] = close
    told = {event["bar"]: event["close"] for event in rule["events"]}
    assert rule["timeframe"] == "1w"
    assert told
    assert set(told.values()) <= set(by_week.values())
    values = list(by_week.values())
    yes = [at for at in range(4, len(values)) if values[at] > max(values[at - 4 : at])]
    firsts = [values[at] for at in yes if at - 1 not in yes]
    assert [event["close"] for event in rule["events"]] == firsts
    text = shell("rules explain a-week --data data --at 2023-06-15")
    assert "bar of the week from Mon 12 Jun 2023" in " ".join(text.split())
    assert shell.err == ""


def test_hours_are_read_from_their_own_file(shell: Shell, place: Path) -> None:
    (place / "rules" / "an-hour.yaml").write_text(HOURLY)
    assert shell("backtest an-hour --data data", 2) == ""
    assert "data: IWM: no bars of 1h of this market here; wanted: a file data/IWM.1h.csv" in shell.err
    shell("rules explain an-hour --data data", 2)
    assert "wanted: a file data/IWM.1h.csv" in shell.err
    prices = hours(place)
    (rule,) = json.loads(shell("backtest an-hour --data data --json"))["rules"]
    values = list(prices.values())
    yes = [at for at in range(4, len(values)) if values[at] > max(values[at - 4 : at])]
    firsts = [label for at, label in enumerate(prices) if at in yes and at - 1 not in yes]
    assert [event["bar"] for event in rule["events"]] == firsts
    assert "data/IWM.1h.csv: understood as: times like 2023-01-03T09:30:00-05:00" in shell.err
    assert "bar of" in shell("rules explain an-hour --data data --at 2023-01-10T16:30Z")
    (place / "old.yaml").write_text(HOURLY.replace("4)", "3)"))
    assert re.search(r"\d+ bars? in both", shell("rules diff old.yaml rules/an-hour.yaml --data data"))


def test_replay_tells_of_rules_within_a_day(shell: Shell, place: Path) -> None:
    for path in (place / "rules").glob("*.yaml"):
        path.unlink()
    (place / "rules" / "an-hour.yaml").write_text(HOURLY)
    (place / "config.yaml").write_text(
        "markets: {IWM: {title: IWM, kind: equity, sources: [{yahoo: IWM}]}}\ncrypto: []\n"
    )
    hours(place)
    span = "--from 2023-01-10 --to 2023-01-20 --data data --json"
    (rule,) = json.loads(shell(f"backtest an-hour {span}"))["rules"]
    told = json.loads(shell(f"replay {span}"))["messages"]
    replayed = [event["alert"].split("/")[-1] for message in told for event in message["events"]]
    assert replayed == [event["bar"] for event in rule["events"]]
    assert len(replayed) > 2


def test_a_rule_within_a_day_is_told_of_where_only_days_are(shell: Shell, place: Path) -> None:
    (place / "rules" / "an-hour.yaml").write_text(HOURLY)
    told = json.loads(shell("backtest --data data --json"))
    assert "an-hour" not in [rule["rule"] for rule in told["rules"]]
    assert "left out: an-hour: no bars of IWM 1h here" in shell.err
    (rule,) = json.loads(shell("backtest an-hour --data demo --json"))["rules"]
    assert rule["timeframe"] == "1h"
    assert rule["events"]


@pytest.mark.parametrize(
    ("rule", "series", "bar"), [(WEEKLY, "{IWM: 100x6 101}", "7"), (HOURLY, "{IWM: 100x6 101}", "7")]
)
def test_rule_tests_in_weeks_and_hours(shell: Shell, place: Path, rule: str, series: str, bar: str) -> None:
    (place / "rules" / "a-bar.yaml").write_text(rule)
    (place / "rules" / "tests").mkdir(exist_ok=True)
    (place / "rules" / "tests" / "a-bar.yaml").write_text(
        f"tests:\n  - name: yes\n    series: {series}\n    expect: {{{bar}: fired}}\n"
        "  - name: no\n    series: {IWM: 100x9}\n    expect: silence\n"
    )
    assert "2 passed" in " ".join(shell("rules test a-bar").split())


def test_rule_tests_over_weeks_of_a_file(shell: Shell, place: Path) -> None:
    (place / "rules" / "a-week.yaml").write_text(WEEKLY)
    (rule,) = json.loads(shell("backtest a-week --data data --json"))["rules"]
    expected = "".join(f"      {event['bar']}: fired\n" for event in rule["events"])
    (place / "rules" / "tests").mkdir(exist_ok=True)
    (place / "rules" / "tests" / "a-week.yaml").write_text(
        f"tests:\n  - name: all\n    series: {{IWM: {{csv: ../../data/IWM.csv}}}}\n    expect:\n{expected}"
        "  - name: no\n    series: {IWM: 100x9}\n    expect: silence\n"
    )
    assert "2 passed" in " ".join(shell("rules test a-week").split())


def test_a_week_has_no_forming_bars(shell: Shell, place: Path) -> None:
    (place / "rules" / "a-week.yaml").write_text(WEEKLY + "trigger: intraday\n")
    assert "a week that is still forming is no bar; allowed: close" in shell("rules check a-week", 2)


@pytest.mark.parametrize("options", ["", " --json", " --placebo --asset IWM", " --json --asset IWM"])
def test_weeks_and_hours_beside_a_daily_rule_change_nothing_of_its_evidence(
    shell: Shell, place: Path, options: str
) -> None:
    write_bitcoin(place / "data")
    hours(place)
    alone = shell(f"evidence iwm-tops --data data{options}")
    never = "close > 1000000 and BTC.close > 0"
    for name, rule in (("a-week", WEEKLY), ("an-hour", HOURLY)):
        (place / "rules" / f"{name}.yaml").write_text(rule.replace("close > highest(close, 4)[1]", never))
    assert shell(f"evidence iwm-tops --data data{options}") == alone


@pytest.mark.parametrize("asset", ["BTC", "IWM"])
def test_what_came_after_a_week_is_counted_in_days(shell: Shell, place: Path, asset: str) -> None:
    bitcoin = write_bitcoin(place / "data")
    daily = bitcoin if asset == "BTC" else dict(zip(map(str, weekdays(400)), closes(400), strict=True))
    (place / "rules" / "a-week.yaml").write_text(WEEKLY)
    (rule,) = json.loads(shell("backtest a-week --data data --json"))["rules"]
    study = json.loads(shell(f"evidence a-week --data data --json --asset {asset}"))
    assert study["n"] == len(rule["events"])
    assert study["notes"] == []
    assert [event["price"] for event in study["events"]] == [daily[event["entry"]] for event in study["events"]]


def test_hours_that_are_not_there_are_named_in_evidence(shell: Shell, place: Path) -> None:
    write_bitcoin(place / "data")
    (place / "rules" / "an-hour.yaml").write_text(HOURLY)
    shell("evidence an-hour --data data", 2)
    assert "IWM: no bars of 1h of this market here; wanted: a file data/IWM.1h.csv" in shell.err
    hours(place)
    study = json.loads(shell("evidence an-hour --data data --json"))
    assert study["n"]
    assert all(event["entry"] == event["bar"][:10] for event in study["events"])


def test_claims_of_weeks_and_hours_are_scored_over_days(shell: Shell, place: Path) -> None:
    write_bitcoin(place / "data")
    hours(place)  # which widens the days
    (place / "data" / "IWM.1h.csv").unlink()
    (place / "rules" / "iwm-tops.yaml").write_text(RULE + CLAIMS)
    (daily, *_) = json.loads(shell("claims --data data --json"))["claims"]
    (place / "rules" / "a-week.yaml").write_text(WEEKLY + CLAIMS)
    (place / "rules" / "an-hour.yaml").write_text(HOURLY + CLAIMS)
    shell("claims --data data --json")
    assert "IWM: no bars of 1h of this market; the claims of its rules are left out" in shell.err
    hours(place)
    found = [each for each in json.loads(shell("claims --data data --json"))["claims"] if each["since"]]
    rises = {each["rule"]: each for each in found if each["measure"] == "return"}
    assert rises.keys() == {"iwm-tops", "a-week", "an-hour"}
    assert rises["iwm-tops"] == daily
    assert rises["a-week"]["since"] == daily["since"]
    assert rises["a-week"]["before"]["n"] > 3
