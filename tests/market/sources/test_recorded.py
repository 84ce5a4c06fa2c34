"""Bodies that the vendors really sent come through their clients and ours as what they say, where they are."""

import json
from datetime import UTC, datetime

import numpy as np
import pytest

from bot.market.csv_form.bars import read_csv
from bot.market.model import SourceErrorKind as Kind
from bot.market.vendors import calendars
from bot.signals.sessions import Sessions
from bot.signals.timeframe import Timeframe, start_of
from tests.market.vendors import Vendor, labels

DAILY = [
    ("chart-AAPL-2020-08-31-to-2020-11-07", "AAPL"),
    ("chart-QQQ-2020-01-01-to-2020-01-03", "QQQ"),
    ("chart-BTC-USD-2020-01-01-to-2020-01-03", "BTC-USD"),
    ("historical-MSFT-dividends", "MSFT"),
    ("historical-NVDA-split", "NVDA"),
]


@pytest.fixture(scope="module")
def payloads(shared):
    return shared / "payloads"


def body_of(path):
    document = json.loads(path.read_text())
    return document.get("response", {}).get("bodyJson", document)


def yahoo(server, symbol, sessions, body) -> Vendor:
    server.world.reset()
    server.world.fail(f"/chart/{symbol}", body=json.dumps(body), times=99)
    return Vendor(server, "yahoo", "yahoo", symbol, sessions)


@pytest.mark.parametrize(("name", "symbol"), DAILY)
def test_daily_charts_of_yahoo(server, payloads, new_york, everyday, name, symbol):
    body = body_of(payloads / "yahoo" / f"{name}.json")
    result = body["chart"]["result"][0]
    quote = result["indicators"]["quote"][0]
    offset = result["meta"]["gmtoffset"]
    days = [datetime.fromtimestamp(at + offset, UTC).date().isoformat() for at in result["timestamp"]]
    said = dict(zip(days, zip(quote["open"], quote["high"], quote["close"], strict=True), strict=True))
    vendor = yahoo(server, symbol, everyday if symbol == "BTC-USD" else new_york, body)
    answer = vendor.ask(days[0], "2026-01-01")
    assert labels(answer.bars) == [day for day, prices in said.items() if prices[2] is not None]
    for at, day in enumerate(labels(answer.bars)):
        assert (answer.bars.open[at], answer.bars.high[at], answer.bars.close[at]) == said[day]


@pytest.mark.parametrize(
    ("name", "symbol", "kind"), [("noData", "CAPIO.ST", Kind.NO_DATA), ("aapl_chart_5d_no_ts", "AAPL", Kind.BROKEN)]
)
def test_charts_of_yahoo_without_rows(server, payloads, new_york, name, symbol, kind):
    vendor = yahoo(server, symbol, new_york, body_of(payloads / "yahoo" / f"{name}.json"))
    assert vendor.kind("2026-11-16", "2026-11-20T22:00Z") is kind


def test_a_live_chart_of_yahoo_within_the_day(server, payloads):
    """The last of its rows is the last trade, on no grid; the recording lacks what yfinance needs to be told."""
    body = body_of(payloads / "yahoo" / "dockwidgets-BTC-USD-5m-range1d-cut7.json")
    body["chart"]["result"][0]["meta"]["validRanges"] = ["1d"]
    stamps = body["chart"]["result"][0]["timestamp"]
    sessions = Sessions.round_the_clock(stamps[0], stamps[-1])
    answer = yahoo(server, "BTC-USD", sessions, body).ask(
        *(datetime.fromtimestamp(at, UTC).isoformat() for at in (stamps[0], stamps[-1])), Timeframe.M5
    )
    assert answer.bars.start.tolist() == stamps[:-2]
    assert answer.problems == ()


def test_nulls_of_tokyo(server, payloads):
    body = body_of(payloads / "yahoo" / "dockwidgets-7203.T-5m-nulls-cut10.json")
    result = body["chart"]["result"][0]
    result["meta"]["validRanges"] = ["1d"]
    stamps, closes = result["timestamp"], result["indicators"]["quote"][0]["close"]
    tokyo = calendars.sessions("XTKS", stamps[0], stamps[-1])
    answer = yahoo(server, "7203.T", tokyo, body).ask(
        *(datetime.fromtimestamp(at, UTC).isoformat() for at in (stamps[0], stamps[-1] + 600)), Timeframe.M5
    )
    want = [at for at, close in zip(stamps, closes, strict=True) if close is not None and at % 300 == 0]
    assert answer.bars.start.tolist() == [at for at in want if at in answer.bars.start]
    assert len(answer.bars) >= len(want) - 1  # one at the close itself is no bar
    assert any("no close" in problem for problem in answer.problems)


