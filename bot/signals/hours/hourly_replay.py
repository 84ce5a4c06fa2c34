"""Provisional firings of daily intraday rules in the past: the live bot's question, asked anew at each hour's end."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from bot.signals.bars import Bars
from bot.signals.hours.forming_days import FormingDays
from bot.signals.replay.event import Event
from bot.signals.replay.incremental import replay_recent
from bot.signals.replay.replay import Replay, withdrawals
from bot.signals.replay.rule import Rule, Trigger
from bot.signals.replay.ruleset import IntradayState, Series, replay_all
from bot.signals.timeframe import Instant, Timeframe


def forms_daily(rule: Rule) -> bool:
    """Whether the hours of a rule's days decide about events of it."""
    return rule.trigger is Trigger.INTRADAY and rule.timeframe is Timeframe.D1


@dataclass(frozen=True)
class Hours:
    """Forming days by market, and the ids of the rules that are asked about them."""

    days: Mapping[str, FormingDays] = field(default_factory=dict)
    rules: frozenset[str] = frozenset()


def replay_by_hours(
    rules: Sequence[Rule],
    bars: Mapping[Series, Bars],
    hours: Hours,
    watch: Callable[[Sequence[Instant]], Iterable[Instant]] = iter,
) -> dict[str, Replay]:
    """As `replay_all`, with the provisional firings that days brought as they formed, and their withdrawals.

    What happened at a close is the same with hours and without. A provisional event's `at` is the end of the hour that
    brought it. `watch` goes over the hours of a market, and may show how far it is.
    """
    done = replay_all(rules, bars)
    by_market: dict[str, list[str]] = {}
    for rule in rules:
        if rule.id in hours.rules and forms_daily(rule) and rule.market in hours.days:
            by_market.setdefault(rule.market, []).append(rule.id)
    for market, ids in by_market.items():
        looks = watch(hours.days[market].at.tolist())
        for id_, told in _provisional(market, ids, rules, bars, hours.days, looks).items():
            gone = withdrawals(done[id_], [event.bar for event in told])
            done[id_] = replace(done[id_], intraday_events=(*told, *gone))
    return done


def _provisional(
    market: str,
    ids: Sequence[str],
    rules: Sequence[Rule],
    bars: Mapping[Series, Bars],
    days: Mapping[str, FormingDays],
    looks: Iterable[Instant],
) -> dict[str, list[Event]]:
    """What the rules of one market said of its forming days, each day once."""
    found: dict[str, list[Event]] = {id_: [] for id_ in ids}
    past = _Past(bars)
    rules = [rule.unfollowed for rule in rules]  # what follows a firing says nothing of a bar that forms
    for now in looks:
        known = past.known_at(now)
        forming = {
            series: bar
            for series, closed in known.items()
            if series[1] is Timeframe.D1 and series[0] in days and len(bar := days[series[0]].after(closed, now))
        }
        day = forming.get((market, Timeframe.D1))
        silent = [id_ for id_ in ids if day is not None and (not found[id_] or found[id_][-1].bar != day.start[0])]
        if silent:
            after = dict.fromkeys(silent, int(known[market, Timeframe.D1].start[-1]))
            recent = replay_recent(_needed(rules, silent), known, after, IntradayState(forming))
            for id_ in silent:
                found[id_] += [replace(event, at=now) for event in recent[id_].intraday_events]
    return found


class _Past:
    """The bars that had closed by an instant; those of a series stay the same object until it has a new one."""

    def __init__(self, bars: Mapping[Series, Bars]) -> None:
        self._bars = bars
        self._known: dict[Series, Bars] = {}

    def known_at(self, now: Instant) -> Mapping[Series, Bars]:
        """By series."""
        for series, each in self._bars.items():
            count = int(np.searchsorted(each.end, now, side="right"))
            if len(self._known.get(series, ())) != count or series not in self._known:
                self._known[series] = each.prefix(count)
        return self._known


def _needed(rules: Sequence[Rule], ids: Collection[str]) -> list[Rule]:
    """These rules and all that they build on."""
    by_id, needed, ahead = {rule.id: rule for rule in rules}, dict.fromkeys(ids), list(ids)
    while ahead:
        more = by_id[ahead.pop()].needs & by_id.keys() - needed.keys()
        needed |= dict.fromkeys(more)
        ahead += more
    return [rule for rule in rules if rule.id in needed]
