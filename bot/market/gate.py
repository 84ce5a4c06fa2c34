"""Which of a source's bars may be believed, and which ones should be there and are not?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.market.grid import between, expected_bars
from bot.market.spec import FetchAnswer
from bot.signals.bars import COLUMNS, PRICES, Bars, IntArray
from bot.signals.sessions import ROUND_THE_CLOCK, Sessions
from bot.signals.timeframe import Instant, Timeframe

_NOISE = 1e-5
"""Relative error of vendors' prices: 32-bit numbers, and highs that were rounded apart from closes."""

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Gated:
    """Bars that passed; why others are held back; starts of the bars that should be there.

    `suspect` has the starts of the bars held back, `held` the reasons, in the same order.
    """

    bars: Bars
    held: tuple[str, ...]
    suspect: IntArray
    missing: IntArray


def gate(answer: FetchAnswer, sessions: Sessions, now: Instant, since: Instant | None = None) -> Gated:
    """The answer's closed bars, checked one by one against the sessions and against themselves.

    Bars are expected from `since` on (a start); by default from the answer's first bar. In passing a high or
    a low that is off by no more than float noise is put right. Of equities' bars within a day only sessions
    without any bar are missing: in a quiet half hour nobody trades. A bar held back is not missing.
    """
    bars = _without_noise(answer.bars)
    reasons = np.full(len(bars), "", dtype=object)
    for check, reason in _CHECKS:
        odd = check(bars, sessions, now) & (reasons == "")
        reasons[odd] = [_said(bars, int(at), reason) for at in np.flatnonzero(odd)]
    passed = reasons == ""
    return Gated(
        _picked(bars, passed),
        tuple(reasons[~passed]),
        bars.start[~passed],
        _missing(bars, sessions, now, since),
    )


def _without_noise(bars: Bars) -> Bars:
    body = np.fmax(bars.open, bars.close), np.fmin(bars.open, bars.close)
    high = np.where((bars.high < body[0]) & (bars.high >= body[0] * (1 - _NOISE)), body[0], bars.high)
    low = np.where((bars.low > body[1]) & (bars.low <= body[1] * (1 + _NOISE)), body[1], bars.low)
    return Bars(
        bars.market, bars.timeframe, bars.start, bars.end, bars.open, high, low, bars.close, bars.volume
    )  # fmt: skip


def _unknown(bars: Bars, _sessions: Sessions, _now: Instant) -> Mask:
    return ~np.isfinite(bars.close)


def _impossible(bars: Bars, _sessions: Sessions, _now: Instant) -> Mask:
    """A vendor's zero stands for a price that it does not have; infinity for one that it divided by zero."""
    prices = np.stack([getattr(bars, name) for name in PRICES])
    return np.asarray((np.isinf(prices) | ((prices <= 0) & (bars.close > 0))).any(axis=0) | (bars.close == 0))


def _inconsistent(bars: Bars, _sessions: Sessions, _now: Instant) -> Mask:
    top = np.fmax(np.fmax(bars.open, bars.close), bars.low)
    bottom = np.fmin(np.fmin(bars.open, bars.close), bars.high)
    return (bars.high < top) | (bars.low > bottom)


def _open(bars: Bars, _sessions: Sessions, now: Instant) -> Mask:
    return bars.end > now


def _sessionless(bars: Bars, sessions: Sessions, _now: Instant) -> Mask:
    """Only daily bars: how bars within a day are cut is the vendor's choice."""
    if bars.timeframe is not Timeframe.D1:
        return np.zeros(len(bars), dtype=bool)
    return ~np.isin(bars.start, sessions.start)


# A later check for suspect bars (a high that stands alone, a ratio to a sister market) is a further line here.
_CHECKS: tuple[tuple[Callable[[Bars, Sessions, Instant], Mask], str], ...] = (
    (_unknown, "the close is unknown"),
    (_impossible, "a price is zero, negative or infinite"),
    (_inconsistent, "high and low do not hold open and close"),
    (_open, "it has not closed yet"),
    (_sessionless, "the market had no session"),
)


def _said(bars: Bars, at: int, reason: str) -> str:
    prices = " ".join(f"{name} {float(getattr(bars, name)[at]):.10g}" for name in PRICES)
    return f"{bars.market} {bars.label(at)}: {reason} ({prices})"


def _picked(bars: Bars, which: Mask) -> Bars:
    arrays = {name: getattr(bars, name)[which] for name in ("start", "end", *COLUMNS)}
    return Bars(bars.market, bars.timeframe, **arrays)


def _missing(bars: Bars, sessions: Sessions, now: Instant, since: Instant | None) -> IntArray:
    first = since if since is not None else (int(bars.start[0]) if len(bars) else now)
    due = between(sessions, first, now)
    if not len(due):
        return due.start
    whole = bars.timeframe is Timeframe.D1 or sessions.calendar == ROUND_THE_CLOCK
    starts, ends = expected_bars(due, bars.timeframe) if whole else (due.opens, due.closes)
    inside = bars.end[(bars.end > starts[0]) & (bars.end <= ends[-1])]
    there = bars.start if whole else starts[np.searchsorted(ends, inside)]
    return starts[(starts >= first) & (ends <= now) & ~np.isin(starts, there)]
