"""What a rule looks back across at a bar and has not, from the bars and sessions that the bot has."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from bot.market.model import Market
from bot.scan.bar_cache import BarCache
from bot.scan.missing.joined import joined_with_holes, read_by
from bot.scan.missing.windows import HoledWindow, has_window, windows_with_holes
from bot.signals.bars import Bars
from bot.signals.replay.rule import Rule


async def across_missing(
    bar_cache: BarCache, markets: Mapping[str, Market], rule: Rule, bars: Bars, at: int, others: Mapping[str, Bars]
) -> list[HoledWindow]:
    """The sessions that are missing behind the bar at position `at`: of the rule's own market, then of others."""
    own, found = markets.get(rule.market), []
    if own is not None and has_window(rule, own):
        sessions = await bar_cache.sessions(own, bars)
        found += await asyncio.to_thread(windows_with_holes, rule, bars, [at], sessions)
    for name, reaches in read_by(rule, markets).items():
        if name not in others:
            continue
        sessions = await bar_cache.sessions(markets[name], bars)
        found += await asyncio.to_thread(joined_with_holes, name, reaches, bars, [at], others[name], sessions)
    return found
