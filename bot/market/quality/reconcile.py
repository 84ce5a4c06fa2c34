"""The answers of several sources made one: what one lacks or tells oddly is settled by the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from bot.market.history import deepened
from bot.market.model import FetchAnswer, Market, MarketKind
from bot.market.quality.cross_check import COMPARABLE_RATIO, CrossCheck
from bot.market.quality.gate import Gated, gate
from bot.market.quality.macro_gate import macro_gate
from bot.signals.bars import Bars, shared
from bot.signals.sessions import Sessions
from bot.signals.timeframe import DAY, Instant, Timeframe

RECENT_S = 30 * DAY
"""Seconds back from now within which other sources settle things; what is odd about older bars stays as it is."""

_FITTING_RATIO = 0.25
"""How far a source's first close may be from the last known one, as a ratio, where the two share no bar."""

_SAME_CLOSES_RATIO = 2e-3
"""How far most of a source's closes may be from those known of the same bars, for it to speak of the same market."""

CLOSES_AGREE_RATIO = {MarketKind.EQUITY: 5e-3, MarketKind.INDEX: 5e-3}
CRYPTO_CLOSES_AGREE_RATIO = 1.5e-2
"""How far two sources' closes of one bar may be apart before both are in doubt; exchanges differ more than tapes."""

REACH_AGREE_RATIO = {MarketKind.EQUITY: 1e-2, MarketKind.INDEX: 1e-2}
CRYPTO_REACH_AGREE_RATIO = 2.5e-2
"""As CLOSES_AGREE_RATIO, for opens, highs and lows: a wick on one exchange need not be one on another."""


class GateContext(NamedTuple):
    """What the bars of one market are judged by, see `gate`: the bars from `since` on are those that are expected."""

    market: Market
    sessions: Sessions
    now: Instant
    since: Instant | None = None
    history: Bars | None = None
    sister: Bars | None = None
    patient: bool = True

    def gated(self, answer: FetchAnswer) -> Gated:
        """The gate's judgement of one source's answer."""
        if self.market.kind is MarketKind.MACRO:
            return macro_gate(answer, self.history)
        splits = self.market.kind is MarketKind.EQUITY
        same = _SAME_CLOSES_RATIO if splits or self.market.kind is MarketKind.INDEX else CRYPTO_CLOSES_AGREE_RATIO
        return gate(
            answer,
            self.sessions,
            self.now,
            self.since,
            history=self.history,
            sister=self.sister,
            splits=splits,
            same=same,
            patient=self.patient,
        )


def reconcile(answers: Sequence[FetchAnswer], context: GateContext) -> Gated:
    """The first answer's bars after the gate, with what the others settle of them, in their order.

    A doubted price or close passes where another source tells the same, and gives way to another's that is not doubted;
    a missing bar, or one held back, comes from the next source that has a good one. Two sources whose closes of a new
    bar differ hold it until a third decides. Where nothing is known yet, an older history is joined where it agrees.
    What stays open is told as the gate tells it, what the others gave in `notes`.
    """
    found = context.gated(answers[0])
    agree = CLOSES_AGREE_RATIO.get(context.market.kind, CRYPTO_CLOSES_AGREE_RATIO)
    reach = REACH_AGREE_RATIO.get(context.market.kind, CRYPTO_REACH_AGREE_RATIO)
    check = CrossCheck(answers[0].source, agree, reach, context.now - RECENT_S, context.since or 0)
    for place, other in enumerate(answers[1:], start=1):
        if found.rescaled != 1.0:
            break
        if any(other.source == before.source for before in answers[:place]):
            continue  # nobody bears himself out
        theirs = context.gated(other)
        shares = context.market.kind is MarketKind.EQUITY
        if shares and found.strange != 1.0 and abs(theirs.strange / found.strange - 1) < COMPARABLE_RATIO:
            return replace(found, rescaled=found.strange)  # a split that two of them tell without reporting it
        known = context.history.merged(found.bars) if context.history is not None else found.bars
        if _comparable(known, other.bars):
            found = check.joined(found, other, theirs)
            found = deepened(found, theirs, other.source) if context.history is None else found
        elif len(other.bars):
            note = f"{other.source}: {found.bars.market}: its closes are others, not used"
            found = replace(found, notes=(*found.notes, note))
    return found


def first_open(found: Gated, context: GateContext) -> Instant | None:
    """Start of the oldest recent bar that is missing, doubted, or held back although it should be there."""
    daily = found.bars.timeframe is Timeframe.D1
    held = [at for at in found.suspect.tolist() if not daily or context.sessions.position(at) is not None]
    starts = [*found.missing.tolist(), *held, *(doubt.start for doubt in found.doubts)]
    return min((start for start in starts if start >= context.now - RECENT_S), default=None)


def _comparable(known: Bars, theirs: Bars) -> bool:
    """Whether both have the same closes at the bars that they share; where they share none, whether theirs fits on."""
    if not len(known) or not len(theirs):
        return bool(len(theirs))
    here, there = shared(known.start, theirs.start)
    if len(here):
        apart = float(np.median(np.abs(theirs.close[there] / known.close[here] - 1)))
        return apart <= COMPARABLE_RATIO
    before = max(int(np.searchsorted(known.start, theirs.start[0])) - 1, 0)
    return abs(float(theirs.close[0] / known.close[before]) - 1) <= _FITTING_RATIO
