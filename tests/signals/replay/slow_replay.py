"""Replay by its definition, written again firing by firing and bar by bar; rules and walks to try it on."""

import sys

import numpy as np
from hypothesis import strategies as st

from bot.signals.formula import Kind, Scope, compile_formula, evaluate
from bot.signals.replay.event import EventKind
from bot.signals.replay.follow_windows import windows_of
from bot.signals.replay.rule import Follow, Rule, Trigger
from bot.signals.timeframe import Timeframe
from tests.signals.price_walks import walk

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


def times_followed(run):
    """How often the follow-ups of firings were worked out."""
    count = 0

    def called(frame, event, arg):
        nonlocal count
        count += event == "call" and frame.f_code is windows_of.__code__

    before = sys.getprofile()
    sys.setprofile(called)
    try:
        run()
    finally:
        sys.setprofile(before)
    return count


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
        st.sampled_from(
            [None, "low <= level + 1 and close > level", "highest(close - level, 3) > 2", "not high > max(level, open)"]
        ),
        st.sampled_from(
            [
                None,
                "close < level - 1",
                "close < level[2]",
                "abs(close / level - 1) > 0.03 or close < lowest(low, 5)[1]",
                "ema(close - level, 3) < 0",
                "count(close < level, 3) >= 2",
                "close < sma(close, 8)",
            ]
        ),
        st.booleans(),
        st.sampled_from([None, 0.01, 0.025]),
    ),
)


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
