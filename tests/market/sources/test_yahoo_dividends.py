"""Dividends as Yahoo tells them, through yfinance, over HTTP on loopback."""

from __future__ import annotations

import pytest

from bot.market.model import SourceErrorKind as Kind
from bot.market.releases import release_calendar
from bot.signals.timeframe import DAY, start_of
from tests.market.vendors import Vendor, flat, labels, told_too_early
from tests.replay.world import HTML_ERROR

OPENS = 14 * 3_600 + 1_800
DAYS = [start_of(day) + OPENS for day in ("2024-01-02", "2024-01-03", "2024-01-04", "2024-01-05", "2024-01-08")]
SINCE, NOW = "2023-12-01", "2024-01-20"


@pytest.fixture
def fund(server) -> Vendor:
    server.world.reset()
    server.world.add("HYG", "1d", flat(DAYS))
    server.world.dividends = {"HYG": {DAYS[2]: 0.41}}
    sessions = release_calendar("releases/ex-date", start_of("2023-01-01"), start_of("2025-01-01"))
    return Vendor(server, "yahoo_dividends", "yahoo", "HYG", sessions)


def test_an_amount_on_the_ex_date_and_nothing_on_other_sessions(fund):
    found = fund.ask(SINCE, NOW).bars
    assert labels(found) == ["2024-01-02", "2024-01-03", "2024-01-04", "2024-01-05", "2024-01-08"]
    assert found.close.tolist() == [0.0, 0.0, 0.41, 0.0, 0.0]
    assert (found.end - found.start).tolist() == [15 * 3_600] * 5
    assert found.valid_for == 7 * DAY


def test_a_fund_that_never_paid_has_zeros(fund, server):
    server.world.dividends = {}
    assert fund.ask(SINCE, NOW).bars.close.tolist() == [0.0] * 5


def test_nothing_is_known_before_the_trading_of_the_ex_date(fund):
    assert labels(fund.ask(SINCE, "2024-01-04").bars) == ["2024-01-02", "2024-01-03"]


def test_no_dividend_is_told_before_its_day(fund):
    assert not told_too_early(fund, SINCE, NOW, instants=40)


def test_what_yahoo_does_wrong_is_an_error_with_its_kind(fund, server):
    server.world.fail("/chart/", status=429, body="Too Many Requests", times=9)
    assert fund.kind(SINCE, NOW) is Kind.RATE_LIMITED
    server.world.reset()
    assert fund.kind(SINCE, NOW) in {Kind.UNKNOWN_SYMBOL, Kind.NO_DATA}
    server.world.fail("/chart/", status=200, body=HTML_ERROR, times=9)
    assert fund.kind(SINCE, NOW) in {Kind.BROKEN, Kind.NO_DATA}
