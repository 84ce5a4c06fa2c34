"""Replay against its definition, written again firing by firing."""

from dataclasses import replace
from itertools import pairwise

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
FAILED, RESUMED, MILESTONE, ENDED = EventKind.FAILED, EventKind.RESUMED, EventKind.MILESTONE, EventKind.ENDED
PROVISIONAL, WITHDRAWN, RETRACTED = EventKind.PROVISIONAL, EventKind.WITHDRAWN, EventKind.RETRACTED


def formula(text):
    return None if text is None else compile_formula(text, SCOPE)


def rule_of(when, *, level=None, quiet=3, follow=None, trigger=Trigger.CLOSE, pinned=()):
    bars, confirmed, held, failed, *run = follow or (0, None, None, None)
    window = Follow(bars, confirmed, formula(held), formula(failed), *run) if follow else None
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
        st.one_of(st.none(), st.integers(1, 15)),
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
        st.booleans(),
        st.sampled_from([None, 0.01, 0.025]),
    ),
)


# --- the definition, written again firing by firing -----------------------------------------------------------------


def slow_events(rule, frame):
    truth = np.where(np.isnan(frame.bars.close), np.nan, evaluate(rule.when, frame))
    levels = evaluate(rule.level, frame) if rule.level else np.full(len(frame.bars), np.nan)
    found, last, ended = [], None, True
    for at, value in enumerate(truth):
        if value == 1:
            if rule.quiet == 0 or last is None or (ended and at - last > rule.quiet):
                found.append((at, at, FIRED))
                found += SlowStory(rule, frame, truth, at, float(levels[at])).told()
            last, ended = at, False
        ended = ended or value == 0
    order = list(EventKind)
    return sorted(found, key=lambda event: (event[0], event[1], order.index(event[2])))


class SlowStory:
    """What follows one firing, bar by bar."""

    def __init__(self, rule, frame, truth, fire, level):
        self.rule, self.follow, self.truth, self.fire = rule, rule.follow, truth, fire
        self.close = frame.bars.close
        self.last_yes, self.no_since, self.over_at = fire, False, None
        self.stands, self.failed_at, self.row, self.kinds = True, None, 0, []
        before = self.close[fire - 1] if fire else np.nan
        self.barrier = self.close[fire] if np.isnan(level) else level
        self.down = self.close[fire] < (before if np.isnan(level) else level)
        self.step = max(self.steps(fire), 0)
        self.held, self.failed = self.formulas(frame, level)

    def formulas(self, frame, level):
        values = [None, None]
        for at in range(len(self.close)):  # as if each bar were the last one that is known
            self.pass_over(at)
        last = self.over_at if self.follow.bars is None else self.fire + self.follow.bars
        series = np.full(len(self.close), np.nan)
        series[self.fire : len(self.close) if last is None else last + 1] = level
        seen = frame.with_names({"level": series}, self.rule.pinned)
        values = [each and evaluate(each, seen) for each in (self.follow.held, self.follow.failed)]
        self.last_yes, self.no_since, self.over_at = self.fire, False, None
        return values

    def pass_over(self, at):
        """Note whether the episode lives; yes at a bar is of another one where it fires anew."""
        if at <= self.fire or self.over_at is not None:
            return
        quiet = self.rule.quiet
        if self.truth[at] == 1:
            if quiet == 0 or (self.no_since and at - self.last_yes > quiet):
                self.over_at = at
            else:
                self.last_yes, self.no_since = at, False
        elif self.truth[at] == 0:
            self.no_since = True
            if at - self.last_yes >= max(quiet, 1):
                self.over_at = at

    def steps(self, at):
        if self.follow.milestones is None or not self.barrier > 0 or np.isnan(self.close[at]):
            return 0
        ratio = self.close[at] / self.barrier - 1
        return int(np.floor((-ratio if self.down else ratio) / self.follow.milestones + 1e-9))

    def told(self):
        found = []
        for at in range(self.fire + 1, len(self.close)):
            self.pass_over(at)
            if np.isnan(self.close[at]):
                continue
            kinds = list(self.at(at))
            found += [(at, self.fire, kind) for kind in kinds]
            self.kinds += kinds
            if ENDED in kinds or (FAILED in kinds and not self.follow.resumed):
                break
        return found

    def at(self, at):
        over, last = self.over_at is not None, self.fire + (self.follow.bars or 0)
        closed = over if self.follow.bars is None else at >= last
        inside = self.over_at in {None, at} if self.follow.bars is None else at <= last
        close = self.close[at]
        self.row = self.row + 1 if (close < self.barrier if self.down else close > self.barrier) else 0
        if self.stands and inside and self.fails(at):
            self.stands, self.failed_at = False, at
            yield FAILED
            if self.follow.resumed and closed and over:
                yield ENDED
            return
        if not self.stands and self.truth[at] == 1 and not over:
            self.stands = True
            yield RESUMED
        if self.stands and inside:
            yield from self.inside(at)
        if closed and (self.stands or over):
            yield ENDED

    def fails(self, at):
        lately = self.follow.resumed and self.failed_at is not None and at - self.failed_at < 10
        return self.failed is not None and self.failed[at] == 1 and not lately

    def inside(self, at):
        if FAILED not in self.kinds:
            if self.row == self.follow.confirmed and CONFIRMED not in self.kinds:
                yield CONFIRMED
            if self.held is not None and self.held[at] == 1 and HELD not in self.kinds:
                yield HELD
        if self.steps(at) > self.step:
            self.step = self.steps(at)
            yield MILESTONE


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
@given(long_walks, records)
def test_failed_is_never_the_last_word_above_a_later_yes(bars, rule):
    replayed = replay(rule, Frame(bars))
    events, word = {}, None
    for at, _, kind in told(replayed):
        events.setdefault(at, []).append(kind)
    for at in range(len(bars)):
        kinds = events.get(at, [])
        if replayed.truth[at] == 1 and word is FAILED:
            assert kinds[0] is RESUMED or FIRED in kinds
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
            [(1, 1, FIRED), (4, 4, FIRED), (5, 1, CONFIRMED), (6, 1, ENDED), (6, 4, CONFIRMED)],
        ),
        ([99, 103, 101, 104, 97], [(1, 1, FIRED), (2, 1, HELD), (3, 1, CONFIRMED), (4, 1, FAILED)]),
        ([99, 103, 97, 103], [(1, 1, FIRED), (2, 1, FAILED), (3, 3, FIRED)]),
        ([99, 103, 100, 99, 99, 100, 100], [(1, 1, FIRED), (6, 1, ENDED)]),
        ([99, 103, 100, 99, 99, 100, 97], [(1, 1, FIRED), (6, 1, FAILED)]),
        ([99, 103, 104, np.nan, 105], [(1, 1, FIRED), (4, 1, CONFIRMED)]),
    ],
)  # fmt: skip
def test_what_follows_a_break(closes, events):
    assert told(replay(BREAK, Frame(flat(closes)))) == events


