"""The real yfinance, asked by us, tells what Yahoo says of a fund and of how many companies lose money."""

import json

import pytest

from bot.market.model import SourceError
from bot.market.model import SourceErrorKind as Kind
from bot.market.vendor_snapshots import EarningsTotals, FundSnapshot
from bot.market.vendors.yahoo_funds import earnings_totals, fund_snapshot
from bot.signals.timeframe import DAY, start_of
from bot.worker.client import Worker
from tests.replay.world import HTML_ERROR, Fund

NOW = start_of("2026-11-20T22:00Z")
SUMMARY, TIMESERIES, SCREENER = "quoteSummary", "timeseries", "/v1/finance/screener"


@pytest.fixture
def yahoo(server):
    server.world.reset()
    server.world.add("IWM", "1d", [[start_of("2026-11-20T14:30Z"), 1, 1, 1, 1, 1]])
    server.world.funds["IWM"] = Fund(70e9, 250.5, [(NOW - 3 * DAY, 278e6), (NOW - 2 * DAY, 281e6)])
    server.world.screens = {"LT": 700, "GTE": 1100}
    server.options = {"base_url": server.url}
    return server


def kind(ask, *arguments) -> Kind:
    with pytest.raises(SourceError) as raised:
        ask(*arguments)
    assert raised.value.source == "yahoo"
    return raised.value.kind


def test_a_fund_with_all_that_yahoo_says(yahoo):
    found = fund_snapshot("IWM", yahoo.options, NOW)
    assert found == FundSnapshot(NOW, "IWM", 70e9, 250.5, 281e6, NOW - 2 * DAY)
    assert found.values == {"total_assets": 70e9, "nav": 250.5, "shares": 281e6}


def test_shares_that_were_noted_later_are_not_known_yet(yahoo):
    assert fund_snapshot("IWM", yahoo.options, NOW - 2 * DAY - 3600).shares == 278e6


def test_the_newest_number_of_shares_counts_and_zero_is_none(yahoo):
    yahoo.world.funds["IWM"] = Fund(70e9, None, [(NOW - DAY, 0), (NOW - 9 * DAY, 270e6), (NOW - 3 * DAY, 278e6)])
    found = fund_snapshot("IWM", yahoo.options, NOW)
    assert (found.shares, found.shares_at) == (278e6, NOW - 3 * DAY)
    yahoo.world.funds["IWM"] = Fund(70e9, None, [(NOW - 46 * DAY, 270e6)])
    assert fund_snapshot("IWM", yahoo.options, NOW).shares is None


@pytest.mark.parametrize(
    ("fund", "known"),
    [
        (Fund(70e9, 250.5), {"total_assets": 70e9, "nav": 250.5}),
        (Fund(nav=250.5), {"nav": 250.5}),
        (Fund(70e9, 0, [(NOW - 99 * DAY, 1e6)]), {"total_assets": 70e9}),
    ],
)
def test_what_yahoo_does_not_say_is_unknown(yahoo, fund, known):
    yahoo.world.funds["IWM"] = fund
    assert fund_snapshot("IWM", yahoo.options, NOW).values == known


def test_a_symbol_without_any_of_it_has_no_data(yahoo):
    yahoo.world.funds["IWM"] = Fund()
    assert kind(fund_snapshot, "IWM", yahoo.options, NOW) is Kind.NO_DATA


def test_an_unknown_symbol(yahoo):
    assert kind(fund_snapshot, "NOPE", yahoo.options, NOW) is Kind.UNKNOWN_SYMBOL


@pytest.mark.parametrize(
    ("path", "fault", "expected"),
    [
        (SUMMARY, {"status": 429, "body": "Too Many Requests\r\n"}, Kind.RATE_LIMITED),
        (SUMMARY, {"status": 500, "body": HTML_ERROR}, Kind.BROKEN),
        (SUMMARY, {"body": "[]"}, Kind.BROKEN),
        (SUMMARY, {"body": '{"quoteSummary": {"result": [7]}}'}, Kind.BROKEN),
        (TIMESERIES, {"body": '{"timeseries": {}}'}, Kind.BROKEN),
        (SUMMARY, {"drop": True}, Kind.UNREACHABLE),
    ],
)
def test_answers_of_an_ill_yahoo_about_a_fund(yahoo, path, fault, expected):
    yahoo.world.fail(path, times=99, **fault)
    assert kind(fund_snapshot, "IWM", yahoo.options, NOW) is expected
    yahoo.world.faults.clear()
    assert fund_snapshot("IWM", yahoo.options, NOW).nav == 250.5


def test_small_caps_are_counted_by_the_sign_of_what_they_earned(yahoo):
    options = {**yahoo.options, "smallest": 2e8, "largest": 3e9}
    assert earnings_totals(options, NOW) == EarningsTotals(NOW, 1800, 700, 2e8, 3e9)
    bodies = [json.loads(query["body"]) for path, query in yahoo.world.requests if path == SCREENER]
    assert [body["size"] for body in bodies] == [1, 1]
    for body in bodies:
        assert body["quoteType"] == "EQUITY"
        assert {"operator": "EQ", "operands": ["region", "us"]} in body["query"]["operands"]
        assert {"operator": "BTWN", "operands": ["intradaymarketcap", 2e8, 3e9]} in body["query"]["operands"]


def test_totals_by_their_names(yahoo):
    assert earnings_totals(yahoo.options, NOW).values == {"companies": 1800.0, "losing_companies": 700.0}


@pytest.mark.parametrize(
    ("screens", "expected"), [({"LT": 0, "GTE": 0}, Kind.NO_DATA), ({"LT": None, "GTE": 5}, Kind.BROKEN)]
)
def test_totals_that_tell_nothing(yahoo, screens, expected):
    yahoo.world.screens = screens
    assert kind(earnings_totals, yahoo.options, NOW) is expected


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ({"status": 429, "body": "Too Many Requests\r\n"}, Kind.RATE_LIMITED),
        ({"status": 401, "body": '{"finance": {"result": null}}'}, Kind.BROKEN),
        ({"body": '{"finance": {"result": []}}'}, Kind.BROKEN),
        ({"body": HTML_ERROR}, Kind.BROKEN),
    ],
)
def test_answers_of_an_ill_screener(yahoo, fault, expected):
    yahoo.world.fail(SCREENER, times=99, **fault)
    assert kind(earnings_totals, yahoo.options, NOW) is expected


async def test_through_a_worker_facts_and_errors_cross_whole(yahoo):
    worker = Worker("facts")
    try:
        found = await worker.call("bot.market.vendors.yahoo_funds:fund_snapshot", "IWM", yahoo.options, NOW, timeout=60)
        with pytest.raises(SourceError) as raised:
            await worker.call("bot.market.vendors.yahoo_funds:fund_snapshot", "NOPE", yahoo.options, NOW, timeout=60)
    finally:
        await worker.close()
    assert found.shares == 281e6
    assert raised.value.kind is Kind.UNKNOWN_SYMBOL
