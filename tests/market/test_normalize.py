"""Rows in any order, twice, off the sessions or without a price come to the same sound bars."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.market.model import FetchRequest, Source
from bot.market.normalize import Rows, answered
from bot.signals.sessions import Sessions
from bot.signals.timeframe import DAY, Timeframe
from tests.market.vendors import labels

FIRST, LAST = 20_000, 20_009  # days since 1970
SESSIONS = Sessions.round_the_clock(FIRST * DAY, LAST * DAY)
price = st.sampled_from([1.0, 2.0, 3.0, float("nan"), float("inf"), 0.0])
row = st.tuples(st.integers(FIRST * 4 - 8, LAST * 4 + 8), price)  # starts in quarters of a day


@settings(max_examples=100)
@given(st.lists(row, min_size=1, max_size=20), st.integers(0, 11 * DAY), st.integers(0, 11 * DAY))
def test_it_agrees_with_a_dictionary(rows, after_first, seen):
    since, now = FIRST * DAY + after_first, FIRST * DAY + seen
    source = Source("yahoo", "yahoo", "BTC-USD")
    request = FetchRequest("BTC", Timeframe.D1, source, SESSIONS, since, now)
    starts = np.array([quarter * DAY // 4 for quarter, _ in rows])
    columns = np.array([[close] * 5 for _, close in rows]).T
    answer = answered(request, Rows(starts, columns))

    latest = {quarter * DAY // 4: close for quarter, close in rows}
    good = {
        start: close
        for start, close in sorted(latest.items())
        if since <= start <= now and start % DAY == 0 and FIRST <= start // DAY <= LAST and close in {1.0, 2.0, 3.0}
    }
    closed = {start: close for start, close in good.items() if start + DAY <= now}
    assert dict(zip(answer.bars.start.tolist(), answer.bars.close.tolist(), strict=True)) == closed
    assert (answer.bars.end - answer.bars.start).tolist() == [DAY] * len(closed)
    assert len(answer.forming) == min(len(good) - len(closed), 1)
    strays = [start for start in latest if since <= start <= now and (start % DAY or not FIRST <= start // DAY <= LAST)]
    assert any("no such bar" in problem for problem in answer.problems) == bool(strays)


def test_without_sessions_every_row_is_a_stray():
    none = Sessions("XNYS", *[np.empty(0, dtype=np.int64)] * 3)
    request = FetchRequest("IWM", Timeframe.D1, Source("yahoo", "yahoo", "IWM"), none, 0, FIRST * DAY)
    answer = answered(request, Rows(np.array([DAY]), np.ones((5, 1))))
    assert labels(answer.bars) == []
    assert answer.problems == ("yahoo: IWM: 1970-01-02: no such bar in the sessions of XNYS, left out",)
