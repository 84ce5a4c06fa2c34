"""Funds' flows by their filings: whole years only, what was public, and a claim about a year of them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.evidence.claim_check import ClaimCheck, Measure, Stance
from bot.evidence.claim_ledger import ClaimState, score_claim
from bot.evidence.event_study.event_study import Signals
from bot.evidence.risk.filed_flows import FLOW_MARKETS, flows_before, month_before, newest_flows, together, yearly_flows
from bot.signals.bars import Bars
from bot.signals.timeframe import DAY, Timeframe, start_of
from bot.views.alerts.claims import claim_figure, filed_words

FILED = 60 * DAY


def months(name: str, first: str, amounts: list[float], lag: int = FILED) -> Bars:
    """One fund's months in a row; those of a quarter come out together, `lag` after its end."""
    start = np.array([month_before(start_of(first), -at) for at in range(len(amounts))], dtype=np.int64)
    quarter = [month_before(int(at), -(3 - (int(str(at.astype("M8[s]"))[5:7]) - 1) % 3)) for at in start]
    ends = np.array(quarter, dtype=np.int64) + lag + np.arange(len(start))
    close = np.array(amounts, dtype=float)
    unknown = np.full(len(close), np.nan)
    return Bars(name, Timeframe.D1, start, ends, close, close, close, close, unknown, valid_for=130 * DAY)


def test_a_year_before_a_claim_as_far_as_it_is_public():
    series = {"IWM_FLOWS": months("IWM_FLOWS", "2024-01-01", [1.0] * 11 + [-2.0] * 13)}
    made = start_of("2025-12-11")
    (whole,) = flows_before(series, made, start_of("2026-04-01"))
    assert (whole.fund, whole.amount, whole.months, whole.whole) == ("IWM", -24.0, 12, True)
    assert (whole.first, whole.last) == (start_of("2024-12-01"), start_of("2025-11-01"))
    (part,) = flows_before(series, made, start_of("2025-12-31"))
    assert (part.amount, part.months, part.whole) == (-20.0, 10, False)
    assert filed_words([part]) == (
        "the funds filed for Dec 2024 to Nov 2025: IWM −20.0 (10 months of them) billion dollars"
    )
    assert flows_before(series, made, start_of("2024-03-01")) == ()


def test_the_claim_of_a_year_of_outflows_is_decided_by_the_filings():
    made, check = start_of("2025-12-11"), ClaimCheck(Measure.FLOW, "IWM")
    none = Signals("rule", "RUT", Timeframe.D1, np.empty(0, np.int64), np.empty(0, np.int64), 0)
    lost = {
        "IWM_FLOWS": months("IWM_FLOWS", "2024-01-01", [-1.0] * 24),
        "VB_FLOWS": months("VB_FLOWS", "2024-01-01", [0.25] * 24),
    }

    def state(now: str, stance: Stance = Stance.AGAINST) -> ClaimState:
        return score_claim(check, stance, made, none, lost, start_of(now)).state

    assert (state("2025-12-31"), state("2026-04-01"), state("2026-04-01", Stance.FOR)) == ("open", "met", "missed")
    answer = score_claim(check, Stance.AGAINST, made, none, lost, start_of("2026-04-01")).before
    assert claim_figure(answer) == (
        "the funds filed for Dec 2024 to Nov 2025: IWM −12.0, VB +3.0, together −9.0 billion dollars"
    )
    assert "no filings" in claim_figure(score_claim(check, Stance.FOR, made, none, {}, start_of("2026-04-01")).before)


def test_the_newest_year_is_that_which_all_funds_filed_and_what_is_old_is_none():
    series = {
        "IWM_FLOWS": months("IWM_FLOWS", "2024-01-01", [1.0] * 24),
        "IWN_FLOWS": months("IWN_FLOWS", "2024-01-01", [2.0] * 21),
    }
    found = newest_flows(series, start_of("2026-03-10"))
    assert [(each.fund, each.amount, each.last) for each in found] == [
        ("IWM", 12.0, start_of("2025-09-01")),
        ("IWN", 24.0, start_of("2025-09-01")),
    ]
    assert together(found) == 36.0
    assert newest_flows(series, start_of("2027-03-10")) == ()


def test_a_year_of_all_funds_needs_twelve_months_of_each():
    series = {
        "IWM_FLOWS": months("IWM_FLOWS", "2024-01-01", [float(at) for at in range(24)]),
        "VB_FLOWS": months("VB_FLOWS", "2024-07-01", [1.0] * 18, lag=FILED + DAY),
    }
    found = yearly_flows(series)
    assert found.start.tolist()[0] == start_of("2025-06-01")
    assert found.close.tolist()[:2] == [sum(range(6, 18)) + 12.0, sum(range(7, 19)) + 12.0]
    assert (found.end >= series["VB_FLOWS"].end[11:]).all()
    gap = {"IWM_FLOWS": series["IWM_FLOWS"].slice(0, 11).merged(series["IWM_FLOWS"].slice(12, 24))}
    assert yearly_flows(gap).start.tolist() == [start_of("2025-12-01")]


@given(st.lists(st.lists(st.floats(-9, 9), max_size=40), min_size=1, max_size=4), st.integers(0, 1_500))
@settings(max_examples=50, deadline=None)
def test_the_future_changes_no_year(amounts: list[list[float]], days: int):
    now = start_of("2022-01-01") + days * DAY
    series = {name: months(name, "2022-01-01", each) for name, each in zip(FLOW_MARKETS, amounts, strict=False) if each}
    cut = {name: bars.known_at(now) for name, bars in series.items()}
    whole = yearly_flows(series).known_at(now)
    if all(len(each) for each in cut.values()):
        known = yearly_flows(cut)
        assert whole.close.tolist() == pytest.approx(known.close.tolist())
        assert whole.end.tolist() == known.end.tolist()
