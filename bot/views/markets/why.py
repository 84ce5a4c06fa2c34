"""Text of /why: what a rule said at a bar, condition by condition."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bot.signals.formula import Op
from bot.signals.replay.event import Event, EventKind
from bot.signals.replay.explanation import Condition, ConditionValue, Explanation, LevelTouches, Verdict
from bot.signals.replay.running import RunningAlert
from bot.signals.replay.trigger_price import TriggerPrice
from bot.signals.timeframe import DAY, Instant, Timeframe
from bot.signals.weeks import week_start
from bot.views.formatting import html, numbers
from bot.views.markets.unknown_values import unknown_line

_MARKS = {1.0: "✓", 0.0: "✗"}
_GROUPS = {Op.AND: "all of these:", Op.OR: "one of these:"}
_SERIES = {"close": "", "high": "a high of ", "low": "a low of ", "volume": "a volume of "}
_FRESH = 4
"""Lengths of a bar after its close for which it is still spoken of as today's: a long weekend."""

_FIRED = "fired"
"""The function that asks whether another rule fired."""

_COUNTS = frozenset({"since", "count"})
"""Functions whose value is a number of bars."""


@dataclass(frozen=True, slots=True)
class WhyFacts:
    """What a rule said at a bar, and what else keeps it from speaking.

    `market` is how its market is called. `enabled` false: it sends no alerts. `stale`: its file is broken now, and an
    earlier version runs. `waits` says what the running bot is waiting for, empty where nothing; `across_missing` which
    sessions its formula looks back across that are missing, empty where none.
    """

    explanation: Explanation
    title: str
    market: str
    now: Instant
    enabled: bool = True
    stale: bool = False
    waits: str = ""
    across_missing: str = ""


def render_why(why: WhyFacts, columns: int = html.PHONE_WIDTH) -> str:
    """The answer to /why, as Telegram HTML of one message; no line of its figures is wider than so many columns."""
    tree = html.wrapped("\n".join(_tree(why.explanation.reason, 0, columns)), columns)
    room = html.TEXT_LIMIT - 600
    if html.units(tree) > room:
        tree = tree.encode("utf-16-le")[: room * 2].decode("utf-16-le", "ignore").rpartition("\n")[0] + "\n…"
    return f"{_head(why)}\n{html.pre(tree, columns)}\n{html.escape(' '.join(_tail(why)))}"


def held_back(why: WhyFacts) -> tuple[str, ...]:
    """Everything that keeps the rule from firing beside its formula, a sentence each."""
    return tuple(_obstacles(why))


def _head(why: WhyFacts) -> str:
    explanation = why.explanation
    bar = numbers.bar_name(explanation.bar, explanation.rule.timeframe)
    title = html.bold(html.escape(html.clip(why.title, 200)))
    age = f", closed, {numbers.old(why.now - explanation.end)}" if why.now >= explanation.end else ", still forming"
    return f"{title}: {_verdict(why)}\n{html.escape(html.clip(why.market, 60))}, bar of {bar}{age}"


def _verdict(why: WhyFacts) -> str:
    explanation = why.explanation
    fresh = 0 <= why.now - explanation.end < _FRESH * explanation.rule.timeframe.seconds
    newest = {Timeframe.D1: "today", Timeframe.W1: _week(why)}.get(explanation.rule.timeframe, "now")
    then = newest if fresh else "at this bar"
    return {
        Verdict.FIRED: f"fired {then}",
        Verdict.QUIET: "yes, but quiet",
        Verdict.NO: f"not {then}",
        Verdict.UNKNOWN: "unknown",
    }[explanation.verdict]


def _week(why: WhyFacts) -> str:
    """The week of the bar as people call it now: a week's bar is the newest one until the next week has closed."""
    past = round((week_start(why.now) - week_start(why.explanation.bar)) / (7 * DAY))
    return {0: "this week", 1: "last week"}.get(past, "at this bar")


def _tree(condition: Condition, depth: int, columns: int) -> Iterator[str]:
    """A condition with what is in it, one line each, two spaces a step."""
    indent = "  " * depth
    if condition.op in _GROUPS:
        yield f"{indent}{_mark(condition.truth)} {_GROUPS[condition.op]}"
        for part in condition.parts:
            yield from _tree(part, depth + 1, columns)
        return
    yield f"{indent}{_mark(condition.truth)} {_one_line(condition.text)}"
    yield from _figures(condition, indent + "    ", columns)
    for part in condition.parts:
        yield from _tree(part, depth + 2, columns)


