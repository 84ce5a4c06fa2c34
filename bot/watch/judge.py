"""What do the rules say of the bars that came, and what of it is new?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.rulebook.written import LEVEL, WrittenRule
from bot.signals.bars import Bars
from bot.signals.event import Event, EventKind
from bot.signals.frame import Frame
from bot.signals.replay import Replay
from bot.signals.replays import joined, replay_all
from bot.signals.timeframe import Instant
from bot.store.alerts import Watermark
from bot.watch.plan import Series

OPENERS = frozenset({EventKind.FIRED, EventKind.PROVISIONAL})


@dataclass(frozen=True, eq=False)
class Finding:
    """What one rule says of the bars up to the one that starts at `upto`; `events` are those after its watermark.

    `replay` and `frame` are what it was found with; None for a rule that says nothing yet.
    """

    written: WrittenRule
    upto: Instant
    events: tuple[Event, ...] = ()
    replay: Replay | None = None
    frame: Frame | None = None


def judge(
    rules: Mapping[str, WrittenRule],
    bars: Mapping[Series, Bars],
    marks: Mapping[str, Watermark | None],
    limits: Mapping[str, Instant],
) -> list[Finding]:
    """One finding for each enabled rule that has bars it has not spoken of yet.

    A rule speaks only of bars that close before its limit (`ready.whole_until`). A rule without a watermark
    is new: it says nothing of what is past. `rules` are in order of need.
    """
    fresh = {id_: upto for id_ in limits if (upto := _newest(rules[id_], bars, limits[id_])) is not None}
    due = [id_ for id_, upto in fresh.items() if _moved(rules[id_], marks.get(id_), upto)]
    first = [Finding(rules[id_], fresh[id_]) for id_ in due if marks.get(id_) is None]
    later = [id_ for id_ in due if marks.get(id_) is not None]
    if not later:
        return first
    replays = replay_all([rules[id_].rule for id_ in _with_needs(rules, later)], bars)
    return first + [_finding(rules[id_], replays, bars, marks[id_], fresh[id_]) for id_ in later]


def with_alert(events: Iterable[Event], known: frozenset[Instant]) -> tuple[Event, ...]:
    """Firings, and those later events whose alert is known or among them: nobody hears of a stranger's fate."""
    kept: list[Event] = []
    alerts = set(known)
    for event in events:
        if event.kind in OPENERS:
            alerts.add(event.alert.bar)
        if event.alert.bar in alerts:
            kept.append(event)
    return tuple(kept)


def _newest(written: WrittenRule, bars: Mapping[Series, Bars], limit: Instant) -> Instant | None:
    own = bars[written.rule.market, written.rule.timeframe].known_at(limit - 1)
    return int(own.start[-1]) if len(own) else None


def _moved(written: WrittenRule, mark: Watermark | None, upto: Instant) -> bool:
    return mark is None or mark.bar < upto or mark.digest != written.rule.digest


def _finding(
    written: WrittenRule,
    replays: Mapping[str, Replay],
    bars: Mapping[Series, Bars],
    mark: Watermark | None,
    upto: Instant,
) -> Finding:
    assert mark is not None
    replay = replays[written.rule.id]
    events = tuple(event for event in replay.events if mark.bar < event.bar <= upto)
    histories = {id_: each.fired for id_, each in replays.items()}
    names = {LEVEL: replay.level} if written.rule.level else {}
    frame = Frame(replay.bars, joined(bars, written.rule.timeframe)).with_names(names, written.rule.pinned, histories)
    return Finding(written, max(upto, mark.bar), events, replay, frame)


def _with_needs(rules: Mapping[str, WrittenRule], wanted: Sequence[str]) -> list[str]:
    """`wanted` and all rules that they speak of, in the order of `rules`."""
    needed: set[str] = set()
    waiting = list(wanted)
    while waiting:
        id_ = waiting.pop()
        if id_ not in needed:
            needed.add(id_)
            waiting.extend(rules[id_].needs)
    return [id_ for id_ in rules if id_ in needed]
