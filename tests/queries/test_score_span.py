"""Spans of the scorecard: lengths and beginnings as everywhere, and a year of its own."""

import pytest

from bot.queries.score_span import EVERY, ScoreSpan, read_score_span
from bot.queries.span_words import TimeSpan
from bot.signals.timeframe import start_of

NOW = start_of("2026-08-14") + 3600


@pytest.mark.parametrize(
    ("said", "name", "since", "until"),
    [
        ("2025", "2025", "2025-01-01", "2026-01-01"),
        ("in 2025?", "2025", "2025-01-01", "2026-01-01"),
        ("last year", "2025", "2025-01-01", "2026-01-01"),
        ("2026", "2026", "2026-01-01", "2027-01-01"),
        ("since 2024", "since 1 Jan 2024", "2024-01-01", None),
        ("6mo", "6 months", "2026-02-14", None),
        ("ytd", "this year", "2026-01-01", None),
    ],
)
def test_a_span_holds_the_alerts_from_its_first_day_to_its_end(said, name, since, until):
    end = None if until is None else start_of(until)
    span = read_score_span(said, NOW)
    assert span == ScoreSpan(name, start_of(since), end)
    assert span.holds(start_of(since))
    assert not span.holds(start_of(since) - 1)
    assert span.holds((end or NOW) - 1)
    assert end is None or not span.holds(end)


def test_all_is_all():
    assert read_score_span("all", NOW) == EVERY
    assert EVERY.holds(0)


@pytest.mark.parametrize("said", ["2027", "banana", ""])
def test_other_words_are_none(said):
    assert read_score_span(said, NOW) is None


@pytest.mark.parametrize("said", ["2019-2021", "4h", "0y", "12", "since 2030"])
def test_an_odd_span_says_why(said):
    span = read_score_span(said, NOW)
    assert isinstance(span, TimeSpan)
    assert span.odd is not None
