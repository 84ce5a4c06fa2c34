"""The bot, `replay` and the commands believe the same bars: their events agree, bar by bar, whatever the file says."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bot.app.components import build_scan
from bot.app.rule_reloader import RuleReloader
from bot.app.workers import External
from bot.cli.analysis.replay import Past
from bot.cli.io.sessions import sessions_of
from bot.cli.main import main
from bot.market.csv_form.bars import read_csv
from bot.market.model import Source
from bot.market.quality.gate import picked
from bot.settings import Settings, load_settings
from bot.signals.bars import PRICES, Bars
from bot.signals.replay.event import AlertId
from bot.signals.timeframe import Timeframe, day_of, label, start_of
from bot.store.sqlite import Database
from bot.store.store import Store
from tests.market.oddities import calm, like, told

ROOT = Path(__file__).parents[2]
DAILY = ROOT.parent / "shared" / "data" / "daily"

COUNT, LAST = 376, "2025-06-20"

RULES = {
    "high": "close > highest(high, 20)[1]",
    "close": "close > highest(close, 20)[1]",
    "low": "low < lowest(low, 20)[1]",
    "leap": "abs(change(close)) > 0.025",
    "gap": "open > high[1]",
}
RULE = """
title: {name} of {market}
market: {market}
when: {when}
level: highest(close, 20)[1]
follow: {{for: 10 bars, confirmed: 2 closes, failed: close < level}}
headline: "it is {{close:.2f}}"
context: []
"""

CONFIG = """
markets:
  RUT: {title: Russell 2000, kind: index, sources: [{yahoo: ^RUT}], sister: IWM}
  IWM: {title: IWM, kind: equity, sources: [{yahoo: IWM}], sister: RUT}
crypto: []
funds: []
"""

Facts = set[tuple[str, str, str]]
"""Alert, bar, kind of event."""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a config of two sisters and five rules on each."""
    (tmp_path / "rules").mkdir()
    (tmp_path / "data").mkdir()
    for market in ("RUT", "IWM"):
        for name, when in RULES.items():
            text = RULE.format(name=name, market=market, when=when)
            (tmp_path / "rules" / f"{market.lower()}-{name}.yaml").write_text(text)
    (tmp_path / "config.yaml").write_text(CONFIG)
    monkeypatch.chdir(tmp_path)
    return tmp_path


pytestmark = pytest.mark.timeout(240)


@pytest.fixture(scope="module")
def new_york():
    return sessions_of("XNYS", {})


def write(folder: Path, bars: Bars) -> None:
    columns = [getattr(bars, name).tolist() for name in (*PRICES, "volume")]
    days = [label(start, Timeframe.D1) for start in bars.start.tolist()]
    rows = [",".join([day, *map(repr, row)]) for day, *row in zip(days, *columns, strict=True)]
    text = "\n".join(["date,open,high,low,close,volume", *rows]).replace("nan", "")
    (folder / f"{bars.market}.csv").write_text(text)


def wandering(sessions) -> Bars:
    """Calm bars that go up and down by a tenth over some months, so that there is something to say."""
    bars, last = calm(sessions, COUNT), int(np.searchsorted(sessions.start, start_of(LAST))) + 1
    bars = replace(bars, start=sessions.start[last - COUNT : last], end=sessions.closes[last - COUNT : last])
    sway = np.exp(0.1 * np.sin(np.arange(COUNT) / 17) + 0.03 * np.sin(np.arange(COUNT) / 3))
    return told(bars, slice(None), **{name: getattr(bars, name) * sway for name in PRICES})


def times(bars: Bars, at: int, factor: float, *names: str) -> Bars:
    return told(bars, at, **{name: float(getattr(bars, name)[at]) * factor for name in names})


def with_troubles(bars: Bars) -> Bars:
    """A bad high, low, close and open, a zero, a day at half its price as after a split, one twice, one missing."""
    bars = times(bars, 316, 1.2, "high")
    bars = times(bars, 322, 0.85, "low")
    bars = times(bars, 328, 1.06, "close", "high")
    bars = times(bars, 334, 0.9, "close", "low")
    bars = times(bars, 340, 1.15, "open", "high")
    bars = told(bars, 346, open=0.0)
    bars = times(bars, 352, 0.5, *PRICES)
    bars = told(bars, 360, **{name: float(getattr(bars, name)[359]) for name in (*PRICES, "volume")})
    return bars.prefix(366).merged(bars.slice(367, len(bars)))


async def live(settings: Settings, past: Past, since: str, folder: Path) -> Facts:
    """What the bot's own loop records, looking after every close, with only what was told by then."""
    store = Store(folder / "live.db")
    markets = {
        name: replace(market, sources=(Source("csv", past.source, name),)) for name, market in settings.specs.items()
    }

    async def no_picture(*_: object) -> None:
        return None

    book = RuleReloader(settings.rules, settings.market_names)
    scanner = build_scan(settings, markets, store, External(past.fetch, past.sessions, no_picture), book).scanner
    closes = [int(end) + 900 for end in past.bars["IWM", Timeframe.D1].end]
    for at in [each for each in closes if each >= start_of(since)]:
        await scanner.scan(at)
    events = await store.run(recorded)
    await store.run(keep_a_copy, folder / "bellwether.db")
    await store.close()
    return events


