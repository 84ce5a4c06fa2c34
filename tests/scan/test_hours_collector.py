"""The hours of past days, fetched at night by the running bot: a real store, feed and gate over a scripted source."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bot.app.rule_reloader import RuleReloader
from bot.market.feed import Feed
from bot.market.model import FetchAnswer, FetchRequest, Market, MarketKind, Source, SourceError, SourceErrorKind
from bot.market.new_york import new_york_sessions
from bot.scan.bar_cache import BarCache
from bot.scan.calendars import Calendars
from bot.scan.hours.collector import KEPT_S, REACH_S, HoursCollector
from bot.scan.hours.kept import kept_hours
from bot.scan.status import read_status
from bot.signals.bars import PRICES, Bars
from bot.signals.sessions import Sessions
from bot.signals.timeframe import DAY, Instant, Timeframe, start_of
from bot.store.bars import load_bars, save_bars, stored_span
from bot.store.store import Store
from bot.views.operator.status import render_status

HOUR = 3_600
SESSIONS = new_york_sessions(start_of("2021-01-01"), start_of("2025-12-31"))
RULE = "title: Forms\nmarket: IWM\ntrigger: intraday\nwhen: close > highest(close, 20)[1]\nheadline: H\n"


def hours_of_sessions() -> Bars:
    """Seven bars a session, the last one short, each within its day's prices."""
    parts = [(np.arange(o, c, HOUR)) for o, c in zip(SESSIONS.opens.tolist(), SESSIONS.closes.tolist(), strict=True)]
    start = np.concatenate(parts)
    end = np.concatenate([np.minimum(p + HOUR, c) for p, c in zip(parts, SESSIONS.closes.tolist(), strict=True)])
    close = 100 + np.arange(len(start)) * 0.001
    return Bars("IWM", Timeframe.H1, start, end, close, close + 0.1, close - 0.1, close, np.ones(len(start)))


def days_of(hours: Bars) -> Bars:
    day = np.searchsorted(SESSIONS.opens, hours.start, side="right") - 1
    first = np.flatnonzero(np.diff(day, prepend=-1))
    last = np.append(first[1:], len(day)) - 1
    columns = (hours.open[first], np.maximum.reduceat(hours.high, first), np.minimum.reduceat(hours.low, first))
    return Bars(
        "IWM", Timeframe.D1, SESSIONS.start, SESSIONS.closes, *columns, hours.close[last], np.ones(len(SESSIONS))
    )


@dataclass
class Night:
    """A collector with its world; `asked` are the questions to the source, which fails where it is `down`."""

    store: Store
    hours: HoursCollector
    book: RuleReloader
    bars: Bars
    asked: list[FetchRequest] = field(default_factory=list)
    down: bool = False

    async def fetch(self, request: FetchRequest) -> FetchAnswer:
        self.asked.append(request)
        if self.down:
            raise SourceError(SourceErrorKind.TIMEOUT, request.source.name, "it hangs")
        known = self.bars.known_at(request.now)
        since = int(known.start.searchsorted(request.since))
        return FetchAnswer(known.slice(since, len(known)), Bars.empty("IWM", Timeframe.H1), request.source.name)

    async def collect(self, now: Instant) -> int:
        return await self.hours.collect(lambda: now)

    async def count(self) -> int:
        return len(await self.store.run(load_bars, "IWM", Timeframe.H1))

    async def span(self) -> tuple[Instant, Instant]:
        found = await self.store.run(stored_span, "IWM", Timeframe.H1)
        assert found is not None
        return found


@pytest.fixture
async def night(tmp_path: Path) -> AsyncIterator[Night]:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "forms.yaml").write_text(RULE)
    markets = {"IWM": Market("IWM", "IWM", MarketKind.EQUITY, "XNYS", (Source("yahoo", "yahoo", "IWM"),))}
    store = Store(tmp_path / "bellwether.db")
    book = RuleReloader(tmp_path / "rules", frozenset(markets))

    async def sessions(_calendar: str, _first: Instant, _last: Instant) -> Sessions:
        return SESSIONS

    async def fetch(request: FetchRequest) -> FetchAnswer:
        return await world.fetch(request)

    bar_cache, bars = BarCache(store, markets), hours_of_sessions()
    await store.run(save_bars, days_of(bars), "yahoo", 0)
    hours = HoursCollector(store, bar_cache, Feed(fetch), Calendars(store, sessions), markets, book.book)
    world = Night(store, hours, book, bars)
    yield world
    await store.close()


def after(day: str, seconds: int) -> Instant:
    """So long after the close of that day's session."""
    at = SESSIONS.position(start_of(day))
    assert at is not None
    return int(SESSIONS.closes[at]) + seconds


