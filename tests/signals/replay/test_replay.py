"""Replay against its definition, written again firing by firing."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from bot.signals.bars import Bars
from bot.signals.formula import Frame, Kind, Scope, compile_formula, evaluate
from bot.signals.replay.event import EventKind
from bot.signals.replay.replay import replay, retracted
from bot.signals.replay.rule import Follow, Rule, Trigger
from bot.signals.timeframe import DAY, Timeframe
from tests.signals.price_walks import bars_of, flat, walk

SCOPE = Scope(markets=frozenset({"IWM", "BTC"}), rules=frozenset(), names={"level": Kind.NUMBER})
FIRED, CONFIRMED, HELD = EventKind.FIRED, EventKind.CONFIRMED, EventKind.HELD
FAILED, EXPIRED = EventKind.FAILED, EventKind.EXPIRED
PROVISIONAL, WITHDRAWN, RETRACTED = EventKind.PROVISIONAL, EventKind.WITHDRAWN, EventKind.RETRACTED


def formula(text):
    return None if text is None else compile_formula(text, SCOPE)


def rule_of(when, *, level=None, quiet=3, follow=None, trigger=Trigger.CLOSE, pinned=()):
    bars, confirmed, held, failed = follow or (0, None, None, None)
    window = Follow(bars, confirmed, formula(held), formula(failed)) if follow else None
    return Rule("rule", "IWM", Timeframe.D1, formula(when), formula(level), quiet, trigger, window, pinned)


def told(replayed):
    """Events as (position of the bar, position of the alert's bar, kind)."""
    at = replayed.bars.position
    return [(at(event.bar), at(event.alert.bar), event.kind) for event in replayed.events]


walks = st.builds(walk, st.integers(0, 10**6), st.integers(0, 70), unknown=st.sampled_from([0.0, 0.1]))
rules = st.builds(
    rule_of,
    st.sampled_from(
        [
            "close > 100",
            "open > 99",
            "close > highest(high, 5)[1]",
            "close < lowest(low, 4)[1]",
            "close > sma(close, 8)",
        ]
    ),
    level=st.sampled_from([None, "highest(high, 5)[1]", "lowest(low, 4)[1]"]),
    quiet=st.integers(0, 6),
    follow=st.tuples(
        st.integers(1, 15),
        st.sampled_from([None, 1, 2, 4]),
        st.sampled_from([None, "low <= level + 1 and close > level", "highest(close - level, 3) > 2"]),
        st.sampled_from(
            [
                None,
                "close < level - 1",
                "close < level[2]",
                "ema(close - level, 3) < 0",
                "count(close < level, 3) >= 2",
                "close < sma(close, 8)",
            ]
        ),
    ),
)


# --- the definition, written again firing by firing -----------------------------------------------------------------


def slow_events(rule, frame):
    replayed_truth = evaluate(rule.when, frame)
    levels = evaluate(rule.level, frame) if rule.level else np.full(len(frame.bars), np.nan)
    found, last, ended = [], None, True
    for at, truth in enumerate(replayed_truth):
        if np.isnan(frame.bars.close[at]):
            continue
        if truth == 1:
            if rule.quiet == 0 or last is None or (ended and at - last > rule.quiet):
                found.append((at, at, FIRED))
                found += slow_window(rule, frame, at, float(levels[at]))
            last, ended = at, False
        ended = ended or truth == 0
    order = list(EventKind)
    return sorted(found, key=lambda event: (event[0], event[1], order.index(event[2])))


def slow_window(rule, frame, fire, level):
    follow, close = rule.follow, frame.bars.close
    end = fire + follow.bars
    series = np.full(len(close), np.nan)
    series[fire : end + 1] = level
    seen = frame.with_names({"level": series}, rule.pinned)
    held, failed = (None if each is None else evaluate(each, seen) for each in (follow.held, follow.failed))
    barrier = close[fire] if np.isnan(level) else level
    down = close[fire] < (level if not np.isnan(level) else close[fire - 1] if fire else np.nan)
    found, row = [], 0
    for at in range(fire + 1, len(close)):
        if np.isnan(close[at]):
            continue
        if at > end:
            return [*found, (at, fire, EXPIRED)]
        row = row + 1 if (close[at] < barrier if down else close[at] > barrier) else 0
        if failed is not None and failed[at] == 1:
            return [*found, (at, fire, FAILED)]
        kinds = [kind for _, _, kind in found]
        if row == follow.confirmed and CONFIRMED not in kinds:
            found.append((at, fire, CONFIRMED))
        if held is not None and held[at] == 1 and HELD not in kinds:
            found.append((at, fire, HELD))
        if at == end:
            return [*found, (at, fire, EXPIRED)]
    return found


# --- properties -------------------------------------------------------------------------------------------------------


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
def test_each_thing_happens_once_to_an_alert_and_nothing_after_it_failed(bars, rule):
    replayed = replay(rule, Frame(bars))
    for alert in {event.alert for event in replayed.events}:
        kinds = [event.kind for event in replayed.events if event.alert == alert]
        assert kinds[0] is FIRED
        assert len(set(kinds)) == len(kinds)
        assert not {FAILED, EXPIRED} & set(kinds[:-1])
        assert len({event.level for event in replayed.events if event.alert == alert}) == 1


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


# --- hand-checked -----------------------------------------------------------------------------------------------------

BREAK = rule_of(
    "close > 100 and close[1] <= 100",
    level="100",
    quiet=1,
    follow=(5, 2, "low <= level + 1 and close > level", "close < level - 2"),
)


@pytest.mark.parametrize(
    ("closes", "events"),
    [
        ([99, 103], [(1, 1, FIRED)]),
        ([99, 103, 104, 105], [(1, 1, FIRED), (3, 1, CONFIRMED)]),
        (
            [99, 103, 104, 99, 104, 105, 106],
            [(1, 1, FIRED), (4, 4, FIRED), (5, 1, CONFIRMED), (6, 1, EXPIRED), (6, 4, CONFIRMED)],
        ),
        ([99, 103, 101, 104, 97], [(1, 1, FIRED), (2, 1, HELD), (3, 1, CONFIRMED), (4, 1, FAILED)]),
        ([99, 103, 97, 103], [(1, 1, FIRED), (2, 1, FAILED), (3, 3, FIRED)]),
        ([99, 103, 100, 99, 99, 100, 100], [(1, 1, FIRED), (6, 1, EXPIRED)]),
        ([99, 103, 100, 99, 99, 100, 97], [(1, 1, FIRED), (6, 1, FAILED)]),
        ([99, 103, 104, np.nan, 105], [(1, 1, FIRED), (4, 1, CONFIRMED)]),
    ],
)  # fmt: skip
def test_what_follows_a_break(closes, events):
    assert told(replay(BREAK, Frame(flat(closes)))) == events


def test_an_event_says_where_it_happened_and_keeps_the_level_of_the_firing():
    rule = rule_of("close > highest(high, 2)[1]", level="highest(high, 2)[1]", follow=(4, None, None, "close < level"))
    bars = flat([10, 11, 12, 13, 9])
    fired, failed = replay(rule, Frame(bars)).events
    assert (fired.kind, fired.bar, fired.at, fired.close, fired.level) == (
        FIRED,
        bars.start[2],
        bars.end[2],
        12.0,
        11.0,
    )
    assert (failed.kind, failed.bar, failed.close, failed.level) == (FAILED, bars.start[4], 9.0, 11.0)
    assert failed.alert == fired.alert
    assert str(fired.alert) == "rule/IWM/2020-01-03"


def test_a_break_downwards_is_confirmed_below_its_level():
    rule = rule_of("close < 100", level="100", quiet=9, follow=(5, 2, None, None))
    assert told(replay(rule, Frame(flat([101, 99, 98, 97])))) == [(1, 1, FIRED), (3, 1, CONFIRMED)]


def test_without_a_level_the_close_of_the_firing_is_the_barrier():
    rule = rule_of("close > 100", quiet=9, follow=(5, 2, None, None))
    replayed = replay(rule, Frame(flat([99, 103, 102, 104, 105])))
    assert told(replayed) == [(1, 1, FIRED), (4, 1, CONFIRMED)]
    assert {event.level for event in replayed.events} == {None}


def test_alerts_with_open_windows_each_keep_their_own_level():
    rule = rule_of("close > close[1]", level="close[1]", quiet=1, follow=(9, None, None, "close < level"))
    bars = flat([10, 12, 11.5, 14, 13, 11, 9])
    assert told(replay(rule, Frame(bars))) == [(1, 1, FIRED), (3, 3, FIRED), (5, 3, FAILED), (6, 1, FAILED)]


def test_a_lagged_level_is_not_that_of_an_alert_before():
    rule = rule_of("close > 100", level="close", quiet=1, follow=(2, None, None, "close < level[2]"))
    assert told(replay(rule, Frame(flat([99, 110, 99, 99, 105, 99])))) == [(1, 1, FIRED), (3, 1, FAILED), (4, 4, FIRED)]


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
    assert told(replay(rule, Frame(bars))) == [(0, 0, FIRED), (2, 0, EXPIRED)]
    assert replay(rule, Frame(bars.slice(1, 2))).events == ()
