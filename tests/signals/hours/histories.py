"""Hours made up for tests, and the days that they make."""

import numpy as np

from bot.signals.bars import COLUMNS, Bars
from bot.signals.sessions import Sessions
from bot.signals.timeframe import DAY, Timeframe, start_of

MONDAY = start_of("2024-01-01")
HOUR = 3600


def sessions_for(count, seed, *, around=False):
    """Sessions of six and a half hours on weekdays, some short; or whole days."""
    days = np.array([day for day in range(count * 2) if around or day % 7 < 5][:count], dtype=np.int64)
    start = MONDAY + DAY * days
    if around:
        return (
            Sessions.round_the_clock(int(start[0]), int(start[-1])) if count else Sessions("24/7", start, start, start)
        )
    short = np.random.default_rng(seed).random(count) < 0.1
    opens = start + 14 * HOUR + HOUR // 2
    return Sessions("TEST", start, opens, opens + np.where(short, 3 * HOUR + HOUR // 2, 6 * HOUR + HOUR // 2))


def hours_for(sessions, seed, *, market="IWM", step=HOUR):
    """A walk hour by hour."""
    rng = np.random.default_rng(seed)
    starts, ends = [], []
    for opens, closes in zip(sessions.opens.tolist(), sessions.closes.tolist(), strict=True):
        starts += range(opens, closes, step)
        ends += [min(each + step, closes) for each in range(opens, closes, step)]
    count = len(starts)
    close = 100 + np.cumsum(rng.normal(0, 0.5, count)) + 4 * np.sin(np.arange(count) / 60)
    opened = np.concatenate([close[:1], close[:-1]]) + rng.normal(0, 0.2, count)
    high = np.maximum(opened, close) + np.abs(rng.normal(0, 0.3, count))
    low = np.minimum(opened, close) - np.abs(rng.normal(0, 0.3, count))
    columns = (np.array(each, dtype=np.int64) for each in (starts, ends))
    return Bars(market, Timeframe.H1, *columns, opened, high, low, close, rng.integers(1, 9, count).astype(float))


def without(bars, gone):
    """The bars but for those at some positions."""
    stays = ~gone
    return Bars(bars.market, bars.timeframe, *(getattr(bars, name)[stays] for name in ("start", "end", *COLUMNS)))


def days_made_of(hours, sessions):
    """Day by day from the definition, the hours that are there alone counting."""
    rows = []
    columns = (each.tolist() for each in (sessions.start, sessions.opens, sessions.closes))
    for start, opens, closes in zip(*columns, strict=True):
        own = [at for at in range(len(hours)) if opens <= hours.start[at] < closes]
        if own:
            prices = hours.open[own[0]], hours.high[own].max(), hours.low[own].min(), hours.close[own[-1]]
            rows.append((start, closes, *prices, hours.volume[own].sum()))
    columns = np.array(rows, dtype=np.float64).reshape(-1, 7).T
    return Bars(hours.market, Timeframe.D1, columns[0].astype(np.int64), columns[1].astype(np.int64), *columns[2:])
