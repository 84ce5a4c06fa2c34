"""Spans of time as people write them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.queries.span_words import read_span, since_day, split_span
from bot.views.markets.spans import OddSpan

TODAY = date(2026, 8, 14)


@pytest.mark.parametrize(
    ("said", "since", "word"),
    [
        ("1y", "2025-08-14", "1y"),
        ("6m", "2026-02-14", "6mo"),
        ("5 years", "2021-08-14", "5y"),
        ("ytd", "2026-01-01", "ytd"),
        ("since 2020", "2020-01-01", "since 2020"),
        ("2020-", "2020-01-01", "since 2020"),
        ("2020 to now", "2020-01-01", "since 2020"),
        ("from march 2020 on", "2020-03-01", "since 2020-03-01"),
        ("since 3 mar 2020", "2020-03-03", "since 2020-03-03"),
        ("since dec 25", "2025-12-25", "since 2025-12-25"),
        ("since march", "2026-03-01", "since 2026-03-01"),
        ("since september", "2025-09-01", "since 2025-09-01"),
        ("since friday", "2026-08-07", "since 2026-08-07"),
        ("since 13/4/2020", "2020-04-13", "since 2020-04-13"),
        ("30d", "2026-07-15", "30d"),
        ("the last 90 days", "2026-05-16", "90d"),
        ("past year", "2025-08-14", "1y"),
        ("half a year", "2026-02-14", "6mo"),
        ("half year", "2026-02-14", "6mo"),
        ("1.5y", "2025-02-14", "18mo"),
        ("1y6m", "2025-02-14", "1y6mo"),
        ("2 quarters", "2026-02-14", "2q"),
        ("a decade", "2016-08-14", "10y"),
        ("this quarter", "2026-07-01", "qtd"),
        ("1M", "2026-07-14", "1mo"),
        ("9999 years", "1800-01-01", "9999y"),
    ],
)
def test_spans(said: str, since: str, word: str) -> None:
    found = read_span(said, TODAY)
    assert found is not None
    assert (str(found.since), found.word, found.odd) == (since, word, None)
    again = read_span(found.word, TODAY)
    assert again is not None
    assert again.since == found.since


@pytest.mark.parametrize("said", ["all", "MAX", "all time", "since inception", "everything"])
def test_all_there_is(said: str) -> None:
    found = read_span(said, TODAY)
    assert found is not None
    assert (found.word, found.since, found.odd) == ("all", None, None)


@pytest.mark.parametrize(
    ("said", "odd"),
    [
        *[(each, OddSpan.SHORT) for each in ("1h", "4h", "24h", "15m", "5m", "1d", "2 days", "30 min", "intraday")],
        *[(each, OddSpan.ENDS) for each in ("2020", "2019-2021", "from 2019 to 2021", "in 2020", "last year")],
        *[(each, OddSpan.NOTHING) for each in ("0y", "0 days", "-1y", "since 2030", "since today")],
        *[(each, OddSpan.UNKNOWN) for each in ("since covid", "since 31 feb 2020", "since 3/4/2020")],
        *[(each, OddSpan.SEVERAL) for each in ("1y 5y", "6m 1y")],
        *[(each, OddSpan.UNIT) for each in ("5", "90")],
    ],
)
def test_what_cannot_be_shown(said: str, odd: OddSpan) -> None:
    found = read_span(said, TODAY)
    assert found is not None
    assert found.odd is odd
    for word in found.instead:
        there = read_span(word, TODAY)
        assert there is not None
        assert there.odd in {None, OddSpan.SHORT}


@pytest.mark.parametrize("said", ["", "banana", "iwm", "may be", "friday", "1z", "y", "5 bananas", "2020 bananas"])
def test_words_that_are_no_span(said: str) -> None:
    assert read_span(said, TODAY) is None


@pytest.mark.parametrize(
    ("said", "rest", "word"),
    [
        ("IWM 1y", "IWM", "1y"),
        ("1y IWM", "IWM", "1y"),
        ("since 2020 IWM", "IWM", "since 2020"),
        ("russell 2000 since march", "russell 2000", "since 2026-03-01"),
        ("IWM, 6m", "IWM", "6mo"),
        ("IWM for the last 2 years", "IWM", "2y"),
    ],
)
def test_a_span_beside_a_name(said: str, rest: str, word: str) -> None:
    left, found = split_span(said, TODAY)
    assert found is not None
    assert (left, found.word) == (rest, word)


@given(st.dates(date(1900, 1, 1), date(2200, 1, 1)), st.integers(1, 200), st.sampled_from(["d", "w", "mo", "q", "y"]))
def test_lengths_count_back(today: date, amount: int, unit: str) -> None:
    found = read_span(f"{amount}{unit}", today)
    assert found is not None
    if unit == "d" and amount < 3:
        assert found.odd is OddSpan.SHORT
        return
    assert found.since is not None
    days = {"d": 1, "w": 7, "mo": 30.4375, "q": 91.3125, "y": 365.25}[unit] * amount
    assert found.since == date(1800, 1, 1) or abs((today - found.since).days - days) <= 4
    assert found.word == f"{amount}{unit}"


@given(st.dates(date(1801, 1, 1), date(2026, 8, 13)))
def test_since_a_day_is_read_as_it_is_written(day: date) -> None:
    found = read_span(since_day(day).word, TODAY)
    assert found == since_day(day)
    assert found.begins == (day - date(1970, 1, 1)).days * 86_400


@given(st.text(alphabet="0123456789 ymodwsince-/.,alrtfhx", max_size=24), st.dates(date(1, 1, 1), date(9999, 12, 31)))
def test_nothing_that_is_typed_breaks_it(said: str, today: date) -> None:
    rest, found = split_span(said, today)
    if found is not None and found.odd is None and found.since is not None:
        assert found.since < today + timedelta(days=0) or found.since <= date(1800, 1, 1) or "td" in found.word
    assert len(rest) <= len(said)