def _figures(condition: Condition, indent: str, columns: int) -> Iterator[str]:
    rows = list(dict.fromkeys(_rows(condition.terms, indent)))
    digits = max((len(value) for _, value, _ in rows), default=0)
    widest = columns - 2 - digits
    width = max((len(name) for name, _, _ in rows if len(name) <= widest), default=0)
    for name, value, touches in rows:
        if len(name) > widest:
            yield name
        start = name if len(name) <= widest else indent
        line = f"{start:<{width}}  {value:>{digits}}".rstrip()
        remark = f"   {_touches(touches, numbers.span)}" if touches else ""
        fits = len(line + remark) <= columns
        yield line + (remark if fits else "")
        if touches and not fits:
            yield f"{indent}  {_touches(touches, numbers.short_span)}"
    if condition.trigger_price is not None:
        yield f"{indent}needs {_needs(condition.trigger_price)}"
    if condition.last is not None:
        what = "last fired" if condition.symbol == _FIRED else "it was yes last on"
        yield f"{indent}{what} {numbers.day(condition.last)}"
    elif condition.symbol == _FIRED and not condition.unknown:
        yield f"{indent}it never fired so far"
    for unknown in condition.unknown:
        yield f"{indent}{unknown_line(unknown)}"


def _rows(terms: tuple[ConditionValue, ...], indent: str) -> Iterator[tuple[str, str, LevelTouches | None]]:
    """Name, value and touches of each number."""
    cents = any(abs(term.value) >= 10 for term in terms)
    for term in terms:
        yield f"{indent}{_one_line(term.text)}", _value(term, cents=cents), term.touches
        yield from _rows(term.terms, indent + "  ")


def _touches(touches: LevelTouches, span: Callable[[Instant, Instant], str]) -> str:
    if not touches.bars:
        return "pinned"
    count = numbers.count(len(touches.bars), "touch", "touches")
    return f"{count}, {span(touches.bars[0], touches.bars[-1])}{', pinned' if touches.pinned else ''}"


def _value(term: ConditionValue, *, cents: bool) -> str:
    if math.isinf(term.value):
        return f"none left {'above' if term.value > 0 else 'below'}"
    if math.isnan(term.value):
        return "unknown"
    if term.symbol in _COUNTS:
        return numbers.number(term.value, 0)
    return numbers.number(term.value, 2) if cents and abs(term.value) < 1 else numbers.price(term.value)


def _needs(needed: TriggerPrice) -> str:
    change = numbers.change(needed.change, points=needed.in_points)
    return f"{_SERIES[needed.series]}{numbers.price(needed.value)}: {change} from here"


def _tail(why: WhyFacts) -> Iterator[str]:
    explanation = why.explanation
    what = "Fired before that" if explanation.verdict is Verdict.FIRED else "Last fired"
    if explanation.fired is None or explanation.fired_ago is None:
        yield "Never fired before." if explanation.verdict is Verdict.FIRED else "Never fired so far."
    else:
        ago = numbers.bars_of(explanation.fired_ago, explanation.rule.timeframe)
        timeframe = explanation.rule.timeframe
        then = f"{'in ' if timeframe is Timeframe.W1 else ''}{numbers.bar_day(explanation.fired, timeframe)}"
        yield f"{what} {then}, {ago} ago."
    for event in explanation.told:
        yield _told(event)
    if explanation.running is not None:
        yield _running(explanation.running, explanation.rule.timeframe)
    if why.across_missing:
        yield f"It looks back across missing sessions. {why.across_missing}."
    yield from held_back(why)
    if explanation.verdict is Verdict.UNKNOWN:
        yield "What is unknown never fires."
    elif explanation.verdict is Verdict.NO and not held_back(why):
        yield "Nothing holds it back."


def _running(run: RunningAlert, timeframe: Timeframe) -> str:
    """The alert that is still followed: on how many bars its rule was yes, and whether it has failed since."""
    since = numbers.bar_day(run.since, timeframe)
    unit = {Timeframe.D1: "day", Timeframe.W1: "week"}.get(timeframe, "bar")
    yes = f"yes on {numbers.count(run.count, unit)}"
    if run.failed:
        return f"The run since {since}: {yes}, then failed and has not come back."
    return f"The run since {since} goes on: {yes} so far."


def _told(event: Event) -> str:
    if event.kind is EventKind.PROVISIONAL:
        return f"While it formed, it fired provisionally at {numbers.clock(event.at)}, at {numbers.price(event.close)}."
    if event.kind is EventKind.WITHDRAWN:
        return "That was withdrawn at the close."
    alert = numbers.bar_day(event.alert.bar, event.alert.timeframe)
    return f"Told at this bar of the alert of {alert}: {event.kind.value}."


def _obstacles(why: WhyFacts) -> Iterator[str]:
    explanation, rule = why.explanation, why.explanation.rule
    if why.waits:
        yield f"The bot {why.waits}."
    if not why.enabled:
        yield "It is not enabled, so it sends no alerts."
    if why.stale:
        yield "Its file is broken now: this is the last good version."
    if math.isnan(explanation.close):
        yield "The bar has no close, so nothing can be said of it."
    if explanation.is_quiet and explanation.verdict is not Verdict.FIRED and explanation.yes_ago is not None:
        ago, quiet = (numbers.bars_of(bars, rule.timeframe) for bars in (explanation.yes_ago, rule.quiet))
        yield f"Quiet: it was yes {ago} ago, and fires anew after {quiet} without."


def _mark(truth: float) -> str:
    return _MARKS.get(truth, "?")


def _one_line(text: str) -> str:
    return " ".join(text.split())
