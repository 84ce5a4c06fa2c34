"""Performance of a market as known at an instant: price, changes, distance from its record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from bot.signals.bars import PRICES, Bars, FloatArray, IntArray
from bot.signals.timeframe import DAY, Instant

CHANGE_SPANS_SECONDS: Mapping[str, int] = {"24h": DAY, "7d": 7 * DAY, "30d": 30 * DAY, "90d": 90 * DAY}
"""The spans over which a change is told, in seconds."""

MAX_GAP_SECONDS = 2 * DAY
"""A change is unknown when the close it would be measured from is older than its span by more than this."""


@dataclass(frozen=True, slots=True)
class Performance:
    """What one market's closes say at `as_of`, the end of its last bar with a known close.

    `changes` are ratios (0.02 = +2 %) by the names of CHANGE_SPANS_SECONDS, None where unknown. `record` is the highest
    close so far, first reached by the bar that starts at `record_at`; `distance` is price / record - 1, and 0
    where the price is above every close.
    """

    price: float
    as_of: Instant
    changes: Mapping[str, float | None]
    record: float
    record_at: Instant
    distance: float


def closes_of(bars: Bars, now: Instant, finer: Bars | None = None) -> tuple[IntArray, FloatArray]:
    """Ends and closes, those that are known, of the bars that had closed by `now`: what `performance` reads."""
    known = bars.known_at(now)
    usable = np.isfinite(known.close) & (known.close > 0)
    if not usable.any():
        return known.end[:0], known.close[:0]
    return _spliced(known.end[usable], known.close[usable], finer.known_at(now) if finer is not None else None)


def performance(bars: Bars, now: Instant, finer: Bars | None = None) -> Performance | None:
    """Price, changes and distance from the record, from the bars that had closed by `now`.

    `finer` are shorter bars of the same market: where they reach, price and changes are theirs, to the hour; the
    record stays that of `bars`. Spans count back from `as_of`, not from `now`: to the last known close at or before
    that instant, unless it lies more than MAX_GAP_SECONDS before it. Closes that are NaN or not positive are passed
    over. None without any in `bars`.
    """
    known = bars.known_at(now)
    usable = np.isfinite(known.close) & (known.close > 0)
    if not usable.any():
        return None
    closes, starts = known.close[usable], known.start[usable]
    top = int(np.argmax(closes))
    ends, prices = _spliced(known.end[usable], closes, finer.known_at(now) if finer is not None else None)
    price, record = float(prices[-1]), float(closes[top])
    return Performance(
        price=price,
        as_of=int(ends[-1]),
        changes={name: _change(ends, prices, span) for name, span in CHANGE_SPANS_SECONDS.items()},
        record=record,
        record_at=int(starts[top]),
        distance=min(price / record - 1, 0.0),
    )


def rebased(finer: Bars, bars: Bars) -> Bars | None:
    """A basket's shorter bars on the level of its longer ones: each is chained from 100 at a beginning of its own.

    They agree at the last end that both have with a known close; None where there is none.
    """
    ends, fine, coarse = np.intersect1d(finer.end, bars.end, assume_unique=True, return_indices=True)
    known = np.flatnonzero((finer.close[fine] > 0) & (bars.close[coarse] > 0)) if len(ends) else ends
    if not len(known):
        return None
    factor = bars.close[coarse[known[-1]]] / finer.close[fine[known[-1]]]
    return replace(finer, **{name: getattr(finer, name) * factor for name in PRICES})


def _spliced(ends: IntArray, closes: FloatArray, finer: Bars | None) -> tuple[IntArray, FloatArray]:
    """Ends and closes, with those of finer bars between the first and the last of these."""
    if finer is None:
        return ends, closes
    usable = np.isfinite(finer.close) & (finer.close > 0)
    if not usable.any():
        return ends, closes
    fine, prices = finer.end[usable], finer.close[usable]
    older, newer = ends < fine[0], ends > fine[-1]
    joined = np.concatenate([ends[older], fine, ends[newer]])
    return joined, np.concatenate([closes[older], prices, closes[newer]])


def _change(ends: IntArray, closes: FloatArray, span: int) -> float | None:
    target = int(ends[-1]) - span
    at = int(np.searchsorted(ends, target, side="right")) - 1
    if at < 0 or target - int(ends[at]) > MAX_GAP_SECONDS:
        return None
    return float(closes[-1] / closes[at]) - 1
