"""How large is the appetite for risk right now, from all that the bot knows?"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping

import numpy as np

from bot.evidence.earnings import Losers, losers
from bot.evidence.flows import FundFlows, fund_flows
from bot.evidence.flows import Snapshot as FundSnapshot
from bot.evidence.lastknown import LastKnown
from bot.evidence.risk import RiskPanel, risk_panel
from bot.signals.timeframe import Instant
from bot.store.snapshots import Snapshot, latest_snapshots, load_snapshots
from bot.store.vendor import Database
from bot.watch.context import RISK_MARKETS
from bot.watch.lookup import Lookup

FUNDS = ("IWM", "IWN")
"""Funds of small caps whose assets the bot notes from day to day, by the names of their markets."""

EARNINGS = "EARNINGS"
"""What snapshots of how many companies lose money are of."""


async def panel_now(lookup: Lookup, now: Instant) -> RiskPanel:
    """The risk panel, from the markets of it that the config has."""
    bars = {name: await lookup.bars(name) for name in RISK_MARKETS if name in lookup.markets}
    return await asyncio.to_thread(risk_panel, bars, now)


def noted_flows(db: Database, now: Instant, funds: Iterable[str] = FUNDS) -> Mapping[str, FundFlows]:
    """Flows of the funds, from the snapshots that were kept."""
    return fund_flows([each for fund in funds for each in _snapshots(db, fund)], now)


def noted_losers(db: Database, now: Instant) -> Losers | LastKnown | None:
    """How many companies lose money, as it was noted last; None where it never was."""
    found = latest_snapshots(db, EARNINGS, now)
    total, negative = found.get("companies"), found.get("losing_companies")
    if total is None or negative is None:
        return None
    return losers(int(negative.value), int(total.value), _older(total, negative), now)


def _snapshots(db: Database, fund: str) -> list[FundSnapshot]:
    assets, nav = load_snapshots(db, fund, "total_assets"), load_snapshots(db, fund, "nav")
    _, left, right = np.intersect1d(assets.at, nav.at, return_indices=True)
    return [
        FundSnapshot(int(assets.at[one]), fund, float(assets.value[one]), float(nav.value[other]))
        for one, other in zip(left.tolist(), right.tolist(), strict=True)
    ]


def _older(one: Snapshot, other: Snapshot) -> Instant:
    return min(one.at, other.at)
