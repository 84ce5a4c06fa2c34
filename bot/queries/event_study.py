"""The event study that /evidence and `bellwether evidence` tell, with the claims of others."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from bot.charts.request import FanChart
from bot.evidence.claims import answer
from bot.evidence.event_study.event_study import Signals, Study, event_study, signals_of
from bot.evidence.scorecard import VERDICT_HORIZON_DAYS
from bot.queries.market_data import MarketData
from bot.rulebook.book import Rulebook
from bot.rulebook.rule_definition import Claim, claim_markets
from bot.scan.context import default_asset
from bot.signals.bars import Bars
from bot.signals.timeframe import Instant
from bot.views.alerts.claims import asset_name, capital
from bot.views.alerts.facts import ClaimView
from bot.views.alerts.track_record import verdict_words


@dataclass(frozen=True, eq=False, slots=True)
class EventStudyReport:
    """The study of a rule and an asset, the rule's claims each with the bot's own figure, and the asset's bars.

    `since` is the instant from which on the rule could have fired.
    """

    study: Study
    said: tuple[ClaimView, ...]
    asset: Bars
    since: Instant


async def event_study_report(
    market_data: MarketData, book: Rulebook, rule: str, asset: str, now: Instant
) -> EventStudyReport:
    """All that /evidence tells of a rule of the book."""
    claims = book.rules[rule].claims
    firings = signals_of((await market_data.replays(book, [rule]))[rule])
    wanted = {asset, *claim_markets(book.rules[rule])}
    bars = {name: await market_data.bars(name) for name in sorted(wanted) if name in market_data.markets}
    return await asyncio.to_thread(judged, firings, claims, asset, bars, now)


def usual_asset(market_data: MarketData, market: str) -> str:
    """The asset that people want to know about after a rule on this market fired."""
    return default_asset(market_data.markets, market_data.crypto, market) or market


def fan_of(found: EventStudyReport, title: str, note: str = "") -> FanChart:
    """The asset's ways after the signals, over the days by which a rule is judged, with the verdict of those days."""
    entries = tuple(event.entry for event in found.study.events)
    horizon = found.study.horizons.get(VERDICT_HORIZON_DAYS)
    verdict = verdict_words(horizon) if horizon is not None else ""
    heading = capital(f"{asset_name(found.study.asset)} after: {title}")
    return FanChart(
        asset=found.asset,
        entries=entries,
        since=found.since,
        title=heading,
        verdict=verdict,
        note=note,
        days=VERDICT_HORIZON_DAYS,
    )


def judged(
    firings: Signals, claims: tuple[Claim, ...], asset: str, bars: Mapping[str, Bars], now: Instant
) -> EventStudyReport:
    """The same out of firings and bars that are there already: those of `asset` and of every claim's asset.

    A claim about an asset without bars is told without a figure.
    """
    study = event_study(firings, bars[asset], now)
    told = tuple(
        ClaimView(each.text, each.source, each.made, each.stance, answer(each.check, firings, bars, now))
        if each.check
        else ClaimView(each.text, each.source, each.made, each.stance)
        for each in claims
        if each.made <= now
    )
    return EventStudyReport(study, told, bars[asset], firings.since)