RUN = rule_of(
    "close > highest(close, 2)[1]",
    level="highest(close, 2)[1]",
    quiet=3,
    follow=(None, None, None, "close < level - 1", True, 0.1),
)
"""A record of three bars: after two closes of 100 it has the level 100."""


@pytest.mark.parametrize(
    ("closes", "events"),
    [
        ([101], [(2, 2, FIRED)]),
        ([101, 98, 102], [(2, 2, FIRED), (3, 2, FAILED), (4, 2, RESUMED)]),
        ([101, 98, 97, 96, 95], [(2, 2, FIRED), (3, 2, FAILED), (5, 2, ENDED)]),
        ([101, 100, 99, 99.5], [(2, 2, FIRED), (5, 2, ENDED)]),
        ([101, 98, 102, 98, 99, 103], [(2, 2, FIRED), (3, 2, FAILED), (4, 2, RESUMED)]),
        ([109, 111, 112, 119, 121], [(2, 2, FIRED), (3, 2, MILESTONE), (6, 2, MILESTONE)]),
        ([111, 112, 135], [(2, 2, FIRED), (4, 2, MILESTONE)]),
        ([101, 98, 115, 99], [(2, 2, FIRED), (3, 2, FAILED), (4, 2, RESUMED), (4, 2, MILESTONE)]),
    ],
)
def test_a_run_fails_comes_back_takes_steps_and_ends(closes, events):
    assert told(replay(RUN, Frame(flat([100, 100, *closes])))) == events


def test_a_second_failure_is_told_ten_bars_after_the_first():
    closes = [100, 100, 101, 98, 102, 98, 103, 104, 105, 106, 107, 108, 109, 98, 110]
    events = [(2, 2, FIRED), (3, 2, FAILED), (4, 2, RESUMED), (13, 2, FAILED), (14, 2, RESUMED)]
    run = replace(RUN, follow=replace(RUN.follow, milestones=None))
    assert told(replay(run, Frame(flat(closes)))) == events


def test_a_window_of_bars_waits_for_the_return_while_its_episode_lives():
    rule = replace(RUN, follow=replace(RUN.follow, bars=2), quiet=5)
    start = [100, 100, 101, 98, 97]
    came_back = [(2, 2, FIRED), (3, 2, FAILED), (6, 2, RESUMED), (6, 2, ENDED)]
    assert told(replay(rule, Frame(flat([*start, 97, 97.5])))) == came_back
    assert told(replay(rule, Frame(flat([*start, 96, 95, 94])))) == [(2, 2, FIRED), (3, 2, FAILED), (7, 2, ENDED)]


def test_a_run_downwards_takes_its_steps_downwards():
    rule = rule_of(
        "close < lowest(close, 2)[1]",
        level="lowest(close, 2)[1]",
        quiet=9,
        follow=(None, None, None, "close > level + 1", True, 0.1),
    )
    events = [(2, 2, FIRED), (3, 2, MILESTONE), (4, 2, FAILED), (5, 2, RESUMED)]
    assert told(replay(rule, Frame(flat([100, 100, 99, 89, 103, 88])))) == events


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
    assert told(replay(rule, Frame(bars))) == [(0, 0, FIRED), (2, 0, ENDED)]
    assert replay(rule, Frame(bars.slice(1, 2))).events == ()
