"""The real yfinance, asked by us, tells Yahoo's lies from Yahoo's bars."""

import gc
import os
import stat
import threading
from pathlib import Path

import numpy as np
import pytest

from bot.market.expected_bars import expected_bars
from bot.market.model import SourceErrorKind as Kind
from bot.market.vendors import yfinance_client
from bot.signals.timeframe import DAY, Timeframe, start_of
from tests.market.vendors import Vendor, flat, labels
from tests.replay.world import HTML_ERROR

CHART = "/v8/finance/chart/IWM"
SINCE, NOW = "2026-11-16", "2026-11-20T22:00Z"
WEEK = ["2026-11-16", "2026-11-17", "2026-11-18", "2026-11-19", "2026-11-20"]


@pytest.fixture
def yahoo(server, new_york):
    server.world.reset()
    vendor = Vendor(server, "yahoo", "yahoo", "IWM", new_york)
    days = (new_york.start >= start_of("2026-10-01")) & (new_york.start <= start_of("2026-11-20"))
    vendor.opens = new_york.opens[days].tolist()
    server.world.add("IWM", "1d", flat(vendor.opens))
    return vendor


def close_on(answer, date: str) -> float:
    return float(answer.bars.close[labels(answer.bars).index(date)])


def test_daily_bars_are_sessions_with_their_closing_instants(yahoo, new_york):
    answer = yahoo.ask("2026-10-29", NOW)
    assert labels(answer.bars)[:4] == ["2026-10-29", "2026-10-30", "2026-11-02", "2026-11-03"]
    assert answer.bars.end[:3].tolist() == [
        start_of(f"{d}Z") for d in ("2026-10-29T20:00", "2026-10-30T20:00", "2026-11-02T21:00")
    ]
    assert answer.bars.close[-1] == 100 + len(yahoo.opens) - 1
    assert answer.bars.high[-1] == answer.bars.close[-1] + 2
    assert (answer.source, answer.problems, len(answer.forming)) == ("yahoo", (), 0)


def test_the_splits_that_yahoo_reports_come_with_the_bars(yahoo):
    assert yahoo.ask(SINCE, NOW).splits == ()
    yahoo.replay.world.splits["IWM"] = {yahoo.opens[-3]: 2.0}
    answer = yahoo.ask(SINCE, NOW)
    assert answer.splits == ((start_of("2026-11-18"), 2.0),)
    assert labels(answer.bars) == WEEK


def test_todays_row_is_no_closed_bar_until_the_session_has_closed(yahoo):
    at_noon = yahoo.ask(SINCE, "2026-11-20T17:00Z")
    assert labels(at_noon.bars) == WEEK[:4]
    assert labels(at_noon.forming) == WEEK[4:]
    assert labels(yahoo.ask(SINCE, "2026-11-20T20:59Z").forming) == WEEK[4:]
    assert labels(yahoo.ask(SINCE, "2026-11-20T21:00Z").bars) == WEEK


def test_a_live_row_beside_the_days_row_counts_once(yahoo):
    yahoo.replay.world.add("IWM", "1d", [[start_of("2026-11-20T17:03Z"), 1.0, 2.0, 1.0, 1.5, 10]])
    answer = yahoo.ask(SINCE, "2026-11-20T17:04Z")
    assert labels(answer.bars) == WEEK[:4]
    assert (labels(answer.forming), answer.forming.close.tolist()) == (WEEK[4:], [1.5])


def test_nulls_in_the_last_closed_bar_are_told_and_left_out(yahoo):
    yahoo.replay.world.add("IWM", "1d", [[yahoo.opens[-1], None, None, None, None, None]])
    answer = yahoo.ask(SINCE, NOW)
    assert labels(answer.bars) == WEEK[:4]
    assert answer.problems == ("yahoo: IWM: 2026-11-20: no close, left out",)


def test_a_session_that_yahoo_leaves_out_is_simply_not_there(yahoo):
    yahoo.replay.world.remove("IWM", "1d", yahoo.opens[-3])
    assert labels(yahoo.ask(SINCE, NOW).bars) == [*WEEK[:2], *WEEK[3:]]


def test_rows_of_days_without_a_session_are_left_out_and_told(yahoo):
    yahoo.replay.world.add("IWM", "1d", flat([start_of("2026-11-15T14:30Z"), start_of("2026-11-21T14:30Z")]))
    answer = yahoo.ask("2026-11-13", "2026-11-22")
    assert labels(answer.bars) == ["2026-11-13", *WEEK]
    assert answer.problems == ("yahoo: IWM: 2 bars, newest 2026-11-21: no such bar in the sessions of XNYS, left out",)


def test_a_row_that_comes_twice_counts_once(yahoo):
    yahoo.replay.world.add("IWM", "1d", [[yahoo.opens[-2] + 1800, 7.0, 8.0, 6.0, 7.5, 10]])
    assert labels(yahoo.ask(SINCE, NOW).bars) == WEEK


