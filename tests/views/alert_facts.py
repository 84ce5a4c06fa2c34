"""Facts made by hand, for tests of what is told."""

from __future__ import annotations

from typing import Any

import numpy as np

from bot.evidence.performance import Performance
from bot.evidence.record_rank import record_rank
from bot.evidence.signal_kind import SignalKind
from bot.severity import Severity
from bot.signals.bars import Bars
from bot.signals.replay.event import AlertId, Event, EventKind
from bot.signals.timeframe import DAY, Timeframe, start_of
from bot.views.alerts.facts import AlertFacts, CryptoLine, Direction, FollowUpFacts, StoryFacts

FIRST = start_of("2019-01-01")


def history(closes: list[float]) -> Bars:
    """One bar a day from 1 Jan 2019 on, closing at 21:00 UTC, a point between low and high."""
    close = np.array(closes, dtype=np.float64)
    start = FIRST + DAY * np.arange(len(closes), dtype=np.int64)
    return Bars("RUT", Timeframe.D1, start, start + 75_600, close, close + 0.5, close - 0.5, close, close * 0 + 1e6)


def happened(kind: EventKind, closes: list[float], ago: int = 0, level: float | None = None) -> Event:
    """An event at the last bar of an alert that fired `ago` bars before."""
    bars = history(closes)
    alert = AlertId("rut-record", "RUT", Timeframe.D1, int(bars.start[-1 - ago]))
    return Event(alert, kind, int(bars.start[-1]), int(bars.end[-1]), float(bars.close[-1]), level)


def alert(
    closes: list[float], level: float | None = None, kind: EventKind = EventKind.FIRED, **more: Any
) -> AlertFacts:
    """A firing at the last bar."""
    event = happened(kind, closes, 0, level)
    texts: dict[str, Any] = {
        "rule_title": "Russell 2000 at a record",
        "headline": "Russell 2000: a record",
        "market": "Russell 2000",
        "direction": Direction.UP,
        "severity": Severity.HIGH,
        "signal": SignalKind.RECORD,
        "rank": record_rank(history(closes), event.bar, event.close),
        "change": closes[-1] / closes[-2] - 1 if len(closes) > 1 else None,
    }
    return AlertFacts(event, **(texts | more))


def story(*alerts: AlertFacts, **more: Any) -> StoryFacts:
    """A story of these alerts, with what stands beside them."""
    return StoryFacts(alerts[0].event.at, alerts, **more)


def follow_up(kind: EventKind, closes: list[float], ago: int, level: float | None = None, **more: Any) -> FollowUpFacts:
    """What became of an alert that fired `ago` bars before the last one."""
    known: dict[str, Any] = {
        "rule_title": "Russell 2000 at a record",
        "market": "Russell 2000",
        "direction": Direction.UP,
        "bars_after": ago,
        "signal": SignalKind.RECORD,
        "opening": closes[-1 - ago],
        "low": closes[-1] - 0.5,
    }
    return FollowUpFacts(happened(kind, closes, ago, level), **(known | more))


def crypto(
    label: str, price: float, *changes: float | None, as_of: str = "2020-01-02", priced: bool = True
) -> CryptoLine:
    """A row with changes over 24 h, 7 d, 30 d."""
    told = dict(zip(("24h", "7d", "30d"), changes, strict=True))
    return CryptoLine(label, Performance(price, start_of(as_of), told, price, FIRST, 0.0), priced)
