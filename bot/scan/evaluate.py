"""Evaluation of the rules over the bars that came, and which of their events are new."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from bot.evidence.event_study.event_study import Signals, signals_of
from bot.rulebook.dependencies import with_needs
from bot.rulebook.rule_definition import LEVEL, RuleDefinition
from bot.scan.corrections import corrections
from bot.scan.fetch_plan import Series
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

    It speaks of bars that close before `limit` (`ready.whole_until`). `stored` are the events told of it lately.
    `revised` is the start of the first bar that a vendor has just corrected, None where none was.
    """

    mark: Watermark | None
    limit: Instant
    stored: tuple[StoredEvent, ...] = ()
    revised: Instant | None = None


@dataclass(frozen=True)
class BarSets:
    """The bars that the rules read: as they are, as they were before the last fetch, and those still forming."""

    bars: Mapping[Series, Bars]
    before: Mapping[Series, Bars] = field(default_factory=dict)
    forming: Mapping[Series, Bars] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class RuleResult:
    """What one rule says that is new, and the start of the last bar that it has now judged.

    `headlines` are filled in with the values at each alert's firing. `firings` are all that the rule has had so far,
    provisional ones not among them; None for a rule that says nothing yet.
    """

    written: RuleDefinition
    upto: Instant
    events: tuple[Event, ...] = ()
    headlines: Mapping[AlertId, str] = field(default_factory=dict)
    firings: Signals | None = None


def evaluate_rules(
    rules: Mapping[str, RuleDefinition], cases: Mapping[str, RuleState], world: BarSets
) -> list[RuleResult]:
    """One finding for each rule with a case that has something to look at.

    A rule without a watermark is new: it says nothing of what is past. `rules` are all of the book, in order of need.
    """
    fresh = {id_: upto for id_, case in cases.items() if (upto := _newest(rules[id_], case, world)) is not None}
    due = [id_ for id_, upto in fresh.items() if _has_news(rules[id_], cases[id_], upto, world)]
    first = [RuleResult(rules[id_], fresh[id_]) for id_ in due if cases[id_].mark is None]
    later = [id_ for id_ in due if cases[id_].mark is not None]
    if not later:
        return first
    provisional = {id_: _provisional(case) for id_, case in cases.items()}
    live = IntradayState(world.forming, provisional)
    speaking = _speaking(rules, cases, fresh, later, world, live)
    needed = [written.rule for written in with_needs(rules, speaking)]
    replays = replay_all(needed, world.bars, live) if speaking else {}
    corrected = any(cases[id_].revised is not None for id_ in speaking)
    old = replay_all(needed, world.before) if corrected else {}
    silent = [RuleResult(rules[id_], fresh[id_]) for id_ in later if id_ not in speaking]
    return (
        first
        + silent
        + [_finding(rules[id_], cases[id_], fresh[id_], replays, old.get(id_), world) for id_ in speaking]
    )


def _speaking(
    rules: Mapping[str, RuleDefinition],
    cases: Mapping[str, RuleState],
    fresh: Mapping[str, Instant],
    later: Sequence[str],
    world: BarSets,
    live: IntradayState,
) -> list[str]:
    """Those of the rules that have something to say of their newest bars; only they need all of their past."""
    marks = {id_: mark.bar for id_ in later if (mark := cases[id_].mark) is not None}
    needed = [written.rule for written in with_needs(rules, later)]
    recent = replay_recent(needed, world.bars, marks, live)
    return [
        id_
        for id_ in later
        if cases[id_].revised is not None or recent[id_].between(marks[id_], fresh[id_]) or recent[id_].intraday_events
    ]


def _finding(
    written: RuleDefinition,
    case: RuleState,
    upto: Instant,
    replays: Mapping[str, Replay],
    old: Replay | None,
    world: BarSets,
) -> RuleResult:
    assert case.mark is not None
    replay, upto = replays[written.rule.id], max(upto, case.mark.bar)
    events = [*replay.between(case.mark.bar, upto)]
    if old is not None and case.revised is not None:
        events = [*corrections(case.stored, old, replay, case.revised, case.mark.bar), *events]
    ahead = [event for event in replay.intraday_events if event.kind is EventKind.PROVISIONAL and event.bar > upto]
    told = _with_alert([*events, *ahead], frozenset(each.alert_bar for each in case.stored))
    return RuleResult(written, upto, told, _headlines(written, told, replays, world), signals_of(replay))


def _headlines(
    written: RuleDefinition, events: Sequence[Event], replays: Mapping[str, Replay], world: BarSets
) -> dict[AlertId, str]:
    """The rule's headline with the values at the bar of each alert's firing."""
    if not events:
        return {}
    rule = written.rule
    bars = {
        each: known.merged(world.forming[each]) if each in world.forming else known
        for each, known in world.bars.items()
    }
    frame = Frame(bars[rule.market, rule.timeframe], joined(bars, rule.timeframe))
    frame = frame.with_names({}, rule.pinned, {id_: each.fired for id_, each in replays.items()})
    if rule.level:
        frame = frame.with_names({LEVEL: evaluate(rule.level, frame)}, rule.pinned)
    found = {alert: frame.bars.position(alert.bar) for alert in dict.fromkeys(event.alert for event in events)}
    return {alert: _headline(written, frame, at) for alert, at in found.items() if at is not None}


def _headline(written: RuleDefinition, frame: Frame, at: int) -> str:
    return written.headline.render(lambda formula: float(evaluate(formula, frame)[at]))


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


def _newest(written: RuleDefinition, case: RuleState, world: BarSets) -> Instant | None:
    own = world.bars[written.rule.market, written.rule.timeframe].known_at(case.limit - 1)
    return int(own.start[-1]) if len(own) else None


def _has_news(written: RuleDefinition, case: RuleState, upto: Instant, world: BarSets) -> bool:
    rule, mark = written.rule, case.mark
    if mark is None or mark.bar < upto or mark.digest != rule.digest or case.revised is not None:
        return True
    return rule.trigger is Trigger.INTRADAY and len(world.forming.get((rule.market, rule.timeframe), ())) > 0


def _provisional(case: RuleState) -> frozenset[Instant]:
    return frozenset(each.alert_bar for each in case.stored if each.kind is EventKind.PROVISIONAL)
