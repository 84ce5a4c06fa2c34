"""Rules looked at hour by hour: what a bot that looks then would say, and at closes nothing else than without hours."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.signals.formula import Kind, Scope, compile_formula
from bot.signals.hours.forming_days import forming_days
from bot.signals.hours.hourly_replay import Hours, replay_by_hours
from bot.signals.hours.tally import hours_tally
from bot.signals.replay.alert_outcomes import alert_outcomes
from bot.signals.replay.event import EventKind
from bot.signals.replay.rule import Follow, Rule, Trigger
from bot.signals.replay.ruleset import IntradayState, replay_all
from bot.signals.timeframe import Timeframe
from tests.signals.hours.histories import days_made_of, hours_for, sessions_for, without
from tests.signals.replay.slow_replay import times_followed

D1 = Timeframe.D1
SCOPE = Scope(frozenset({"IWM", "SPY", "BTC"}), frozenset({"breaks", "both", "strong", "levels", "closed"}), {})
LEVELED = Scope(SCOPE.markets, SCOPE.rules, {"level": Kind.NUMBER})


def rule_of(name, when, *, trigger=Trigger.INTRADAY, failed=None, market="IWM", **more):
    follow = failed and Follow(8, 2, None, compile_formula(failed, LEVELED))
    return Rule(name, market, D1, compile_formula(when, SCOPE), follow=follow, trigger=trigger, **more)


RULES = [
    rule_of("breaks", "close > highest(high, 5)[1]", quiet=2, failed="close < level"),
    rule_of("both", 'fired("closed", within=3) and close > SPY.close', quiet=0),
    rule_of("strong", "close - open > 0.5 * (high - low) and close > ema(close, 4)", quiet=1),
    rule_of("levels", "close > resistance(left=2, right=2)", quiet=1, failed="close < resistance(left=2, right=2)[1]"),
    rule_of("closed", "close > highest(close, 3)[1]", trigger=Trigger.CLOSE, quiet=1),
]
WATCHED = frozenset(rule.id for rule in RULES)


def world(seed, holes=0.0):
    """Sessions, days and hours of three markets; the days close a little beside the last hour."""
    sessions = {"IWM": sessions_for(40, seed), "SPY": sessions_for(40, seed), "BTC": sessions_for(56, 0, around=True)}
    rng = np.random.default_rng(seed)
    bars, hours = {}, {}
    for number, (name, each) in enumerate(sessions.items()):
        made = hours_for(each, seed + number, market=name)
        bars[name, D1] = days_made_of(made, each)
        first = int(bars[name, D1].start[8])  # hours begin later than days do
        gone = (made.start < first) | (rng.random(len(made)) < holes)
        hours[name] = forming_days(without(made, gone), each)
    return bars, hours


def live(rules, bars, hours, market):
    """What a bot says that looks at the end of each hour, by whole replays."""
    told, found = {rule.id: set() for rule in rules}, []
    for now in hours[market].at.tolist():
        known = {series: each.known_at(now) for series, each in bars.items()}
        forming = {(name, D1): bar for name, each in hours.items() if len(bar := each.after(known[name, D1], now))}
        for id_, done in replay_all(rules, known, IntradayState(forming, told)).items():
            for event in done.intraday_events:
                if event.kind is EventKind.PROVISIONAL:
                    told[id_].add(event.bar)
                    found.append((id_, event.kind, event.bar, event.close, now))
    for id_, done in replay_all(rules, bars, IntradayState({}, told)).items():
        found += [(id_, each.kind, each.bar, each.close, each.at) for each in done.intraday_events]
    return sorted(found)


def of_hours(replays):
    events = [(id_, event) for id_, done in replays.items() for event in done.intraday_events]
    return sorted((id_, event.kind, event.bar, event.close, event.at) for id_, event in events)


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 10_000), holes=st.sampled_from([0.0, 0.1]))
def test_a_bot_that_looks_at_each_hour_says_the_same(seed, holes):
    bars, hours = world(seed, holes)
    found = of_hours(replay_by_hours(RULES, bars, Hours(hours, WATCHED)))
    assert found == live(RULES, bars, hours, "IWM")


def test_follow_ups_are_worked_out_once_and_not_at_each_hour():
    bars, hours = world(3)
    assert times_followed(lambda: replay_by_hours(RULES[:1], bars, Hours(hours, WATCHED))) == 1


def test_there_is_something_to_say():
    bars, hours = world(3)
    kinds = [kind for _, kind, *_ in of_hours(replay_by_hours(RULES, bars, Hours(hours, WATCHED)))]
    assert kinds.count(EventKind.PROVISIONAL) > 10
    assert 3 < kinds.count(EventKind.WITHDRAWN) < kinds.count(EventKind.PROVISIONAL)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000), holes=st.sampled_from([0.0, 0.3]))
def test_what_happens_at_closes_is_the_same_with_hours_and_without(seed, holes):
    bars, hours = world(seed, holes)
    with_hours, without_hours = replay_by_hours(RULES, bars, Hours(hours, WATCHED)), replay_all(RULES, bars)
    for id_, done in with_hours.items():
        assert tuple(each for each in done.events if not each.kind.is_of_forming) == without_hours[id_].events
        assert alert_outcomes(done, done.events) == alert_outcomes(done, without_hours[id_].events)
        order = [(event.bar, event.at) for event in done.events]
        assert order == sorted(order)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000), holes=st.sampled_from([0.0, 0.3]), first=st.integers(0, 39))
def test_the_counts_add_up(seed, holes, first):
    bars, hours = world(seed, holes)
    for done in replay_by_hours(RULES, bars, Hours(hours, WATCHED)).values():
        since = int(done.bars.start[first])
        events = [event for event in done.events if event.bar >= since]
        tally = hours_tally(done, events, hours["IWM"], slice(first, len(done.bars)))
        kinds = [event.kind for event in events]
        assert tally.provisional == kinds.count(EventKind.PROVISIONAL) == tally.fired + tally.withdrawn + tally.open
        assert tally.withdrawn == kinds.count(EventKind.WITHDRAWN)
        looked = set(hours["IWM"].start.tolist())
        firings = [event for event in events if event.kind is EventKind.FIRED and event.bar in looked]
        assert tally.fired + tally.close_only == len(firings)
        assert tally.days == len({start for start in done.bars.start.tolist() if start in looked and start >= since})


def test_rules_that_are_not_watched_and_those_of_closes_say_nothing_between():
    bars, hours = world(3)
    done = replay_by_hours(RULES, bars, Hours(hours, frozenset({"closed", "strong"})))
    assert {id_ for id_, each in done.items() if each.intraday_events} == {"strong"}
    assert not any(each.intraday_events for each in replay_by_hours(RULES, bars, Hours({}, WATCHED)).values())
    only_others = {name: each for name, each in hours.items() if name != "IWM"}
    assert not any(each.intraday_events for each in replay_by_hours(RULES, bars, Hours(only_others, WATCHED)).values())


def test_a_day_that_has_not_closed_leaves_its_provisional_alert_open():
    bars, hours = world(3)
    whole = replay_by_hours(RULES, bars, Hours(hours, WATCHED))
    told = [event for event in whole["breaks"].events if event.kind is EventKind.PROVISIONAL]
    known = {series: each.known_at(told[-1].at) for series, each in bars.items()}
    done = replay_by_hours(RULES, known, Hours(hours, WATCHED))["breaks"]
    assert [each.kind for each in done.events if each.bar >= told[-1].bar] == [EventKind.PROVISIONAL]


def test_hours_after_the_last_day_but_the_next_are_not_looked_at():
    bars, hours = world(3)
    known = {series: each.prefix(20) for series, each in bars.items()}
    last = int(bars["IWM", D1].start[20])
    rule = rule_of("breaks", "close > 0 or close < 0", quiet=0)
    done = replay_by_hours([rule], known, Hours(hours, WATCHED))["breaks"]
    assert max(event.bar for event in done.events) <= last


def test_a_day_after_a_hole_is_not_looked_at():
    bars, hours = world(3)
    start = bars["IWM", D1].start
    holed = {**bars, ("IWM", D1): without(bars["IWM", D1], np.arange(len(start)) == 15)}
    rule = rule_of("breaks", "close > close[1] or close <= close[1]", quiet=0)
    done = replay_by_hours([rule], holed, Hours(hours, WATCHED))["breaks"]
    told = {event.bar for event in done.intraday_events}
    assert start[15] in told  # it forms after the day before; how it closed is not known
    assert start[16] not in told
    assert start[16] in {event.bar for event in done.events}
