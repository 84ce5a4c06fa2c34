"""Pairs of returns: which close of the follower counts as a session's."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from bot.evidence.return_pairs import pairs
from bot.signals.bars import COLUMNS, Bars
from bot.signals.timeframe import DAY, Timeframe
from tests.evidence.walks import FIRST, daily


def follower(closes_after: int) -> Bars:
    """A market whose every close comes so many seconds after the leader's, on every second day only."""
    end = FIRST + 21 * 3_600 + 2 * DAY * np.arange(4, dtype=np.int64) + closes_after
    price = np.array([100.0, 110.0, 121.0, 133.1])
    return Bars("BTC", Timeframe.D1, end - DAY, end, price, price, price, price, price)


@pytest.mark.parametrize(("seconds", "counts"), [(0, True), (DAY - 1, True), (DAY, True), (DAY + 1, False)])
def test_a_close_counts_up_to_a_day_after_the_sessions(seconds: int, *, counts: bool) -> None:
    whole = daily([50.0, 50.0, 50.0, 50.0, 50.0])
    columns = {name: getattr(whole, name)[::2] for name in ("start", "end", *COLUMNS)}
    leader = replace(whole, **columns)  # one session every second day, each with one close after it
    found = pairs(leader, follower(seconds), FIRST + 30 * DAY)
    assert np.isnan(found.y[0])
    assert np.isfinite(found.y[1:]).all() == counts
    if counts:
        np.testing.assert_allclose(np.exp(found.y[1:]), 1.1)
