"""Facts made by hand, for tests of what is told."""

from __future__ import annotations

from typing import Any

import numpy as np

from bot.evidence.performance import Performance
from bot.signals.bars import Bars
from bot.signals.replay.event import AlertId, Event, EventKind
from bot.signals.timeframe import DAY, Timeframe, start_of
from bot.views.alerts.facts import AlertFacts, CryptoLine

FIRST = start_of("2019-01-01")


def history(closes: list[float]) -> Bars:
    """One bar a day from 1 Jan 2019 on, closing at 21:00 UTC, a point between low and high."""
    close = np.array(closes, dtype=np.float64)
    start = FIRST + DAY * np.arange(len(closes), dtype=np.int64)
    return Bars("RUT", Timeframe.D1, start, start + 75_600, close, close + 0.5, close - 0.5, close, close * 0 + 1e6)


def facts(kind: EventKind, closes: list[float], ago: int = 0, level: float | None = None, **more: Any) -> AlertFacts:
    """An event at the last bar of an alert that fired `ago` bars before."""
    bars = history(closes)
    alert = AlertId("rut-record", "RUT", Timeframe.D1, int(bars.start[-1 - ago]))
    event = Event(alert, kind, int(bars.start[-1]), int(bars.end[-1]), float(bars.close[-1]), level)
    texts: dict[str, Any] = {
        "headline": "Russell 2000: a record",
        "title": "Russell 2000 record",
        "market": "Russell 2000",
    }
    return AlertFacts(event, bars, **(texts | more))


def crypto(
    label: str, price: float, *changes: float | None, as_of: str = "2020-01-02", priced: bool = True
) -> CryptoLine:
    """A row with changes over 24 h, 7 d, 30 d."""
    told = dict(zip(("24h", "7d", "30d"), changes, strict=True))
    return CryptoLine(label, Performance(price, start_of(as_of), told, price, FIRST, 0.0), priced)