def test_a_corrected_close_is_seen_at_once(yahoo):
    before = yahoo.ask(SINCE, NOW)
    yahoo.replay.world.add("IWM", "1d", [[yahoo.opens[-1], 140.0, 150.0, 130.0, 141.5, 10]])
    assert close_on(before, WEEK[4]) != close_on(yahoo.ask(SINCE, NOW), WEEK[4]) == 141.5


def test_prices_are_32_bit_and_a_high_may_be_a_hair_under_the_close(yahoo):
    yahoo.replay.world.add("IWM", "1d", [[yahoo.opens[-1], 251.1, 251.29999, 250.9, 251.3, 10]])
    answer = yahoo.ask(SINCE, NOW)
    assert answer.bars.close[-1] == pytest.approx(251.3, rel=1e-6)
    assert answer.bars.high[-1] < answer.bars.close[-1]  # the gate puts it right


def test_crypto_days_are_utc_days(server, everyday):
    server.world.reset()
    days = np.arange(start_of("2026-11-15"), start_of("2026-11-20"), DAY).tolist()
    server.world.add(
        "BTC-USD", "1d", flat([*days, start_of("2026-11-20T13:07:22Z")]), timezone="UTC", instrument="CRYPTOCURRENCY"
    )
    answer = Vendor(server, "yahoo", "yahoo", "BTC-USD", everyday).ask("2026-11-17", "2026-11-20T13:08Z")
    assert labels(answer.bars) == ["2026-11-17", "2026-11-18", "2026-11-19"]
    assert int(answer.bars.end[-1]) == start_of("2026-11-20")
    assert labels(answer.forming) == ["2026-11-20"]


def test_the_whole_history(server, everyday):
    server.world.reset()
    days = np.arange(start_of("2014-09-17"), start_of("2026-11-20"), DAY)
    server.world.add("BTC-USD", "1d", flat(days), timezone="UTC", instrument="CRYPTOCURRENCY")
    answer = Vendor(server, "yahoo", "yahoo", "BTC-USD", everyday).ask("1970-01-01", NOW)
    assert answer.bars.start.tolist() == days.tolist()


@pytest.mark.parametrize("timeframe", ["5m", "15m", "30m", "1h", "4h"])
def test_bars_within_a_day_without_the_rows_that_are_none(yahoo, new_york, timeframe):
    asked = Timeframe(timeframe)
    served = Timeframe.M15 if asked is Timeframe.M30 else asked
    now = start_of("2026-11-20T19:07Z")
    starts, _ = expected_bars(new_york, served)
    inside = starts[(starts >= start_of("2026-11-18")) & (starts <= now)].tolist()
    last_trade, at_the_close = start_of("2026-11-20T19:06:31Z"), start_of("2026-11-19T21:00Z")
    yahoo.replay.world.add("IWM", str(served), flat(inside))
    yahoo.replay.world.add("IWM", str(served), [[last_trade, 5, 5, 5, 5, 0], [at_the_close, 6, 6, 6, 6, 0]])
    answer = yahoo.ask("2026-11-18", "2026-11-20T19:07Z", asked)
    begin, end = expected_bars(new_york, asked)
    want = begin[(begin >= start_of("2026-11-18")) & (end <= now)]
    assert answer.bars.start.tolist() == want.tolist()
    assert len(answer.forming) == 1
    assert answer.problems == ()


def test_history_within_a_day_goes_back_only_so_far(yahoo, new_york):
    yahoo.replay.world.add("IWM", "5m", flat([start_of("2026-11-20T14:30Z")]))
    yahoo.ask("2020-01-01", NOW, Timeframe.M5)
    asked = [query for _, query in yahoo.replay.world.requests if query.get("interval") == "5m"]
    assert int(asked[-1]["period1"]) == start_of(NOW) - 59 * DAY


def test_429_in_plain_text(yahoo):
    yahoo.replay.world.fail(CHART, status=429, body="Edge: Too Many Requests", times=5)
    error = yahoo.error(SINCE, NOW)
    assert (error.kind, error.source) == (Kind.RATE_LIMITED, "yahoo")


def test_500_as_a_web_page_and_its_shadow_is_not_kept(yahoo):
    yahoo.replay.world.fail(CHART, status=500, body=HTML_ERROR)
    assert yahoo.kind(SINCE, NOW) is Kind.BROKEN
    yahoo.replay.world.reset()
    yahoo.replay.world.add("IWM", "1d", flat(yahoo.opens))
    assert labels(yahoo.ask(SINCE, NOW).bars) == WEEK


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_server_in_trouble_is_asked_once_and_keeps_no_other_question_waiting(yahoo, status):
    yahoo.ask(SINCE, NOW)
    before = len(yahoo.replay.world.requests)
    yahoo.replay.world.fail(CHART, status=status, body="no", headers={"Retry-After": "90"}, times=9)
    error = yahoo.error(SINCE, NOW)
    assert [path for path, _ in yahoo.replay.world.requests[before:]] == [CHART]  # no other cookie either
    assert error.retry_after == (90.0 if status == 429 else None)


