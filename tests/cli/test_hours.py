"""Rules with `trigger: intraday` looked at hour by hour, as the author types it."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.cli.author import Shell, closes, weekdays, write_prices

RULE = """title: IWM tops ten sessions
market: IWM
when: close > highest(close, 10)[1]
level: highest(close, 10)[1]
trigger: intraday
headline: "IWM at {close:.2f}"
quiet: 3 bars
follow: {for: 10 bars, failed: close < level}
"""
FIRST_WITH_HOURS = 300


@pytest.fixture
def rule(place: Path) -> Path:
    path = place / "rules" / "iwm-hourly.yaml"
    path.write_text(RULE)
    return path


def hourly_prices(number: int) -> list[float]:
    """Hour by hour from the close before to that of the day with this number; on some days they swing up first."""
    last, close = closes(400)[number - 1], closes(400)[number]
    swing = (0.0, 1.2, 2.5)[number % 3]
    return [round(last + (close - last) * (hour + 1) / 7 + (swing if hour == 2 else 0.0), 2) for hour in range(7)]


def write_hours(place: Path, market: str = "IWM") -> None:
    """Hourly bars of the days from FIRST_WITH_HOURS on; half days end early."""
    lines = ["datetime,open,high,low,close,volume"]
    for number, day in list(enumerate(weekdays(400)))[FIRST_WITH_HOURS:]:
        opens = datetime(day.year, day.month, day.day, 9, 30, tzinfo=ZoneInfo("America/New_York")).astimezone(UTC)
        for hour, price in enumerate(hourly_prices(number)):
            at = (opens + timedelta(hours=hour)).strftime("%Y-%m-%dT%H:%M:%SZ")
            lines.append(f"{at},{price},{price},{price},{price},100")
    (place / "data" / f"{market}.1h.csv").write_text("\n".join(lines) + "\n")


def slow() -> tuple[list[str], list[str]]:
    """Days on which an hour but the last was above the ten closes before, quiet ones left out, and those then lost."""
    prices, days = closes(400), weekdays(400)
    told, gone = [], []
    for number in range(FIRST_WITH_HOURS, 400):
        top = [max(prices[at - 10 : at]) for at in range(number - 3, number + 1)]
        quiet = any(prices[number - 3 + back] > top[back] for back in range(3))
        if not quiet and any(price > top[3] for price in hourly_prices(number)[:6]):
            told.append(str(days[number]))
            gone += [str(days[number])] if prices[number] <= top[3] else []
    return told, gone


def events(document: str, kind: str) -> list[str]:
    (rule,) = json.loads(document)["rules"]
    return [event["bar"] for event in rule["events"] if event["event"] == kind]


@pytest.mark.usefixtures("rule")
def test_a_backtest_tells_what_days_brought_as_they_formed(shell: Shell, place: Path) -> None:
    before = shell("backtest iwm-hourly --data data --json")
    assert shell.err == (
        "iwm-hourly: its days are looked at once they have closed; to look at them hour by hour, "
        "wanted: data/IWM.1h.csv\n"
    )
    assert json.loads(before)["rules"][0]["hours"] is None
    write_hours(place)
    after = shell("backtest iwm-hourly --data data --json")
    assert "wanted" not in shell.err
    told, gone = slow()
    assert (events(after, "provisional"), events(after, "withdrawn")) == (told, gone)
    assert len(gone) > 1
    assert len(told) > len(gone) + 1
    (rule,), (old,) = json.loads(after)["rules"], json.loads(before)["rules"]
    hours = rule["hours"]
    assert hours["provisional"] == len(told) == hours["fired"] + hours["withdrawn"] + hours["open"]
    assert (hours["days"], hours["bars"], hours["withdrawn"]) == (100, 400, len(gone))
    closed = [each for each in rule["events"] if each["event"] not in {"provisional", "withdrawn"}]
    assert closed == old["events"]
    assert {**rule, "events": [], "hours": None, "counts": {}} == {**old, "events": [], "counts": {}}
    first = next(each for each in rule["events"] if each["event"] == "provisional")
    assert first["at"].startswith(first["bar"])
    assert first["at"].endswith(":30Z")


@pytest.mark.usefixtures("rule")
def test_the_text_adds_up_and_fits(shell: Shell, place: Path) -> None:
    write_hours(place)
    told, gone = slow()
    text = shell("backtest iwm-hourly --data data")
    assert Counter(word for word in text.split() if word in {"provisional", "withdrawn"})["withdrawn"] >= len(gone)
    assert "hour by hour, on 100 of 400 days, 2024-03-14 to 2024-08-06:" in text
    share = f"fired at the close {len(told) - len(gone)} ({1 - len(gone) / len(told):.0%})"
    assert f"provisional {len(told)}: {share}, withdrawn {len(gone)} ({len(gone) / len(told):.0%})" in text
    (place / "rules" / "other.yaml").write_text(RULE.replace("trigger: intraday\n", ""))
    tables = shell("backtest --data data")
    assert "Hour by hour" in tables
    assert max(map(len, (text + tables).splitlines())) <= 80
    assert "hour by hour, on all 20 days" in shell("backtest iwm-hourly --data data --from 2024-07-10")
    assert "hour by hour: none of these days has hours" in shell("backtest iwm-hourly --data data --to 2024-01-31")


def test_hours_of_every_market_that_is_compared_are_wanted(shell: Shell, place: Path, rule: Path) -> None:
    rule.write_text(RULE.replace("[1]\nlevel", "[1] and SPY.close > 1\nlevel"))
    write_prices(place / "data", "SPY")
    write_hours(place)
    text = shell("backtest iwm-hourly --data data")
    assert "wanted: data/SPY.1h.csv" in shell.err
    assert "hour by hour" not in text
    write_hours(place, "SPY")
    assert "hour by hour" in shell("backtest iwm-hourly --data data")


@pytest.mark.usefixtures("rule")
def test_a_file_of_other_hours_is_not_asked_for_as_if_it_were_not_there(shell: Shell, place: Path) -> None:
    write_hours(place)
    file = place / "data" / "IWM.1h.csv"
    header, *rows = file.read_text().splitlines()
    file.write_text("\n".join([header, *rows[::2]]) + "\n")
    shell("backtest iwm-hourly --data data")
    assert "data/IWM.1h.csv: holds bars of 120 minutes, not 1h" in shell.err
    assert "wanted: bars of 1h in data/IWM.1h.csv, which has none that count\n" in shell.err


def shifted(place: Path, seconds: int, factor: float, first: int = 0) -> None:
    """The hours later by some seconds, and times a factor from a row on."""
    file = place / "data" / "IWM.1h.csv"
    header, *rows = file.read_text().splitlines()
    lines = [header]
    for at, row in enumerate(rows):
        when, *prices, volume = row.split(",")
        moved = (datetime.fromisoformat(when) + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")
        scaled = [str(float(price) * (factor if at >= first else 1)) for price in prices]
        lines.append(",".join([moved, *scaled, volume]))
    file.write_text("\n".join(lines) + "\n")


@pytest.mark.usefixtures("rule")
@pytest.mark.parametrize(("factor", "first"), [(10, 0), (0.1, 0), (1.2, 0), (0.9, 0), (10, 350)])
def test_hours_on_another_scale_than_their_days_are_left_out(
    shell: Shell, place: Path, factor: float, first: int
) -> None:
    write_hours(place)
    shell("backtest iwm-hourly --data data")
    assert "IWM 1h: " not in shell.err
    shifted(place, 0, factor, first)
    told = shell("backtest iwm-hourly --data data")
    count = 697 - first  # three hours of a half day are in no session
    assert f"IWM 1h: {count} of 697 bars left out, the last: 2024-08-06T19:30Z: not within 5 %" in shell.err
    assert ("hour by hour, on 50 of 400 days" in told) == bool(first)


@pytest.mark.usefixtures("rule")
@pytest.mark.parametrize(
    ("seconds", "span"), [(1800, "14:00Z to 2024-08-06T20:00Z"), (3600, "14:30Z to 2024-08-06T20:30Z")]
)
def test_hours_labelled_by_their_end_are_refused(shell: Shell, place: Path, seconds: int, span: str) -> None:
    write_hours(place)
    shifted(place, seconds, 1)
    shell("backtest iwm-hourly --data data", 2)
    assert shell.err == (
        f"data/IWM.1h.csv: bars labelled by their end (of the last day 2024-08-06T{span}, where XNYS closed)"
        "; allowed: when each begins, 2024-08-06T13:30Z for the first\n"
    )


@pytest.mark.usefixtures("rule")
def test_the_simulated_market_has_hours(shell: Shell) -> None:
    (rule,) = json.loads(shell("backtest iwm-hourly --data demo --json"))["rules"]
    hours = rule["hours"]
    assert hours["provisional"] > 10
    assert 0 < hours["withdrawn"] < hours["provisional"]
    assert 450 < hours["days"] < 530
    assert shell.err in {"", "demo: a simulated market; no price of it is real\n"}  # said once in a process


@pytest.mark.usefixtures("rule")
def test_explain_tells_of_a_day_as_it_formed(shell: Shell, place: Path) -> None:
    write_hours(place)
    told, gone = slow()
    text = " ".join(shell(f"rules explain iwm-hourly --data data --at {gone[0]}").split())
    assert "While it formed, it fired provisionally at " in text
    assert "That was withdrawn at the close." in text
    kept = next(day for day in told if day not in gone)
    text = " ".join(shell(f"rules explain iwm-hourly --data data --at {kept}").split())
    assert "fired at this bar" in text
    assert "While it formed, it fired provisionally at " in text
    assert "withdrawn" not in text
    document = json.loads(shell(f"rules explain iwm-hourly --data data --at {gone[0]} --json"))
    assert [event["event"] for event in document["told"]][-2:] == ["provisional", "withdrawn"]
    (place / "data" / "IWM.1h.csv").unlink()
    assert "provisionally" not in shell(f"rules explain iwm-hourly --data data --at {gone[0]}")
    assert "wanted: data/IWM.1h.csv" in shell.err


def test_diff_counts_what_both_versions_said_as_days_formed(shell: Shell, place: Path, rule: Path) -> None:
    write_hours(place)
    told, gone = slow()
    (place / "before.yaml").write_text(RULE.replace("10)", "20)"))
    text = shell(f"rules diff before.yaml {rule} --data data")
    counts = dict(re.findall(r"^(provisional|at close|withdrawn) +\d+ +(\d+)$", text, re.MULTILINE))
    shown = (len(told), len(told) - len(gone), len(gone))
    assert counts == dict(zip(("provisional", "at close", "withdrawn"), map(str, shown), strict=True))
    document = json.loads(shell(f"rules diff before.yaml {rule} --data data --json"))
    assert document["new"]["hours"] == dict(zip(("provisional", "at_close", "withdrawn"), shown, strict=True))
    (place / "before.yaml").write_text(RULE.replace("trigger: intraday\n", ""))
    document = json.loads(shell(f"rules diff before.yaml {rule} --data data --json"))
    assert document["old"]["hours"] is None
    assert re.search(r"^provisional +– +\d+$", shell(f"rules diff before.yaml {rule} --data data"), re.MULTILINE)


def test_rule_tests_hour_by_hour(shell: Shell, place: Path, rule: Path) -> None:
    write_hours(place)
    document = json.loads(shell("backtest iwm-hourly --data data --from 2024-04-01 --json"))
    expected: dict[str, list[str]] = {}
    for event in document["rules"][0]["events"]:
        expected.setdefault(event["bar"], []).append(event["event"])
    assert any("provisional" in kinds for kinds in expected.values())
    lines = "".join(f"      {bar}: [{', '.join(kinds)}]\n" for bar, kinds in expected.items())
    (place / "rules" / "tests").mkdir()
    tests = place / "rules" / "tests" / "iwm-hourly.yaml"
    tests.write_text(
        "tests:\n  - name: all\n    series:\n      IWM:\n        csv: ../../data/IWM.csv\n"
        f"        hours: ../../data/IWM.1h.csv\n        from: 2024-04-01\n    expect:\n{lines}"
        "  - name: no\n    series: {IWM: 100x19}\n    expect: silence\n"
    )
    assert "2 passed" in " ".join(shell("rules test iwm-hourly").split())
    written = tests.read_text()
    tests.write_text(written.replace("[provisional, fired]", "fired", 1))
    assert "provisional" in shell("rules test iwm-hourly", 1)
    tests.write_text(written.replace("        hours: ../../data/IWM.1h.csv\n", ""))
    assert "only hours can show it; allowed: hours: FILE, beside csv: FILE" in shell("rules test iwm-hourly", 1)
    tests.write_text(written)
    rule.write_text(RULE.replace("trigger: intraday\n", ""))
    assert "needed by daily rules with trigger: intraday alone" in " ".join(shell("rules test iwm-hourly", 1).split())
    rule.write_text(RULE)
    tests.write_text(written.replace("IWM.1h.csv", "GONE.1h.csv"))
    assert "GONE.1h.csv" in shell("rules test iwm-hourly", 1)
    tests.write_text(
        written.replace("csv: ../../data/IWM.csv", "close: 100x30").replace("        from: 2024-04-01\n", "")
    )
    assert "hours belong to the days of a csv file" in shell("rules test iwm-hourly", 2)


CONFIG = """
markets:
  IWM: {title: IWM, kind: equity, sources: [{yahoo: IWM}]}
  SPY: {title: SPY, kind: equity, sources: [{yahoo: SPY}]}
