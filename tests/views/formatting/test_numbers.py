"""Numbers, dates and ages as they read."""

from __future__ import annotations

import math
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.signals.timeframe import Timeframe, start_of
from bot.views.formatting import numbers


@pytest.mark.parametrize(
    ("value", "text", "short"),
    [
        (2467.7, "2,467.70", "2,468"),
        (117_137.2, "117,137", "117,137"),
        (0.2213, "0.2213", "0.2213"),
        (0.00001234, "0.00001234", "0.00001234"),
        (1.0, "1.00", "1.00"),
        (999.994, "999.99", "999.99"),
        (-3.5, "−3.50", "−3.50"),
        (0.0, "0.00", "0.00"),
        (1e-30, "0.000000000000", "0.000000000000"),
        (math.nan, "–", "–"),
        (math.inf, "–", "–"),
        (None, "–", "–"),
    ],
)
def test_prices(value: float | None, text: str, short: str) -> None:
    assert (numbers.price(value), numbers.short_price(value)) == (text, short)


@pytest.mark.parametrize(
    ("ratio", "signed", "bare"),
    [
        (0.0102, "+1.0 %", "1.0 %"),
        (-0.002, "−0.2 %", "0.2 %"),
        (-0.0004, "0.0 %", "0.0 %"),
        (0.0, "0.0 %", "0.0 %"),
        (3.14, "+314 %", "314 %"),
        (0.9996, "+100 %", "100 %"),
        (123.456, "+12,346 %", "12,346 %"),
        (math.nan, "–", "–"),
        (None, "–", "–"),
    ],
)
def test_percents(ratio: float | None, signed: str, bare: str) -> None:
    assert numbers.percent(ratio).replace(numbers.SPACE, " ") == signed
    assert numbers.percent(ratio, tight=True) == signed.replace(" ", "")
    assert numbers.percent(ratio and abs(ratio), sign=False).replace(numbers.SPACE, " ") == bare


@given(st.floats(-5, 5))
def test_a_percent_reads_back_as_what_it_was(ratio: float) -> None:
    text = numbers.percent(ratio, tight=True).replace("−", "-").replace(",", "").rstrip("%")
    assert abs(float(text) - ratio * 100) <= (0.5 if abs(ratio) >= 0.9995 else 0.05) + 1e-9
    assert "-" not in numbers.percent(ratio)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (119, "119 s"), (120, "2 min"), (7_199, "119 min"), (7_200, "2 h"), (57_600, "16 h"),
     (172_799, "47 h"), (172_800, "2 d"), (3 * 86_400, "3 d"), (-5, "0 s")],
)  # fmt: skip
def test_ages(seconds: int, text: str) -> None:
    assert numbers.age(seconds).replace(numbers.SPACE, " ") == text


def test_old() -> None:
    assert numbers.old(57_600).replace(numbers.SPACE, " ") == "16 h old"
    assert numbers.old(0) == "new"


def test_counts() -> None:
    assert [numbers.count(n, "session") for n in (0, 1, 2, 1024)] == [
        "no sessions", "1 session", "2 sessions", "1,024 sessions",
    ]  # fmt: skip
    assert numbers.count(2, "thing needs", "things need") == "2 things need"
    assert numbers.bars_of(3, Timeframe.D1) == "3 sessions"
    assert numbers.bars_of(1, Timeframe.H4) == "1 bar"


def test_dates() -> None:
    at = start_of("2020-11-13T21:05Z")
    assert numbers.day(at) == "13 Nov 2020"
    assert numbers.weekday(at) == "Fri 13 Nov"
    assert numbers.clock(at) == "21:05 UTC"
    assert numbers.moment(at) == "Fri 13 Nov 2020, 21:05 UTC"
    assert numbers.bar_name(at, Timeframe.D1) == "Fri 13 Nov 2020"
    assert numbers.bar_name(at, Timeframe.M5) == "Fri 13 Nov 2020, 21:05 UTC"


@given(st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_names_of_days_are_those_of_the_calendar(at: datetime) -> None:
    told = numbers.moment(int(at.timestamp()))
    assert datetime.strptime(told, "%a %d %b %Y, %H:%M UTC").replace(tzinfo=UTC) == at.replace(second=0, microsecond=0)


def test_number() -> None:
    assert numbers.number(1.44) == "1.4"
    assert numbers.number(-1204.06, 1) == "−1,204.1"
    assert numbers.number(-0.01) == "0.0"
    assert numbers.number(math.nan) == "–"


@pytest.mark.parametrize(
    ("ratio", "prose", "tight", "part"),
    [
        (0.163, "+16 %", "+16%", "16 %"),
        (-0.004, "0 %", "0%", "0 %"),
        (-0.125, "−12 %", "−12%", "−12 %"),
        (58.54, "+5,854 %", "+5,854%", "5,854 %"),
        (None, "–", "–", "–"),
        (math.nan, "–", "–", "–"),
    ],
)
def test_whole_percents(ratio: float | None, prose: str, tight: str, part: str) -> None:
    assert numbers.percent(ratio, digits=0).replace("\u00a0", " ") == prose
    assert numbers.percent(ratio, digits=0, tight=True) == tight
    assert numbers.percent(ratio, sign=False, digits=0).replace("\u00a0", " ") == part


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (2.99e12, "2.99 tn"),
        (19.5e9, "19.5 bn"),
        (-1.234e9, "−1.23 bn"),
        (999.96e6, "1.00 bn"),
        (350e6, "350 m"),
        (1_204.4, "1,204"),
        (0, "0"),
        (None, "–"),
    ],
)
def test_large_amounts(amount: float | None, text: str) -> None:
    assert numbers.large(amount).replace("\u00a0", " ") == text


def test_ranks_and_signs() -> None:
    told = [numbers.ordinal(place) for place in (0.4, 1, 2.9, 3, 11.5, 12, 13, 21, 34.9, 100)]
    assert told == ["0th", "1st", "2nd", "3rd", "11th", "12th", "13th", "21st", "34th", "100th"]
    assert [numbers.signed(value, 2) for value in (0.374, -0.3, 0.001, None)] == ["+0.37", "−0.30", "0.00", "–"]


def test_months_for_narrow_columns() -> None:
    first, later, year_after = map(start_of, ("2025-12-01", "2025-12-30", "2026-02-02"))
    assert numbers.short_span(first, later) == "Dec 25"
    assert numbers.short_span(start_of("2025-11-01"), later) == "Nov–Dec 25"
    assert numbers.short_span(first, year_after) == "Dec 25–Feb 26"