def recorded(db: Database) -> Facts:
    columns = "a.rule, a.market, a.bar, e.bar, e.kind"
    rows = db.execute(f"SELECT {columns} FROM events e JOIN alerts a ON a.id = e.alert").fetchall()
    return {(str(AlertId(*alert[:2], Timeframe.D1, alert[2])), label(at, Timeframe.D1), k) for *alert, at, k in rows}


def keep_a_copy(db: Database, path: Path) -> None:
    db.execute("VACUUM INTO ?", [str(path)])


class Shell:
    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *line: str) -> str:
        with pytest.raises(SystemExit) as ended:
            main([*line])
        out, err = self._capsys.readouterr()
        assert (ended.value.code or 0) == 0, err
        return out

    def backtest(self, since: str, *more: str) -> Facts:
        document = json.loads(self("backtest", "--json", "--from", since, *more))
        rules = document.get("rules", [document])
        events = [event for rule in rules for event in rule["events"]]
        return {(event["alert"], event["bar"], event["event"]) for event in events}

    def replay(self, since: str, until: str) -> Facts:
        document = json.loads(self("replay", "--data", "data", "--from", since, "--to", until, "--json"))
        events = [event for message in document["messages"] for event in message["events"]]
        return {(each["alert"], each["alert"].split("/")[-1], each["event"]) for each in events}


@pytest.fixture
def shell(capsys: pytest.CaptureFixture[str]) -> Iterator[Shell]:
    return Shell(capsys)


def told_of(events: Facts, since: str) -> Facts:
    """The events of alerts from after a date: of older ones the bot, which began then, has never heard."""
    return {each for each in events if each[0].split("/")[-1] > since}


def compared(place: Path, shell: Shell, bars: list[Bars], since: str) -> Facts:
    """The events of all roads from a date on, which are the same."""
    for each in bars:
        write(place / "data", each)
    calendars = {"XNYS": sessions_of("XNYS", {})}
    raw = {
        (each.market, Timeframe.D1): read_csv(
            place / "data" / f"{each.market}.csv", each.market, calendars["XNYS"], Timeframe.D1
        ).bars
        for each in bars
    }
    settings = load_settings(place / "config.yaml", {}, place)
    told_live = asyncio.run(live(settings, Past(raw, "csv", calendars), since, place))
    last = max(bar for _, bar, _ in told_live)
    by_file, by_store = (told_of(shell.backtest(since, *more), since) for more in (("--data", "data"), ()))
    assert by_file == by_store
    assert by_file == told_of(told_live, since)
    until = day_of(int(bars[0].end[-1])).isoformat()
    opened = {each for each in told_of(shell.replay(since, until), since) if each[2] == "fired"}
    assert opened == {each for each in by_file if each[2] == "fired"}
    for command in (["levels", "IWM", "--all", "--json"], ["levels", "RUT", "--json", "--at", last]):
        assert shell(*command, "--data", "data") == shell(*command)
    return by_file


def test_a_made_history_with_every_kind_of_trouble(place: Path, shell: Shell, new_york) -> None:
    truth = wandering(new_york)
    iwm, rut = with_troubles(truth), like(truth)
    since = label(int(truth.start[312]), Timeframe.D1)
    events = compared(place, shell, [rut, iwm], since)
    assert len(events) > 20
    write(place / "data", truth)
    true = told_of(shell.backtest(since, "--data", "data"), since)
    lost = {label(int(truth.start[at]), Timeframe.D1) for at in (316, 322, 328, 334, 340, 346, 352, 360, 366)}
    assert not {each for each in events - true if each[2] == "fired" and each[1] in lost}  # no lie made an alert


STRETCHES = (
    ("2007-01-02", "2008-08-01", "2008-12-01"),
    ("2018-06-01", "2020-02-20", "2020-04-30"),
    ("2022-01-03", "2023-05-01", "2023-06-30"),
    ("2023-01-03", "2024-06-20", "2024-08-20"),
)
"""With IWM's bad prints of September 2008, March 2020, and RUT's of 24 May 2023 and 19 July 2024."""


@pytest.mark.skipif(not DAILY.is_dir(), reason="the real histories are not here")
@pytest.mark.parametrize(("first", "since", "last"), STRETCHES)
def test_the_real_history_with_its_bad_prints(place: Path, shell: Shell, new_york, first, since, last) -> None:
    read = [read_csv(DAILY / f"{name}.csv", name, new_york, Timeframe.D1).bars for name in ("RUT", "IWM")]
    span = [picked(each, each.start >= start_of(first)).known_at(start_of(last)) for each in read]
    events = compared(place, shell, span, since)
    assert not {each for each in events if each[1] == "2008-09-19" and each[0].startswith(("iwm-high", "iwm-gap"))}
