"""The newest events replayed incrementally are those of the whole replay."""

from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.rulebook.book import load_book
from bot.signals.formula import Frame, Kind, Scope, compile_formula, evaluate
from bot.signals.replay import incremental
from bot.signals.replay.event import EventKind
from bot.signals.replay.incremental import replay_recent
from bot.signals.replay.rule import Follow, Rule, Trigger
from bot.signals.replay.ruleset import IntradayState, replay_all
from bot.signals.timeframe import Timeframe
from tests.signals.price_walks import bars_of, flat, walk

D1 = Timeframe.D1
EVER = 2**40
MARKETS = frozenset({"RUT", "IWM", "IWN", "SPY", "BTC", "ETH", "ALTS"})
SCOPE = Scope(MARKETS, frozenset({"breaks", "other", "deep", "bare"}), {})
LEVELED = Scope(MARKETS, SCOPE.rules, {"level": Kind.NUMBER})


def rule_of(name, when, *, level=None, held=None, failed=None, bars=12, resumed=False, milestones=None, **more):
    formulas = (text and compile_formula(text, LEVELED) for text in (held, failed))
    follow = Follow(bars, 3, *formulas, resumed, milestones)
    level = level and compile_formula(level, SCOPE)
    return Rule(name, "IWM", D1, compile_formula(when, SCOPE), level, follow=follow, **more)


RULES = [
    rule_of("breaks", "close > highest(close, 15)[1]", level="highest(close, 15)[1]", failed="close < level", quiet=5),
    rule_of("other", "close > sma(close, 9) + stdev(close, 9)", held="low < level", level="sma(close, 9)", quiet=0),
    rule_of("deep", "crosses_above(ema(close, 5), ema(close, 12)) and rsi(close, 4) > 40", failed="close < atr(3)"),
    rule_of(
        "levels", "close > resistance(left=3, right=3)", level="resistance(left=3, right=3)", failed="close < level[1]"
    ),
    rule_of("pinned", "close > resistance(left=3, right=3)", pinned=(99.0, 103.0), quiet=20),
    rule_of("records", "since(close > highest(close, 30)[1])[1] > 10 and close > highest(close, all)[1]", quiet=9),
    rule_of("chained", 'fired("breaks", within=5) and fired("other", within=3)', quiet=3),
    rule_of("asks-all", 'since(fired("other", within=2)) > 6', quiet=3),
    rule_of("windowed", "zscore(close, 21) > 1", level="close", failed="highest(close - level, 4) < 0", bars=30),
    rule_of("endless", "percentile(close, 25) > 80", level="close", failed="since(close > level or open > 0) == 3"),
    rule_of("joined", "correlation(change(close), change(BTC.close), 10) > 0.3 and BTC.close > sma(BTC.close, 20)"),
    rule_of("rare", "count(close > close[1], 8) >= 6 and not first(close < open, 4)", quiet=40, bars=60),
    rule_of(
        "run",
        "close > highest(close, 30)[1]",
        level="highest(close, 30)[1]",
        failed="close < level - 0.5",
        bars=None,
        resumed=True,
        milestones=0.01,
        quiet=15,
    ),
    rule_of("episode", "close > sma(close, 40)", failed="close < level", level="close", bars=None, quiet=25),
    rule_of("comes-back", "close > close[1]", failed="close < close[2]", bars=4, resumed=True, quiet=9),
    rule_of("chained-run", 'fired("other", within=4)', failed="close < close[3]", bars=None, resumed=True, quiet=6),
    rule_of(
        "slow-run", "close > highest(close, 60)[1]", failed="close < sma(close, 9)", bars=None, resumed=True, quiet=60
    ),
    Rule("after-bare", "IWM", D1, compile_formula('fired("bare", within=30) and close > close[1]', SCOPE), quiet=1),
    Rule("bare", "IWM", D1, compile_formula("change(close, 3) < -0.005", SCOPE), quiet=2),
]


@cache
def shipped():
    book = load_book(Path(__file__).parents[3] / "rules", MARKETS | {"VIX"})
    return [written.rule for written in book.rules.values()]


def world(seed, count, unknown):
    return {
        (name, D1): walk(seed + number, count, unknown=unknown, rounded=False, market=name)
        for number, name in enumerate(sorted(MARKETS))
    }


def told(replays, after):
    return {rule_id: replays[rule_id].between(bar, EVER) for rule_id, bar in after.items()}


@pytest.fixture(autouse=True)
def endings_as_short_as_can_be(monkeypatch):
    monkeypatch.setattr(incremental, "shared_length", int)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), unknown=st.sampled_from([0.0, 0.03, 0.3]), back=st.integers(1, 500), data=st.data())
