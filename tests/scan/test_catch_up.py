"""Catching up: how many sessions late an alert is still told, and that no rule is judged twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.rulebook.rule_definition import read_rule
from bot.scan.evaluate import BarSets, RuleState, evaluate_rules
from bot.signals.timeframe import Timeframe
from bot.store.alerts import Watermark
from tests.scan.town import CALENDAR, RECORD, build, wave


@pytest.mark.parametrize(("sessions_ago", "told"), [(0, 1), (2, 1), (3, 0), (4, 0)])
async def test_as_many_sessions_late_as_configured_and_no_more(tmp_path: Path, sessions_ago: int, told: int) -> None:
    closes = [*wave(100), 101.0, *[100.5 - at for at in range(sessions_ago)]]
    here = build(tmp_path, {"a-record": RECORD}, {"RUT": closes}, catch_up=3)
    await here.subscribe(0)
    await here.look(99)
    await here.look(100 + sessions_ago)
    assert (await here.kinds())[0] == "fired"
    texts = await here.texts()
    await here.store.close()
    assert len([text for text in texts if "above 95.00" in text]) == told


def test_a_watermark_never_moves_back(tmp_path: Path) -> None:
    """A look whose clock is behind the last one's, with a corrected bar to speak of: what was judged stays judged."""
    rule = read_rule(RECORD.encode(), "a-record.yaml", frozenset({"RUT"}), frozenset()).rule
    assert rule is not None
    bars = build(tmp_path, {}, {"RUT": [*wave(100), 101.0, 100.0]}).bars("RUT")
    here, earlier = Watermark(int(CALENDAR.start[101]), rule.rule.digest), int(CALENDAR.closes[98]) + 60
    state = RuleState(here, earlier, (), revised=int(CALENDAR.start[97]))
    series = {("RUT", Timeframe.D1): bars}
    (result,) = evaluate_rules({rule.rule.id: rule}, {rule.rule.id: state}, BarSets(series, series))
    assert result.upto == here.bar
