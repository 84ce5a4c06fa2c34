"""Ledger of claims: each scored on the history before it was made and, apart from that, on what came since."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from bot.evidence.claim_check import ClaimCheck, Measure, Stance
from bot.evidence.claims import ClaimAnswer, answer, filed
from bot.evidence.closes import Closes, Waypoint, known_or_none
from bot.evidence.event_study.event_study import Signals
from bot.evidence.likeness import MIN_SESSIONS
from bot.evidence.return_pairs import pairs
from bot.evidence.risk.filed_flows import together
from bot.signals.bars import Bars
from bot.signals.timeframe import Instant

CHECKPOINT_DAYS = (90, 180, 270, 365)
"""Calendar days after a claim was made at which the asset is looked at, beside the claim's own number."""

ALIKE = 0.7
"""A correlation from which on one market explains half of the other's moves: they mirror each other."""

UNLIKE = 0.3
"""A correlation below which it explains less than a tenth of them."""


class ClaimState(StrEnum):
    """How a claim stands since it was made: not decided yet, come true, not come true, or one as much as the other."""

    OPEN = "open"
    MET = "met"
    MISSED = "missed"
    MIXED = "mixed"


@dataclass(frozen=True, slots=True)
class SinceMade:
    """What an asset did since a claim was made, from its close of that day on.

    `returns` are ratios by days, None where that day has not come. `breakout` is the first of its own within the
    claim's days. `correlation` is that of the daily log returns since then, over `sessions`; None below MIN_SESSIONS.
    """

    entry: Instant | None = None
    price: float | None = None
    returns: Mapping[int, float | None] | None = None
    best: Waypoint | None = None
    worst: Waypoint | None = None
    breakout: Waypoint | None = None
    correlation: float | None = None
    sessions: int = 0


@dataclass(frozen=True, slots=True)
class ClaimScore:
    """One claim's answer from the history before it was made, what came since, and how it stands."""

    before: ClaimAnswer
    since: SinceMade
    state: ClaimState


def score_claim(
    check: ClaimCheck, stance: Stance, made: Instant, signals: Signals, bars: Mapping[str, Bars], now: Instant
) -> ClaimScore:
    """The score as it could be made at `now`; `made` is the midnight (UTC) with which the claim's day began."""
    if check.measure.by_filings:
        return _by_filings(check, stance, made, bars, now)
    since = _since(check, made, signals.market, bars, now)
    return ClaimScore(answer(check, signals, bars, min(made, now)), since, _state(check, stance, since))


def claim_state(
    check: ClaimCheck, stance: Stance, made: Instant, signals: Signals, bars: Mapping[str, Bars], now: Instant
) -> ClaimState:
    """How a claim stands, without the answer from before it was made, which takes a study."""
    if check.measure.by_filings:
        return _by_filings(check, stance, made, bars, now).state
    return _state(check, stance, _since(check, made, signals.market, bars, now))


def _by_filings(check: ClaimCheck, stance: Stance, made: Instant, bars: Mapping[str, Bars], now: Instant) -> ClaimScore:
    """By the funds' filings on the year before the claim, once all of them are there: they come out months later.

    How many companies lose money is told, and decides nothing: no claim says how many are too many.
    """
    found = filed(check, made, bars, now)
    whole = bool(found.flows) and all(each.whole for each in found.flows)
    state = (ClaimState.MET if together(found.flows) > 0 else ClaimState.MISSED) if whole else ClaimState.OPEN
    return ClaimScore(found, SinceMade(), _for_or_against(state, stance))


def _since(check: ClaimCheck, made: Instant, market: str, bars: Mapping[str, Bars], now: Instant) -> SinceMade:
    asset = bars.get(check.asset or "")
    if asset is None or not check.measure.has_history:
        return SinceMade()
    closes = Closes.of(asset.known_at(now))
    entry = int(closes.entries(np.array([made], dtype=np.int64))[0])
    if entry < 0:
        return SinceMade()
    days = check.days or max(CHECKPOINT_DAYS)
    extremes = closes.extremes(entry, days) or (None, None)
    correlation, sessions = _correlation_since(check, made, market, bars, now)
    return SinceMade(
        entry=int(closes.start[entry]),
        price=float(closes.price[entry]),
        returns={each: known_or_none(closes.forward(each)[entry]) for each in sorted({*CHECKPOINT_DAYS, days})},
        best=extremes[0],
        worst=extremes[1],
        breakout=closes.breakout_within(entry, days),
        correlation=correlation,
        sessions=sessions,
    )


def _correlation_since(
    check: ClaimCheck, made: Instant, market: str, bars: Mapping[str, Bars], now: Instant
) -> tuple[float | None, int]:
    other = bars.get(check.other or market)
    if check.measure is not Measure.CORRELATION or check.asset is None or other is None:
        return None, 0
    both = pairs(other, bars[check.asset], now)
    late = np.isfinite(both.x + both.y) & (both.end > made)
    x, y = both.x[late], both.y[late]
    if len(x) < MIN_SESSIONS or not (np.ptp(x) and np.ptp(y)):
        return None, len(x)
    return float(np.corrcoef(x, y)[0, 1]), len(x)


def _state(check: ClaimCheck, stance: Stance, since: SinceMade) -> ClaimState:
    state = _correlated(since) if check.measure is Measure.CORRELATION else _moved(check, since)
    return _for_or_against(state, stance)


def _for_or_against(state: ClaimState, stance: Stance) -> ClaimState:
    turned = {ClaimState.MET: ClaimState.MISSED, ClaimState.MISSED: ClaimState.MET}
    return state if stance is Stance.FOR else turned.get(state, state)


def _correlated(since: SinceMade) -> ClaimState:
    if since.correlation is None:
        return ClaimState.OPEN
    if since.correlation >= ALIKE:
        return ClaimState.MET
    return ClaimState.MISSED if since.correlation < UNLIKE else ClaimState.MIXED


def _moved(check: ClaimCheck, since: SinceMade) -> ClaimState:
    """Open until the claim's days are over; mixed where what it says came and did not stay, or stayed and went."""
    if check.days is None or since.returns is None or (left := since.returns[check.days]) is None:
        return ClaimState.OPEN
    if check.measure is Measure.BREAKOUT:
        if since.breakout is None:
            return ClaimState.MISSED
        return ClaimState.MET if left > 0 else ClaimState.MIXED
    on_the_way = [each for days, each in since.returns.items() if days <= check.days and each is not None]
    ups = sum(each > 0 for each in on_the_way)
    if ups in (0, len(on_the_way)):
        return ClaimState.MET if ups else ClaimState.MISSED
    return ClaimState.MIXED
