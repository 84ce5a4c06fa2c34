"""The real ccxt, asked by us, tells the exchanges' lies from their candles."""

import time

import numpy as np
import pytest

from bot.market.model import SourceErrorKind as Kind
from bot.market.quality.gate import gate
from bot.signals.timeframe import DAY, Timeframe, label, start_of
from tests.market.vendors import Vendor, flat, labels
from tests.replay.world import HTML_ERROR

SINCE, NOW = "2026-11-17", "2026-11-20T12:00Z"
CLOSED = ["2026-11-17", "2026-11-18", "2026-11-19"]
EXCHANGES = [
    ("binance", "BTC/USDT", "/api/v3/klines", 1000),
    ("kraken", "BTC/USD", "/0/public/OHLC", 720),
    ("coinbase", "BTC/USD", "/candles", 300),
    ("okx", "BTC/USDT", "candles", 300),
    ("bybit", "BTC/USDT", "/v5/market/kline", 1000),
]
each = pytest.mark.parametrize(("name", "symbol", "path", "page"), EXCHANGES, ids=[row[0] for row in EXCHANGES])


@pytest.fixture
def listed(server, everyday):
    """Lists a market with daily candles up to today's, and returns its vendor."""

    def made(name: str, symbol: str, first: str = "2026-11-10", **options: object) -> Vendor:
        server.world.reset()
        days = np.arange(start_of(first), start_of("2026-11-21"), DAY).tolist()
        server.world.add(symbol.replace("/", ""), "1d", flat(days))
        return Vendor(server, "exchange", name, symbol, everyday, **options)

    return made


@each
def test_one_request_brings_the_closed_candles_and_the_unfinished_one_apart(listed, name, symbol, path, page):
    vendor = listed(name, symbol)
    answer = vendor.ask(SINCE, NOW)
    assert labels(answer.bars) == CLOSED
    assert answer.bars.close.tolist() == [107, 108, 109]
    assert answer.bars.high.tolist() == [109, 110, 111]
    assert answer.bars.volume.tolist() == [1000] * 3
    assert answer.bars.end.tolist() == [start_of(f"2026-11-{day}") for day in (18, 19, 20)]
    assert labels(answer.forming) == ["2026-11-20"]
    assert (answer.source, answer.problems) == (name, ())
    assert len(vendor.replay.world.requests) == 1


