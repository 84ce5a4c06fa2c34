"""Rules that build on each other: their order, and what their replays say together."""

from dataclasses import replace
from graphlib import CycleError

import pytest
from numpy.testing import assert_array_equal

from bot.signals.formula import FiredHistory, Scope, compile_formula
from bot.signals.replay.event import EventKind
from bot.signals.replay.rule import Rule, Trigger
from bot.signals.replay.ruleset import IntradayState, replay_all
from bot.signals.timeframe import Timeframe
from tests.signals.price_walks import flat

D1, H1 = Timeframe.D1, Timeframe.H1
SCOPE = Scope(markets=frozenset({"IWM", "BTC"}), rules=frozenset({"first", "second", "third"}), names={})


def rule_of(name, when, *, market="IWM", timeframe=D1, trigger=Trigger.CLOSE):
    return Rule(name, market, timeframe, compile_formula(when, SCOPE), quiet=1, trigger=trigger)


def at(replayed):
    return [replayed.bars.position(event.bar) for event in replayed.events]


IWM = flat([99, 103, 99, 99, 99, 99])
BTC = flat([10, 10, 10, 20, 10, 20], market="BTC")
BREAK = rule_of("first", "close > 100")
FOLLOWS = rule_of("second", 'close > 15 and fired("first", within=3)', market="BTC")
BOTH = rule_of("third", 'fired("second", within=1) and close < 100')


@pytest.mark.parametrize("order", [(BREAK, FOLLOWS, BOTH), (BOTH, FOLLOWS, BREAK)])
def test_rules_are_replayed_after_those_that_they_build_on(order):
    done = replay_all(order, {("IWM", D1): IWM, ("BTC", D1): BTC})
    assert list(done) == ["first", "second", "third"]
    assert {name: at(replayed) for name, replayed in done.items()} == {"first": [1], "second": [3], "third": [3]}


def test_histories_of_rules_that_are_not_replayed_can_be_given():
    before = replay_all([BREAK], {("IWM", D1): IWM})["first"].fired
    done = replay_all([FOLLOWS], {("IWM", D1): IWM, ("BTC", D1): BTC}, fired={"first": before})
    assert at(done["second"]) == [3]
    never = FiredHistory(before.ends, before.fired & False)
    assert at(replay_all([FOLLOWS], {("BTC", D1): BTC}, fired={"first": never})["second"]) == []


def test_a_circle_is_refused():
    rules = [rule_of("first", 'fired("second", within=1)'), rule_of("second", 'fired("first", within=1)')]
    with pytest.raises(CycleError):
        replay_all(rules, {("IWM", D1): IWM})


def test_a_rule_whose_market_has_no_bars_has_an_empty_replay_and_stops_no_other():
    done = replay_all([FOLLOWS, BREAK], {("IWM", D1): IWM})
    assert done["second"].events == ()
    assert len(done["second"].truth) == 0
    assert at(done["first"]) == [1]


def test_other_markets_are_joined_from_the_own_timeframe_or_else_from_daily_bars():
    rule = rule_of("first", "close > 100 and BTC.close > 15")
    done = replay_all([rule], {("IWM", D1): IWM, ("BTC", D1): flat([1, 16, 1], market="BTC")})
    assert at(done["first"]) == [1]
    hourly = rule_of("first", "BTC.close > 15", timeframe=H1)
    done = replay_all([hourly], {("IWM", H1): IWM, ("BTC", D1): BTC})
    assert_array_equal(done["first"].truth, [0, 0, 0, 1, 0, 1])


def test_live_markets_reach_intraday_rules_only():
    rules = [rule_of("first", "close > 100", trigger=Trigger.INTRADAY), rule_of("second", "close > 100")]
    live = IntradayState({("IWM", D1): flat([99, 99, 103]).slice(2, 3)})
    done = replay_all(rules, {("IWM", D1): flat([99, 99])}, live)
    assert [event.kind for event in done["first"].events] == [EventKind.PROVISIONAL]
    assert done["second"].events == ()
    told = IntradayState(live.forming, {"first": {done["first"].events[0].bar}})
    assert replay_all(rules, {("IWM", D1): flat([99, 99])}, told)["first"].events == ()


def test_a_forming_bar_is_compared_with_the_forming_bar_of_another_market():
    rule = rule_of("first", "close > 100 and BTC.close > 50", trigger=Trigger.INTRADAY)
    markets = {("IWM", D1): flat([99, 99]), ("BTC", D1): flat([60, 60], market="BTC")}
    iwm, btc = flat([99, 99, 103]).slice(2, 3), flat([60, 60, 40], market="BTC").slice(2, 3)
    assert len(replay_all([rule], markets, IntradayState({("IWM", D1): iwm}))["first"].events) == 1
    assert replay_all([rule], markets, IntradayState({("IWM", D1): iwm, ("BTC", D1): btc}))["first"].events == ()


def test_a_forming_daily_bar_is_not_mixed_into_hourly_ones():
    rule = Rule("first", "IWM", H1, compile_formula("close > 100 and BTC.close > 50", SCOPE), trigger=Trigger.INTRADAY)
    btc = flat([60, 60], market="BTC")
    markets = {("IWM", H1): replace(flat([99, 99]), timeframe=H1), ("BTC", H1): replace(btc, timeframe=H1)}
    iwm, wrong = replace(flat([99, 99, 103]).slice(2, 3), timeframe=H1), flat([60, 60, 40], market="BTC").slice(2, 3)
    done = replay_all([rule], markets, IntradayState({("IWM", H1): iwm, ("BTC", D1): wrong}))
    assert [event.kind for event in done["first"].events] == [EventKind.PROVISIONAL]


def test_one_frame_serves_all_rules_of_a_market_yet_each_sees_its_own_pinned_levels():
    pins = {"first": (100.5,), "second": (102.5,), "third": ()}
    when = compile_formula("close > resistance(touches=2)", SCOPE)
    rules = [Rule(name, "IWM", D1, when, pinned=pinned) for name, pinned in pins.items()]
    done = replay_all(rules, {("IWM", D1): flat([99, 100, 101, 102, 103])})
    assert {name: at(replayed) for name, replayed in done.items()} == {"first": [2], "second": [4], "third": []}
