"""One scan: what it records, what it does not, and what happens when it was missed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from bot.charts.request import MarketChart
from bot.store.bars import save_bars
from bot.store.subscribers.preferences import save_preferences
from bot.subscriber import Preferences
from tests.scan.town import CALENDAR, READER, RECORD, Town, build, wave

Builder = Callable[..., Awaitable[Town]]


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Builder]:
    built: list[Town] = []

    async def make(closes: dict[str, list[float]], rules: dict[str, str] | None = None, catch_up: int = 5) -> Town:
        for earlier in built:
            await earlier.store.close()
        built.append(build(tmp_path, {"a-record": RECORD} if rules is None else rules, closes, catch_up))
        return built[-1]

    yield make
    for each in built:
        await each.store.close()


async def test_a_record_is_told_once_with_its_figures(town: Builder) -> None:
    here = await town({"RUT": [*wave(100), 101.0]})
    await here.look(99)
    await here.subscribe(int(CALENDAR.closes[99]))
    scan = await here.look(100)
    assert scan.queued == 1
    again = await here.look(100, later=2_000)
    assert again.queued == 0
    (text,) = await here.texts()
    assert "RUT closes at 101.00, above 95.00" in text
    assert "Late" not in text
    assert [len(chart.bars) for chart in here.pictures if isinstance(chart, MarketChart)] == [101]


async def test_a_chat_that_wants_dark_pictures_gets_one(town: Builder) -> None:
    here = await town({"RUT": [*wave(100), 101.0]})
    await here.look(99)
    await here.subscribe(int(CALENDAR.closes[99]))
    await here.store.run(save_preferences, READER.chat_id, READER.thread_id, Preferences(dark=True), 0)
    assert (await here.look(100)).queued == 1
    assert [chart.dark for chart in here.pictures] == [False, True]


async def test_the_very_first_look_tells_nothing_old(town: Builder) -> None:
    here = await town({"RUT": [*wave(100), 101.0]})
    await here.subscribe(0)
    await here.look(100)
    assert await here.kinds() == []


async def test_a_restart_evaluates_missed_sessions_in_order_and_says_that_they_are_late(town: Builder) -> None:
    closes = [*wave(100), 101.0, 102.0, 94.0, 93.0]
    here = await town({"RUT": closes})
    await here.subscribe(0)
    await here.look(99)
    here = await town({"RUT": closes})
    await here.look(103)
    assert await here.kinds() == ["fired", "failed"]
    fired, failed = await here.texts()
    assert "Late" in fired
    assert "3 sessions ago" in fired
    assert "Back under 95.00" in failed


async def test_what_is_older_than_catch_up_is_kept_and_not_told(town: Builder) -> None:
    closes = [*wave(100), 101.0, *wave(20)]
    here = await town({"RUT": closes}, catch_up=3)
    await here.subscribe(0)
    await here.look(99)
    await here.look(119)
    assert (await here.kinds())[0] == "fired"
    assert await here.texts() == []


async def test_bar_by_bar_is_the_same_as_all_at_once(town: Builder, tmp_path: Path) -> None:
    closes = [*wave(60), 101.0, 103.0, 99.0, 104.0, *wave(30), 106.0, 107.0]
    here = await town({"RUT": closes}, catch_up=250)
    await here.look(40)
    for session in range(41, len(closes)):
        await here.look(session)
    step_by_step = await here.store.run(
        lambda db: list(db.execute("SELECT alert, kind, bar, close, level FROM events"))
    )
    (tmp_path / "bellwether.db").rename(tmp_path / "first.db")
    here = await town({"RUT": closes}, catch_up=250)
    await here.look(40)
    await here.look(len(closes) - 1)
    at_once = await here.store.run(lambda db: list(db.execute("SELECT alert, kind, bar, close, level FROM events")))
    assert len(step_by_step) > 2
    assert step_by_step == at_once


async def test_a_source_that_fails_costs_its_own_market_only(town: Builder) -> None:
    other = RECORD.replace("market: RUT", "market: IWM")
    here = await town({"RUT": [*wave(100), 101.0], "IWM": [*wave(100), 101.0]}, {"a-record": RECORD, "b-record": other})
    await here.subscribe(0)
    await here.look(99)
    here.down = {"IWM"}
    await here.look(100)
    assert await here.kinds() == ["fired"]
    here.down = set()
    await here.look(100, later=4_000)
    assert await here.kinds() == ["fired", "fired"]


async def test_a_rule_waits_for_the_other_market_that_it_reads(town: Builder) -> None:
    ratio = RECORD.replace("close > highest(close, 20)[1]", "close > highest(close, 20)[1] and SPY.close > 0", 1)
    here = await town({"RUT": [*wave(100), 101.0], "SPY": [*wave(100), 95.0]}, {"a-record": ratio})
    await here.subscribe(0)
    await here.look(99)
    here.hidden = {"SPY": {100}}
    scan = await here.look(100)
    assert "SPY" in scan.held["a-record"]
    assert await here.kinds() == []
    here.hidden = {}
    scan = await here.look(100, later=4_000)
    assert scan.held == {}
    assert await here.kinds() == ["fired"]


async def test_a_rule_goes_on_without_a_bar_that_never_comes(town: Builder) -> None:
    closes = [*wave(100), 94.0, 94.0, 101.0]
    here = await town({"RUT": closes})
    await here.subscribe(0)
    await here.look(99)
    here.hidden = {"RUT": {100}}
    await here.look(100)
    await here.look(101)
    scan = await here.look(102)
    assert scan.held == {}  # the day of patience is over
    assert await here.kinds() == ["fired"]


async def test_a_new_rule_in_a_running_bot_tells_nothing_old(town: Builder, tmp_path: Path) -> None:
    here = await town({"RUT": [*wave(100), 101.0, 102.0]}, {})
    await here.subscribe(0)
    await here.look(100)
    (tmp_path / "rules" / "a-record.yaml").write_text(RECORD)
    assert here.book.refresh()
    await here.look(101)
    assert await here.kinds() == []


async def test_a_broken_save_keeps_the_rule_running(town: Builder, tmp_path: Path) -> None:
    here = await town({"RUT": [*wave(100), 101.0]})
    await here.subscribe(0)
    await here.look(99)
    (tmp_path / "rules" / "a-record.yaml").write_text(RECORD.replace("highest", "hihgest"))
    assert here.book.refresh()
    assert "hihgest" in str(here.book.current.problems[0])
    await here.look(100)
    assert await here.kinds() == ["fired"]


async def test_a_rule_that_is_not_enabled_is_silent(town: Builder) -> None:
    here = await town({"RUT": [*wave(100), 101.0]}, {"a-record": RECORD + "enabled: false\n"})
    await here.subscribe(0)
    await here.look(99)
    await here.look(100)
    assert await here.kinds() == []


async def test_a_correction_that_undoes_a_firing_is_said_in_its_thread(town: Builder) -> None:
    here = await town({"RUT": [*wave(100), 101.0]})
    await here.subscribe(0)
    await here.look(99)
    await here.look(100)
    here.closes["RUT"][100] = 94.5
    await here.look(100, later=13 * 3_600)  # the bar is verified in the morning
    assert await here.kinds() == ["fired", "retracted"]
    assert "the source corrected its data" in (await here.texts())[1]
    await here.look(100, later=14 * 3_600)
    assert await here.kinds() == ["fired", "retracted"]


async def test_a_figure_that_was_told_is_put_right_in_its_thread_where_the_firing_stands(town: Builder) -> None:
    here = await town({"RUT": [*wave(100), 101.0]})
    await here.subscribe(0)
    await here.look(99)
    await here.look(100)
    here.closes["RUT"][100] = 101.4
    await here.look(100, later=3_600)  # the bar is asked for again within the hour
    assert await here.kinds() == ["fired", "corrected"]
    assert "<b>Correction</b>: RUT closed at 101.40, not at 101.00. The alert stands." in (await here.texts())[1]
    await here.look(100, later=13 * 3_600)
    assert await here.kinds() == ["fired", "corrected"]
    here.closes["RUT"][100] = 101.6
    await here.look(100, later=13 * 3_600 + 700)
    assert len(await here.texts()) == 2  # nothing asks for a bar that was verified twice, until the next one comes
    here.closes["RUT"].append(100.5)
    await here.look(101)
    assert await here.kinds() == ["fired", "corrected"]  # told anew, kept as the one correction of its bar
    assert "closed at 101.60, not at 101.40" in (await here.texts())[2]


async def test_a_look_that_broke_off_after_its_bars_were_kept_still_puts_the_figure_right(town: Builder) -> None:
    here = await town({"RUT": [*wave(100), 101.0]})
    await here.subscribe(0)
    await here.look(99)
    await here.look(100)
    here.closes["RUT"][100] = 101.4
    await here.store.run(save_bars, here.bars("RUT"), "test", 0)  # and then the process died
    again = await town({"RUT": here.closes["RUT"]})
    await again.look(100, later=3_600)
    assert await again.kinds() == ["fired", "corrected"]


@pytest.mark.parametrize("close", [101.0, 101.05, 84.0])
async def test_a_trifle_is_no_correction_and_what_is_undone_is_retracted_only(town: Builder, close: float) -> None:
    here = await town({"RUT": [*wave(100), 101.0]})
    await here.subscribe(0)
    await here.look(99)
    await here.look(100)
    here.closes["RUT"][100] = close
    await here.look(100, later=3_600)
    assert await here.kinds() == (["fired", "retracted"] if close < 90 else ["fired"])


async def test_a_correction_that_brings_a_firing_is_told_late(town: Builder) -> None:
    here = await town({"RUT": [*wave(100), 94.5]})
    await here.subscribe(0)
    await here.look(99)
    await here.look(100)
    assert await here.kinds() == []
    here.closes["RUT"][100] = 101.0
    await here.look(100, later=13 * 3_600)
    (text,) = await here.texts()
    assert "Late" in text


async def test_a_correction_says_nothing_of_what_was_past_before_the_first_look(town: Builder) -> None:
    here = await town({"RUT": [*wave(100), 101.0]})
    await here.subscribe(0)
    await here.look(100)
    here.closes["RUT"][100] = 101.5
    await here.look(100, later=13 * 3_600)
    assert await here.kinds() == []


INTRADAY = RECORD + "trigger: intraday\n"


async def test_a_forming_bar_is_told_provisionally_and_confirmed_at_the_close(town: Builder) -> None:
    here = await town({"RUT": [*wave(100), 101.0]}, {"a-record": INTRADAY})
    await here.subscribe(0)
    await here.look(99)
    here.forming = {"RUT": 100.5}
    await here.look(100, later=-3_600)
    await here.look(100, later=-1_800)
    assert await here.kinds() == ["provisional"]
    here.forming = {}
    await here.look(100)
    assert await here.kinds() == ["provisional", "fired"]
    provisional, fired = await here.texts()
    assert "Provisional, the bar is still forming" in provisional
    assert "RUT closes at 100.50" in provisional
    assert "RUT closes at 101.00" in fired


async def test_a_forming_bar_that_falls_back_is_withdrawn(town: Builder) -> None:
    here = await town({"RUT": [*wave(100), 94.0]}, {"a-record": INTRADAY})
    await here.subscribe(0)
    await here.look(99)
    here.forming = {"RUT": 100.5}
    await here.look(100, later=-3_600)
    here.forming = {}
    await here.look(100)
    assert await here.kinds() == ["provisional", "withdrawn"]


async def test_a_rule_that_waits_for_the_close_ignores_a_forming_bar(town: Builder) -> None:
    here = await town({"RUT": [*wave(100), 94.0]})
    await here.look(99)
    here.forming = {"RUT": 100.5}
    await here.look(100, later=-3_600)
    assert await here.kinds() == []


async def test_a_market_that_only_the_headline_reads_is_fetched_too(town: Builder) -> None:
    spoken = RECORD.replace('above {level:.2f}"', 'QQQ at {QQQ.close:.2f}"')
    here = await town({"RUT": [*wave(100), 101.0], "QQQ": [*wave(100), 93.0]}, {"a-record": spoken})
    await here.subscribe(0)
    await here.look(99)
    await here.look(100)
    (text,) = await here.texts()
    assert "QQQ at 93.00" in text
