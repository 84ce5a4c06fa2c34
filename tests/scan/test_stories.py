"""Stories of a scan: what comes together, what is only kept, what is late."""

from __future__ import annotations

from pathlib import Path

from bot.charts.formula import formula_chart
from bot.charts.request import FormulaChart
from bot.store.alerts import alert_events
from bot.store.runs import last_runs
from tests.scan.town import RECORD, build, wave

FALLS = (
    RECORD.replace("close > highest(close, 20)[1]", "close < lowest(close, 20)[1]")
    .replace("highest(close, 20)[1]", "lowest(close, 20)[1]")
    .replace("A record", "A low")
    .replace("follow: {for: 4 bars, failed: close < level}\n", "")
)


async def test_alerts_and_follow_ups_of_a_close_are_told_apart(tmp_path: Path) -> None:
    closes = [*wave(100), 101.0, 80.0]
    here = build(tmp_path, {"a-record": RECORD, "b-low": FALLS}, {"RUT": closes})
    await here.subscribe(0)
    await here.look(99)
    await here.look(100)
    await here.look(101)
    assert await here.kinds() == ["fired", "fired", "failed"]
    record, low, failed = await here.texts()
    assert "📈" in record
    assert "📉" in low
    assert failed.startswith("⚠️")
    await here.store.close()


async def test_the_level_that_was_broken_can_be_copied(tmp_path: Path) -> None:
    here = build(tmp_path, {"a-record": RECORD}, {"RUT": [*wave(100), 101.0]})
    await here.subscribe(0)
    await here.look(99)
    await here.look(100)
    (level,) = await here.store.run(lambda db: db.execute("SELECT level FROM events WHERE kind = 'fired'").fetchone())
    ((buttons,),) = await here.store.run(lambda db: db.execute("SELECT buttons FROM messages").fetchall())
    assert f"copy:{level:.2f}" in buttons
    await here.store.close()


RATIO = """
title: RUT against SPY
market: RUT
timeframe: 1d
when: close / SPY.close > highest(close / SPY.close, 20)[1]
headline: "RUT leads"
"""


async def test_a_rule_of_a_ratio_is_drawn_with_the_ratio(tmp_path: Path) -> None:
    here = build(tmp_path, {"ratio": RATIO}, {"RUT": [*wave(100), 101.0], "SPY": [100.0] * 101})
    await here.subscribe(0)
    await here.look(99)
    await here.look(100)
    (picture,) = here.pictures
    assert isinstance(picture, FormulaChart)
    assert (picture.name, picture.against_name) == ("RUT / SPY", "highest(RUT / SPY, 20)[1]")
    assert picture.values[-1] == 1.01 > picture.against[-1]
    assert picture.fired[-1] == len(picture.values) - 1 == 100
    assert formula_chart(picture).startswith(b"\x89PNG")
    await here.store.close()


async def test_an_end_without_a_decision_is_kept_and_not_told(tmp_path: Path) -> None:
    closes = [*wave(100), 101.0, 102.0, 103.0, 104.0, 105.0]
    here = build(tmp_path, {"a-record": RECORD}, {"RUT": closes})
    await here.subscribe(0)
    for session in range(99, 105):
        await here.look(session)
    assert await here.kinds() == ["fired", "ended"]
    assert len(await here.texts()) == 1
    assert (await here.store.run(last_runs, 1))[0].ok
    await here.store.close()


async def test_a_run_that_goes_on_stands_in_the_status(tmp_path: Path) -> None:
    run = RECORD.replace("for: 4 bars, failed: close < level", "for: episode, failed: close < level - 5, resumed: true")
    here = build(tmp_path, {"a-record": run}, {"RUT": [*wave(100), 101.0, 102.0, 85.0, 103.0]})
    await here.subscribe(0)
    for session in range(99, 104):
        await here.look(session)
    assert await here.kinds() == ["fired", "failed", "resumed"]
    (found,) = (await here.status()).runs
    assert (found.rule, found.count, found.failed) == ("a-record", 3, False)
    await here.store.close()


async def test_what_only_bears_an_alert_out_is_kept_and_waits_for_the_digest(tmp_path: Path) -> None:
    bears_out = "for: 9 bars, confirmed: 2 closes, held: low <= level + 4 and close > level, failed: close < level - 5"
    rule = RECORD.replace("for: 4 bars, failed: close < level", bears_out)
    here = build(tmp_path, {"a-record": rule}, {"RUT": [*wave(100), 101.0, 102.0, 103.0, 97.0, 80.0]})
    await here.subscribe(0)
    for session in range(99, 105):
        await here.look(session)
    assert await here.kinds() == ["fired", "confirmed", "held", "failed"]
    _, failed = await here.texts()
    assert failed.startswith("⚠️")
    recorded = await here.store.run(alert_events, 0, 2**40)
    assert [each.kind for each in recorded] == ["fired", "confirmed", "held", "failed"], "what a digest tells of"
    await here.store.close()


async def test_a_rule_of_records_leads_before_another_that_matters_as_much(tmp_path: Path) -> None:
    high = RECORD.replace("A record", "A high")
    record = RECORD.replace("highest(close, 20)", "highest(close, all)")
    here = build(tmp_path, {"a-high": high, "b-record": record}, {"RUT": [*wave(100), 99.0, *wave(199), 101.0]})
    await here.subscribe(0)
    await here.look(299)
    await here.look(300)
    (text,) = await here.texts()
    assert "Also today: A high." in text
    await here.store.close()
