"""Weeks of sessions against a slow loop, and what is known of them as the days come."""

import math
from datetime import UTC, datetime

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.market.new_york import new_york_sessions
from bot.signals.bars import COLUMNS, Bars
from bot.signals.sessions import Sessions
from bot.signals.timeframe import DAY, Timeframe, start_of
from bot.signals.weeks import week_start, weekly

MONDAY = start_of("2024-01-01")


@st.composite
def histories(draw):
    """Sessions on most weekdays with odd closes, and bars on most of them, some prices unknown."""
    count = draw(st.integers(0, 60))
    seed = draw(st.integers(0, 10_000))
    rng = np.random.default_rng(seed)
    around = draw(st.booleans())
    days = [day for day in range(count + 20) if around or (day % 7 < 5 and rng.random() > 0.08)]
    start = MONDAY + DAY * np.array(days, dtype=np.int64)
    closes = start + DAY if around else start + 21 * 3600 - 4 * 3600 * (rng.random(len(days)) < 0.1)
    sessions = Sessions("TEST", start, start if around else start + 14 * 3600, closes.astype(np.int64))
    has = (rng.random(len(days)) > draw(st.sampled_from([0.0, 0.1]))) & (np.arange(len(days)) < count)
    columns = rng.random((5, int(has.sum()))).round(2)
    columns[:, rng.random(columns.shape[1]) < draw(st.sampled_from([0.0, 0.1]))] = np.nan
    return Bars("IWM", Timeframe.D1, start[has], sessions.closes[has], *columns), sessions


def slow(daily, sessions):
    """Week by week from the definition."""
    known = {
        int(start): {name: float(getattr(daily, name)[at]) for name in COLUMNS} for at, start in enumerate(daily.start)
    }
    weeks = {}
    for start, close in zip(sessions.start.tolist(), sessions.closes.tolist(), strict=True):
        weeks.setdefault(datetime.fromtimestamp(start, UTC).isocalendar()[:2], []).append((start, close))
    unknown = dict.fromkeys(COLUMNS, math.nan)
    found = []
    for days in weeks.values():
        if len(daily) and any(start in known for start, _ in days) and days[-1][1] <= daily.end[-1]:
            rows = [known.get(start, unknown) for start, _ in days]
            monday = days[0][0] - datetime.fromtimestamp(days[0][0], UTC).weekday() * DAY
            worst = {name: any(math.isnan(row[name]) for row in rows) for name in COLUMNS}
            high = math.nan if worst["high"] else max(row["high"] for row in rows)
            low = math.nan if worst["low"] else min(row["low"] for row in rows)
            volume = math.fsum(row["volume"] for row in rows)
            found.append((monday, days[-1][1], rows[0]["open"], high, low, rows[-1]["close"], volume))
    return found


@given(history=histories())
def test_weeks_are_those_of_a_slow_loop(history):
    daily, sessions = history
    found, expected = weekly(daily, sessions), slow(daily, sessions)
    assert found.timeframe is Timeframe.W1
    rows = np.array(expected, dtype=np.float64).reshape(-1, 7).T
    for name, values in zip(("start", "end", *COLUMNS), rows, strict=True):
        np.testing.assert_allclose(getattr(found, name), values, rtol=1e-12)


@settings(max_examples=60)
@given(history=histories(), cut=st.floats(0, 1))
def test_a_week_is_the_same_whatever_comes_later(history, cut):
    daily, sessions = history
    count = int(cut * len(daily))
    before, whole = weekly(daily.prefix(count), sessions), weekly(daily, sessions)
    for name in ("start", "end", *COLUMNS):
        np.testing.assert_array_equal(getattr(before, name), getattr(whole, name)[: len(before)])
    now = int(daily.end[count - 1]) if count else 0
    assert len(before) <= len(whole.known_at(now))


def test_a_short_week_closes_with_its_last_session():
    new_york = new_york_sessions(start_of("2024-03-01"), start_of("2024-04-30"))
    start = new_york.start[(new_york.start >= start_of("2024-03-25")) & (new_york.start <= start_of("2024-03-28"))]
    closes = np.arange(1.0, len(start) + 1)
    ends = new_york.closes[np.isin(new_york.start, start)]
    found = weekly(Bars("IWM", Timeframe.D1, start, ends, closes, closes, closes, closes, closes), new_york)
    assert [found.label(at) for at in range(len(found))] == ["2024-03-25"]  # Good Friday was no session
    assert (float(found.close[0]), float(found.volume[0])) == (4.0, 10.0)
    assert int(found.end[0]) == start_of("2024-03-28T20:00Z")


def test_the_monday_of_a_week():
    for day, monday in (("2024-07-08", "2024-07-08"), ("2024-07-14", "2024-07-08"), ("1969-12-31", "1969-12-29")):
        assert week_start(start_of(day)) == start_of(monday)
