"""Replay of many rules, each after those whose firings it reads."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from graphlib import TopologicalSorter

from bot.signals.bars import Bars
from bot.signals.formula import FiredHistory, Frame
from bot.signals.replay.replay import Replay, live_frame, replay
from bot.signals.replay.rule import Rule
from bot.signals.timeframe import Instant, Timeframe

Series = tuple[str, Timeframe]


@dataclass(frozen=True)
class IntradayState:
    """What goes on now, for intraday rules: forming bars by series, and by rule the bars already told provisionally."""

    forming: Mapping[Series, Bars] = field(default_factory=dict)
    provisional: Mapping[str, Collection[Instant]] = field(default_factory=dict)


def replay_all(
    rules: Sequence[Rule],
    bars: Mapping[Series, Bars],
    live: IntradayState | None = None,
    fired: Mapping[str, FiredHistory] | None = None,
) -> dict[str, Replay]:
    """The replay of each rule, by id, every rule after those that it builds on.

    Other markets are joined from their bars of the rule's timeframe, or else from daily ones. A rule whose market
    has no bars has an empty replay. `fired` are histories of rules that are not among `rules`. Raises
    graphlib.CycleError where rules build on each other in a circle, which no rulebook lets pass.
    """
    live = live or IntradayState()
    histories = dict(fired or {})
    frames: dict[Series, tuple[Frame, Frame | None]] = {}
    done: dict[str, Replay] = {}
    asked_for = frozenset[str]().union(*(rule.needs for rule in rules))
    for rule in in_order(rules):
        series = rule.market, rule.timeframe
        if series not in frames:
            frames = {series: frames_of(series, bars, live.forming, histories)}
        frame, ahead = frames[series]
        done[rule.id] = replay(rule, frame, ahead, live.provisional.get(rule.id, ()))
        if rule.id in asked_for:
            histories[rule.id] = done[rule.id].fired
    return done


def frames_of(
    series: Series,
    bars: Mapping[Series, Bars],
    forming: Mapping[Series, Bars],
    fired: Mapping[str, FiredHistory],
) -> tuple[Frame, Frame | None]:
    """What all rules of a market share, closed and with the forming bar; `fired` grows as rules are replayed."""
    others = joined(bars, series[1])
    frame = Frame(bars.get(series) or Bars.empty(*series), others, fired)
    if series not in forming:
        return frame, None
    newer = joined(forming, series[1])
    ahead = {name: newer[name].merged(each) if _fits(newer.get(name), each) else each for name, each in others.items()}
    return frame, live_frame(frame, forming[series], ahead)


def _fits(newer: Bars | None, closed: Bars) -> bool:
    return newer is not None and newer.timeframe is closed.timeframe


def joined(bars: Mapping[Series, Bars], timeframe: Timeframe) -> dict[str, Bars]:
    """What rules of a timeframe see of other markets: the bars of that timeframe, or else daily ones."""
    daily = {market: each for (market, length), each in bars.items() if length is Timeframe.D1}
    return daily | {market: each for (market, length), each in bars.items() if length is timeframe}


def in_order(rules: Sequence[Rule]) -> Iterator[Rule]:
    """Every rule after those that it needs, and else those of one series together: their frame is kept no longer."""
    by_id = {rule.id: rule for rule in rules}
    needs = {rule.id: sorted(rule.needs & by_id.keys()) for rule in rules}
    order = TopologicalSorter({rule_id: theirs for rule_id, theirs in needs.items() if theirs})
    order.prepare()
    yield from _by_series(rule for rule in rules if not needs[rule.id])
    order.done(*order.get_ready())
    while ready := order.get_ready():
        yield from _by_series(by_id[rule_id] for rule_id in ready)
        order.done(*ready)


def _by_series(rules: Iterable[Rule]) -> list[Rule]:
    return sorted(rules, key=lambda rule: (rule.market, rule.timeframe))
