"""Facts of /risk: the risk panel, fund flows and losing companies."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import numpy as np

from bot.evidence.risk.earnings import LosingCompanies, losing_companies
from bot.evidence.risk.filed_flows import FLOW_MARKETS, FiledFlow, newest_flows
from bot.evidence.risk.filed_losses import LOSSES_MARKET, FiledLosses, newest_losses
from bot.evidence.risk.fund_flows import AssetSnapshot, FundFlows, fund_flows
from bot.evidence.risk.published_figures import PublishedFigure
from bot.evidence.risk.risk_panel import MARKETS, RiskPanel, risk_panel
from bot.queries.market_data import MarketData
from bot.scan.snapshots import EARNINGS
from bot.signals.timeframe import DAY, Instant
from bot.store.snapshots import Snapshot, latest_snapshots, load_snapshots
from bot.store.sqlite import Database

FUNDS = ("IWM", "IWN")
"""Funds of small caps whose assets the bot notes from day to day, by the names of their markets."""

_FLOWS_READ = 2 * 365 * DAY
"""How far back from a fund's newest figures its flows are read: more than a year to date, and not all years."""


async def panel_now(market_data: MarketData, now: Instant) -> RiskPanel:
    """The risk panel, from the markets of it that the config has."""
    bars = {name: await market_data.bars(name) for name in MARKETS if name in market_data.markets}
    return await asyncio.to_thread(risk_panel, bars, now)


async def filed_now(market_data: MarketData, now: Instant) -> tuple[FiledFlow, ...]:
    """What the funds filed of their newest year."""
    bars = {name: await market_data.bars(name) for name in FLOW_MARKETS if name in market_data.markets}
    return newest_flows(bars, now)


async def losses_now(market_data: MarketData, now: Instant) -> FiledLosses | None:
    """How many companies lost money in the newest quarter of which their reports are public."""
    if LOSSES_MARKET not in market_data.markets:
        return None
    return newest_losses(await market_data.bars(LOSSES_MARKET), now)


def noted_flows(db: Database, now: Instant) -> Mapping[str, FundFlows]:
    """Flows of the funds, from the snapshots that were kept."""
    return fund_flows([each for fund in FUNDS for each in _snapshots(db, fund, now)], now)


def noted_losers(db: Database, now: Instant) -> LosingCompanies | PublishedFigure | None:
    """How many companies lose money, as it was noted last; None where it never was."""
    found = latest_snapshots(db, EARNINGS, now)
    total, negative = found.get("companies"), found.get("losing_companies")
    if total is None or negative is None:
        return None
    return losing_companies(int(negative.value), int(total.value), _older(total, negative), now)


def _snapshots(db: Database, fund: str, now: Instant) -> list[AssetSnapshot]:
    since = max((each.at for each in latest_snapshots(db, fund, now).values()), default=now) - _FLOWS_READ
    assets, nav = (load_snapshots(db, fund, name, since) for name in ("total_assets", "nav"))
    _, left, right = np.intersect1d(assets.at, nav.at, return_indices=True)
    return [
        AssetSnapshot(int(assets.at[one]), fund, float(assets.value[one]), float(nav.value[other]))
        for one, other in zip(left.tolist(), right.tolist(), strict=True)
    ]


def _older(one: Snapshot, other: Snapshot) -> Instant:
    return min(one.at, other.at)
