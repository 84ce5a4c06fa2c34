"""Bars and sessions in the database, and those that a vendor changed afterwards."""

from __future__ import annotations

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.signals.bars import COLUMNS, Bars
from bot.signals.sessions import Sessions
from bot.signals.timeframe import DAY, Timeframe
from bot.store.bars import Saved, last_bar, load_bars, load_sessions, save_all, save_bars, save_sessions
from bot.store.sqlite import Database

NAN = float("nan")


def bars(closes: dict[int, float], *, volume: float = 5.0, shift: int = 0, market: str = "IWM") -> Bars:
    start = np.array(sorted(closes), dtype=np.int64) * DAY
    close = np.array([closes[day] for day in sorted(closes)], dtype=np.float64)
    return Bars(
        market, Timeframe.D1, start, start + DAY + shift, close, close + 1, close - 1, close, close * 0 + volume
    )


def same(left: Bars, right: Bars) -> bool:
    return all(np.array_equal(getattr(left, c), getattr(right, c), equal_nan=True) for c in COLUMNS) and (
        left.start.tolist(),
        left.end.tolist(),
        left.market,
        left.timeframe,
    ) == (right.start.tolist(), right.end.tolist(), right.market, right.timeframe)


def test_the_bars_of_several_markets_are_kept_together(db: Database) -> None:
    save_bars(db, bars({1: 10.0}), "yahoo", 1)
    brought = [
        (bars({1: 11.0, 2: 12.0}), "yahoo"),
        (bars({}, market="RUT"), "yahoo"),
        (bars({3: 5.0}, market="BTC"), ""),
    ]
    assert save_all(db, brought, 2) == [Saved(1, (DAY,)), Saved(0, ()), Saved(1, ())]
    assert load_bars(db, "IWM", Timeframe.D1).close.tolist() == [11.0, 12.0]
    assert last_bar(db, "BTC", Timeframe.D1) == (3 * DAY, 4 * DAY)


def test_bars_come_back_as_they_went(db: Database) -> None:
    given_bars = bars({1: 10.125, 2: NAN, 5: 1e-9})
    assert save_bars(db, given_bars, "yahoo", 1) == Saved(3, ())
    assert same(load_bars(db, "IWM", Timeframe.D1), given_bars)
    assert last_bar(db, "IWM", Timeframe.D1) == (5 * DAY, 6 * DAY)


def test_nothing_known(db: Database) -> None:
    assert len(load_bars(db, "IWM", Timeframe.D1)) == 0
    assert last_bar(db, "IWM", Timeframe.D1) is None
    assert save_bars(db, Bars.empty("IWM", Timeframe.D1), "yahoo", 1) == Saved(0, ())


def test_a_correction_is_reported_once(db: Database) -> None:
    save_bars(db, bars({1: 10, 2: 20, 3: 30}), "yahoo", 1)
    assert save_bars(db, bars({2: 21, 3: 30, 4: 40}), "yahoo", 2) == Saved(1, (2 * DAY,))
    assert save_bars(db, bars({2: 21, 3: 30, 4: 40}), "yahoo", 3) == Saved(0, ())
    assert load_bars(db, "IWM", Timeframe.D1).close.tolist() == [10, 21, 30, 40]


def test_volume_and_close_instant_are_kept_without_calling_it_a_correction(db: Database) -> None:
    save_bars(db, bars({1: 10}), "yahoo", 1)
    assert save_bars(db, bars({1: 10}, volume=6, shift=60), "yahoo", 2) == Saved(0, ())
    known = load_bars(db, "IWM", Timeframe.D1)
    assert (known.volume.tolist(), known.end.tolist()) == ([6], [2 * DAY + 60])


def test_a_corrected_close_instant_alone_is_kept(db: Database) -> None:
    save_bars(db, bars({1: 10}), "yahoo", 1)
    assert save_bars(db, bars({1: 10}, shift=-10_800), "yahoo", 2) == Saved(0, ())
    assert load_bars(db, "IWM", Timeframe.D1).end.tolist() == [2 * DAY - 10_800], "a half day that was not known of"


def test_a_price_that_becomes_known_is_a_correction(db: Database) -> None:
    save_bars(db, bars({1: NAN}), "yahoo", 1)
    assert save_bars(db, bars({1: 10}), "yahoo", 2) == Saved(0, (DAY,))


def test_markets_and_timeframes_are_apart(db: Database) -> None:
    save_bars(db, bars({1: 10}), "yahoo", 1)
    save_bars(db, bars({1: 20}, market="RUT"), "yahoo", 1)
    assert load_bars(db, "RUT", Timeframe.D1).close.tolist() == [20]
    assert len(load_bars(db, "IWM", Timeframe.H1)) == 0
    assert len(load_bars(db, "IWM", Timeframe.D1, since=DAY + 1)) == 0


price = st.one_of(st.just(NAN), st.integers(1, 4).map(float))
days = st.dictionaries(st.integers(1, 8), price, max_size=8)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(days, max_size=5))
def test_any_sequence_of_saves_equals_a_dictionary(db: Database, batches: list[dict[int, float]]) -> None:
    db.execute("DELETE FROM bars")
    oracle: dict[int, float] = {}
    for batch in batches:
        added = [day for day in batch if day not in oracle]
        revised = sorted(day * DAY for day in batch if day in oracle and repr(batch[day]) != repr(oracle[day]))
        assert save_bars(db, bars(batch), "yahoo", 1) == Saved(len(added), tuple(revised))
        oracle |= batch
    assert same(load_bars(db, "IWM", Timeframe.D1), bars(oracle))


def test_sessions_come_back_and_a_closure_takes_one_away(db: Database) -> None:
    week = Sessions.round_the_clock(0, 6 * DAY)
    save_sessions(db, week)
    shut = np.arange(len(week)) != 3
    closed = Sessions("24/7", week.start[shut], week.opens[shut], week.closes[shut])
    save_sessions(db, Sessions("24/7", closed.start[1:5], closed.opens[1:5], closed.closes[1:5]))
    known = load_sessions(db, "24/7")
    assert known.start.tolist() == closed.start.tolist()
    assert known.opens.tolist() == closed.opens.tolist()
    assert known.closes.tolist() == closed.closes.tolist()
    assert len(load_sessions(db, "XNYS")) == 0