def test_the_newest_events_are_those_of_the_whole_replay(seed, unknown, back, data):
    bars = world(seed, 700, unknown)
    rules = data.draw(st.sampled_from([RULES, shipped()]))
    asked = data.draw(st.lists(st.sampled_from(rules), min_size=1, unique=True))
    starts = {rule.id: int(bars["IWM", D1].start[-min(back + at % 3, 700)]) for at, rule in enumerate(asked)}
    assert told(replay_recent(rules, bars, starts), starts) == told(replay_all(rules, bars), starts)


@pytest.mark.parametrize("unknown", [0.0, 0.1])
def test_bar_by_bar_they_add_up_to_the_whole_replay(unknown):
    bars = world(11, 420, unknown)
    start = bars["IWM", D1].start
    incoming = {rule.id: [] for rule in RULES}
    for count in range(300, 421):
        known = {series: each.prefix(count) for series, each in bars.items()}
        after = dict.fromkeys(incoming, int(start[count - 2]))
        for rule_id, events in told(replay_recent(RULES, known, after), after).items():
            incoming[rule_id] += events
    whole = told(replay_all(RULES, bars), dict.fromkeys(incoming, int(start[298])))
    assert {rule_id: tuple(events) for rule_id, events in incoming.items()} == whole
    assert sum(map(len, whole.values())) > 100


def test_most_rules_are_not_replayed_over_all_bars():
    bars = world(3, 3_000, 0.0)
    after = {rule.id: int(bars["IWM", D1].start[-2]) for rule in RULES}
    lengths = {rule_id: len(each.bars) for rule_id, each in replay_recent(RULES, bars, after).items()}
    assert {rule_id for rule_id, length in lengths.items() if length == 3_000} == {
        "asks-all",
        "endless",
        "other",
    }
    assert max(length for length in lengths.values() if length < 3_000) <= 256


@pytest.mark.parametrize("last", [99.0, 101.0])
def test_an_outage_as_long_as_the_ending_is_looked_through(last):
    close = np.concatenate([np.tile([99.0, 99.0, 101.0, 99.0], 30), np.full(200, np.nan), [last]])
    bars = {("IWM", D1): bars_of(close, close, close)}
    for when in ("close > 100", "close < 100"):
        rule = Rule("r", "IWM", D1, compile_formula(when, SCOPE), quiet=2)
        after = {"r": int(bars["IWM", D1].start[-2])}
        assert told(replay_recent([rule], bars, after), after) == told(replay_all([rule], bars), after)


def test_a_rule_that_has_spoken_of_no_bar_yet_is_told_wholly():
    bars = world(5, 200, 0.0)
    after = dict.fromkeys((rule.id for rule in RULES), 0)
    assert told(replay_recent(RULES, bars, after), after) == told(replay_all(RULES, bars), after)


def test_no_bars_and_no_rules_are_no_trouble():
    assert replay_recent([], {}, {}) == {}
    assert replay_recent(RULES, {}, {rule.id: 0 for rule in RULES})["breaks"].events == ()


@pytest.mark.parametrize("when", ["close > highest(close, 15)[1]", "close > 99 and close > highest(close, all)[1]"])
def test_a_forming_bar_is_judged_alike(when):
    rule = Rule("r", "IWM", D1, compile_formula(when, SCOPE), quiet=3, trigger=Trigger.INTRADAY)
    closes = [*walk(4, 300).close, 200.0, 210.0]
    bars = flat(closes, spread=0.5)
    known, forming = {("IWM", D1): bars.prefix(301)}, {("IWM", D1): bars.slice(301, 302)}
    provisional = {"r": {int(bars.start[at]) for at in (20, 299)}}
    after = {"r": int(bars.start[298])}
    for live in (IntradayState(forming, provisional), IntradayState(forming), IntradayState({}, provisional)):
        now, all_along = (
            by["r"] for by in (replay_recent([rule], known, after, live), replay_all([rule], known, live))
        )
        assert now.between(after["r"], EVER) == all_along.between(after["r"], EVER)
    early = {("IWM", D1): bars.prefix(300)}
    live = IntradayState({("IWM", D1): bars.slice(300, 301)})
    now, all_along = (by["r"] for by in (replay_recent([rule], early, after, live), replay_all([rule], early, live)))
    assert now.between(after["r"], EVER) == all_along.between(after["r"], EVER)
    assert [event.kind for event in now.intraday_events] == [EventKind.PROVISIONAL]


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), unknown=st.sampled_from([0.0, 0.05]), first=st.integers(0, 380))
def test_formulas_are_right_over_an_ending_once_it_has_passed_over_their_reach(seed, unknown, first):
    bars = world(seed, 400, unknown)
    frame = Frame(bars["IWM", D1], {name: each for (name, _), each in bars.items()})
    ending = frame.ending(first)
    for rule in RULES:
        if not rule.when.rules:
            begin = int(rule.when.history)
            np.testing.assert_array_equal(
                evaluate(rule.when, ending)[begin:], evaluate(rule.when, frame)[first + begin :]
            )