def test_errors_of_yahoo(server, payloads, new_york):
    kinds = {404: Kind.UNKNOWN_SYMBOL, 422: Kind.BROKEN, 429: Kind.RATE_LIMITED, 500: Kind.BROKEN}
    for recorded in json.loads((payloads / "yahoo" / "errors.json").read_text()):
        if recorded["status"] in kinds:
            server.world.reset()
            server.world.add("IWM", "1d", [[start_of("2026-11-20T14:30Z"), 1, 1, 1, 1, 1]])
            vendor = Vendor(server, "yahoo", "yahoo", "IWM", new_york)
            vendor.ask("2026-11-20", "2026-11-20T22:00Z")
            server.world.fail("/chart/IWM", status=recorded["status"], body=recorded["body"], times=9)
            assert vendor.kind("2026-11-20", "2026-11-20T22:00Z") is kinds[recorded["status"]]


def candles(server, name, symbol, sessions, path, body) -> Vendor:
    server.world.reset()
    server.world.fail(path, body=json.dumps(body), times=99)
    return Vendor(server, "exchange", name, symbol, sessions)


def ask_around(vendor, first, last, timeframe):
    moments = [datetime.fromtimestamp(at, UTC).isoformat() for at in (first, last)]
    vendor.sessions = Sessions.round_the_clock(first, last)
    return vendor.ask(*moments, timeframe)


def test_candles_of_binance(server, payloads):
    rows = json.loads((payloads / "ccxt" / "binance_api_v3_klines.json").read_text())[0]["data"]
    vendor = candles(server, "binance", "BTC/USDT", None, "klines", rows)
    answer = ask_around(vendor, rows[0][0] // 1000, rows[-1][0] // 1000 + 10, Timeframe.M5)
    assert answer.bars.start.tolist() == [row[0] // 1000 for row in rows[:-1]]
    assert answer.bars.close.tolist() == [float(row[4]) for row in rows[:-1]]
    assert answer.forming.volume.tolist() == [float(rows[-1][5])]


def test_candles_of_kraken(server, payloads):
    body = json.loads((payloads / "ccxt" / "kraken-http_ohlc.json").read_text())
    rows = [row for row in body["result"]["XBTUSDT"] if row[0] % 300 == 0]
    vendor = candles(server, "kraken", "BTC/USDT", None, "OHLC", body)
    answer = ask_around(vendor, rows[0][0], rows[-1][0] + 300, Timeframe.M5)
    assert answer.bars.start.tolist() == [row[0] for row in rows]
    assert answer.bars.high.tolist() == [float(row[2]) for row in rows]
    body["result"] = {"ANOTHER": body["result"]["XBTUSDT"], "last": 0}
    vendor = candles(server, "kraken", "BTC/USDT", None, "OHLC", body)
    assert len(ask_around(vendor, rows[0][0], rows[-1][0] + 300, Timeframe.M5).bars) == len(rows)


def test_candles_of_coinbase(server, payloads):
    body = json.loads((payloads / "ccxt" / "coinbase-http_candles.json").read_text())
    rows = sorted(body["candles"], key=lambda row: int(row["start"]))
    vendor = candles(server, "coinbase", "BTC/USD", None, "candles", body)
    answer = ask_around(vendor, int(rows[0]["start"]), int(rows[-1]["start"]) + 3600, Timeframe.H1)
    assert answer.bars.low.tolist() == [float(row["low"]) for row in rows]


def test_errors_of_the_exchanges(server, payloads, everyday):
    for recorded in json.loads((payloads / "ccxt" / "errors.json").read_text()):
        name = recorded["exchange"].split()[0].replace("okex5", "okx")
        if name in {"binance", "binanceus", "kraken", "okx"} and recorded["status"] != 400:
            server.world.reset()
            server.world.fail("", status=recorded["status"], body=recorded["body"], times=9)
            kind = Vendor(server, "exchange", name, "BTC/USDT", everyday).kind("2026-11-16", "2026-11-20")
            assert kind is (Kind.REFUSED if recorded["status"] in {403, 451} else Kind.RATE_LIMITED)


def test_daily_files_of_stooq(payloads, new_york):
    for path in (payloads / "other" / "stooq").glob("*.csv"):
        found = read_csv(path, "IWM", new_york)
        assert len(found.bars) == len(path.read_text().split()) - 1
        assert np.isfinite(found.bars.close).all()
