"""The event study against a slow one, and what it must not see."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from statistics import median

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.evidence.closes import Waypoint
from bot.evidence.event_study.base_rate import FirstHighs
from bot.evidence.event_study.document import study_document
from bot.evidence.event_study.event_study import HORIZONS_DAYS, Signals, event_study, family_p_values
from bot.evidence.event_study.significance import StudyVerdict
from bot.signals.bars import Bars
from bot.signals.timeframe import DAY, Timeframe
from tests.evidence.event_study.slow_study import Row, SlowEvent, rows_of, slow_events, slow_horizon
from tests.evidence.walks import FIRST, daily, firings, long_walks

DAYS = (7, 30, 90)
LATER = FIRST + 2_000 * DAY


def fired_on(days: list[int], since: int = FIRST - 400 * DAY) -> Signals:
    start = FIRST + DAY * np.array(days, dtype=np.int64)
    return Signals("rule", "IWM", Timeframe.D1, start, start + 75_600, since)


def crypto(closes: list[float], first: int = FIRST) -> Bars:
    return daily(closes, first, "BTC", hour=24)


def matches(got: Waypoint | None, row: Row | None, entry: Row) -> bool:
    if got is None or row is None:
        return got is row
    same = (got.bar, got.price, got.after) == (row[0], row[2], row[0] - entry[0])
    return same and math.isclose(got.change, row[2] / entry[2] - 1, abs_tol=1e-12)


def test_signals_so_old_are_told_from_young_ones_though_no_price_is_known() -> None:
    fired = fired_on([0, 10, 80])
    for asset in (crypto([]), crypto([1.0] * 30, FIRST + 95 * DAY)):
        told = event_study(fired, asset, FIRST + 105 * DAY, horizons=DAYS)
        assert [told.horizons[days].n for days in DAYS] == [0, 0, 0]
        assert told.due == {7: 3, 30: 2, 90: 2}
    young = event_study(fired, crypto([]), FIRST + 85 * DAY, horizons=DAYS)
    assert young.due == {7: 2, 30: 2, 90: 0}


@given(long_walks(), firings(), st.integers(50, 500))
@settings(max_examples=60, deadline=None)
def test_events_equal_a_slow_loop(bars: Bars, fired: Signals, days: int) -> None:
    now = FIRST + days * DAY
    rows = rows_of(bars, now)
    pairs = [(int(s), int(e)) for s, e in zip(fired.start, fired.end, strict=True) if e <= now]
    expected: list[SlowEvent] = slow_events(pairs, rows, list(DAYS)) if rows else []
    told = event_study(fired, bars, now, horizons=DAYS)
    assert told.n == len(expected)
    assert all(told.due[days] >= told.horizons[days].n for days in DAYS)
    assert [event.bar for event in told.events] == [event.bar for event in expected]
    for got, want in zip(told.events, expected, strict=True):
        assert (got.entry, got.price) == (want.entry[0], want.entry[2])
        assert got.returns == pytest.approx(want.returns)
        assert matches(got.breakout, want.breakout, want.entry)
        for each in DAYS:
            assert matches(got.best[each], want.best[each], want.entry)
            assert matches(got.worst[each], want.worst[each], want.entry)


@given(long_walks(), firings())
@settings(max_examples=30, deadline=None)
def test_horizons_equal_a_slow_loop(bars: Bars, fired: Signals) -> None:
    rows = rows_of(bars, LATER)
    pairs = [(int(s), int(e)) for s, e in zip(fired.start, fired.end, strict=True)]
    told = event_study(fired, bars, LATER, horizons=DAYS)
    for days in DAYS:
        want = slow_horizon(slow_events(pairs, rows, list(DAYS)), rows, fired.since, days)
        got = told.horizons[days]
        hits = sum(each > 0 for each in want.returns)
        assert (got.n, got.hits, got.non_overlapping) == (len(want.returns), hits, want.non_overlapping)
        assert got.median == (pytest.approx(median(want.returns)) if want.returns else None)
        assert got.hit_rate == (pytest.approx(hits / len(want.returns)) if want.returns else None)
        medians = [median(base) for base in want.bases]
        shares = [sum(each > 0 for each in base) / len(base) for base in want.bases]
        excess = [change - usual for change, usual in zip(want.returns, medians, strict=True)]
        assert got.base_median == (pytest.approx(median(medians)) if medians else None)
        assert got.base_hit_rate == (pytest.approx(sum(shares) / len(shares)) if shares else None)
        assert got.excess == (pytest.approx(median(excess), abs=1e-12) if excess else None)
        assert got.whole_base_n == len(want.whole)
        assert got.whole_base_median == (pytest.approx(median(want.whole)) if want.whole else None)
        higher = sum(each > 0 for each in want.whole)
        assert got.whole_base_hit_rate == (pytest.approx(higher / len(want.whole)) if want.whole else None)
        assert got.p_value == (pytest.approx(want.p_value) if want.p_value is not None else None)


@given(long_walks(), firings())
@settings(max_examples=30, deadline=None)
def test_breakouts_are_counted_where_their_days_have_passed(bars: Bars, fired: Signals) -> None:
    rows = rows_of(bars, LATER)
    pairs = [(int(s), int(e)) for s, e in zip(fired.start, fired.end, strict=True)]
    told = event_study(fired, bars, LATER, horizons=DAYS)
    for days in DAYS:
        events = slow_events(pairs, rows, list(DAYS))
        known = [each for each in events if each.returns[days] is not None and rows.index(each.entry) >= 90]
        came = [each for each in known if each.breakout and each.breakout[0] <= each.entry[0] + days * DAY]
        expected = pytest.approx(len(came) / len(known)) if known else None
        assert told.horizons[days].breakouts == expected


def test_the_base_of_breakouts_begins_where_the_rule_could_have_fired() -> None:
    bars = crypto([*[100.0 + day for day in range(150)], *[100.0] * 150])
    whole, late = event_study(fired_on([]), bars, LATER), event_study(fired_on([], FIRST + 140 * DAY), bars, LATER)
    assert whole.horizons[7].base_breakouts == pytest.approx(59 / 203)  # days 90 to 148 of days 90 to 292
    assert late.horizons[7].base_breakouts == pytest.approx(10 / 154)  # from day 139 on, which closes just then


@given(long_walks(), firings(), st.integers(0, 400))
@settings(max_examples=30, deadline=None)
def test_nothing_that_closes_later_matters(bars: Bars, fired: Signals, days: int) -> None:
    now = FIRST + days * DAY
    told = event_study(fired, bars, now, horizons=DAYS)
    later = event_study(fired.known_at(now), bars.known_at(now), LATER, horizons=DAYS)
    assert told == replace(later, due=told.due)


def test_by_hand() -> None:
    closes = [100.0] * 10 + [110.0] * 7 + [121.0] * 24
    told = event_study(fired_on([9]), crypto(closes), LATER, horizons=(7, 30, 90))
    (event,) = told.events
    assert (event.label, event.entry_label, event.price) == ("2020-01-10", "2020-01-10", 100.0)
    assert event.returns == {7: pytest.approx(0.1), 30: pytest.approx(0.21), 90: None}
    assert event.best[90] == Waypoint(FIRST + 17 * DAY, 121.0, pytest.approx(0.21), 8 * DAY)
    assert event.worst[90] == Waypoint(FIRST + 10 * DAY, 110.0, pytest.approx(0.1), DAY)
    seven = told.horizons[7]
    assert (seven.n, seven.hits, seven.base_n, seven.whole_base_n) == (1, 1, 34, 34)
    assert seven.base_hit_rate == pytest.approx(14 / 34)  # entries on days 3 to 16 end higher a week later
    assert (seven.base_median, seven.excess, seven.excess_interval) == (0.0, pytest.approx(0.1), None)
    assert seven.verdict is StudyVerdict.CANT_TELL


def test_the_entry_is_the_close_of_the_same_date_for_an_equity_s_signal() -> None:
    told = event_study(fired_on([3]), crypto([1.0, 2.0, 3.0, 4.0, 5.0]), LATER)
    assert told.events[0].entry_label == told.events[0].label == "2020-01-04"
    assert told.events[0].price == 4.0


def test_the_entry_is_the_next_close_for_a_signal_of_the_same_clock() -> None:
    start = FIRST + DAY * np.array([3], dtype=np.int64)
    own = Signals("rule", "BTC", Timeframe.D1, start, start + DAY, FIRST)
    assert event_study(own, crypto([1.0, 2.0, 3.0, 4.0, 5.0]), LATER).events[0].entry_label == "2020-01-05"


def test_the_base_begins_with_the_later_of_the_two_first_bars() -> None:
    bars = crypto([float(each) for each in range(1, 101)])
    early, late = (
        event_study(fired_on([50]), bars, LATER),
        event_study(fired_on([50], FIRST + 40 * DAY + 75_600), bars, LATER),
    )
    assert (early.first, late.first) == (FIRST, FIRST + 40 * DAY)
    assert (early.horizons[7].whole_base_n, late.horizons[7].whole_base_n) == (93, 53)


def test_an_edge_and_its_absence_are_told_apart() -> None:
    random = np.random.default_rng(7)
    steps = random.normal(0, 0.01, 3_000)
    days = list(range(100, 2_900, 100))
    for day in days:
        steps[day + 1 : day + 8] += 0.05
    up = crypto(list(100 * np.exp(np.cumsum(steps))))
    down = crypto(list(100 * np.exp(-np.cumsum(steps))))
    assert event_study(fired_on(days), up, FIRST + 4_000 * DAY).horizons[7].verdict is StudyVerdict.ABOVE
    assert event_study(fired_on(days), down, FIRST + 4_000 * DAY).horizons[7].verdict is StudyVerdict.BELOW
    elsewhere = fired_on([day + 40 for day in days])
    assert event_study(elsewhere, up, FIRST + 4_000 * DAY).horizons[7].verdict is StudyVerdict.NONE


def test_the_same_study_comes_out_each_time() -> None:
    bars = crypto(list(100 * np.exp(np.cumsum(np.random.default_rng(4).normal(0, 0.02, 600)))))
    fired = fired_on([50, 120, 200, 310, 420])
    assert event_study(fired, bars, LATER) == event_study(fired, bars, LATER)


def test_only_what_is_asked_for_is_tested() -> None:
    bars = crypto(list(100 * np.exp(np.cumsum(np.random.default_rng(4).normal(0, 0.02, 600)))))
    told = event_study(fired_on([50, 120, 200, 310, 420]), bars, LATER, tested=(90,))
    assert [days for days, horizon in told.horizons.items() if horizon.p_value is not None] == [90]
    assert event_study(fired_on([50, 120]), bars, LATER, tested=()).horizons[7].verdict is StudyVerdict.CANT_TELL


def test_the_base_is_that_of_the_same_time() -> None:
    slow, fast = [1.001] * 1_500, [1.01] * 1_500
    bars = crypto(list(np.cumprod([*slow, *fast])))
    early, late = (event_study(fired_on([day]), bars, FIRST + 4_000 * DAY).horizons[30] for day in (500, 2_500))
    assert early.base_median == pytest.approx(1.001**30 - 1)
    assert late.base_median == pytest.approx(1.01**30 - 1)
    assert early.whole_base_median == late.whole_base_median
    assert (early.excess, late.excess) == (pytest.approx(0, abs=1e-12), pytest.approx(0, abs=1e-9))
    assert early.base_n == 731  # 365 days on both sides, and the day itself


def test_a_clock_change_moves_no_session() -> None:
    """An equity that closes at 21:00 UTC until a Friday, at 20:00 UTC from the Monday on."""
    days = np.array([day for day in range(60) if day % 7 not in (3, 4)], dtype=np.int64)  # 2020-01-01 is a Wednesday
    start = FIRST + DAY * days
    end = start + np.where(days < 30, 21, 20) * 3_600
    close = np.arange(1.0, len(days) + 1)
    bars = Bars("IWM", Timeframe.D1, start, end, close, close, close, close, close)
    event = event_study(fired_on([0]), bars, LATER, horizons=(7, 42)).events[0]
    after = {day: close[list(days).index(day)] for day in (1, 8, 43)}
    assert event.entry == FIRST + DAY
    assert event.returns == {7: pytest.approx(after[8] / after[1] - 1), 42: pytest.approx(after[43] / after[1] - 1)}


def test_a_rule_that_demands_a_rise_is_compared_with_all_such_rises() -> None:
    random = np.random.default_rng(3)
    bars = crypto(list(100 * np.exp(np.cumsum(random.normal(0.002, 0.03, 3_000)))))
    close = bars.close.tolist()
    highs = [day for day in range(20, 3_000) if close[day] > max(close[day - 20 : day])]
    first = [day for day, before in zip(highs, [-99, *highs], strict=False) if day - before > 10]
    start = FIRST + DAY * np.array(first[::2], dtype=np.int64)
    own = Signals("follows", "BTC", Timeframe.D1, start, start + DAY, FIRST + DAY, FirstHighs(20, 10))
    told = event_study(own, bars, FIRST + 4_000 * DAY)
    after = [close[day + 31] / close[day + 1] - 1 for day in first if day + 31 < 3_000]
    horizon = told.horizons[30]
    assert (horizon.base_n, horizon.base_median) == (len(after), pytest.approx(median(after)))
    assert horizon.base_hit_rate == pytest.approx(sum(each > 0 for each in after) / len(after))
    assert study_document(told)["base"] == "first 20-day highs"
    other = event_study(own, daily(close, FIRST, "ETH", hour=24), FIRST + 4_000 * DAY)
    assert (other.base, study_document(other)["base"]) == (None, "same time")


def test_p_values_are_corrected_for_the_whole_family() -> None:
    bars = crypto(list(100 * np.exp(np.cumsum(np.random.default_rng(8).normal(0, 0.02, 900)))))
    rules = [replace(fired_on(list(range(first, 700, 37))), rule=f"rule-{first}") for first in (10, 20, 30)]
    family = family_p_values(rules, [bars], FIRST + 4_000 * DAY)
    studies = [event_study(each, bars, FIRST + 4_000 * DAY) for each in rules]
    assert family == {
        (study.rule, "BTC", days): horizon.p_value for study in studies for days, horizon in study.horizons.items()
    }
    corrected, bounded = studies[1].among(family), studies[1].among_at_most(15)
    assert corrected.tests == bounded.tests == 15
    for days, horizon in bounded.horizons.items():
        assert horizon.p_adjusted == min(1.0, 15 * horizon.p_value)
        assert horizon.p_adjusted >= corrected.horizons[days].p_adjusted
    for days, horizon in corrected.horizons.items():
        least = min(
            (p * 15 / sum(q <= p for q in family.values()) for p in family.values() if p >= horizon.p_value),
        )
        assert horizon.p_adjusted == pytest.approx(min(1.0, least)), days


@pytest.mark.parametrize(
    ("closes", "fired", "n", "note"),
    [
        ([1.0, 2.0, 3.0], [], 0, "rule has never fired"),
        ([], [0], 0, "BTC has no closes to study"),
        ([math.nan, -1.0, 0.0, math.inf], [0], 0, "BTC: 4 closes that no price can be, passed over"),
        ([5.0, 5.0, 5.0], [0], 1, "BTC has the same price at every close"),
        ([1.0, 2.0, 3.0], [-50, 0], 1, "1 firing before BTC's first close (2020-01-01), left out"),
        ([1.0, 2.0, 3.0], [0, 3, 4], 1, "2 firings not followed by a close of BTC yet (last: 2020-01-03), left out"),
        ([1.0, *[math.nan] * 9, 2.0], [2], 0, "1 firing without a close of BTC within 5 days, left out"),
        ([*[1.0] * 5, *[math.nan] * 6, *[2.0] * 9], [2], 1, "1 return over 7 days unknown: BTC has a gap there"),
    ],
)
def test_what_is_missing_is_named(closes: list[float], fired: list[int], n: int, note: str) -> None:
    told = event_study(fired_on(fired), crypto(closes), LATER)
    assert told.n == len(told.events) == n
    assert note in told.notes
    assert all(horizon.verdict is StudyVerdict.CANT_TELL for horizon in told.horizons.values())
    json.dumps(study_document(told), allow_nan=False)


def test_all_well_is_no_note() -> None:
    assert event_study(fired_on([0]), crypto([1.0, 2.0]), LATER).notes == ()


def test_equal_prices_are_no_edge() -> None:
    told = event_study(fired_on(list(range(10, 200, 10))), crypto([5.0] * 900), LATER)
    for horizon in told.horizons.values():
        assert (horizon.median, horizon.hits, horizon.base_hit_rate, horizon.p_value) == (0.0, 0, 0.0, 1.0)
        assert horizon.verdict in {StudyVerdict.NONE, StudyVerdict.CANT_TELL}


def test_overlapping_windows_are_not_taken_for_evidence() -> None:
    closes = list(100 * np.exp(np.cumsum(np.random.default_rng(1).normal(0, 0.02, 600))))
    horizon = event_study(fired_on(list(range(100, 110))), crypto(closes), LATER).horizons[90]
    assert (horizon.n, horizon.non_overlapping, horizon.verdict) == (10, 1, StudyVerdict.CANT_TELL)


def test_firings_out_of_order_or_before_their_market_are_refused() -> None:
    with pytest.raises(ValueError, match="in order of time"):
        fired_on([5, 3])
    with pytest.raises(ValueError, match="none before"):
        fired_on([5], since=FIRST + 10 * DAY)


def test_the_document_is_the_contract() -> None:
    closes = list(100 * np.exp(np.cumsum(np.random.default_rng(1).normal(0, 0.02, 200))))
    told = event_study(fired_on([10, 60, 150]), crypto(closes), LATER)
    document = json.loads(json.dumps(study_document(told), allow_nan=False))
    assert (document["rule"], document["market"], document["asset"], document["n"]) == ("rule", "IWM", "BTC", 3)
    assert (document["from"], document["to"]) == ("2020-01-01", "2020-07-18")
    event = document["events"][0]
    assert list(event) == ["bar", "entry", "price", "returns", "best", "worst", "breakout"]
    assert (event["bar"], event["entry"]) == ("2020-01-11", "2020-01-11")
    assert event["returns"] == {
        "7": pytest.approx(closes[17] / closes[10] - 1, abs=1e-8),
        "30": pytest.approx(closes[40] / closes[10] - 1, abs=1e-8),
        "90": pytest.approx(closes[100] / closes[10] - 1, abs=1e-8),
        "180": pytest.approx(closes[190] / closes[10] - 1, abs=1e-8),
        "365": None,
    }
    assert event["best"] == pytest.approx(max(closes[11:]) / closes[10] - 1, abs=1e-8)
    assert event["worst"] == pytest.approx(min(closes[11:]) / closes[10] - 1, abs=1e-8)
    assert list(document["horizons"]) == [str(days) for days in HORIZONS_DAYS]
    assert document["horizons"]["365"] == {
        "n": 0,
        "non_overlapping": 0,
        "median": None,
        "hit_rate": None,
        "hit_rate_interval": None,
        "base_n": 0,
        "base_median": None,
        "base_hit_rate": None,
        "whole_base_n": 0,
        "whole_base_median": None,
        "whole_base_hit_rate": None,
        "excess": None,
        "excess_interval": None,
        "detectable": None,
        "p_value": None,
        "p_adjusted": None,
        "p_without_one": None,
        "verdict": "can't tell",
    }
    assert {horizon["verdict"] for horizon in document["horizons"].values()} == {"can't tell"}
