"""Fund flows and losing companies, from snapshots made by hand."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.evidence.risk.earnings import MAX_COUNT_AGE_SECONDS, LosingCompanies, losing_companies
from bot.evidence.risk.fund_flows import AssetSnapshot, Flow, fund_flows
from bot.evidence.risk.published_figures import PUBLISHED_FIGURES
from bot.signals.timeframe import DAY, start_of

NEW_YEAR = start_of("2026-01-01")
LATER = start_of("2027-01-01")


def told(*rows: tuple[int, float, float], now: int = LATER) -> tuple[Flow | None, Flow | None, Flow | None]:
    """Flows of a fund from (day of 2026, shares, nav)."""
    snapshots = [AssetSnapshot(NEW_YEAR + day * DAY, "IWM", shares * nav, nav) for day, shares, nav in rows]
    flows = fund_flows(snapshots, now)["IWM"]
    return flows.day, flows.month, flows.year_to_date


def test_by_hand() -> None:
    day, month, year = told((-3, 100, 10.0), (20, 110, 11.0), (50, 105, 12.0), (51, 108, 12.5))
    assert day == Flow(pytest.approx(3 * 12.5), NEW_YEAR + 50 * DAY, NEW_YEAR + 51 * DAY, whole=True)
    assert month == Flow(pytest.approx(-5 * 12.0 + 3 * 12.5), NEW_YEAR + 20 * DAY, NEW_YEAR + 51 * DAY, whole=True)
    assert year == Flow(
        pytest.approx(10 * 11.0 - 5 * 12.0 + 3 * 12.5), NEW_YEAR - 3 * DAY, NEW_YEAR + 51 * DAY, whole=True
    )


def test_a_span_that_the_snapshots_do_not_reach_says_so() -> None:
    day, month, year = told((40, 100, 10.0), (45, 104, 10.0))
    since, until = NEW_YEAR + 40 * DAY, NEW_YEAR + 45 * DAY
    assert day == Flow(pytest.approx(40.0), since, until, whole=True)
    assert month == year == Flow(pytest.approx(40.0), since, until, whole=False)


def test_a_price_that_moves_is_no_flow() -> None:
    assert told((1, 100, 10.0), (2, 100, 12.0))[0] == Flow(0.0, NEW_YEAR + DAY, NEW_YEAR + 2 * DAY, whole=True)


def test_a_number_of_shares_that_stands_still_is_no_flow_of_zero() -> None:
    moves = [(day, 100 + day, 10.0 + day / 100) for day in range(20)]
    stuck = [(20 + day, 119, 10.2 + day / 100) for day in range(40)]
    flows = fund_flows(
        [AssetSnapshot(NEW_YEAR + day * DAY, "IWM", count * nav, nav) for day, count, nav in moves + stuck], LATER
    )["IWM"]
    assert (flows.day, flows.month, flows.still_since) == (None, None, NEW_YEAR + 19 * DAY)
    assert flows.year_to_date is not None
    assert flows.year_to_date.unknown == 40
    few = fund_flows(
        [AssetSnapshot(NEW_YEAR + day * DAY, "IWM", count * nav, nav) for day, count, nav in moves + stuck[:3]], LATER
    )["IWM"]
    assert few.still_since is None
    assert few.day is not None
    assert few.day.amount == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize("after", [(200, 5.0), (50, 20.0), (400, 2.6)])
def test_a_split_is_no_flow(after: tuple[float, float]) -> None:
    _, month, _ = told((1, 100, 10.0), (2, 110, 10.0), (3, after[0] * 1.1, after[1]), (4, after[0] * 1.1 + 1, after[1]))
    assert month is not None
    assert month.unknown == 1
    assert month.amount == pytest.approx(10 * 10.0 + after[1])


def test_a_flood_of_money_is_a_flow() -> None:
    day = told((1, 100, 10.0), (2, 180, 10.1))[0]
    assert day is not None
    assert (day.amount, day.unknown) == (pytest.approx(80 * 10.1), 0)


def test_one_snapshot_or_none_is_no_flow() -> None:
    assert told((1, 100, 10.0)) == (None, None, None)
    assert fund_flows([], LATER) == {}


def test_what_no_fund_can_say_is_passed_over() -> None:
    good = [AssetSnapshot(NEW_YEAR + day * DAY, "IWM", 1_000.0 + day, 10.0) for day in (1, 2)]
    bad = [
        AssetSnapshot(NEW_YEAR + 3 * DAY, "IWM", assets, nav)
        for assets, nav in ((math.nan, 1.0), (0.0, 1.0), (5.0, -1.0))
    ]
    flows = fund_flows([*bad, *good], LATER)["IWM"]
    assert flows.day == Flow(pytest.approx(1.0), good[0].at, good[1].at, whole=True)
    only = fund_flows(bad, LATER)["IWM"]
    assert (only.day, only.month, only.year_to_date) == (None, None, None)


def test_later_snapshots_and_other_funds_do_not_count() -> None:
    one = [AssetSnapshot(NEW_YEAR + day * DAY, "IWM", 1_000.0 + day, 10.0) for day in (1, 2, 3)]
    other = [AssetSnapshot(NEW_YEAR + day * DAY, "IJR", 9_000.0 - day, 10.0) for day in (1, 2)]
    flows = fund_flows([*one, *other], NEW_YEAR + 2 * DAY)
    assert flows["IWM"].day == Flow(pytest.approx(1.0), one[0].at, one[1].at, whole=True)
    assert flows["IJR"].day == Flow(pytest.approx(-1.0), one[0].at, one[1].at, whole=True)


shares = st.lists(st.tuples(st.integers(1, 9), st.floats(0.9, 1.1), st.floats(0.95, 1.05)), min_size=1, max_size=30)


@given(shares, st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_equals_a_slow_loop(steps: list[tuple[int, float, float]], random: object) -> None:
    at, count, nav = NEW_YEAR - 20 * DAY, 1_000.0, 50.0
    rows = []
    for days, more, drift in steps:
        at, count, nav = at + days * DAY, count * more, nav * drift
        rows.append((at, count, nav))
    shuffled = [AssetSnapshot(at, "IWM", count * nav, nav) for at, count, nav in rows]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    found = fund_flows(shuffled, LATER)["IWM"]
    year = start_of("2026-01-01") if rows[-1][0] >= NEW_YEAR else start_of("2025-01-01")
    for flow, since in ((found.day, at - DAY), (found.month, at - 30 * DAY), (found.year_to_date, year)):
        near = [row for row in rows if since - 5 * DAY <= row[0] <= since]
        inside = [row for row in rows if row[0] > since]
        chain = near[-1:] + inside
        if len(chain) < 2:
            assert flow is None
            continue
        assert flow is not None
        assert (flow.since, flow.until, flow.whole) == (chain[0][0], at, bool(near))
        assert flow.amount == pytest.approx(sum((b[1] - a[1]) * b[2] for a, b in pairwise(chain)), abs=1e-6)


def test_losing_companies_are_counted_or_told_from_others() -> None:
    found = losing_companies(400, 1_000, NEW_YEAR, NEW_YEAR + MAX_COUNT_AGE_SECONDS)
    assert isinstance(found, LosingCompanies)
    assert (found.share, found.as_of) == (0.4, NEW_YEAR)
    hearsay = PUBLISHED_FIGURES["losing companies"]
    assert losing_companies(400, 1_000, NEW_YEAR, NEW_YEAR + MAX_COUNT_AGE_SECONDS + 1) is hearsay
    assert losing_companies(400, 1_000, NEW_YEAR, NEW_YEAR - 1) is hearsay
    assert losing_companies(5, 4, NEW_YEAR, NEW_YEAR) is hearsay
    assert losing_companies(0, 0, NEW_YEAR, NEW_YEAR) is hearsay
    assert losing_companies(-1, 4, NEW_YEAR, NEW_YEAR) is hearsay
