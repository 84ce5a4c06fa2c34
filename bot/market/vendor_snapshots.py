"""What vendors say of today only, so that the bot keeps a history of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from bot.signals.timeframe import Instant


class FundSnapshot(NamedTuple):
    """What Yahoo says of a fund at `at`; None what it does not say.

    `total_assets` are in the fund's currency, of a day that Yahoo does not name and that may be long past; `nav` is the
    net asset value of a share. `shares` are those outstanding, as of `shares_at`.
    """

    at: Instant
    symbol: str
    total_assets: float | None
    nav: float | None
    shares: float | None
    shares_at: Instant | None

    @property
    def values(self) -> Mapping[str, float]:
        """What is known, by the names under which the store keeps it."""
        told = {"total_assets": self.total_assets, "nav": self.nav, "shares": self.shares}
        return {name: value for name, value in told.items() if value is not None}


class EarningsTotals(NamedTuple):
    """How many US-listed companies of a size have a known net income over the last four quarters, and how many lose.

    `smallest` and `largest` bound the market capitalisation, in dollars.
    """

    at: Instant
    total: int
    negative: int
    smallest: float
    largest: float

    @property
    def values(self) -> Mapping[str, float]:
        """By the names under which the store keeps them."""
        return {"companies": float(self.total), "losing_companies": float(self.negative)}


class GlobalSnapshot(NamedTuple):
    """The whole crypto market at `at`: its capitalisation in dollars, and the percentage that BTC and ETH are of it."""

    at: Instant
    total_usd: float
    btc_dominance: float
    eth_dominance: float

    @property
    def alt_usd(self) -> float:
        """Capitalisation of all but BTC, in dollars."""
        return self.total_usd * (1 - self.btc_dominance / 100)

    @property
    def values(self) -> Mapping[str, float]:
        """By the names under which sources and the store know them."""
        return {
            "total": self.total_usd,
            "alt": self.alt_usd,
            "btc_dominance": self.btc_dominance,
            "eth_dominance": self.eth_dominance,
        }