async def test_the_first_night_brings_two_years_and_the_next_ones_what_came_since(night: Night) -> None:
    now = after("2025-06-03", 2 * HOUR)
    added = await night.collect(now)
    first, last = await night.span()
    assert added == await night.count() > 3_000
    assert now - REACH_S <= first < now - REACH_S + 5 * DAY
    assert last == int(night.bars.known_at(now).start[-1])
    assert await night.collect(now + 7 * HOUR) == 0, "nothing has closed since"
    assert len(night.asked) == 1
    assert await night.collect(after("2025-06-04", 2 * HOUR)) == 7
    assert night.asked[-1].since > now - 15 * DAY


async def test_nothing_is_asked_while_the_exchange_is_open_or_has_just_closed(night: Night) -> None:
    for seconds in (-2 * HOUR, 600):
        assert await night.collect(after("2025-06-03", seconds)) == 0
    assert night.asked == []


async def test_a_source_that_fails_is_asked_six_hours_later_and_the_status_says_so(night: Night) -> None:
    now = after("2025-06-03", 2 * HOUR)
    night.down = True
    await night.collect(now)
    await night.collect(now + HOUR)
    assert len(night.asked) == 1
    text = render_status(await night.store.run(read_status, now))
    assert "🕐 <b>IWM</b> hours: none yet\n     yahoo: timeout" in text
    night.down = False
    assert await night.collect(now + 7 * HOUR) > 3_000
    text = render_status(await night.store.run(read_status, now))
    assert "hours: 2023-06-12 to 2025-06-03" in text
    assert "timeout" not in text


async def test_what_was_saved_before_it_broke_off_stays(night: Night, monkeypatch: pytest.MonkeyPatch) -> None:
    now, saved = after("2025-06-03", 2 * HOUR), night.store.run

    async def breaks(function: Any, *arguments: Any, **named: Any) -> Any:
        if function.__name__ == "save_all" and await night.count():
            raise KeyboardInterrupt
        return await saved(function, *arguments, **named)

    monkeypatch.setattr(night.store, "run", breaks)
    with pytest.raises(KeyboardInterrupt):
        await night.collect(now)
    monkeypatch.undo()
    assert await night.count() == 2_000
    await night.collect(now + 60)
    assert await night.count() > 3_000


async def test_hours_that_are_not_of_their_days_are_left_out_and_a_wick_becomes_unknown(night: Night) -> None:
    now = after("2025-06-03", 2 * HOUR)
    close, high = night.bars.close.copy(), night.bars.high.copy()
    at = len(night.bars.known_at(now)) - 1
    close[at - 20] *= 1.2
    high[at - 1] *= 1.03
    night.bars = replace(night.bars, close=close, high=np.maximum(high, close))
    await night.collect(now)
    kept = await night.store.run(load_bars, "IWM", Timeframe.H1)
    assert int(night.bars.start[at - 20]) not in kept.start
    assert np.isnan(kept.high[-2])
    assert np.isfinite(kept.high[-1])
    told = (await night.store.run(kept_hours))["IWM"].trouble
    assert "7 of " in told
    assert "not within 5 % of its day's prices" in told
    assert "1 high or low not believed" in told


async def test_after_a_split_all_hours_are_fetched_anew(night: Night) -> None:
    await night.collect(after("2025-06-03", 2 * HOUR))
    halved: dict[str, Any] = {name: getattr(night.bars, name) / 2 for name in PRICES}
    night.bars = replace(night.bars, **halved)
    await night.store.run(save_bars, days_of(night.bars), "yahoo", 0)
    night.hours._bar_cache.add(days_of(night.bars))
    later = after("2025-06-04", 2 * HOUR)
    await night.collect(later)
    await night.collect(later + HOUR)
    kept = await night.store.run(load_bars, "IWM", Timeframe.H1, later - REACH_S)
    assert float(kept.close.max()) < 60


async def test_hours_go_after_ten_years_and_not_before(night: Night) -> None:
    now = after("2025-06-03", 2 * HOUR)
    await night.collect(now)
    count, (first, _) = await night.count(), await night.span()
    await night.hours.forget(now)
    assert await night.count() == count
    await night.hours.forget(first + KEPT_S + 8 * HOUR)
    assert 0 < count - await night.count() <= 8


async def test_hours_that_a_rule_reads_as_its_own_bars_are_left_to_the_looks(night: Night, tmp_path: Path) -> None:
    own = RULE.replace("trigger: intraday", "timeframe: 1h").replace("Forms", "Own")
    (tmp_path / "rules" / "own.yaml").write_text(own)
    night.book.refresh()
    assert await night.collect(after("2025-06-03", 2 * HOUR)) == 0
    assert night.asked == []


async def test_without_such_a_rule_nothing_is_asked_and_the_status_is_silent(night: Night, tmp_path: Path) -> None:
    now = after("2025-06-03", 2 * HOUR)
    await night.collect(now)
    (tmp_path / "rules" / "forms.yaml").write_text(RULE.replace("trigger: intraday\n", ""))
    night.book.refresh()
    await night.collect(after("2025-06-04", 2 * HOUR))
    assert len(night.asked) == 1
    assert "🕐" not in render_status(await night.store.run(read_status, now))
