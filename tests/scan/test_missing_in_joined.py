"""How far back a formula reads another market, and what that lacks there."""

import numpy as np
import pytest

from bot.market.model import Market, MarketKind
from bot.scan.missing.joined import Reach, joined_with_holes, read_by, unread
from bot.scan.missing.windows import in_words
from bot.signals.bars import Bars
from bot.signals.formula import Scope, compile_formula
from bot.signals.replay.rule import Rule
from bot.signals.sessions import ROUND_THE_CLOCK, Sessions
from bot.signals.timeframe import DAY, Timeframe, start_of

FIRST = start_of("2026-01-01")
KINDS = {"IWM": MarketKind.EQUITY, "SPY": MarketKind.EQUITY, "NFCI": MarketKind.MACRO}
MARKETS = {name: Market(name, name, kind, ROUND_THE_CLOCK) for name, kind in KINDS.items()}
SESSIONS = Sessions.round_the_clock(FIRST, FIRST + 99 * DAY)


def rule(when: str, timeframe: Timeframe = Timeframe.D1) -> Rule:
    return Rule("r", "IWM", timeframe, compile_formula(when, Scope(frozenset(MARKETS))))


def bars(name: str, days: list[int]) -> Bars:
    start = FIRST + np.array(days, dtype=np.int64) * DAY
    price = np.full(len(days), 9.0)
    return Bars(name, Timeframe.D1, start, start + DAY, price, price, price, price, price)


@pytest.mark.parametrize(
    ("when", "reaches"),
    [
        ("close > close[5]", {}),
        ("NFCI.close > 0", {}),
        ("SPY.close > 1", {Reach(0, 0)}),
        ("highest(close, 250) < SPY.close", {Reach(0, 0)}),
        ("SPY.close > SPY.close[5]", {Reach(0, 0), Reach(0, 5)}),
        ("close / SPY.close > highest(close / SPY.close, 20)[1]", {Reach(0, 0), Reach(20, 0)}),
        ("highest(close - change(SPY.close, 5), 10) > 0", {Reach(9, 5)}),
    ],
)
def test_only_the_part_that_reads_a_market_decides_how_far_back_it_is_read(when, reaches):
    assert read_by(rule(when), MARKETS).get("SPY", {}) == (reaches or {})


def test_bars_of_no_day_have_no_sessions_to_lack():
    assert read_by(rule("SPY.close > 1", Timeframe.H1), MARKETS) == {}


def lacks(missing: set[int], at: int, reaches: set[Reach]) -> list[str]:
    other = bars("SPY", [day for day in range(100) if day not in missing])
    found = joined_with_holes("SPY", reaches, bars("IWM", list(range(100))), [at], other, SESSIONS)
    return [in_words(each) for each in found]


def test_what_is_missing_is_told_where_it_is_read():
    window = {Reach(3, 5)}
    assert lacks(set(), 50, window) == []
    assert lacks({42}, 50, window) == ["2026-02-20: SPY lacks 1 of 9 sessions: 2026-02-12"]
    assert lacks({41}, 50, window) == []
    assert lacks({51}, 50, window) == []
    assert lacks({50}, 50, {Reach(0, 0)}) == ["2026-02-20: SPY lacks 1 of 1 session: 2026-02-20; 2026-02-19 stands in"]
    assert lacks({40}, 50, {Reach(0, 40)}) == []  # one of many changes little


def test_before_it_began_it_lacks_nothing_and_long_after_it_ended_it_is_unread():
    own, other = bars("IWM", list(range(100))), bars("SPY", list(range(30, 60)))
    window = {Reach(0, 10)}
    assert joined_with_holes("SPY", window, own, [32], other, SESSIONS) == []
    (late,) = joined_with_holes("SPY", window, own, [61], other, SESSIONS)
    assert (len(late.missing), late.stands_in) == (2, other.label(-1))
    assert joined_with_holes("SPY", window, own, [90], other, SESSIONS) == []
    blank = unread("SPY", own, slice(0, 100), other)
    assert blank is not None
    assert (blank.bars, blank.first, blank.last) == (35, own.label(65), own.label(99))
    assert unread("SPY", own, slice(0, 60), other) is None
