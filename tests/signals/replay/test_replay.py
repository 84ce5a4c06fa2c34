"""Replay against its definition, and small histories that are checked by hand."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from bot.signals.bars import Bars
from bot.signals.formula import Frame
from bot.signals.replay.replay import replay, retracted
from bot.signals.replay.rule import Trigger
from bot.signals.timeframe import DAY, Timeframe
from tests.signals.price_walks import bars_of, flat, walk
from tests.signals.replay.slow_replay import (
    CONFIRMED,
    ENDED,
    FAILED,
    FIRED,
    HELD,
    PROVISIONAL,
    RESUMED,
    RETRACTED,
    WITHDRAWN,
    formula,
    rule_of,
    rules,
    slow_events,
    times_followed,
    told,
    walks,
)


@settings(max_examples=100, deadline=None)
@given(walks, rules)
def test_events_are_those_of_the_slow_loop(bars, rule):
    assert told(replay(rule, Frame(bars))) == slow_events(rule, Frame(bars))


@settings(max_examples=25, deadline=None)
@given(walks, rules)
def test_bar_by_bar_is_the_backtest_event_for_event(bars, rule):
    live = []
    for count in range(len(bars) + 1):
        seen = replay(rule, Frame(bars.prefix(count))).events
        assert list(seen[: len(live)]) == live
        assert all(event.bar == bars.start[count - 1] for event in seen[len(live) :])
        live = list(seen)
    assert live == list(replay(rule, Frame(bars)).events)


@settings(max_examples=40, deadline=None)
@given(walks, rules)
def test_replaying_again_changes_nothing_and_no_input_is_touched(bars, rule):
    before = bars.close.copy()
    frame = Frame(bars)
    first = replay(rule, frame)
    assert replay(rule, frame).events == first.events
    assert retracted(first.events, first, 0) == ()
    assert_array_equal(bars.close, before)
    assert_array_equal(np.flatnonzero(first.fired.fired), first.fires)


@settings(max_examples=30, deadline=None)
@given(walks, rules, st.integers(-1, 75), st.integers(-1, 75))
def test_the_events_between_two_bars_are_those_of_all_events(bars, rule, after, upto):
    starts = [int(bars.start[0]) - DAY, *bars.start.tolist(), int(bars.start[-1]) + DAY] if len(bars) else [0]
    low, high = starts[min(after, len(starts) - 1)], starts[min(upto, len(starts) - 1)]
    replayed = replay(rule, Frame(bars), None, set(bars.start[::3].tolist()))
    assert list(replayed.between(low, high)) == [event for event in replayed.events if low < event.bar <= high]


@settings(max_examples=60, deadline=None)
@given(walks, rules)
def test_each_alert_is_told_from_its_firing_to_its_end(bars, rule):
    replayed = replay(rule, Frame(bars))
    for alert in {event.alert for event in replayed.events}:
        kinds = [event.kind for event in replayed.events if event.alert == alert]
        assert kinds[0] is FIRED
        assert len([kind for kind in kinds if kind in {FIRED, CONFIRMED, HELD, ENDED}]) == len(
            {FIRED, CONFIRMED, HELD, ENDED} & set(kinds)
        )
        assert ENDED not in kinds[:-1]
        run = [kind for kind in kinds if kind in {FAILED, RESUMED}]
        assert run == ([FAILED, RESUMED] * len(run))[: len(run)]
        assert rule.follow.resumed or FAILED not in kinds[:-1]
        assert len({event.level for event in replayed.events if event.alert == alert}) == 1


records = st.builds(
    rule_of,
    st.sampled_from(["close > highest(high, 20)[1]", "close > 100", "since(close > highest(close, 9)[1]) == 0"]),
    level=st.sampled_from([None, "highest(high, 20)[1]"]),
    quiet=st.integers(1, 30),
    follow=st.tuples(
        st.one_of(st.none(), st.integers(1, 30)),
        st.none(),
        st.none(),
        st.sampled_from(["close < level - 1", "close < sma(close, 8)"]),
        st.just(True),
        st.sampled_from([None, 0.01]),
    ),
)
long_walks = st.builds(walk, st.integers(0, 10**6), st.integers(0, 400), unknown=st.sampled_from([0.0, 0.1]))


@settings(max_examples=60, deadline=None)
@example(
    walk(410343, 398, unknown=0.1),
    rule_of("close > 100", quiet=1, follow=(30, None, None, "close < sma(close, 8)", True, None)),
)
@given(long_walks, records)
def test_failed_is_never_the_last_word_above_a_later_yes(bars, rule):
    replayed = replay(rule, Frame(bars))
    events, word = {}, None
    for at, _, kind in told(replayed):
        events.setdefault(at, []).append(kind)
    for at in range(len(bars)):
        kinds = events.get(at, [])
        if replayed.truth[at] == 1 and word is FAILED:
            assert {FIRED, RESUMED} & set(kinds)  # beside the end, perhaps, of an older alert's window
        word = next((kind for kind in reversed(kinds) if kind in {FIRED, FAILED, RESUMED}), word)


@settings(max_examples=60, deadline=None)
@given(long_walks, records)
def test_an_alert_fails_and_comes_back_once_in_ten_bars_at_most(bars, rule):
    replayed = replay(rule, Frame(bars))
    for fire in replayed.fires.tolist():
        failures = [at for at, alert, kind in told(replayed) if kind is FAILED and alert == fire]
        assert all(after - before >= 10 for before, after in pairwise(failures))


@settings(max_examples=20, deadline=None)
@given(walks, rules, st.randoms(use_true_random=False))
def test_what_was_provisional_is_fired_or_withdrawn_when_its_bar_closes(bars, rule, random):
    rule = replace(rule, trigger=Trigger.INTRADAY)
    waiting, kinds = set(), {}
    for count in range(len(bars)):
        for _ in range(2):  # two looks at the bar while it forms
            rough = bars.slice(count, count + 1)
            now = np.array([100.0 + random.randint(-6, 6)])
            forming = replace(rough, high=np.fmax(rough.high, now), low=np.fmin(rough.low, now), close=now)
            seen = replay(rule, Frame(bars.prefix(count)), forming, waiting)
            new = [event for event in seen.events if event.kind is PROVISIONAL]
            assert not {event.bar for event in new} & waiting
            assert all(event.bar == bars.start[count] and event.alert.bar == event.bar for event in new)
            waiting |= {event.bar for event in new}
            for event in new:
                kinds[event.bar] = [PROVISIONAL]
        closed = replay(rule, Frame(bars.prefix(count + 1)), None, waiting)
        for event in closed.events:
            if event.bar == bars.start[count] and event.bar in waiting and event.alert.bar == event.bar:
                kinds[event.bar].append(event.kind)
        truth = closed.truth[count]
        if bars.start[count] in waiting and not np.isnan(truth):
            fired = count in closed.fires
            assert kinds[bars.start[count]][:2] == [PROVISIONAL, FIRED if fired else WITHDRAWN]


def test_a_look_at_a_forming_bar_works_out_no_follow_ups():
    bars = walk(3, 301)
    breaks = rule_of(
        "close > highest(high, 5)[1]",
        level="highest(high, 5)[1]",
        quiet=1,
        follow=(20, None, None, "value_when(close < level, low) < level - 30"),
    )

    rule = replace(breaks, trigger=Trigger.INTRADAY)
    assert times_followed(lambda: replay(rule, Frame(bars.prefix(300)), bars.slice(300, 301))) == 1


BREAK = rule_of(
    "close > 100 and close[1] <= 100",
    level="100",
    quiet=1,
    follow=(5, 2, "low <= level + 1 and close > level", "close < level - 2"),
)


def test_a_rule_over_no_bars_says_nothing():
    replayed = replay(BREAK, Frame(Bars.empty("IWM", Timeframe.D1)))
    assert replayed.events == ()
    assert replayed.fired.ends.shape == replayed.fired.fired.shape == (0,)
    intraday = replace(BREAK, when=formula("close > 100"), level=None, trigger=Trigger.INTRADAY)
    assert [e.kind for e in replay(intraday, Frame(Bars.empty("IWM", Timeframe.D1)), flat([103])).events] == [
        PROVISIONAL
    ]


def test_the_pinned_levels_of_the_rule_count():
    rule = rule_of("close > resistance(touches=2)", level="resistance(touches=2)", pinned=(102.5,))
    (fired,) = replay(rule, Frame(flat([100, 101, 103, 104]))).events
    assert (fired.close, fired.level) == (103.0, 102.5)


INTRADAY = replace(rule_of("close > 100", quiet=1), trigger=Trigger.INTRADAY)


def test_a_forming_bar_is_told_once_and_only_by_an_intraday_rule():
    closed, forming = flat([99, 103]).prefix(1), flat([99, 103]).slice(1, 2)
    (event,) = replay(INTRADAY, Frame(closed), forming).events
    assert (event.kind, event.bar, event.close) == (PROVISIONAL, forming.start[0], 103.0)
    assert replay(INTRADAY, Frame(closed), forming, {event.bar}).events == ()
    assert replay(replace(INTRADAY, trigger=Trigger.CLOSE), Frame(closed), forming).events == ()


def test_a_bar_that_has_closed_is_no_longer_forming():
    bars = flat([99, 99.5])
    assert replay(INTRADAY, Frame(bars), flat([99, 103]).slice(1, 2)).events == ()


def test_a_provisional_firing_stays_open_while_its_bar_is_missing_or_unknown():
    told_at = {int(flat([99, 103]).start[1])}
    assert replay(INTRADAY, Frame(flat([99])), None, told_at).events == ()
    assert replay(INTRADAY, Frame(flat([99, np.nan])), None, told_at).events == ()
    (event,) = replay(INTRADAY, Frame(flat([99, 98])), None, told_at).events
    assert (event.kind, event.close) == (WITHDRAWN, 98.0)


def test_a_corrected_bar_retracts_the_firing_that_it_undoes_once():
    rule = rule_of("close > 100", level="100", quiet=1)
    stored = replay(rule, Frame(flat([99, 103, 99, 104]))).events
    corrected = replay(rule, Frame(flat([99, 99.5, 99, 104])))
    (event,) = retracted(stored, corrected, 0)
    assert (event.kind, event.bar, event.close, event.level) == (RETRACTED, stored[0].bar, 99.5, 100.0)
    assert retracted([*stored, event], corrected, 0) == ()
    assert retracted(stored, corrected, int(stored[1].bar)) == ()


@pytest.mark.parametrize("closes", [[99], [99, np.nan], [99, 105]])
def test_nothing_is_retracted_that_the_bars_do_not_refute(closes):
    stored = replay(INTRADAY, Frame(flat([99, 103]))).events
    assert retracted(stored, replay(INTRADAY, Frame(flat(closes))), 0) == ()


def test_other_markets_are_seen_as_known_at_the_close():
    rule = rule_of("close > 100 and BTC.close > 50")
    btc = flat([60, 40, 60], market="BTC")
    assert told(replay(rule, Frame(flat([99, 103, 104]), others={"BTC": btc}))) == [(2, 2, FIRED)]
    assert replay(rule, Frame(flat([99, 103, 104]))).events == ()


def test_nothing_happens_at_a_bar_without_a_close():
    bars = bars_of([103] * 4, [99] * 4, [101, np.nan, 101, 101])
    rule = rule_of("high > 100", follow=(1, None, None, None))
    assert told(replay(rule, Frame(bars))) == [(0, 0, FIRED), (2, 0, ENDED)]
    assert replay(rule, Frame(bars.slice(1, 2))).events == ()
