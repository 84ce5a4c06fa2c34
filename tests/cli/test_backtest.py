"""`backtest`, as the author types it."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from statistics import median

import pytest

from tests.cli.author import Shell, write_prices


def counted(shell: Shell, more: str = "") -> Counter[str]:
    told = json.loads(shell(f"backtest iwm-tops --data data --json{more}"))
    return Counter(event["event"] for event in told["rules"][0]["events"])


def test_the_contract_for_programs(shell: Shell) -> None:
    told = json.loads(shell("backtest iwm-tops --data data --json"))
    (rule,) = told["rules"]
    assert set(told) == {"rules"}
    keys = (
        "rule market timeframe from to could_fire_from unknown counts outcomes endings returns never_met hours"
        " across_missing unread events"
    )
    assert list(rule) == keys.split()
    assert (rule["rule"], rule["market"], rule["timeframe"], rule["from"]) == ("iwm-tops", "IWM", "1d", "2023-01-03")
    assert rule["counts"] == Counter(event["event"] for event in rule["events"])
    assert sum(rule["endings"].values()) == rule["counts"]["fired"]
    for kind, alerts in rule["outcomes"].items():  # alerts, each once; counts are of events
        assert alerts <= min(rule["counts"].get(kind, 0), rule["counts"]["fired"])
    event = rule["events"][0]
    assert list(event) == ["bar", "event", "alert", "close", "level"]
    assert event["alert"] == f"iwm-tops/IWM/{event['bar']}"
    assert event["event"] == "fired"
    assert event["close"] > event["level"]


def test_a_span_without_bars(shell: Shell) -> None:
    told = json.loads(shell("backtest iwm-tops --data data --json --from 2030-01-01"))
    assert told["rules"][0]["from"] is None
    assert told["rules"][0]["events"] == []
    text = shell("backtest iwm-tops --data data --from 2030-01-01")
    (line,) = text.splitlines()
    assert "no bars in this span, so no alerts; there are bars from 2023-01-03 to " in line


def test_one_rule_is_told_event_by_event_and_counted(shell: Shell) -> None:
    kinds = counted(shell)
    text = shell("backtest iwm-tops --data data")
    assert len(re.findall(r"^\S+  fired ", text, re.MULTILINE)) == kinds["fired"]
    assert f"\n{kinds['fired']} alerts, " in text
    assert re.search(rf"failed {kinds['failed']} \(\d+%\)", text)
    assert "held" not in text.splitlines()[-2]  # the rule does not watch for it
    by_year = dict(re.findall(r"(2023|2024) (\d+)", text.splitlines()[-1]))
    assert sum(map(int, by_year.values())) == kinds["fired"]


def test_counts_are_of_the_span(shell: Shell) -> None:
    kinds = counted(shell, " --from 2023-06-01 --to 2023-12-31")
    text = shell("backtest iwm-tops --data data --totals --from 2023-06-01 --to 2023-12-31")
    assert f"\n{kinds['fired']} alert" in text
    assert "fired " not in text


def test_several_rules_are_counted_side_by_side(shell: Shell) -> None:
    text = shell("backtest --data data")
    assert [title for title in ("How often", "What became of them", "Alerts by year") if title in text] == [
        "How often",
        "What became of them",
        "Alerts by year",
    ]
    assert re.search(rf"iwm-tops +IWM +2023–2024 +{counted(shell)['fired']} ", text)
    assert re.search(r"2023 +\d+ ", text)
    assert max(map(len, text.splitlines())) <= 80
    assert "  fired  " not in text
    assert "  fired  " in shell("backtest --data data --events")


def test_the_share_of_bars_on_which_a_rule_is_unknown_is_said(shell: Shell) -> None:
    assert "unknown on 2% of the bars" in shell("backtest iwm-tops --data data")
    assert "unknown on so many of the bars: #1 " in shell("backtest --data data")
    (rule,) = json.loads(shell("backtest iwm-tops --data data --json"))["rules"]
    assert 0 < rule["unknown"] < 0.05


PAIR = "title: T\nmarket: IWM\nheadline: H\nwhen: close / SPY.close > 2\n"


def test_a_rule_whose_second_market_is_not_there_cannot_run_and_the_others_do(shell: Shell, place: Path) -> None:
    (place / "rules" / "a-pair.yaml").write_text(PAIR)
    assert shell("backtest a-pair --data data", 2) == ""
    assert "data: SPY: no bars of this market here" in shell.err
    told = json.loads(shell("backtest --data data --json"))
    assert [rule["rule"] for rule in told["rules"]] == ["iwm-mine", "iwm-tops"]
    assert "left out: a-pair: no bars of SPY here" in shell.err


def test_a_bad_print_fires_nothing_and_is_said_once(shell: Shell, place: Path) -> None:
    prices = place / "data" / "IWM.csv"
    rows = prices.read_text().splitlines()
    day, opened, _, low, _, volume = rows[200].split(",")
    rows[200] = f"{day},{opened},1000,{low},1000,{volume}"
    prices.write_text("\n".join(rows) + "\n")
    told = json.loads(shell("backtest iwm-tops --data data --json"))
    assert day not in [event["bar"] for rule in told["rules"] for event in rule["events"]]
    assert shell.err.count("IWM: 1 bar left out") == 1
    assert "the close stands alone" in shell.err


def test_the_plot(shell: Shell, place: Path) -> None:
    out = shell("backtest iwm-tops --data data --totals --plot tops.png")
    assert re.search(r"^tops\.png \(\d+ kB\)$", out, re.MULTILINE)
    assert (place / "tops.png").read_bytes().startswith(b"\x89PNG")
    assert shell.err == ""


def test_a_plot_of_several_rules_is_a_file_for_each(shell: Shell, place: Path) -> None:
    out = shell("backtest --data data --plot p.png --json --dark")
    json.loads(out)
    assert sorted(path.name for path in place.glob("*.png")) == ["p-iwm-mine.png", "p-iwm-tops.png"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("backtest iwm-top --data data", "iwm-top: no such rule; did you mean iwm-tops?"),
        (
            "backtest iwm-tops --data data --from 2024-01-01 --to 2023-01-01",
            "--to: before --from; allowed: 2024-01-01 or",
        ),
        ("backtest iwm-tops --data data --plot p.svg", "--plot: not a PNG file (got p.svg)"),
        ("backtest iwm-tops --data rules", "rules: IWM: no bars of this market here"),
    ],
)
def test_mistakes_are_said_kindly(shell: Shell, line: str, said: str) -> None:
    assert shell(line, 2) == ""
    assert said in shell.err


NEVER = "title: T\nmarket: IWM\nheadline: H\nwhen: "


@pytest.mark.parametrize(
    ("when", "told"),
    [
        ("change(close, 5) > 0.9", r"never met: change\(close, 5\) > 0\.9; it was [−\d.]+ at most, on 202\d-\d\d-\d\d"),
        ("rsi(close, 14) < 0.5 * 2", r"never met: rsi\(close, 14\) < 0\.5 \* 2; it was [\d.]+ at least, on "),
        (
            "close > 3 * sma(close, 20)",
            r"never met: close > 3 \* sma\(close, 20\); nearest on .*: [\d.]+ against [\d.]+ \(−",
        ),
        (
            "close > open and change(close) < -1 + open / close[1]",
            r"never all at one bar: close > open on \d+%; change\(close\)",
        ),
        ("first(close > 5 * open, 9)", r"never met: first\(close > 5 \* open, 9\); nearest on "),
    ],
)
def test_a_rule_that_never_fired_is_told_how_near_it_came(shell: Shell, place: Path, when: str, told: str) -> None:
    (place / "rules" / "never-yes.yaml").write_text(NEVER + when + "\n")
    text = shell("backtest never-yes --data data")
    assert re.search(told, text), text
    (rule,) = json.loads(shell("backtest never-yes --data data --json"))["rules"]
    assert [each["condition"] for each in rule["never_met"]] == when.split(" and ")
    assert all(each["yes"] == 0 for each in rule["never_met"]) or "and" in when
    assert "never-yes: never" in shell("backtest --data data")


def test_returns_after_the_alerts_add_up(shell: Shell, place: Path) -> None:
    (rule,) = json.loads(shell("backtest iwm-tops --data data --json"))["rules"]
    rows = [row.split(",") for row in (place / "data" / "IWM.csv").read_text().splitlines()[1:]]
    days, closes = [row[0] for row in rows], [float(row[4]) for row in rows]
    fired = [days.index(event["bar"]) for event in rule["events"] if event["event"] == "fired"]
    for found in rule["returns"]:
        later = [closes[at + found["bars"]] / closes[at] - 1 for at in fired if at + found["bars"] < len(closes)]
        assert found["alerts"] == len(later)
        assert found["alerts"] + found["open"] == len(fired)
        assert found["higher"] == sum(each > 0 for each in later)
        assert found["median"] == pytest.approx(median(later))
        assert found["base"] == len(closes) - days.index(rule["could_fire_from"]) - found["bars"]
    text = shell("backtest iwm-tops --data data")
    assert f"   5 bars: higher {rule['returns'][0]['higher']} of {rule['returns'][0]['alerts']}, median " in text
    assert max(map(len, text.splitlines())) <= 80


@pytest.mark.parametrize("timeframe", ["1d", "1w"])
@pytest.mark.parametrize("joined", ["BTC.close > 1", "not BTC.close < 1", "(BTC.close > 1 and low > 1)"])
def test_a_rule_is_counted_from_when_it_could_fire(shell: Shell, place: Path, timeframe: str, joined: str) -> None:
    days = write_prices(place / "data")
    rows = [f"{days[300] + timedelta(days=at)},9,9,9,9,1" for at in range((days[-1] - days[300]).days + 3)]
    (place / "data" / "BTC.csv").write_text("\n".join(["date,open,high,low,close,volume", *rows]) + "\n")
    rule = (
        f"title: T\nmarket: IWM\ntimeframe: {timeframe}\nwhen: close > highest(close, 3)[1] and {joined}\nheadline: H\n"
    )
    (place / "rules" / "with-btc.yaml").write_text(rule)
    told = shell("backtest with-btc --data data --totals")
    since = date.fromisoformat(re.search(r"^could fire from (\S+) on$", told, re.MULTILINE)[1])
    assert days[299] <= since <= days[300] + timedelta(days=7)
    (document,) = json.loads(shell("backtest with-btc --data data --json"))["rules"]
    assert document["could_fire_from"] == str(since)
    alerts = document["counts"]["fired"]
    last = date.fromisoformat(document["to"])
    years = ((last - since).days + 1) / 365.25
    assert f"{alerts} alerts, {alerts / years:.1f} a year, " in told
    assert re.search(rf"with-btc +IWM +{since.year}–{last.year} ", shell("backtest --data data"))
    early = shell(f"backtest with-btc --data data --totals --to {days[200]}")
    assert "could not fire: not all of its conditions were known" in early
    assert "could fire" not in shell(f"backtest with-btc --data data --totals --from {days[350]}")


def test_alerts_that_look_back_across_missing_sessions_are_named(place: Path, shell: Shell) -> None:
    """A change over five bars that is one over fifteen days says so; a window that is whole says nothing."""
    (place / "rules" / "five.yaml").write_text(
        'title: Five\nmarket: IWM\nwhen: change(close, 5) > 0.02\nheadline: "H"\nquiet: 3 bars\n'
    )
    whole = json.loads(shell("backtest five --data data --json"))["rules"][0]
    assert whole["across_missing"] == []
    assert "missing" not in shell("backtest five --data data")
    file = place / "data" / "IWM.csv"
    header, *rows = file.read_text().splitlines()
    fired = whole["events"][0]["bar"]
    at = next(number for number, row in enumerate(rows) if row.startswith(fired))
    lost = [row[:10] for row in rows[at - 4 : at - 1]]
    file.write_text("\n".join([header, *rows[: at - 4], *rows[at - 1 :]]) + "\n")
    told = json.loads(shell("backtest five --data data --json"))["rules"][0]
    first = told["across_missing"][0]
    assert (first["bars"], first["missing"]) == (5, lost)
    words = f"{first['bar']}: 5 bars back are 8 sessions; missing: {lost[0]} to {lost[-1]}"
    text = shell("backtest five --data data")
    assert f"  {words}" in text.splitlines()
    shell(f"rules explain five --at {first['bar']} --data data")
    assert f"IWM: {words}" in shell.err.splitlines()
    later = next(event["bar"] for event in told["events"][::-1] if event["event"] == "fired")
    shell(f"rules explain five --at {later} --data data")
    assert "bars back" not in shell.err


def test_a_joined_market_that_lacks_sessions_or_ended_is_named(place: Path, shell: Shell) -> None:
    """Yesterday's close beside today's, five bars that are eight sessions, a market that ended: each is said."""
    days = [row[:10] for row in (place / "data" / "IWM.csv").read_text().splitlines()[1:]]
    (place / "rules" / "both.yaml").write_text(
        'title: Both\nmarket: IWM\nwhen: close > close[1] and SPY.close > SPY.close[5]\nheadline: "H"\nquiet: 1 bars\n'
    )

    def spy(kept: list[str]) -> str:
        rows = [f"{day},9,{9 + days.index(day)},9,{9 + days.index(day)},1" for day in kept]
        (place / "data" / "SPY.csv").write_text("\n".join(["date,open,high,low,close,volume", *rows]) + "\n")
        return shell("backtest both --data data")

    assert "lacks" not in spy(days)
    assert "recent enough" not in spy(days)
    (whole,) = json.loads(shell("backtest both --data data --json"))["rules"]
    assert (whole["across_missing"], whole["unread"]) == ([], [])
    fired = [days.index(each["bar"]) for each in whole["events"] if each["event"] == "fired"]
    at = next(each for each in fired if each > 20)
    one = spy(days[:at] + days[at + 1 :])
    words = f"{days[at]}: SPY lacks 1 of 6 sessions: {days[at]}; {days[at - 1]} stands in"
    assert f"  {words}" in one.splitlines()
    shell(f"rules explain both --at {days[at]} --data data")
    assert f"IWM: {words}" in shell.err.splitlines()
    within = spy(days[: at - 3] + days[at - 1 :])
    assert f"  {days[at]}: SPY lacks 2 of 6 sessions: {days[at - 3]} to {days[at - 2]}" in within.splitlines()
    ended = spy(days[:50])
    (told,) = json.loads(shell("backtest both --data data --json"))["rules"]
    (blank,) = told["unread"]
    assert (blank["market"], blank["last"]) == ("SPY", days[-1])
    assert len(days) - 55 <= blank["bars"] <= len(days) - 50
    assert (
        f"SPY has no bar recent enough on {blank['bars']:,} of the bars, from {blank['first']} to {days[-1]}" in ended
    )
    (place / "rules" / "both.yaml").write_text(
        'title: Both\nmarket: IWM\ntimeframe: 1w\nwhen: close > close[1] and SPY.close > 0.1\nheadline: "H"\n'
    )
    assert re.search(r"^SPY has no bar recent enough on \d+ of the bars, from ", spy(days[:50]), re.MULTILINE)
