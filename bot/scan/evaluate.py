"""Evaluation of the rules over the bars that came, and which of their events are new."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from bot.evidence.event_study.event_study import Signals, signals_of
from bot.rulebook.dependencies import with_needs
from bot.rulebook.rule_definition import LEVEL, RuleDefinition
from bot.scan.corrections import corrections
from bot.scan.series import Series
from bot.signals.bars import Bars
from bot.signals.formula import Frame, evaluate
from bot.signals.replay.event import AlertId, Event, EventKind
from bot.signals.replay.incremental import replay_recent
from bot.signals.replay.replay import Replay
from bot.signals.replay.rule import Trigger
from bot.signals.replay.ruleset import IntradayState, joined, replay_all
from bot.signals.timeframe import Instant
from bot.store.alerts import StoredEvent, Watermark


@dataclass(frozen=True, slots=True)
class RuleState:
    """What is known of one rule before it is asked.

    It speaks of bars that close before `limit` (`Readiness.limit`). `stored` are the events told of it lately.
    `revised` is the start of the first bar that a vendor has just corrected, None where none was. `waits` says what it
    waits for, empty where for nothing.
    """

    mark: Watermark | None
    limit: Instant
    stored: tuple[StoredEvent, ...] = ()
    revised: Instant | None = None
    waits: str = ""


@dataclass(frozen=True)
class BarSets:
    """The bars that the rules read: as they are, as they were before the last fetch, and those still forming."""

    bars: Mapping[Series, Bars]
    before: Mapping[Series, Bars] = field(default_factory=dict)
    forming: Mapping[Series, Bars] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class RuleResult:
    """What one rule says that is new, and the start of the last bar that it has now judged.

    `headlines` are filled in with the values at each alert's firing. `signals_before` are by alert the starts of the
    bars at which each rule that it builds on fired last. `firings` are all that the rule has had so far, provisional
    ones not among them, `replay` and `frame` all that it said and could see; None for a rule that says nothing yet.
    """

    definition: RuleDefinition
    upto: Instant
    events: tuple[Event, ...] = ()
    headlines: Mapping[AlertId, str] = field(default_factory=dict)
    signals_before: Mapping[AlertId, Mapping[str, Instant]] = field(default_factory=dict)
    firings: Signals | None = None
    replay: Replay | None = None
    frame: Frame | None = None


def evaluate_rules(
    rules: Mapping[str, RuleDefinition], states: Mapping[str, RuleState], bar_sets: BarSets
) -> list[RuleResult]:
    """One result for each rule with a state that has something to look at.

    A rule without a watermark is new: it says nothing of what is past. `rules` are all of the book, in order of need.
    """
    newest = {id_: upto for id_, state in states.items() if (upto := _newest(rules[id_], state, bar_sets)) is not None}
    due = [id_ for id_, upto in newest.items() if _has_news(rules[id_], states[id_], upto, bar_sets)]
    first = [RuleResult(rules[id_], newest[id_]) for id_ in due if states[id_].mark is None]
    later = [id_ for id_ in due if states[id_].mark is not None]
    if not later:
        return first
    provisional = {id_: _provisional(state) for id_, state in states.items()}
    live = IntradayState(bar_sets.forming, provisional)
    speaking = _speaking(rules, states, newest, later, bar_sets, live)
    needed = [definition.rule for definition in with_needs(rules, speaking)]
    replays = replay_all(needed, bar_sets.bars, live) if speaking else {}
    corrected = any(states[id_].revised is not None for id_ in speaking)
    old = replay_all(needed, bar_sets.before) if corrected else {}
    silent = [RuleResult(rules[id_], newest[id_]) for id_ in later if id_ not in speaking]
    return (
        first
        + silent
        + [_result(rules[id_], states[id_], newest[id_], replays, old.get(id_), bar_sets) for id_ in speaking]
    )


def _speaking(
    rules: Mapping[str, RuleDefinition],
    states: Mapping[str, RuleState],
    newest: Mapping[str, Instant],
    later: Sequence[str],
    bar_sets: BarSets,
    live: IntradayState,
) -> list[str]:
    """Those of the rules that have something to say of their newest bars; only they need all of their past."""
    marks = {id_: mark.bar for id_ in later if (mark := states[id_].mark) is not None}
    needed = [definition.rule for definition in with_needs(rules, later)]
    recent = replay_recent(needed, bar_sets.bars, marks, live)
    return [
        id_
        for id_ in later
        if states[id_].revised is not None
        or recent[id_].between(marks[id_], newest[id_])
        or recent[id_].intraday_events
    ]


def _result(
    definition: RuleDefinition,
    state: RuleState,
    upto: Instant,
    replays: Mapping[str, Replay],
    old: Replay | None,
    bar_sets: BarSets,
) -> RuleResult:
    assert state.mark is not None
    replay, upto = replays[definition.rule.id], max(upto, state.mark.bar)
    events = [*replay.between(state.mark.bar, upto)]
    if old is not None and state.revised is not None:
        events = [*corrections(state.stored, old, replay, state.revised, state.mark.bar), *events]
    ahead = [event for event in replay.intraday_events if event.kind is EventKind.PROVISIONAL and event.bar > upto]
    told = _with_alert([*events, *ahead], frozenset(each.alert_bar for each in state.stored))
    if not told:
        return RuleResult(definition, upto, firings=signals_of(replay, definition.demanded_high))
    frame = _frame(definition, replays, bar_sets)
    alerts = dict.fromkeys(event.alert for event in told)
    return RuleResult(
        definition,
        upto,
        told,
        {alert: text for alert in alerts if (text := _headline(definition, frame, alert)) is not None},
        {alert: _signals_before(definition, replays, frame, alert) for alert in alerts},
        signals_of(replay, definition.demanded_high),
        replay,
        frame,
    )


def _signals_before(
    definition: RuleDefinition, replays: Mapping[str, Replay], frame: Frame, alert: AlertId
) -> dict[str, Instant]:
    """By rule that this one builds on, the bar at which it fired last before the close of the alert's bar."""
    at = frame.bars.position(alert.bar)
    if at is None:
        return {}
    found = {}
    for id_ in sorted(definition.rule.needs & replays.keys()):
        needed = replays[id_]
        fires = needed.fires[needed.bars.end[needed.fires] <= frame.bars.end[at]]
        if len(fires):
            found[id_] = int(needed.bars.start[fires[-1]])
    return found


