"""Texts of event studies: the first message, the details, the placebo."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.evidence.claim_check import ClaimCheck, Measure
from bot.evidence.claims import measured
from bot.evidence.event_study.base_rate import FirstHighs
from bot.evidence.event_study.conditions import Branch, ConditionedStudy, StudyCondition
from bot.evidence.event_study.coverage import Coverage
from bot.evidence.event_study.event_study import Signals, Study, event_study
from bot.evidence.event_study.placebo import RECORD, TREND
from bot.evidence.event_study.significance import StudyVerdict
from bot.evidence.survivors import Survivors
from bot.sandbox.markup.parser import parse_html
from bot.signals.bars import Bars
from bot.signals.timeframe import Timeframe
from bot.views.alerts.facts import ClaimView
from bot.views.alerts.track_record import history_sentence
from bot.views.formatting import html
from bot.views.markets.evidence import EvidenceFacts, p_text, render_evidence
from bot.views.markets.evidence_details import render_details, render_placebo
from tests.conftest import Golden
from tests.evidence.walks import walks
from tests.views.pasts import EIGHT, event, horizon, past

MAX_COLUMNS = 38
"""Characters that a phone shows in a line of a table."""

CAPTION_UNITS = 1_024

MANY = tuple(
    event(f"{year}-0{month}-03", [0.1] * 5) for year, month in itertools.product(range(2010, 2017), range(1, 7))
)


def seen(told: str) -> str:
    return parse_html(told).text.replace("\u00a0", " ")


def columns(told: str) -> int:
    """Width of the widest line of a table."""
    block = parse_html(told)
    tables = [entity for entity in block.entities if entity["type"] == "pre"]
    text = block.text.encode("utf-16-le")
    cut = [text[2 * each["offset"] : 2 * (each["offset"] + each["length"])].decode("utf-16-le") for each in tables]
    return max((len(line) for each in cut for line in each.splitlines()), default=0)


def told(study: Study, title: str = "Record") -> str:
    return seen(render_evidence(EvidenceFacts(study, title)))


@pytest.mark.parametrize(
    ("windows", "detectable", "expected"),
    [
        (0, None, "→ Can't tell: no two windows stand apart, and 10 would be needed."),
        (1, 0.2, "→ Can't tell: no two windows stand apart, and 10 would be needed; only about +20 % or more over"),
        (2, None, "→ Can't tell: only 2 windows stand apart, and 10 would be needed."),
    ],
)
def test_why_few_signals_cant_tell(windows: int, detectable: float | None, expected: str) -> None:
    study = past(EIGHT, verdict=StudyVerdict.CANT_TELL)
    horizons = {
        days: replace(each, non_overlapping=windows, detectable=detectable) for days, each in study.horizons.items()
    }
    assert expected in told(replace(study, horizons=horizons))


def test_many_signals(golden: Golden) -> None:
    golden("evidence-many.txt", told(past(MANY), "Russell <record>"))


def test_too_few_to_tell(golden: Golden) -> None:
    golden("evidence-few.txt", told(past(EIGHT, verdict=StudyVerdict.CANT_TELL)))


def test_a_difference_is_told_with_what_speaks_for_it() -> None:
    words = told(past(MANY, verdict=StudyVerdict.BELOW))
    assert "→ Below its time: p 0.432, among all tests 0.900, without any one signal at most 0.800.\n" in words


def test_a_rule_that_demands_a_rise(golden: Golden) -> None:
    study = replace(past(MANY, "ALTS"), base=FirstHighs(90, 60))
    facts = EvidenceFacts(study, "Follows", coverage=Coverage(0.66, 60), survivors=Survivors(9, "ALL", 0.55, 0.07))
    golden("evidence-follows.txt", seen(render_evidence(facts)))


def test_a_study_by_what_was_public_at_each_signal(golden: Golden) -> None:
    rose, fell = past(MANY), past(EIGHT, verdict=StudyVerdict.CANT_TELL)
    branches = (Branch("liquidity rose", 42, rose.horizons), Branch("liquidity fell", 8, fell.horizons))
    condition = StudyCondition("liquidity", "NET_LIQUIDITY", 13, "liquidity rose", "liquidity fell")
    facts = EvidenceFacts(past(MANY), "Record", conditions=(ConditionedStudy(condition, branches, 3, 600),))
    golden("evidence-conditions.txt", seen(render_evidence(facts)))
    empty = (Branch("liquidity rose", 0, {}), Branch("liquidity fell", 2, {}))
    words = seen(render_evidence(replace(facts, conditions=(ConditionedStudy(condition, empty, 0, 600),))))
    assert "while liquidity rose: no signal\n• while liquidity fell: 2 signals, none old enough" in words


def test_the_details(golden: Golden) -> None:
    check = ClaimCheck(Measure.RETURN, "BTC", 90)
    claim = ClaimView("It rises.", "commentary", answer=measured(check, past(EIGHT)))
    study = replace(past(EIGHT, notes=("2 firings left out",)), tests=135)
    golden("evidence-details.txt", seen(render_details(EvidenceFacts(study, "Russell <record>", (claim,), "yahoo"))))


def test_the_placebo(golden: Golden) -> None:
    other = tuple(replace(past(EIGHT, verdict=StudyVerdict.CANT_TELL), rule=rule) for rule in (RECORD, TREND))
    golden("evidence-placebo.txt", seen(render_placebo(EvidenceFacts(past(MANY), "Russell record", placebo=other))))
    assert "No bars of SPY to compare with." in seen(render_placebo(EvidenceFacts(past(MANY), "R", placebo=other[1:])))


def test_what_rounds_to_nothing_is_the_same() -> None:
    study = past(MANY)
    horizon = replace(study.horizons[90], excess=-0.004)
    words = told(replace(study, horizons={**study.horizons, 90: horizon}))
    assert "In the median the same as its time (−10 % to +30 %)." in words


def test_no_signal_at_all() -> None:
    assert "No signal yet with a price of BTC after it: nothing to conclude." in told(past([]))
    assert "median" not in told(past([]))


def test_days_without_a_price_are_told_from_signals_too_young() -> None:
    study = replace(past(MANY), due={7: len(MANY)})
    horizons = {days: horizon(days, 0) for days in (7, 30)}
    words = seen(render_details(EvidenceFacts(replace(study, horizons=horizons), "Record")))
    assert f"7 d: no price known after {len(MANY)} signals." in words
    assert "30 d: no signal is so old yet." in words


def test_each_other_verdict_names_its_horizons() -> None:
    mixed = past(MANY)
    above = past(MANY, verdict=StudyVerdict.ABOVE).horizons
    horizons = {days: above[days] if days in (7, 365) else each for days, each in mixed.horizons.items()}
    assert "\n→ Above its time after 7, 365 days\n" in told(replace(mixed, horizons=horizons))


@pytest.mark.parametrize(("p_value", "text"), [(0.0004, "< 0.001"), (0.0005, "0.001"), (0.25, "0.250"), (None, "–")])
def test_a_p_value_is_never_0(p_value: float | None, text: str) -> None:
    assert p_text(p_value) == text


def test_of_many_signals_the_older_are_folded() -> None:
    words = render_details(EvidenceFacts(past(MANY), "Record"))
    head, folded = words.split("Before these")
    assert head.count("3 Jan 1") == 2
    assert folded.count("3 Jan 10") >= 1
    assert "<blockquote expandable>Before these\n<pre>" in words
    assert all(parse_html(page).text for page in html.split(words, 1_000))


@given(
    st.lists(st.lists(st.none() | st.floats(-1, 99), min_size=5, max_size=5), max_size=30),
    st.text(max_size=200),
    st.sampled_from(list(StudyVerdict)),
    st.integers(200, 4_096),
)
@settings(max_examples=25, deadline=None)
def test_whatever_happened_it_can_be_told_in_pages(
    returns: list[list[float | None]], title: str, verdict: StudyVerdict, limit: int
) -> None:
    events = [event(f"{1990 + number}-01-03", each) for number, each in enumerate(returns)]
    facts = EvidenceFacts(past(events, verdict=verdict), title, source=title)
    for words in (render_evidence(facts), render_details(facts), render_placebo(facts)):
        pages = html.split(words, limit)
        assert all(len(parse_html(page).text.encode("utf-16-le")) // 2 <= limit for page in pages)
        told = "".join("".join(html.visible(page).split()) for page in pages)
        assert told == "".join(html.visible(words).split())
        assert columns(words) <= MAX_COLUMNS
    assert len(parse_html(render_evidence(facts)).text.encode("utf-16-le")) // 2 <= CAPTION_UNITS


@given(walks(), st.sets(st.integers(0, 39)))
@settings(max_examples=20, deadline=None)
def test_a_real_study_of_whatever_bars_can_be_told(bars: Bars, fires: set[int]) -> None:
    at = [each for each in sorted(fires) if each < len(bars)]
    since = int(bars.end[0]) if len(bars) else 0
    firings = Signals("r", "IWM", Timeframe.D1, bars.start[at], bars.end[at], since)
    facts = EvidenceFacts(event_study(firings, bars, 2_000_000_000), "Record")
    assert parse_html(render_evidence(facts)).text
    assert parse_html(render_details(facts)).text
    assert len(history_sentence(facts.study).splitlines()) == 1
