"""An event study as plain data for JSON."""

from __future__ import annotations

from typing import Any

from bot.evidence.closes import Waypoint
from bot.evidence.event_study.conditions import ConditionedStudy
from bot.evidence.event_study.event_study import Horizon, Study, StudyEvent
from bot.signals.timeframe import label

_DIGITS = 8


def study_document(study: Study) -> dict[str, Any]:
    """The study as plain data: times as ISO, returns as ratios, what is unknown None.

    `best` and `worst` are over the longest horizon, as far as it has passed.
    """
    span = [None if at is None else label(at, study.asset_timeframe) for at in (study.first, study.last)]
    return {
        "rule": study.rule,
        "market": study.market,
        "asset": study.asset,
        "n": study.n,
        "from": span[0],
        "to": span[1],
        "events": [_event(event, study) for event in study.events],
        "horizons": {str(days): _horizon(horizon) for days, horizon in study.horizons.items()},
        "base": "same time" if study.base is None else f"first {study.base.bars}-day highs",
        "tests": study.tests,
        "notes": list(study.notes),
    }


def condition_document(split: ConditionedStudy) -> dict[str, Any]:
    """A study split by a condition as plain data; `unknown` counts the signals of which nobody knew at the time."""
    return {
        "name": split.condition.name,
        "market": split.condition.market,
        "unknown": split.unknown,
        "tests": split.tests,
        "branches": [
            {
                "while": branch.words,
                "n": branch.signals,
                "horizons": {str(days): _horizon(horizon) for days, horizon in branch.horizons.items()},
            }
            for branch in split.branches
        ],
    }


def _event(event: StudyEvent, study: Study) -> dict[str, Any]:
    longest = max(study.horizons, default=0)
    return {
        "bar": event.label,
        "entry": event.entry_label,
        "price": _plain(event.price),
        "returns": {str(days): _plain(change) for days, change in event.returns.items()},
        "best": _change(event.best.get(longest)),
        "worst": _change(event.worst.get(longest)),
        "breakout": None if event.breakout is None else label(event.breakout.bar, study.asset_timeframe),
    }


def _horizon(horizon: Horizon) -> dict[str, Any]:
    return {
        "n": horizon.n,
        "non_overlapping": horizon.non_overlapping,
        "median": _plain(horizon.median),
        "hit_rate": _plain(horizon.hit_rate),
        "hit_rate_interval": _interval(horizon.hit_rate_interval),
        "base_n": horizon.base_n,
        "base_median": _plain(horizon.base_median),
        "base_hit_rate": _plain(horizon.base_hit_rate),
        "whole_base_n": horizon.whole_base_n,
        "whole_base_median": _plain(horizon.whole_base_median),
        "whole_base_hit_rate": _plain(horizon.whole_base_hit_rate),
        "excess": _plain(horizon.excess),
        "excess_interval": _interval(horizon.excess_interval),
        "detectable": _plain(horizon.detectable),
        "p_value": _plain(horizon.p_value),
        "p_adjusted": _plain(horizon.p_adjusted),
        "p_without_one": _plain(horizon.p_without_one),
        "verdict": horizon.verdict.value,
    }


def _interval(bounds: tuple[float, float] | None) -> list[float | None] | None:
    return None if bounds is None else [_plain(bound) for bound in bounds]


def _change(waypoint: Waypoint | None) -> float | None:
    return None if waypoint is None else _plain(waypoint.change)


def _plain(value: float | None) -> float | None:
    return None if value is None else round(value, _DIGITS)
