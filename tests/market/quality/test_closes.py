"""A close is believed where the market's usual moves, its sister or later bars bear it out, and doubted elsewhere."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.market.quality.closes import suspect_closes, usual_move
from bot.signals.bars import PRICES, Bars
from bot.signals.timeframe import DAY
from tests.market.oddities import calm, like, told

TRUE_FACTORS = (1.002, 0.998, 1.004)


@pytest.fixture(scope="module")
def iwm(new_york) -> Bars:
    return calm(new_york, 320)


def lie(bars: Bars, factor: float, at: int = -1, *names: str) -> Bars:
    """The bars with the close of one of them times `factor`, and with it the high or low that has to hold it."""
    high, low, close = (float(getattr(bars, name)[at]) for name in ("high", "low", "close"))
    prices = {"close": close * factor, "high": max(high, close * factor), "low": min(low, close * factor)}
    whole = {name: float(getattr(bars, name)[at]) * factor for name in names}
    return told(bars, at, **{**prices, **whole})


def places(bars: Bars, sister: Bars | None = None, first: int = 0) -> list[int]:
    return [each.at for each in suspect_closes(bars, sister, first)]


def test_a_calm_market_is_beyond_doubt(iwm):
    assert places(iwm) == []
    assert places(iwm, like(iwm)) == []


@pytest.mark.parametrize("factor", [1.03, 1.1, 1.3, 2, 10, 100, 0.97, 0.9, 0.5, 0.01])
@pytest.mark.parametrize("whole", [(), ("open",), ("open", "high", "low")])
def test_what_the_sister_did_not_do_is_doubted_whatever_the_open_says(iwm, factor, whole):
    assert places(lie(iwm, factor, -1, *whole), like(iwm)) == [319]


def test_the_reason_says_what_moved_and_what_did_not(iwm):
    (found,) = suspect_closes(lie(iwm, 1.25), like(iwm), 0)
    move, opened = (getattr(lie(iwm, 1.25), name)[-1] / iwm.close[-2] - 1 for name in ("close", "open"))
    hers = iwm.close[-1] / iwm.close[-2] - 1
    assert found.reason == (
        f"the close stands alone: {move:+.1%} from the last one, where the open was {opened:+.1%}, and RUT {hers:+.1%}"
    )


@pytest.mark.parametrize("factor", [1.03, 1.1, 0.9, 1.25])
def test_a_sister_bears_out_what_she_did_too_and_no_more(iwm, factor):
    assert places(lie(iwm, factor), like(lie(iwm, factor))) == []
    assert places(lie(iwm, factor**2), like(lie(iwm, factor))) == [319]
    assert places(lie(iwm, factor), like(lie(iwm, 1 / factor))) == [319]


@pytest.mark.parametrize("factor", [1.5, 2, 10, 0.6, 0.5, 0.1])
@pytest.mark.parametrize("whole", [(), ("open",), ("open", "high", "low")])
def test_a_mistake_that_shows_in_both_is_doubted_until_the_next_bar_keeps_to_it(iwm, factor, whole):
    both = lie(iwm, factor, -1, *whole)
    assert places(both, like(both)) == [319]
    kept = lie(lie(iwm, factor, -1, *whole), factor, -2, *whole)
    assert places(kept, like(kept)) == []


def test_two_that_often_part_are_allowed_to(iwm, new_york):
    stranger = calm(new_york, 320, "SPY", 400.0, seed=9)
    assert places(lie(iwm, 1.03), stranger) == []
    assert places(lie(iwm, 1.2), stranger) == [319]


def test_without_a_sister_only_what_is_far_beyond_the_usual_is_doubted(iwm):
    usual = float(usual_move(iwm)[-1])
    assert places(lie(iwm, float(np.exp(13 * usual)))) == []
    assert places(lie(iwm, float(np.exp(16 * usual)))) == [319]
    assert places(lie(iwm, 10)) == [319]


def test_a_sister_without_a_bar_of_the_day_is_no_sister(iwm):
    assert places(lie(iwm, 1.1), like(iwm).prefix(319)) == []


@pytest.mark.parametrize("factor", [1.05, 2])
def test_the_way_back_and_all_that_follows_a_lie_is_believed(iwm, factor):
    assert places(lie(iwm, factor, 200), like(iwm)) == [200]


def test_a_lie_of_days_is_one_lie(iwm):
    odd = lie(lie(lie(iwm, 1.1, 200), 1.1, 201), 1.1, 202)
    assert places(odd, like(iwm)) == [200, 201, 202]
    assert places(odd.prefix(203), like(iwm)) == [200, 201, 202]


def test_a_new_price_that_stays_is_believed_in_the_end(iwm):
    higher = told(iwm, slice(300, 320), **{n: getattr(iwm, n)[300:] * 1.1 for n in ("open", "high", "low", "close")})
    assert places(higher.prefix(301), like(iwm)) == [300]
    assert places(higher.prefix(305), like(iwm)) == [300, 301, 302, 303, 304]
    assert places(higher.prefix(306), like(iwm)) == [301, 302, 303, 304, 305] or places(higher, like(iwm)) == []
    assert places(higher, like(iwm)) == []


def test_without_a_sister_the_next_bar_decides(iwm):
    crash = told(iwm, slice(300, 320), **{n: getattr(iwm, n)[300:] * 3 for n in ("open", "high", "low", "close")})
    assert places(crash.prefix(301)) == [300]
    assert places(crash.prefix(302)) == []
    assert places(lie(iwm, 3, 300)) == [300]


def test_a_close_that_stands_still_while_the_sister_moves_is_doubted(iwm):
    stale = told(iwm, close=float(iwm.close[-2]))
    moved = like(lie(iwm, 0.96))
    (found,) = suspect_closes(stale, moved, 0)
    assert (found.at, found.reason[:35]) == (319, "the close is that of the bar before")
    assert places(stale, like(stale)) == []


def test_what_is_known_to_be_true_is_not_judged_again(iwm):
    believed = np.zeros(320, dtype=bool)
    believed[319] = True
    assert suspect_closes(lie(iwm, 2), like(iwm), 0, believed) == []
    assert places(lie(iwm, 2, 100), like(iwm), first=101) == []


@settings(max_examples=60, deadline=None)
@given(st.integers(60, 319), st.floats(1.03, 50), st.booleans(), st.floats(1e-6, 1e6))
def test_neither_the_scale_nor_what_follows_changes_a_verdict_on_the_day(iwm, at, factor, down, scale):
    odd = lie(iwm, 1 / factor if down else factor, at)
    day, sister = odd.prefix(at + 1), like(iwm).prefix(at + 1)
    assert places(day, sister) == [at]
    assert places(like(day, "IWM", scale), sister) == [at]


def scaled(bars: Bars, factor: float, rows: slice) -> Bars:
    return told(bars, rows, **{name: getattr(bars, name)[rows] * factor for name in PRICES})


@pytest.mark.parametrize("factor", [35, 100, 1000, 0.01])
@pytest.mark.parametrize("sisterly", [True, False])
def test_another_unit_is_never_believed_however_long_it_stays(iwm, factor, sisterly):
    sister = like(iwm) if sisterly else None
    assert places(scaled(iwm, factor, slice(200, None)), sister) == list(range(200, 320))
    assert places(scaled(iwm, factor, slice(200, 260)), sister) == list(range(200, 260))
    (found, *_) = suspect_closes(scaled(iwm, factor, slice(200, None)), sister, 0)
    assert found.reason.endswith(f"times those of {iwm.label(199)}, as in another unit")


def test_another_unit_that_both_sisters_take_is_none_of_theirs(iwm):
    both = scaled(iwm, 100, slice(200, None))
    assert places(both, like(both)) == list(range(200, 320))


def test_first_bars_in_another_unit_do_not_cost_all_that_follow(iwm):
    assert len(places(scaled(iwm, 100, slice(0, 1)))) == 0


def test_a_coin_may_go_that_far_in_years_and_not_in_a_day(iwm):
    far = scaled(iwm, 100, slice(200, None))
    assert [each.at for each in suspect_closes(far, None, 0, crypto=True)] == list(range(200, 320))
    days = np.arange(320) + np.where(np.arange(320) >= 200, 700, 0)
    years = replace(far, start=far.start[0] + days * DAY, end=far.start[0] + (days + 1) * DAY)
    assert suspect_closes(years, None, 0, crypto=True) == []
