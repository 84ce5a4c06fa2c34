"""What do many rules say, some of which build on others?"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from graphlib import TopologicalSorter

from bot.signals.bars import Bars
from bot.signals.frame import FiredHistory, Frame
from bot.signals.replay import Replay, replay
from bot.signals.rule import Rule
from bot.signals.timeframe import Instant, Timeframe

Series = tuple[str, Timeframe]


@dataclass(frozen=True)
class Live:
    """What goes on now, for intraday rules: forming bars by series, and by rule the bars already told provisionally."""

    forming: Mapping[Series, Bars] = field(default_factory=dict)
    provisional: Mapping[str, Collection[Instant]] = field(default_factory=dict)


def replay_all(
    rules: Sequence[Rule],
    bars: Mapping[Series, Bars],
    live: Live | None = None,
    fired: Mapping[str, FiredHistory] | None = None,
) -> dict[str, Replay]:
    """The replay of each rule, by id, every rule after those that it builds on.

    Other markets are joined from their bars of the rule's timeframe, or else from daily ones. A rule whose market
    has no bars has an empty replay. `fired` are histories of rules that are not among `rules`. Raises
    graphlib.CycleError where rules build on each other in a circle, which no rulebook lets pass.
    """
    live = live or Live()
    histories = dict(fired or {})
    frames: dict[Series, Frame] = {}
    done: dict[str, Replay] = {}
    for rule in _ordered(rules):
        series = rule.market, rule.timeframe
        if series not in frames:
            frames[series] = Frame(bars.get(series) or Bars.empty(*series), joined(bars, rule.timeframe))
        frame = frames[series].with_names({}, rule.pinned, histories)
        done[rule.id] = replay(rule, frame, live.forming.get(series), live.provisional.get(rule.id, ()))
        histories[rule.id] = done[rule.id].fired
    return done


def joined(bars: Mapping[Series, Bars], timeframe: Timeframe) -> dict[str, Bars]:
    """The other markets of a frame: their bars of the rule's timeframe, or else daily ones."""
    daily = {market: each for (market, length), each in bars.items() if length is Timeframe.D1}
    return daily | {market: each for (market, length), each in bars.items() if length is timeframe}


def _ordered(rules: Sequence[Rule]) -> list[Rule]:
    by_id = {rule.id: rule for rule in rules}
    order = TopologicalSorter({rule.id: sorted(rule.needs & by_id.keys()) for rule in rules}).static_order()
    return [by_id[each] for each in order]