def test_a_cookie_that_does_not_come_is_done_without_and_not_waited_for_again(yahoo, monkeypatch):
    monkeypatch.setattr(yfinance_client, "PRELIMINARY_S", 0.2)
    yfinance_client._session.cache_clear()
    data = yfinance_client.YfData()
    for name, value in {"_cookie": None, "_crumb": None, "_cookie_strategy": "basic"}.items():
        monkeypatch.setattr(data, name, value)
    monkeypatch.setattr(data, "_load_cookie_curlCffi", lambda: False)
    for path in ("/", "/consent", "/v1/test/getcrumb"):
        yahoo.replay.world.fail(path, whole=True, delay=2.0, times=99)
    for _ in range(3):
        assert labels(yahoo.ask(SINCE, NOW).bars) == WEEK
    paths = [path for path, _ in yahoo.replay.world.requests]
    assert (paths.count("/"), paths.count("/consent"), paths.count("/v1/test/getcrumb")) == (1, 1, 0)
    yfinance_client._session.cache_clear()


def test_questions_from_many_threads_leave_no_files_open(yahoo):
    def open_files() -> int:
        names = [str(each.readlink()) for each in Path("/proc/self/fd").iterdir() if each.is_symlink()]
        return sum(name.endswith((".db", ".db-wal")) for name in names)

    yahoo.ask(SINCE, NOW)
    before = open_files()
    gc.disable()  # which finds them too, now and then
    try:
        for _ in range(8):
            thread = threading.Thread(target=yahoo.ask, args=(SINCE, NOW))
            thread.start()
            thread.join()
        assert open_files() <= before + 1
    finally:
        gc.enable()


def test_all_requests_of_a_question_have_one_time_together(yahoo, monkeypatch):
    monkeypatch.setattr(yfinance_client, "QUESTION_S", 0.3)
    yahoo.replay.world.fail(CHART, delay=2.0, times=9)
    assert yahoo.kind(SINCE, NOW) is Kind.TIMEOUT
    monkeypatch.setattr(yfinance_client, "QUESTION_S", 0.0)
    assert "no answer within" in yahoo.error(SINCE, NOW).detail


def test_an_empty_200_is_no_data_if_there_was_a_session_and_nothing_to_tell_if_not(yahoo):
    yahoo.replay.world.add("IWM", "1d", [[1_000_000, 1, 1, 1, 1, 1]])
    for opens in yahoo.opens[-5:]:
        yahoo.replay.world.remove("IWM", "1d", opens)
    error = yahoo.error(SINCE, NOW)
    assert (error.kind, "possibly delisted" in error.detail) == (Kind.NO_DATA, True)
    weekend = yahoo.ask("2026-11-21", "2026-11-22T12:00Z")
    assert (len(weekend.bars), len(weekend.forming), weekend.problems) == (0, 0, ())


def test_an_unknown_symbol(yahoo):
    yahoo.source = type(yahoo.source)("yahoo", "yahoo", "NOSUCH", yahoo.source.options)
    assert [yahoo.kind(SINCE, NOW) for _ in range(4)] == [Kind.UNKNOWN_SYMBOL] * 4


@pytest.mark.parametrize(
    "body",
    [
        *("{}", "[]", "null", "", '{"chart": {}}'),
        '{"chart": {"result": [], "error": null}}',
        '{"chart": {"result": [{"meta": {}}]}}',
        '{"chart": {"result": [{"meta": {}, "timestamp": [1], "indicators": {"quote": [{"close": [1]}]}}]}}',
    ],
)
def test_whatever_yahoo_says_only_a_source_error_comes_of_it(yahoo, body):
    yahoo.ask(SINCE, NOW)
    yahoo.replay.world.fail(CHART, body=body, times=5)
    assert yahoo.kind(SINCE, NOW) in {Kind.BROKEN, Kind.NO_DATA}


def test_a_server_that_hangs_up_and_one_that_hangs(yahoo, monkeypatch):
    yahoo.ask(SINCE, NOW)
    yahoo.replay.world.fail(CHART, drop=True, times=5)
    assert yahoo.kind(SINCE, NOW) is Kind.UNREACHABLE
    yahoo.replay.world.faults.clear()
    monkeypatch.setattr("bot.market.vendors.yfinance_client.REQUEST_TIMEOUT_S", 0.3)
    yahoo.replay.world.fail(CHART, delay=1.0, times=1)
    assert yahoo.kind(SINCE, NOW) is Kind.TIMEOUT


def test_the_cookie_is_kept_where_only_we_may_write(yahoo):
    yahoo.ask(SINCE, NOW)
    folder = Path(os.environ["XDG_CACHE_HOME"]) / "bellwether" / "yfinance"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert any(folder.rglob("*.db"))


def test_the_page_with_the_cookie_is_not_asked_for_with_each_question(yahoo):
    for _ in range(3):
        yahoo.ask(SINCE, NOW)
    paths = [path for path, _ in yahoo.replay.world.requests]
    assert paths.count(CHART) >= 3
    assert paths.count("/") <= 1
