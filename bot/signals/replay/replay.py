"""Replay of one rule over a frame. The live bot, backtests and rule tests all ask here.

Every event depends on the bars up to its own and on nothing later, so the events of a prefix of the bars are a prefix
of the events: whoever replays each time a bar closes, and takes what is new, has the backtest. Events of one bar are
in the order of their alerts, oldest first. At a bar whose close is unknown nothing can be said: whatever the formula,
it counts as unknown there, so every event has a close.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from math import isnan

import numpy as np

from bot.signals.bars import Bars, FloatArray, IntArray
from bot.signals.formula import FiredHistory, Frame, evaluate, known_from
from bot.signals.replay.episodes import Episodes
from bot.signals.replay.event import AlertId, Event, EventKind
from bot.signals.replay.follow_ups import KINDS, Outcomes, outcomes
from bot.signals.replay.rule import Rule, Trigger
from bot.signals.timeframe import Instant


@dataclass(frozen=True, eq=False)
class Replay:
    """What a rule said over its bars.

    `truth` is `when` per bar: 1 yes, 0 no, NaN unknown, as where the close is. `level` is the rule's level per bar, NaN
    where it has none. `fires` are the positions of the firings, `outcomes` they and the rest. `intraday_events` are
    the events that a forming bar brought: provisional firings and their withdrawals. On no bar before the position
    `known_from` could it fire, as one of its conditions had not been known yet; the number of bars where one never was.
    """

    rule: Rule
    bars: Bars
    truth: FloatArray
    level: FloatArray
    fires: IntArray
    outcomes: Outcomes
    intraday_events: tuple[Event, ...] = ()
    known_from: int = 0

    @cached_property
    def events(self) -> tuple[Event, ...]:
        """All events, in order of bars; those of a forming bar come last."""
        return self._events(self.outcomes, self.intraday_events)

    @property
    def fired(self) -> FiredHistory:
        """Where it fired, for rules that build on it."""
        mask = np.zeros(len(self.bars), dtype=np.bool_)
        mask[self.fires] = True
        return FiredHistory(self.bars.end, mask)

    def between(self, after: Instant, upto: Instant) -> tuple[Event, ...]:
        """The events of bars that start after `after` and not after `upto`, without making any other."""
        first, last = self.bars.start.searchsorted([after, upto], side="right").tolist()
        return self._events(
            self.outcomes.slice(first, last), [e for e in self.intraday_events if after < e.bar <= upto]
        )

    def _events(self, outcomes: Outcomes, intraday_events: Sequence[Event]) -> tuple[Event, ...]:
        if not len(outcomes.position):
            return tuple(sorted(intraday_events, key=_place))
        alerts = _own_events(self, self.fires[outcomes.firing], EventKind.FIRED)
        places = _columns(self.bars, outcomes.position)
        events = [
            Event(alert.alert, KINDS[kind], start, end, close, alert.level)
            for alert, kind, (start, end, close) in zip(alerts, outcomes.kind.tolist(), places, strict=True)
        ]
        return tuple(sorted([*events, *intraday_events], key=_place) if intraday_events else events)


def replay(
    rule: Rule,
    frame: Frame,
    forming: Bars | Frame | None = None,
    provisional: Collection[Instant] = (),
    first: int = 0,
) -> Replay:
    """What the rule says over the closed bars of `frame`, and of an intraday rule over the forming bar too.

    `forming` is that bar, or a frame that `live_frame` made. `provisional` are the starts of the bars whose provisional
    firing has been told. Such a bar is not told provisionally again; once it has closed there is either its firing or,
    where its formula is known and did not fire, its withdrawal. `frame` needs no `pinned`: the rule's are used. What
    fired before the position `first` is left out.
    """
    done = _replayed_closed(rule, frame, first)
    intraday_events = withdrawals(done, provisional) if provisional else []
    if rule.trigger is Trigger.INTRADAY and forming is not None:
        live = live_frame(frame, forming) if isinstance(forming, Bars) else forming
        ahead = _replayed_closed(rule.unfollowed, live, first)
        intraday_events += _provisional(ahead, len(frame.bars), provisional)
    return replace(done, intraday_events=tuple(intraday_events)) if intraday_events else done


def live_frame(frame: Frame, forming: Bars, others: Mapping[str, Bars] | None = None) -> Frame:
    """The frame with its market's forming bar; a bar that has closed is no longer forming.

    `others` are the other markets with their own forming bars, so that today is compared with today.
    """
    closed = frame.bars
    known = int(np.searchsorted(forming.start, closed.start[-1], side="right")) if len(closed) else 0
    bars = closed.merged(forming.slice(known, len(forming)))
    past = live_frame(frame.past, forming, others) if frame.past else None
    return replace(frame, bars=bars, others=frame.others if others is None else others, past=past, shared={})


def retracted(stored: Iterable[Event], replayed: Replay, since: Instant) -> tuple[Event, ...]:
    """Retractions of stored firings, of bars from `since` on, that the bars as they are now do not bear out.

    `stored` are the events told of this rule by its present digest: a firing of an edited rule is not undone by data.
    Where the bar is missing now, or the formula unknown at it, nothing is retracted, and nothing is twice.
    """
    known = list(stored)
    gone = {event.alert for event in known if event.kind is EventKind.RETRACTED}
    found = []
    for event in known:
        at = replayed.bars.position(event.bar)
        if event.kind is not EventKind.FIRED or event.bar < since or event.alert in gone or at is None:
            continue
        if _refuted(replayed, at):
            close, end = float(replayed.bars.close[at]), int(replayed.bars.end[at])
            found.append(replace(event, kind=EventKind.RETRACTED, at=end, close=close))
    return tuple(found)


def _replayed_closed(rule: Rule, frame: Frame, first: int) -> Replay:
    """What the rule says over the bars of a frame, as if all of them had closed."""
    frame = frame.with_names({}, rule.pinned)
    truth = frame.bars.where_known(evaluate(rule.when, frame))
    level = _known_level(evaluate(rule.level, frame)) if rule.level else _no_level(len(frame.bars))
    episodes = Episodes.of(truth, rule.quiet, first)
    followed = outcomes(rule.follow, frame, episodes, level[episodes.fires])
    could = known_from(rule.when, frame)
    return Replay(rule, frame.bars, truth, level, episodes.fires, followed, known_from=could)


def _known_level(level: FloatArray) -> FloatArray:
    """Unknown where no level is left: there is none to speak of."""
    none = np.isinf(level)
    return np.where(none, np.nan, level) if np.count_nonzero(none) else level


@lru_cache(maxsize=16)
def _no_level(count: int) -> FloatArray:
    return np.broadcast_to(np.nan, count)


def _own_events(done: Replay, positions: IntArray, kind: EventKind) -> list[Event]:
    """Something that happens to the alerts of the bars at `positions`, at those bars."""
    rule, levels = done.rule, done.level[positions].tolist()
    return [
        Event(
            AlertId(rule.id, rule.market, rule.timeframe, start),
            kind,
            start,
            end,
            close,
            None if isnan(level) else level,
        )
        for (start, end, close), level in zip(_columns(done.bars, positions), levels, strict=True)
    ]


def _columns(bars: Bars, positions: IntArray) -> Iterator[tuple[int, int, float]]:
    """Start, end and close of the bars at `positions`."""
    columns = (column[positions].tolist() for column in (bars.start, bars.end, bars.close))
    return zip(*columns, strict=True)


def withdrawals(done: Replay, provisional: Collection[Instant]) -> list[Event]:
    """Of the bars whose provisional firing was told, by their starts: those that closed and did not bear it out."""
    at = [done.bars.position(start) for start in provisional]
    gone = [each for each in at if each is not None and _refuted(done, each)]
    return _own_events(done, np.array(gone, dtype=np.int64), EventKind.WITHDRAWN)


def _refuted(done: Replay, position: int) -> bool:
    """Whether the formula is known at a bar and the rule did not fire there."""
    return not np.isnan(done.truth[position]) and position not in done.fires


def _provisional(ahead: Replay, closed: int, told: Collection[Instant]) -> list[Event]:
    """Firings after the first `closed` bars that were not told yet."""
    events = _own_events(ahead, ahead.fires[ahead.fires >= closed], EventKind.PROVISIONAL)
    return [event for event in events if event.bar not in told]


def _place(event: Event) -> tuple[Instant, Instant, Instant, int]:
    return event.bar, event.at, event.alert.bar, KINDS.index(event.kind)