crypto: []
funds: []
"""


def columns(row: str) -> list[str]:
    return row.split(",")


@pytest.mark.usefixtures("rule")
def test_the_bot_that_looks_at_each_hour_says_what_the_backtest_says(shell: Shell, place: Path) -> None:
    (place / "config.yaml").write_text(CONFIG)
    for name in ("iwm-tops", "iwm-mine"):
        (place / "rules" / f"{name}.yaml").unlink()
    (place / "rules" / "beside-spy.yaml").write_text(
        RULE.replace("highest(close, 10)[1]\nlevel", "highest(close, 3)[1] and SPY.close < SPY.close[1]\nlevel")
    )
    write_hours(place)
    for name in ("IWM.csv", "IWM.1h.csv"):  # the sister falls as IWM rises
        head, *rows = (place / "data" / name).read_text().splitlines()
        fallen = [[day, *(f"{300 - float(price):.2f}" for price in prices)] for day, *prices, _ in map(columns, rows)]
        turned = [f"{day},{opened},{low},{high},{close},1" for day, opened, high, low, close in fallen]
        (place / "data" / name.replace("IWM", "SPY")).write_text("\n".join([head, *turned]) + "\n")
    since = "--from 2024-05-01 --to 2024-07-31 --data data --json"
    rules = json.loads(shell(f"backtest iwm-hourly beside-spy {since}"))["rules"]
    opened = {"provisional", "withdrawn", "fired"}
    expected = {(event["alert"], event["event"]) for rule in rules for event in rule["events"]}
    messages = json.loads(shell(f"replay {since}"))["messages"]
    told = {(event["alert"], event["event"]) for message in messages for event in message["events"]}
    assert {each for each in told if each[1] in opened} == {each for each in expected if each[1] in opened}
    for rule in ("iwm-hourly", "beside-spy"):
        assert {kind for alert, kind in told if alert.startswith(rule)} >= opened
    times = {
        (event["alert"], message["at"])
        for message in messages
        for event in message["events"]
        if event["event"] == "provisional"
    }
    hours = {(event["alert"], event["at"]) for rule in rules for event in rule["events"] if "at" in event}
    assert times == hours
