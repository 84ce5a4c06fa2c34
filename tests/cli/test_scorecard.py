"""`bellwether scorecard` of a span, as a person types it."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.severity import Severity
from bot.signals.replay.event import AlertId, Event, EventKind
from bot.signals.timeframe import DAY, Timeframe
from bot.store.database import open_database
from bot.store.stories import NewEvent, NewMessage, record_story
from tests.cli.author import Shell

TODAY = int(time.time()) // DAY * DAY


@pytest.fixture
def years(place: Path) -> tuple[int, int]:
    """The years of two alerts so old that who got them is forgotten."""
    days = (TODAY - 500 * DAY, TODAY - 900 * DAY)
    db = open_database(place / "bellwether.db")
    for at in days:
        event = Event(AlertId("iwm-tops", "IWM", Timeframe.D1, at - DAY), EventKind.FIRED, at - DAY, at, 100.0, None)
        record_story(db, [NewEvent(event, "d", Severity.HIGH)], lambda _: NewMessage("It happened"), (), at)
    db.close()
    return datetime.fromtimestamp(days[0], UTC).year, datetime.fromtimestamp(days[1], UTC).year


def test_alerts_of_a_span_or_a_year(place: Path, shell: Shell, years: tuple[int, int]) -> None:
    (place / "rules" / "iwm-tops.yaml").unlink()  # a rule that is no more needs no history here
    later, earlier = years
    assert "Scorecard: 2 alerts" in shell("scorecard")
    assert f"Scorecard, since 1 Jan {later}: 1 of 2 alerts" in shell(f"scorecard since {later}")
    assert f"Scorecard, {earlier}: 1 of 2 alerts" in shell(f"scorecard {earlier}")
    assert "Of 2 alerts none was sent then: 6 months." in shell("scorecard 6mo")
    (row,) = json.loads(shell(f"scorecard {earlier} --json"))["alerts"]
    assert row["bar"].startswith(str(earlier))


@pytest.mark.parametrize(("said", "why"), [("banana", ""), ("2019-2021", " (it ends in the past)"), ("0y", " (it has")])
def test_what_is_no_span_is_refused_in_words(shell: Shell, said: str, why: str) -> None:
    assert shell(f"scorecard {said}", 2) == ""
    assert shell.err.startswith(f"SPAN: not a span of time{why}")
    assert f"(got '{said}'); allowed: as 2025, since 2024" in shell.err
