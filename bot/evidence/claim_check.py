"""What a claim is about: its stance, and the check that answers it."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from bot.evidence.risk.filed_flows import FLOW_MARKETS
from bot.evidence.risk.filed_losses import LOSSES_MARKET


class Measure(StrEnum):
    """The quantity that a claim speaks of.

    `flow` is money that went into small-cap funds, `share` that of companies that lose money, both by filings.
    """

    RETURN = "return"
    BEST = "best"
    BREAKOUT = "breakout"
    CORRELATION = "correlation"
    FLOW = "flow"
    SHARE = "share"

    @property
    def has_history(self) -> bool:
        """Whether the quantity can be measured on an asset's prices."""
        return self not in (Measure.FLOW, Measure.SHARE)

    @property
    def by_filings(self) -> bool:
        """Whether official filings answer it."""
        return self in (Measure.FLOW, Measure.SHARE)

    @property
    def by_signal(self) -> bool:
        """Whether the quantity is taken over so many days after each signal."""
        return self in (Measure.RETURN, Measure.BEST, Measure.BREAKOUT)


class Stance(StrEnum):
    """Whether a claim speaks for what the signal promises, or against it."""

    FOR = "for"
    AGAINST = "against"


class ClaimCheck(NamedTuple):
    """Which figure answers a claim: the quantity, of which asset, over how many days, after which signals.

    `year` or `last` choose among the signals, none of them means all. `other` is the market that a correlation is
    with; without it that of the rule.
    """

    measure: Measure
    asset: str | None = None
    days: int | None = None
    year: int | None = None
    last: int | None = None
    other: str | None = None

    def reads(self, market: str) -> tuple[str, ...]:
        """Markets whose bars the answer is made of, for a rule on `market`."""
        if self.measure is Measure.FLOW:
            return tuple(FLOW_MARKETS)
        if self.measure is Measure.SHARE:
            return (LOSSES_MARKET,)
        if self.asset is None or not self.measure.has_history:
            return ()
        return (self.asset,) if self.measure.by_signal else (self.asset, self.other or market)
