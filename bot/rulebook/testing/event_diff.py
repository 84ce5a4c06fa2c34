"""Bars at which a rule says something else than its test expects, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from bot.rulebook.check_report import counted
from bot.rulebook.rule_definition import LEVEL
from bot.signals.bars import Bars, IntArray
from bot.signals.formula import Formula, Frame, Kind, NodeValue, Op, deciding, explain
from bot.signals.replay.event import Event, EventKind
from bot.signals.replay.replay import Replay
from bot.signals.replay.rule import Rule

Expected = Mapping[int, tuple[EventKind, ...]]


@dataclass(frozen=True, slots=True)
class Difference:
    """One bar, by its number in the test's notation, with what was expected and what came; both by kind of event.

    `day` is its date where the bars are those of a file, else empty. A row that does not differ is there to show the
    bar before one that does.
    """

    number: int
    close: float
    level: float
    expected: tuple[str, ...] = ()
    got: tuple[str, ...] = ()
    remark: str = ""
    day: str = ""

    @property
    def differs(self) -> bool:
        """Whether what came is not what was expected."""
        return Counter(self.expected) != Counter(self.got)


@dataclass(frozen=True, eq=False)
class ReplayedRule:
    """A rule's replay over the bars of a test, with what is needed to say why; `by_hours`: as its days formed too."""

    replay: Replay
    frame: Frame
    by_hours: bool

    @property
    def rule(self) -> Rule:
        """The rule."""
        return self.replay.rule


def replayed_rule(
    rule: Rule, replays: Mapping[str, Replay], bars: Mapping[str, Bars], *, by_hours: bool
) -> ReplayedRule:
    """One rule of a replay of several; `by_hours`: its days were looked at as they formed."""
    fired = {rule_id: replay.fired for rule_id, replay in replays.items()}
    return ReplayedRule(replays[rule.id], Frame(bars[rule.market], bars, fired, pinned=rule.pinned), by_hours)


def differences(
    replayed: ReplayedRule, numbers: IntArray, expected: Expected, *, dated: bool = False
) -> tuple[Difference, ...]:
    """The bars that differ, each after the bar before it; none where all is as expected.

    Bars whose number is below 1 are history: their events are not compared. `dated`: the bars have dates of their own.
    """
    got = _by_position(replayed.replay)
    rows: dict[int, Difference] = {}
    compared = (position for position in expected.keys() | got.keys() if numbers[position] > 0)
    for position in sorted(compared):
        row = _row(replayed, numbers, position, expected, got)
        if row.differs:
            if position:
                rows.setdefault(position - 1, _row(replayed, numbers, position - 1, expected, got))
            rows[position] = row
    label = replayed.replay.bars.label
    return tuple(replace(row, day=label(at)) if dated else row for at, row in sorted(rows.items()))


def _by_position(replay: Replay) -> dict[int, tuple[EventKind, ...]]:
    got: dict[int, tuple[EventKind, ...]] = {}
    for event in replay.events:
        position = replay.bars.position(event.bar)
        if position is not None:
            got[position] = (*got.get(position, ()), event.kind)
    return got


def _row(replayed: ReplayedRule, numbers: IntArray, position: int, expected: Expected, got: Expected) -> Difference:
    wanted, came = expected.get(position, ()), got.get(position, ())
    odd = [*(Counter(wanted) - Counter(came)).elements(), *(Counter(came) - Counter(wanted)).elements()]
    return Difference(
        number=int(numbers[position]),
        close=float(replayed.replay.bars.close[position]),
        level=float(replayed.replay.level[position]),
        expected=tuple(wanted),
        got=tuple(came),
        remark=_remark(replayed, position, odd[0]) if odd else "",
    )


def _remark(replayed: ReplayedRule, position: int, kind: EventKind) -> str:
    """Why an event came, or did not, at a bar."""
    if kind is EventKind.FIRED:
        return _quiet(replayed, position) or _why(replayed.rule.when, replayed.frame, position)
    if kind.is_of_forming:
        return "" if replayed.by_hours else "only hours can show it; allowed: hours: FILE, beside csv: FILE"
    follow, alert = replayed.rule.follow, _open_alert(replayed, position)
    if follow is None or alert is None:
        return "nothing is followed here"
    formula = {EventKind.HELD: follow.held, EventKind.FAILED: follow.failed}.get(kind)
    if formula is None:
        return ""
    level = np.full(len(replayed.replay.bars), np.nan if alert.level is None else alert.level)
    return _why(formula, replayed.frame.with_names({LEVEL: level}, replayed.rule.pinned), position)


def _quiet(replayed: ReplayedRule, position: int) -> str:
    """Why the formula's yes is no firing."""
    if replayed.replay.truth[position] != 1 or position in replayed.replay.fires:
        return ""
    earlier = np.flatnonzero(replayed.replay.truth[:position] == 1)
    ago = position - int(earlier[-1]) if len(earlier) else 0
    quiet = counted(replayed.rule.quiet, "bar")
    return f"yes, but it was yes {counted(ago, 'bar')} before: the same episode (quiet: {quiet})"


def _open_alert(replayed: ReplayedRule, position: int) -> Event | None:
    follow = replayed.rule.follow
    within = len(replayed.replay.bars) if follow and follow.bars is None else follow.bars if follow else 0
    fired = [event for event in replayed.replay.events if event.kind is EventKind.FIRED]
    before = [event for event in fired if (replayed.replay.bars.position(event.bar) or 0) < position]
    near = [each for each in before if position - (replayed.replay.bars.position(each.bar) or 0) <= (within or 0)]
    return near[-1] if near else None


def _why(formula: Formula, frame: Frame, position: int) -> str:
    return "; ".join(_condition_words(part) for part in deciding(explain(formula, frame, position)))


def _condition_words(part: NodeValue) -> str:
    """One condition in words: `close 105.1 is not > 105.2, which is highest(high, 20)[1]`."""
    if part.op is not Op.COMPARE:
        return f"{part.text} is {_truth(part.value)}"
    left, right = part.children
    verb = {1.0: "is", 0.0: "is not"}.get(part.value, "may or may not be")
    return f"{_valued(left)} {verb} {part.symbol} {_valued(right)}"


def _valued(part: NodeValue) -> str:
    if part.kind is Kind.YES_NO:
        return f"{part.text} ({_truth(part.value)})"
    return part.text if part.op is Op.NUMBER else f"{part.text} ({_number(part.value)})"


def _truth(value: float) -> str:
    return {1.0: "yes", 0.0: "no"}.get(value, "unknown")


def _number(value: float) -> str:
    return "unknown" if np.isnan(value) else f"{value:.6g}"
