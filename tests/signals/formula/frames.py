"""Frames made up for the tests of the formula language: two markets on different clocks, gaps, ties, unknown bars."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from bot.signals.bars import COLUMNS, Bars
from bot.signals.formula import FiredHistory, Frame, Kind, Scope
from bot.signals.timeframe import DAY, Timeframe

MONDAY = 1_577_664_000  # 2019-12-30

SCOPE = Scope(frozenset({"IWM", "BTC"}), frozenset({"other"}), {"level": Kind.NUMBER, "armed": Kind.YES_NO})


def market(name, days, close_at, rng, *, unknown=0.0, rounded=False, still=0.1):
    """Bars on these days: a walk with positive prices in order, now and then standing still or unknown."""
    count = len(days)
    moves = rng.normal(0, 0.02, count) * (rng.random(count) > still)
    close = 100 * np.exp(np.cumsum(moves))
    opens = close * np.exp(rng.normal(0, 0.004, count))
    high = np.maximum(opens, close) * (1 + np.abs(rng.normal(0, 0.004, count)))
    low = np.minimum(opens, close) * (1 - np.abs(rng.normal(0, 0.004, count)))
    volume = rng.integers(0, 5, count) * 1000.0
    columns = [opens, high, low, close, volume]
    if rounded:
        columns = [np.round(values) for values in columns]
    gone = rng.random(count) < unknown
    columns = [np.where(gone, np.nan, values) for values in columns]
    start = MONDAY + DAY * np.asarray(days, dtype=np.int64)
    return Bars(name, Timeframe.D1, start, start + close_at, *columns)


def made_frame(seed, weeks=20, *, unknown=0.0, rounded=False):
    """IWM on most weekdays, BTC on most days, another rule's firings on BTC's clock, two named series."""
    rng = np.random.default_rng(seed)
    weekdays = [7 * week + day for week in range(weeks) for day in range(5) if rng.random() > 0.03]
    days = [day for day in range(7 * weeks) if rng.random() > 0.02]
    own = market("IWM", weekdays, 75_600, rng, unknown=unknown, rounded=rounded)
    btc = market("BTC", days, DAY, rng, unknown=unknown, rounded=rounded)
    fired = FiredHistory(btc.end, rng.random(len(btc)) < 0.1)
    names = {"level": own.close * 1.01, "armed": (rng.random(len(own)) < 0.5).astype(np.float64)}
    return Frame(own, {"BTC": btc}, {"other": fired}, names)


frames = st.builds(
    made_frame,
    st.integers(0, 10_000),
    unknown=st.sampled_from([0.0, 0.02, 0.2]),
    rounded=st.booleans(),
)


def until(frame, position):
    """What was there to be seen when the bar at `position` closed."""
    now = int(frame.bars.end[position])
    others = {name: bars.known_at(now) for name, bars in frame.others.items()}
    fired = {
        rule: FiredHistory(history.ends[history.ends <= now], history.fired[history.ends <= now])
        for rule, history in frame.fired.items()
    }
    names = {name: values[: position + 1] for name, values in frame.names.items()}
    return Frame(frame.bars.prefix(position + 1), others, fired, names, frame.pinned)


def since(frame, first, more):
    """The frame from its bar at `first` on, the other markets with `more` bars before that."""
    then = int(frame.bars.end[first])
    others = {
        name: bars.slice(max(len(bars.known_at(then)) - 1 - more, 0), len(bars)) for name, bars in frame.others.items()
    }
    names = {name: values[first:] for name, values in frame.names.items()}
    return Frame(frame.bars.slice(first, len(frame.bars)), others, frame.fired, names, frame.pinned)


def thawed(bars):
    """The same bars over arrays of their own that could be written to, and those arrays."""
    arrays = {name: np.array(getattr(bars, name)) for name in ("start", "end", *COLUMNS)}
    return Bars(bars.market, bars.timeframe, **arrays), arrays
