"""What several rules ask for is computed once, whoever replays them: counted over the calls that are really made."""

import sys
from collections import Counter
from dataclasses import replace

from bot.signals.formula import Kind, Scope, compile_formula
from bot.signals.indicators import smoothing, statistics, windows
from bot.signals.levels import levels
from bot.signals.replay.incremental import replay_recent
from bot.signals.replay.rule import Follow, Rule, Trigger
from bot.signals.replay.ruleset import IntradayState, replay_all
from bot.signals.timeframe import Timeframe
from tests.signals import price_walks

D1 = Timeframe.D1
SCOPE = Scope(frozenset({"IWM", "BTC"}), frozenset(), {"level": Kind.NUMBER})


def rule_of(name, when, *, level=None, failed=None, trigger=Trigger.CLOSE):
    follow = Follow(20, 2, None, compile_formula(failed, SCOPE)) if failed else None
    return Rule(
        name, "IWM", D1, compile_formula(when, SCOPE), level and compile_formula(level, SCOPE), 5, trigger, follow
    )


RULES = [
    rule_of("a", "high > highest(high, 252)[1]", level="highest(high, 252)[1]", failed="close < level - atr(14)"),
    rule_of(
        "b", "close > highest(high, 252)[1] + 0.1 * atr(14)", failed="close < level or close < 0.9 * highest(high, 252)"
    ),
    rule_of("c", "close < highest(high, 252) - 2 * atr(14)", failed="high > highest(high, 252)[1] - atr(14)"),
    rule_of(
        "d", "close > resistance(touches=2)", level="resistance(touches=2)", failed="close < resistance() - atr(14)"
    ),
    rule_of("e", "close < support(touches=3) - atr(14)", level="support(touches=3)", failed="close > level"),
]


def calls(run, *functions):
    """How often each function is called while something runs."""
    wanted = {function.__code__: function.__name__ for function in functions}
    found = Counter()

    def see(frame, event, _):
        if event == "call" and frame.f_code in wanted:
            found[wanted[frame.f_code]] += 1

    sys.setprofile(see)
    try:
        run()
    finally:
        sys.setprofile(None)
    return found


def world(seed):
    return {("IWM", D1): price_walks.walk(seed, 600), ("BTC", D1): price_walks.walk(seed + 1, 600, market="BTC")}


COUNTED = (windows.highest, smoothing.atr, levels.resistance, levels.support)


def test_a_whole_replay_computes_it_once():
    found = calls(lambda: replay_all(RULES, world(1)), *COUNTED, levels.walk_to_end)
    assert found == {"highest": 1, "atr": 2, "resistance": 1, "support": 1, "walk_to_end": 1}  # one atr is the walk's


def test_a_look_at_a_new_bar_computes_it_once():
    bars = world(2)
    after = {rule.id: int(bars["IWM", D1].start[-2]) for rule in RULES}
    found = calls(lambda: replay_recent(RULES, bars, after), *COUNTED, levels.walk_to_end)
    assert found == {"highest": 1, "atr": 2, "resistance": 1, "support": 1, "walk_to_end": 1}


def test_a_forming_bar_adds_one_computation_for_all_rules():
    bars = world(3)
    rules = [replace(rule, trigger=Trigger.INTRADAY) for rule in RULES]
    closed = {series: each.prefix(599) for series, each in bars.items()}
    live = IntradayState({series: each.slice(599, 600) for series, each in bars.items()})
    found = calls(lambda: replay_all(rules, closed, live), windows.highest, levels.resistance)
    assert found == {"highest": 2, "resistance": 2}


def test_windows_of_several_lengths_share_what_they_are_put_together_of():
    rules = [
        rule_of("short", "close > sma(close, 20) + stdev(close, 20)"),
        rule_of("long", "close > sma(close, 50) + stdev(close, 50)", failed="close < sma(close, 10)"),
        rule_of("bands", "close > bollinger(close, 20, 2)", failed="zscore(close, 30) < 0"),
        rule_of("other", "correlation(close, BTC.close, 20) > beta(close, BTC.close, 40)"),
        rule_of("their-own", "BTC.close > sma(BTC.close, 20)", failed="BTC.close < sma(BTC.close, 40)"),
    ]
    found = calls(lambda: replay_all(rules, world(4)), windows.means, windows.spreads, statistics.pairs)
    assert found == {"means": 2, "spreads": 1, "pairs": 1}
