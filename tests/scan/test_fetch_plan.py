"""The plan of a fetch: which series, when, and from which bar on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.market.model import Market, MarketKind, Source
from bot.scan.fetching.fetch_plan import (
    OVERLAP_SESSIONS,
    VERIFY_AFTER_S,
    Asked,
    Need,
    Schedule,
    last_close,
    need,
    newest_expected,
)
from bot.scan.series import hourly_series, passing, recent_crypto, series_read
from bot.settings import load_settings
from bot.signals.sessions import Sessions
from bot.signals.timeframe import DAY, Timeframe, start_of
from tests.rulebook.books import book_of, rule_text

SERIES = ("RUT", Timeframe.D1)
HOUR = 3_600
SCHEDULE = Schedule(settle=900, retry=600)


def weekdays(first: str, count: int) -> Sessions:
    """Sessions on weekdays, 14:30 to 21:00 UTC."""
    days = [at for at in range(start_of(first), start_of(first) + 2 * count * DAY, DAY) if (at // DAY + 3) % 7 < 5]
    start = np.array(days[:count], dtype=np.int64)
    return Sessions("TEST", start, start + 14 * HOUR + 1_800, start + 21 * HOUR)


NOVEMBER = weekdays("2020-11-02", 20)
FRIDAY = start_of("2020-11-13")
CLOSE = FRIDAY + 21 * HOUR


def due(last: str | None, asked: Asked, now: int) -> Need | None:
    return need(SERIES, None if last is None else start_of(last), NOVEMBER, asked, now, SCHEDULE)


def test_a_market_without_bars_is_asked_for_all_of_them() -> None:
    told = due(None, Asked(), CLOSE)
    assert told is not None
    assert told.reason == "first"
    assert told.since < start_of("1987-09-10")


def test_a_new_bar_is_asked_for_once_it_has_settled_and_overlaps_what_is_known() -> None:
    asked = Asked(CLOSE - 3 * HOUR, CLOSE - 3 * HOUR)
    assert due("2020-11-12", asked, CLOSE + 899) is None
    assert due("2020-11-12", asked, CLOSE + 900) == Need(SERIES, start_of("2020-11-03"), "new")
    assert len(NOVEMBER.closed_between(start_of("2020-11-03"), start_of("2020-11-12"))) == OVERLAP_SESSIONS


def test_a_bar_that_is_not_there_yet_is_asked_for_again_after_a_while() -> None:
    now = CLOSE + 2_000
    assert due("2020-11-12", Asked(now - 599, now - 599), now) is None
    assert due("2020-11-12", Asked(now - 600, now - 600), now) is not None


def test_the_last_bar_is_verified_within_the_hour_and_in_the_morning_after() -> None:
    soon, morning = (CLOSE + after for after in VERIFY_AFTER_S)
    asked = Asked(CLOSE + 900, CLOSE + 900)
    assert soon <= CLOSE + HOUR
    for instant in (soon, morning):
        assert due("2020-11-13", asked, instant - 1) is None
        assert due("2020-11-13", asked, instant) == Need(SERIES, start_of("2020-11-04"), "verify")
        asked = Asked(instant, instant)
    assert due("2020-11-13", asked, morning + HOUR) is None


def test_after_a_restart_the_last_bars_are_looked_at_once() -> None:
    told = due("2020-11-13", Asked(), CLOSE + HOUR)
    assert told is not None
    assert told.reason == "verify"


def test_nothing_is_due_over_a_weekend() -> None:
    saturday = FRIDAY + DAY + 20 * HOUR
    assert due("2020-11-13", Asked(saturday - HOUR, saturday - HOUR), saturday) is None


@pytest.mark.parametrize(
    ("now", "newest"),
    [
        ("2020-11-13T15:29", "2020-11-12T20:30"),  # the first hour is not over
        ("2020-11-13T15:30", "2020-11-13T14:30"),
        ("2020-11-13T17:45", "2020-11-13T16:30"),
        ("2020-11-14T12:00", "2020-11-13T19:30"),
    ],
)
def test_the_newest_bar_within_a_day(now: str, newest: str) -> None:
    told = newest_expected(Timeframe.H1, NOVEMBER, start_of(now))
    assert told is not None
    assert told <= start_of(newest) + HOUR
    assert told + HOUR <= start_of(now) or told == start_of(newest)


@given(st.integers(0, 40 * DAY), st.none() | st.integers(0, 19))
def test_whatever_is_due_starts_at_a_session_not_after_the_last_bar(offset: int, known: int | None) -> None:
    now = start_of("2020-11-02") + offset
    last = None if known is None else int(NOVEMBER.start[known])
    told = need(SERIES, last, NOVEMBER, Asked(), now, SCHEDULE)
    if told is not None and last is not None:
        assert told.since <= last
        assert told.since in NOVEMBER.start


def test_the_crypto_of_an_alert_is_asked_for_by_the_hour_member_by_member(tmp_path: Path) -> None:
    settings = load_settings(None, {}, tmp_path)
    told = recent_crypto(settings.specs, settings.crypto)
    assert ("BTC", Timeframe.H1) in told
    assert ("SOL", Timeframe.H1) in told
    assert {name for name, _ in told}.isdisjoint({"ALTS", "IWM"})


def test_hours_up_to_a_close_are_due_once_and_before_they_have_settled() -> None:
    crypto, close = Sessions.round_the_clock(FRIDAY - 9 * DAY, FRIDAY + 9 * DAY), FRIDAY + 21 * HOUR

    def hours(last: int, now: int, asked: Asked = Asked(FRIDAY, FRIDAY)) -> Need | None:  # noqa: B008  # frozen
        return need(("BTC", Timeframe.H1), last, crypto, asked, now, SCHEDULE, until=close)

    assert hours(close - 2 * HOUR, close + 90) is not None
    assert hours(close - HOUR, close + 90) is None
    assert hours(close - 2 * HOUR, close + 200, Asked(close + 90, FRIDAY)) is None
    assert hours(close - 2 * HOUR, close + 700, Asked(close + 90, FRIDAY)) is not None
    assert hours(close - HOUR, close + DAY, Asked()) is None  # not verified: a later hour brings the seven days before


@pytest.mark.parametrize(
    ("timeframe", "live", "now", "told"),
    [
        (Timeframe.D1, False, CLOSE - 1, CLOSE - DAY),
        (Timeframe.D1, False, CLOSE, CLOSE),
        (Timeframe.D1, False, CLOSE + DAY, CLOSE),
        (Timeframe.D1, True, CLOSE - HOUR, CLOSE - HOUR),
        (Timeframe.D1, True, CLOSE + HOUR, CLOSE),
        (Timeframe.H1, False, CLOSE - HOUR, CLOSE - HOUR),
        (Timeframe.D1, False, start_of("2020-11-01"), None),
    ],
)
def test_an_alert_tells_of_the_last_close_or_of_now(
    timeframe: Timeframe,
    live: bool,  # noqa: FBT001  # a case of the table
    now: int,
    told: int | None,
) -> None:
    assert last_close(timeframe, NOVEMBER, now, live=live) == told


def test_a_macro_series_without_a_source_that_may_be_asked_is_off() -> None:
    source = Source("sec_nport", "sec", "IWM")
    markets = {
        "IWM_FLOWS": Market("IWM_FLOWS", "Flows", MarketKind.MACRO, "releases/nport"),
        "IWN_FLOWS": Market("IWN_FLOWS", "Flows", MarketKind.MACRO, "releases/nport", (source,)),
    }
    assert series_read([], markets, ["IWM_FLOWS", "IWN_FLOWS", "NO_SUCH"]) == [("IWN_FLOWS", Timeframe.D1)]


def test_a_new_series_begins_where_it_is_asked_to() -> None:
    told = need(SERIES, None, NOVEMBER, Asked(), CLOSE, SCHEDULE, first=CLOSE - DAY)
    assert told == Need(SERIES, CLOSE - DAY, "first")


def test_what_was_asked_in_a_time_that_lies_ahead_is_asked_again() -> None:
    """The clock was nine days ahead, and was righted."""
    ahead = Asked(CLOSE + 9 * DAY, CLOSE + 9 * DAY)
    now = CLOSE + 1_000
    assert due("2020-11-12", ahead, now) == due("2020-11-12", Asked(), now)
    assert due("2020-11-13", ahead, now) == due("2020-11-13", Asked(), now)
    assert due("2020-11-12", ahead, now) is not None


def test_hours_by_which_forming_days_are_looked_at_are_kept(tmp_path: Path) -> None:
    kinds = {"BTC": MarketKind.CRYPTO, "ETH": MarketKind.CRYPTO, "ALTS": MarketKind.BASKET, "IWM": MarketKind.EQUITY}
    markets = {name: Market(name, name, kind, "24/7") for name, kind in kinds.items()}
    when = "close > ETH.close and close > ALTS.close"
    texts = {"closes": rule_text(when, market="BTC"), "forms": rule_text(when, market="BTC", trigger="intraday")}
    hours, all_rules = [], book_of(tmp_path / "rules", **texts).rules
    for name in texts:
        rules = [all_rules[name]]
        hours.append(hourly_series(rules[0], markets))
        both = {("BTC", Timeframe.H1), ("ETH", Timeframe.H1)}
        assert set(passing(rules, markets, ["BTC", "ETH"])) == both - {*hours[-1]}
    assert hours == [[], [("BTC", Timeframe.H1), ("ETH", Timeframe.H1)]]
    weekly = book_of(tmp_path / "rules", a_week=rule_text(market="IWM", timeframe="1w")).rules["a-week"]
    hourly = book_of(tmp_path / "rules", an_hour=rule_text(market="IWM", timeframe="1h", trigger="intraday")).rules
    assert hourly_series(weekly, markets) == hourly_series(hourly["an-hour"], markets) == []
