"""Bars of minutes in place of hours, and hours beside their days, as the author types it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.cli.author import Shell, weekdays
from tests.cli.test_hours import FIRST_WITH_HOURS, RULE, events, hourly_prices, slow, write_hours


@pytest.fixture(autouse=True)
def rule(place: Path) -> None:
    (place / "rules" / "iwm-hourly.yaml").write_text(RULE)


def write_quarters(place: Path, minutes: int, name: str) -> None:
    """The same days in bars of so many minutes: each of an hour has the hour's price."""
    lines = ["datetime,open,high,low,close,volume"]
    for number, day in list(enumerate(weekdays(400)))[FIRST_WITH_HOURS:]:
        opens = datetime(day.year, day.month, day.day, 9, 30, tzinfo=ZoneInfo("America/New_York")).astimezone(UTC)
        for at in range(0, 390, minutes):
            price = hourly_prices(number)[at // 60]
            stamp = (opens + timedelta(minutes=at)).strftime("%Y-%m-%dT%H:%M:%SZ")
            lines.append(f"{stamp},{price},{price},{price},{price},100")
    (place / "data" / name).write_text("\n".join(lines) + "\n")


@pytest.mark.parametrize("minutes", [5, 15, 30])
def test_bars_of_minutes_make_the_day_so_far_where_there_are_no_hours(shell: Shell, place: Path, minutes: int) -> None:
    write_quarters(place, minutes, f"IWM.{minutes}m.csv")
    found = shell("backtest iwm-hourly --data data --json")
    assert f"IWM: no hours; its days are looked at by its bars of {minutes}m\n" in shell.err
    assert "wanted" not in shell.err
    told, gone = slow()
    assert (events(found, "provisional"), events(found, "withdrawn")) == (told, gone)
    (place / "rules" / "tests").mkdir()
    day = next(each for each in told if each not in gone)
    test = place / "rules" / "tests" / "iwm-hourly.yaml"
    test.write_text(
        "tests:\n  - name: all\n    series:\n      IWM:\n        csv: ../../data/IWM.csv\n"
        f"        hours: ../../data/IWM.{minutes}m.csv\n        from: {day}\n        to: {day}\n"
        f"    expect:\n      {day}: [provisional, fired]\n"
    )
    assert "1 passed" in shell("rules test iwm-hourly")
    write_hours(place)
    shell("backtest iwm-hourly --data data --json")
    assert "no hours" not in shell.err, "hours come first"


@pytest.mark.parametrize("minutes", [5, 30])
def test_the_words_name_the_length_of_the_bars(shell: Shell, place: Path, minutes: int) -> None:
    write_quarters(place, minutes, f"IWM.{minutes}m.csv")
    text = shell("backtest iwm-hourly --data data")
    assert f"by bars of {minutes}m, on 100 of 400 days, 2024-03-14 to 2024-08-06:" in text
    assert f"alerts that no bar of {minutes}m had shown: " in text
    assert "hour" not in text.replace("iwm-hourly", "")
    none = shell("backtest iwm-hourly --data data --to 2024-01-31")
    assert f"by bars of {minutes}m: none of these days has any" in none
    (place / "rules" / "other.yaml").write_text(RULE.replace("trigger: intraday\n", ""))
    tables = shell("backtest --data data")
    assert f"By bars of {minutes}m" in tables
    assert f"close alone: no bar of {minutes}m had shown" in tables
    (rule,) = json.loads(shell("backtest iwm-hourly --data data --json"))["rules"]
    assert rule["hours"]["length"] == f"{minutes}m"
    write_hours(place)
    (rule,) = json.loads(shell("backtest iwm-hourly --data data --json"))["rules"]
    assert rule["hours"]["length"] == "1h"


def test_a_wick_that_its_day_has_not_is_unknown_and_said(shell: Shell, place: Path) -> None:
    write_hours(place)
    file = place / "data" / "IWM.1h.csv"
    lines = file.read_text().splitlines()
    at, opened, _, *others = lines[90].split(",")
    lines[90] = ",".join([at, opened, str(float(opened) * 1.2), *others])
    file.write_text("\n".join(lines) + "\n")
    shell("backtest iwm-hourly --data data --json")
    assert "IWM 1h: 1 high or low not believed, the last: " in shell.err
    assert "beyond those of its day" in shell.err
    days = place / "data" / "IWM.csv"
    rows = [row.split(",") for row in days.read_text().splitlines()]
    days.write_text(
        "\n".join(",".join([*row[:2], "" if number else row[2], *row[3:]]) for number, row in enumerate(rows))
    )
    shell("backtest iwm-hourly --data data --json")
    assert "beyond those" not in shell.err, "a day's high that is unknown contradicts nothing"
