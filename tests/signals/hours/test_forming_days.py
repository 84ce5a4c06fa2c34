"""Days as they form against a slow loop: what was known of each after each of its hours."""

from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.signals.bars import COLUMNS, Bars
from bot.signals.hours.forming_days import forming_days
from bot.signals.sessions import Sessions
from bot.signals.timeframe import DAY, Timeframe
from tests.signals.hours.histories import HOUR, MONDAY, hours_for, sessions_for, without


def slow(hours, sessions, now):
    """The day so far at an instant: what the hours up to then make, each price unknown without what could make it."""
    columns = (each.tolist() for each in (sessions.start, sessions.opens, sessions.closes))
    for start, opens, closes in zip(*columns, strict=True):
        own = [at for at in range(len(hours)) if opens <= hours.start[at] < closes and hours.end[at] <= now]
        if not own or not opens < now < closes:
            continue
        spans = [(int(hours.start[at]), int(hours.end[at])) for at in own]
        first = spans[0][0] == opens
        whole = first and all(a[1] == b[0] for a, b in pairwise(spans))
        return (
            start,
            closes,
            hours.open[own[0]] if first else np.nan,
            hours.high[own].max() if whole else np.nan,
            hours.low[own].min() if whole else np.nan,
            hours.close[own[-1]],
            hours.volume[own].sum() if whole else np.nan,
        )
    return None


def before(sessions, now):
    """Bars of all sessions whose day begins a day before `now` or earlier; of one before the first session too."""
    start = np.concatenate([[-1], sessions.start])
    start = start[: int(np.searchsorted(sessions.start + DAY, now, side="right")) + 1]
    one = np.ones(len(start))
    return Bars("IWM", Timeframe.D1, start, start + 1, one, one, one, one, one)


@settings(max_examples=60, deadline=None)
@given(
    count=st.integers(0, 6),
    seed=st.integers(0, 10_000),
    around=st.booleans(),
    holes=st.sampled_from([0.0, 0.2]),
    data=st.data(),
)
def test_the_day_so_far_is_that_of_a_slow_loop(count, seed, around, holes, data):
    sessions = sessions_for(count, seed, around=around)
    hours = hours_for(sessions, seed)
    hours = without(hours, np.random.default_rng(seed).random(len(hours)) < holes)
    days = forming_days(hours, sessions)
    looks = {*hours.end.tolist(), *(hours.start + 600).tolist(), *(sessions.closes + 1).tolist(), MONDAY}
    for now in data.draw(st.lists(st.sampled_from(sorted(looks)), max_size=20)):
        expected, found = slow(hours, sessions, now), days.after(before(sessions, now), now)
        assert len(found) == (expected is not None)
        if expected is not None:
            row = [float(getattr(found, name)[0]) for name in ("start", "end", *COLUMNS)]
            np.testing.assert_allclose(row, expected, rtol=1e-12)
    assert set(days.at.tolist()) == {end for end in hours.end.tolist() if end not in set(sessions.closes.tolist())}


def test_hours_outside_of_sessions_make_no_day():
    sessions = sessions_for(2, 0)
    early = sessions.opens - HOUR
    one = np.ones(2)
    hours = Bars("IWM", Timeframe.H1, early, early + HOUR, one, one, one, one, one)
    assert len(forming_days(hours, sessions)) == 0
    none = Sessions("TEST", *(np.empty(0, dtype=np.int64),) * 3)
    assert len(forming_days(hours_for(sessions, 1), none)) == 0
    assert len(forming_days(hours, none).after(before(sessions, MONDAY), MONDAY + DAY)) == 0


def test_a_day_forms_after_the_session_before_alone():
    sessions = sessions_for(5, 0)
    days = forming_days(hours_for(sessions, 1), sessions)
    now = int(sessions.opens[4]) + 2 * HOUR
    closed = before(sessions, int(sessions.start[4]))
    assert days.after(closed, now).start.tolist() == [sessions.start[4]]
    assert len(days.after(closed.prefix(len(closed) - 1), now)) == 0
    assert len(days.after(closed.prefix(0), now)) == 0
