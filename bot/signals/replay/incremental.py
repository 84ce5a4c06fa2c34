"""Incremental replay: the newest events of rules, without going over all the bars before them again.

The same replay answers, over the tails of frames: as many bars as a formula's windows, the rule's `quiet` and the
alerts still open look back to. What depends on all of the past (`all`, `since`, smoothings, levels) is computed from
all of it, once for all rules that ask. Nothing is kept from one look to the next, so nothing can grow old.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import isinf, isnan

import numpy as np

from bot.signals.bars import Bars
from bot.signals.formula import FiredHistory, Frame
from bot.signals.replay.episodes import certain_from, is_over
from bot.signals.replay.replay import Replay, replay
from bot.signals.replay.rule import Rule
from bot.signals.replay.ruleset import IntradayState, Series, frames_of, in_order, replay_all
from bot.signals.timeframe import Instant


@dataclass(frozen=True, slots=True)
class _Span:
    """Which bars of its market a rule is replayed over: those from `start` on.

    Its formulas are right from `begin` on, and its firings are asked for from `first` on.
    """

    start: int
    begin: int
    first: int


_ALL = _Span(0, 0, 0)

EPISODE_BARS = 128
"""Bars in which an episode has mostly begun or ended; where neither can be seen in them, all bars are replayed."""


def replay_recent(
    rules: Sequence[Rule], bars: Mapping[Series, Bars], after: Mapping[str, Instant], live: IntradayState | None = None
) -> dict[str, Replay]:
    """As `replay_all`, for what happened after a bar: `between(after, …)` of each replay is that of the whole replay.

    `after` holds by rule the start of the last bar that it has spoken of; a rule that is not in it is there for those
    that build on it. A replay's bars are the last ones only, and alerts that had ended by `after` may lack.
    """
    live = live or IntradayState()
    ordered = list(in_order(rules))
    spans = _spans(ordered, bars, after)
    histories: dict[str, FiredHistory] = {}
    done: dict[str, Replay] = {}
    tails: dict[Series, _FrameTails] = {}
    for rule in ordered:
        series = rule.market, rule.timeframe
        if series not in tails:
            tails = {series: _FrameTails(*frames_of(series, bars, live.forming, histories))}
        told = [start for start in live.provisional.get(rule.id, ()) if start > after.get(rule.id, start)]
        recent = _replayed(rule, spans[rule.id], tails[series], told, after.get(rule.id))
        done[rule.id] = recent or _replayed_wholly(rule, ordered, bars, IntradayState(live.forming, {rule.id: told}))
        histories[rule.id] = done[rule.id].fired
    return done


@dataclass
class _FrameTails:
    """The frames of one market, whole, and those of its last bars that were asked for: closed, and with what forms."""

    frame: Frame
    ahead: Frame | None
    made: dict[int, tuple[Frame, Frame | None]] = field(default_factory=dict)

    def __getitem__(self, start: int) -> tuple[Frame, Frame | None]:
        if not start:
            return self.frame, self.ahead
        if start not in self.made:
            self.made[start] = self.frame.ending(start), self.ahead and self.ahead.ending(start)
        return self.made[start]


def _replayed(
    rule: Rule, span: _Span, tails: _FrameTails, told: Sequence[Instant], after: Instant | None
) -> Replay | None:
    """The rule over its last bars; None where these can't tell what it says."""
    frame, ahead = tails[span.start]
    first = span.first - span.start
    done = replay(rule, frame, ahead, told, first)
    if span.start:
        begin = span.begin - span.start
        sure = begin + certain_from(done.truth[begin:], rule.quiet)
        outage = sure > first  # as long as all that was looked at
        if outage or (after is not None and _misses_an_episode(done, first, after)):
            return None
    return done


def _replayed_wholly(rule: Rule, rules: Sequence[Rule], bars: Mapping[Series, Bars], live: IntradayState) -> Replay:
    """The rule over all bars, and so those that it builds on."""
    needed, by_id = {rule.id}, {each.id: each for each in rules}
    for each in reversed(rules):
        needed |= each.needs & by_id.keys() if each.id in needed else frozenset()
    return replay_all([each for each in rules if each.id in needed], bars, live)[rule.id]


def _misses_an_episode(done: Replay, first: int, after: Instant) -> bool:
    """Whether an alert that fired before `first` may still be open after the bar that starts at `after`."""
    if done.rule.follow is None or not done.rule.follow.needs_episode:
        return False
    judged = int(np.searchsorted(done.bars.start, after, side="right"))
    fired_since = len(done.fires) > 0 and done.fires[0] < judged
    return not fired_since and not is_over(done.truth[first:judged], done.rule.quiet)


def _spans(ordered: Sequence[Rule], bars: Mapping[Series, Bars], after: Mapping[str, Instant]) -> dict[str, _Span]:
    """How far back each rule is replayed, for itself and for the rules that build on it."""
    by_id = {rule.id: rule for rule in ordered}
    asked: dict[str, int] = {}
    spans: dict[str, _Span] = {}
    for rule in reversed(ordered):
        own = _bars_of(rule, bars)
        first = asked.get(rule.id, len(own))
        if rule.id in after:
            first = min(first, _first_open(rule, own, after[rule.id]))
        spans[rule.id] = span = _span(rule, len(own), first)
        for needed, within in rule.firings:
            if needed in by_id:
                theirs = _bars_of(by_id[needed], bars)
                seen = int(np.searchsorted(theirs.end, own.end[span.start], side="right")) if span.start else 0
                asked[needed] = max(min(asked.get(needed, len(theirs)), seen - within), 0)
    return spans


def _bars_of(rule: Rule, bars: Mapping[Series, Bars]) -> Bars:
    series = rule.market, rule.timeframe
    return bars.get(series) or Bars.empty(*series)


def _first_open(rule: Rule, own: Bars, after: Instant) -> int:
    """The first position at which an alert may have fired that was still open after the bar that starts at `after`.

    A window ends at a bar whose close is known.
    """
    judged = int(own.start.searchsorted(after, side="right"))
    if rule.follow is None:
        return judged
    while judged and isnan(own.close[judged - 1]):
        judged -= 1
    bars = rule.follow.bars or 0
    return max(judged - (max(bars, EPISODE_BARS) if rule.follow.needs_episode else bars), 0)


def shared_length(needed: int) -> int:
    """Bars of the ending that serves who needs so many: few lengths, so that rules share what they compute."""
    return max(256, 1 << needed.bit_length())


def _span(rule: Rule, count: int, first: int) -> _Span:
    """Which of the `count` bars serve a rule whose firings are asked for from `first` on."""
    if isinf(rule.history) or first <= 0:
        return _ALL
    begin = first - rule.quiet
    length = shared_length(int(count - begin + rule.history))
    return _Span(count - length, begin, first) if length < count else _ALL
