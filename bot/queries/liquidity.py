"""Facts of /liquidity: the readings of the macro series that the config has."""

from __future__ import annotations

from bot.evidence.liquidity import LiquidityReading, liquidity
from bot.queries.market_data import MarketData
from bot.scan.context import LIQUIDITY_MARKETS
from bot.signals.timeframe import Instant


async def liquidity_now(market_data: MarketData, now: Instant) -> tuple[LiquidityReading, ...]:
    """The newest public figure of each series; none of those whose newest is too old to stand."""
    names = [name for name in LIQUIDITY_MARKETS if name in market_data.markets]
    return liquidity({name: await market_data.bars(name) for name in names}, now)
