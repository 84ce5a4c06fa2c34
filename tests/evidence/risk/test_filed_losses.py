"""Losing companies by their reports: the newest quarter that stands, the one that a claim speaks of, and its words."""

from __future__ import annotations

import numpy as np
import pytest

from bot.evidence.claim_check import ClaimCheck, Measure, Stance
from bot.evidence.claim_ledger import ClaimState, score_claim
from bot.evidence.event_study.event_study import Signals
from bot.evidence.risk.filed_losses import FiledLosses, losses_before, newest_losses
from bot.market.releases import release_calendar
from bot.signals.bars import Bars
from bot.signals.timeframe import DAY, Timeframe, start_of
from bot.views.alerts.claims import claim_figure, losses_words

SHARES = (40.0, 30.0, 31.0, 32.0, 33.0, 34.0, 35.0, 36.0, 37.0, 38.0, 39.0, 41.0)


def reports() -> Bars:
    quarters = release_calendar("releases/quarterly", start_of("2023-01-01"), start_of("2025-12-31"))
    share, count = np.array(SHARES), np.full(len(SHARES), 1_500.0)
    return Bars(
        "LOSING_COMPANIES",
        Timeframe.D1,
        quarters.start,
        quarters.closes,
        share,
        share,
        share,
        share,
        count,
        valid_for=150 * DAY,
    )


def test_the_newest_quarter_that_is_public():
    found = newest_losses(reports(), start_of("2025-11-01"))
    assert found == FiledLosses(
        start_of("2025-04-01"),
        start_of("2025-10-23"),
        0.38,
        1_500,
        pytest.approx(85.0),
        start_of("2023-01-01"),
    )
    assert newest_losses(reports(), start_of("2023-07-01")) is None
    assert newest_losses(reports(), start_of("2027-01-01")) is None


def test_the_quarter_that_had_ended_when_something_was_said():
    made = start_of("2025-12-11")
    assert losses_before(reports(), made, start_of("2026-01-01")) is None
    found = losses_before(reports(), made, start_of("2026-02-01"))
    assert found is not None
    assert losses_words(found).replace("\u00a0", " ") == (
        "by their reports 39 % of 1,500 smaller companies lost money in Q3 2025,"
        " more than in 86 % of the quarters since Q1 2023"
    )


def test_a_claim_of_losing_companies_has_its_figure_and_stays_open():
    check = ClaimCheck(Measure.SHARE)
    none = Signals("rule", "IWM", Timeframe.D1, np.empty(0, np.int64), np.empty(0, np.int64), 0)
    bars = {"LOSING_COMPANIES": reports()}
    score = score_claim(check, Stance.AGAINST, start_of("2025-12-11"), none, bars, start_of("2026-02-01"))
    assert score.state is ClaimState.OPEN
    assert "of 1,500 smaller companies lost money in Q3 2025" in claim_figure(score.before)
    before = score_claim(check, Stance.AGAINST, start_of("2025-12-11"), none, {}, start_of("2026-02-01"))
    assert "no reports of the companies are known here" in claim_figure(before.before)