def _frame(definition: RuleDefinition, replays: Mapping[str, Replay], bar_sets: BarSets) -> Frame:
    """What a headline can see: the closed bars and the forming one, firings of other rules, the rule's level."""
    rule = definition.rule
    bars = {
        series: known.merged(bar_sets.forming[series]) if series in bar_sets.forming else known
        for series, known in bar_sets.bars.items()
    }
    fired = {id_: replay.fired for id_, replay in replays.items()}
    frame = Frame(bars[rule.market, rule.timeframe], joined(bars, rule.timeframe), fired, pinned=rule.pinned)
    if rule.level is None:
        return frame
    return frame.with_names({LEVEL: evaluate(rule.level, frame)}, rule.pinned)


def _headline(definition: RuleDefinition, frame: Frame, alert: AlertId) -> str | None:
    at = frame.bars.position(alert.bar)
    if at is None:
        return None
    return definition.headline.render(lambda formula: float(evaluate(formula, frame)[at]))


def _with_alert(events: Iterable[Event], known: frozenset[Instant]) -> tuple[Event, ...]:
    """Firings, and those later events whose alert is known or among them: nobody hears of a stranger's fate."""
    kept: list[Event] = []
    alerts = set(known)
    for event in events:
        if event.kind.opens:
            alerts.add(event.alert.bar)
        if event.alert.bar in alerts:
            kept.append(event)
    return tuple(kept)


def _newest(definition: RuleDefinition, state: RuleState, bar_sets: BarSets) -> Instant | None:
    own = bar_sets.bars[definition.rule.market, definition.rule.timeframe].known_at(state.limit - 1)
    return int(own.start[-1]) if len(own) else None


def _has_news(definition: RuleDefinition, state: RuleState, upto: Instant, bar_sets: BarSets) -> bool:
    rule, mark = definition.rule, state.mark
    if mark is None or mark.bar < upto or mark.digest != rule.digest or state.revised is not None:
        return True
    return rule.trigger is Trigger.INTRADAY and len(bar_sets.forming.get((rule.market, rule.timeframe), ())) > 0


def _provisional(state: RuleState) -> frozenset[Instant]:
    return frozenset(each.alert_bar for each in state.stored if each.kind is EventKind.PROVISIONAL)