@each
def test_long_histories_come_page_by_page_and_whole(listed, name, symbol, path, page):
    vendor = listed(name, symbol, first="2023-01-01")
    answer = vendor.ask("2023-01-01", NOW)
    days = (start_of("2026-11-20") - start_of("2023-01-01")) // DAY
    assert len(answer.bars) == (720 if name == "kraken" else days)  # Kraken has no more than 720, whatever is asked
    assert np.diff(answer.bars.start).tolist() == [DAY] * (len(answer.bars) - 1)
    assert len(vendor.replay.world.requests) == (1 if name == "kraken" else -(-(days + 1) // page))


def test_a_history_from_before_the_listing_starts_with_the_listing(listed):
    for name, symbol, _, _ in EXCHANGES:
        answer = listed(name, symbol).ask("2024-01-01", NOW)
        assert labels(answer.bars)[0] == "2026-11-10"
        assert len(answer.bars) == 10


def test_pages_that_overlap_are_merged(listed):
    vendor = listed("binance", "BTC/USDT", first="2023-01-01")
    vendor.replay.world.overlap = 5
    answer = vendor.ask("2023-01-06", NOW)
    assert np.diff(answer.bars.start).tolist() == [DAY] * (len(answer.bars) - 1)
    assert label(int(answer.bars.start[0]), Timeframe.D1) == "2023-01-06"


@each
def test_the_unfinished_candle_closes_with_its_day(listed, name, symbol, path, page):
    vendor = listed(name, symbol)
    assert labels(vendor.ask("2026-11-19", "2026-11-20T23:59:59Z").bars) == ["2026-11-19"]
    assert labels(vendor.ask("2026-11-19", "2026-11-21").bars) == ["2026-11-19", "2026-11-20"]


@each
@pytest.mark.parametrize("timeframe", [Timeframe.M5, Timeframe.H1])
def test_candles_within_a_day(server, everyday, name, symbol, path, page, timeframe):
    server.world.reset()
    starts = np.arange(start_of("2026-11-20T06:00Z"), start_of("2026-11-20T12:30Z"), timeframe.seconds)
    server.world.add(symbol.replace("/", ""), str(timeframe), flat(starts))
    answer = Vendor(server, "exchange", name, symbol, everyday).ask("2026-11-20T08:00Z", "2026-11-20T12:02Z", timeframe)
    assert (
        answer.bars.start.tolist()
        == np.arange(start_of("2026-11-20T08:00Z"), start_of(NOW), timeframe.seconds).tolist()
    )
    assert labels(answer.forming) == ["2026-11-20T12:00Z"]


def test_a_candle_lost_in_an_outage_is_not_invented_and_the_gate_names_it(listed, everyday):
    vendor = listed("binance", "BTC/USDT")
    vendor.replay.world.remove("BTCUSDT", "1d", start_of("2026-11-18"))
    answer = vendor.ask(SINCE, NOW)
    assert labels(answer.bars) == ["2026-11-17", "2026-11-19"]
    assert gate(answer, everyday, start_of(NOW)).missing.tolist() == [start_of("2026-11-18")]


CLOUDFRONT = "<HTML><H1>403 ERROR</H1>The distribution is configured to block access from your country.</HTML>"
LIMIT = '{"code": -1003, "msg": "Too many requests"}'
WAITS = {"Retry-After": "120"}


@pytest.mark.parametrize(
    ("name", "fault", "kind", "retry_after"),
    [
        ("binance", {"status": 451, "body": '{"code": 0, "msg": "restricted location"}'}, Kind.REFUSED, None),
        ("bybit", {"status": 403, "body": CLOUDFRONT}, Kind.REFUSED, None),
        ("binance", {"status": 403, "body": CLOUDFRONT}, Kind.REFUSED, None),
        ("binance", {"status": 418, "body": LIMIT, "headers": WAITS}, Kind.RATE_LIMITED, 120),
        ("binance", {"status": 429, "body": LIMIT}, Kind.RATE_LIMITED, None),
        ("okx", {"status": 429, "body": '{"msg": "Too Many Requests", "code": "50011"}'}, Kind.RATE_LIMITED, None),
        ("okx", {"status": 429, "body": "Too Many Requests"}, Kind.RATE_LIMITED, None),
        ("kraken", {"body": '{"error": ["EGeneral:Too many requests"]}'}, Kind.RATE_LIMITED, None),
        ("kraken", {"body": '{"error": ["EAPI:Rate limit exceeded"]}'}, Kind.RATE_LIMITED, None),
        ("binance", {"status": 500, "body": HTML_ERROR}, Kind.UNREACHABLE, None),
        ("binance", {"drop": True}, Kind.UNREACHABLE, None),
    ],
)
def test_refusals_limits_and_outages(listed, name, fault, kind, retry_after):
    symbol = "BTC/USD" if name == "kraken" else "BTC/USDT"
    vendor = listed(name, symbol)
    vendor.replay.world.fail("", times=9, **fault)
    error = vendor.error(SINCE, NOW)
    assert (error.kind, error.retry_after, error.source) == (kind, retry_after, name)
    assert error.detail.startswith(symbol)


ODD_BODIES = [
    "{}",
    "[]",
    "null",
    "",
    "[null]",
    "[[]]",
    "[[null, null]]",
    '{"result": {"X": [[]]}}',
    '{"candles": [{}]}',
]


@each
@pytest.mark.parametrize("body", ODD_BODIES)
def test_whatever_a_200_brings_only_a_source_error_comes_of_it(listed, name, symbol, path, page, body):
    vendor = listed(name, symbol)
    vendor.replay.world.fail(path, body=body, times=9)
    assert vendor.kind(SINCE, NOW) in {Kind.BROKEN, Kind.NO_DATA, Kind.UNREACHABLE}


@each
def test_a_web_page_is_a_broken_answer(listed, name, symbol, path, page):
    vendor = listed(name, symbol)
    vendor.replay.world.fail(path, body=HTML_ERROR, times=9)
    assert vendor.kind(SINCE, NOW) is Kind.BROKEN


def test_rows_without_a_price_are_left_out_and_told(listed):
    vendor = listed("binance", "BTC/USDT")
    vendor.replay.world.add("BTCUSDT", "1d", [[start_of("2026-11-18"), 1, 2, 0.5, None, 5]])
    answer = vendor.ask(SINCE, NOW)
    assert labels(answer.bars) == ["2026-11-17", "2026-11-19"]
    assert answer.problems == ("binance: BTC/USDT: 2026-11-18: no close, left out",)


@each
def test_an_unknown_symbol(listed, name, symbol, path, page):
    vendor = listed(name, symbol)
    vendor.replay.world.rows.clear()
    assert vendor.kind(SINCE, NOW) is Kind.UNKNOWN_SYMBOL


def test_an_unknown_exchange_is_told_what_is_allowed(listed):
    error = listed("nowhere", "BTC/USDT").error(SINCE, NOW)
    assert (error.kind, "unknown exchange (got nowhere); allowed:" in error.detail) == (Kind.REFUSED, True)


def test_a_server_that_hangs_and_an_option_of_ccxt(listed):
    vendor = listed("binance", "BTC/USDT", timeout=300)
    vendor.replay.world.fail("klines", delay=1.0)
    assert vendor.kind(SINCE, NOW) is Kind.TIMEOUT


@pytest.mark.parametrize("symbol", ["DOGE/USD", "ETH/USD", "SOL/USD", "BTC/USDT", "LTC/USD"])
def test_kraken_is_asked_in_its_own_names(listed, symbol):
    assert labels(listed("kraken", symbol).ask(SINCE, NOW).bars) == CLOSED


def test_the_pace_that_an_exchange_asks_for_is_kept_across_markets(listed):
    vendor = listed("binance", "BTC/USDT", rateLimit=600)
    began = time.monotonic()
    for _ in range(4):
        vendor.ask(SINCE, NOW)
    assert time.monotonic() - began > 0.3
