"""Alerts counted: against a slow count over the events themselves."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from statistics import median

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.signals.formula import Frame, Kind, Scope, compile_formula
from bot.signals.replay.alert_outcomes import alert_outcomes, events_between, rule_stats
from bot.signals.replay.event import EventKind
from bot.signals.replay.replay import replay
from bot.signals.replay.rule import Follow, Rule
from bot.signals.timeframe import DAY, Timeframe, day_of
from tests.signals.formula.frames import SCOPE
from tests.signals.price_walks import flat, walk

NAMED = Scope(names={"level": Kind.NUMBER})
FOLLOW = Follow(8, 2, compile_formula("low <= level and close > level", NAMED), compile_formula("close < level", NAMED))


def replayed(seed: int, follow: Follow | None = FOLLOW):
    when, level = (compile_formula(text, SCOPE) for text in ("close > highest(close, 9)[1]", "highest(close, 9)[1]"))
    return replay(Rule("r", "IWM", Timeframe.D1, when, level, 2, follow=follow), Frame(walk(seed, 900)))


@given(st.integers(0, 500), st.integers(0, 450), st.integers(450, 899))
@settings(max_examples=40, deadline=None)
def test_counts_are_those_of_the_events(seed: int, first: int, last: int) -> None:
    done = replayed(seed)
    since, until = int(done.bars.start[first]), int(done.bars.start[last])
    events = [event for event in done.events if since <= event.bar <= until]
    assert events_between(done, since, until) == events
    opened = [event.alert.bar for event in events if event.kind is EventKind.FIRED]
    kinds = Counter(event.kind for event in events if event.alert.bar in opened)

    counted = rule_stats(done, events, slice(first, last + 1))
    assert counted.alerts == len(opened)
    assert {kind: count for kind, count in counted.outcomes.items() if count} == {
        kind: count for kind, count in kinds.items() if kind not in {EventKind.FIRED, EventKind.ENDED}
    }
    assert sum(counted.endings.values()) == counted.alerts
    assert counted.endings["stood"] == kinds[EventKind.ENDED]
    assert counted.endings["lost"] == kinds[EventKind.FAILED]
    assert sum(counted.by_year.values()) == counted.alerts
    assert list(counted.by_year) == list(range(day_of(since).year, day_of(until).year + 1))
    gaps = [(b - a) / DAY for a, b in pairwise(opened)]
    assert counted.median_gap_days == (median(gaps) if gaps else None)
    assert counted.years == pytest.approx((last - first + 1) / 365.25)


@given(st.integers(0, 500))
@settings(max_examples=20, deadline=None)
def test_an_outcome_tells_where_each_thing_happened(seed: int) -> None:
    done = replayed(seed)
    for outcome in alert_outcomes(done, done.events):
        of = {event.kind: done.bars.position(event.bar) for event in done.events if event.alert.bar == outcome.bar}
        assert outcome.fired == of[EventKind.FIRED]
        assert outcome.confirmed == of.get(EventKind.CONFIRMED)
        assert outcome.held == of.get(EventKind.HELD)
        assert outcome.ended == of.get(EventKind.FAILED, of.get(EventKind.ENDED))
        moved = outcome.from_bar(10)
        assert moved.fired == outcome.fired - 10
        assert moved.ended == (None if outcome.ended is None else outcome.ended - 10)


def test_a_rule_that_follows_nothing_has_no_outcomes() -> None:
    done = replayed(1, None)
    counted = rule_stats(done, done.events, slice(0, 900))
    assert not counted.followed
    assert (counted.outcomes, counted.endings) == ({}, {})


def test_only_what_is_watched_is_counted() -> None:
    done = replayed(1, Follow(8, None, None, FOLLOW.failed))
    assert set(rule_stats(done, done.events, slice(0, 900)).outcomes) == {EventKind.FAILED}


@given(st.integers(0, 500))
@settings(max_examples=20, deadline=None)
def test_a_run_counts_by_how_it_stands_at_its_end(seed: int) -> None:
    follow = Follow(None, None, None, FOLLOW.failed, resumed=True, milestones=0.01)
    done = replayed(seed, follow)
    counted = rule_stats(done, done.events, slice(0, 900))
    assert sum(counted.endings.values()) == counted.alerts
    outcomes = alert_outcomes(done, done.events)
    for outcome in outcomes:
        kinds = [event.kind for event in done.events if event.alert.bar == outcome.bar]
        decisive = [kind for kind in kinds if kind in {EventKind.FIRED, EventKind.FAILED, EventKind.RESUMED}]
        assert (outcome.ended is None) == (EventKind.ENDED not in kinds) == (outcome.ending is None)
        if outcome.ending is not None:
            assert (outcome.ending is EventKind.FAILED) == (decisive[-1] is EventKind.FAILED)
        assert len(outcome.failures) == kinds.count(EventKind.FAILED)
        assert len(outcome.returns) == kinds.count(EventKind.RESUMED)
        assert len(outcome.milestones) == kinds.count(EventKind.MILESTONE)
        assert outcome.from_bar(10).failures == tuple(at - 10 for at in outcome.failures)
    assert counted.outcomes[EventKind.RESUMED] == sum(bool(outcome.returns) for outcome in outcomes)


def test_no_bars_at_all() -> None:
    when = compile_formula("close > open", SCOPE)
    done = replay(Rule("r", "IWM", Timeframe.D1, when), Frame(flat([])))
    counted = rule_stats(done, [], slice(0, 0))
    assert (counted.alerts, counted.median_gap_days, counted.by_year) == (0, None, {})
    assert counted.per_year != counted.per_year  # nothing per no time is unknown
