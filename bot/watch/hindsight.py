"""What did an asset do after a rule fired, and how do the claims of others stand beside that?"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from bot.evidence.claims import horizons_with
from bot.evidence.study import Firings, Study, firings_of, study
from bot.market.spec import MarketKind
from bot.messages.facts import Said
from bot.messages.said import said
from bot.rulebook.book import Rulebook
from bot.rulebook.written import Claim
from bot.signals.bars import Bars
from bot.signals.timeframe import Instant
from bot.watch.lookup import Lookup


@dataclass(frozen=True, eq=False, slots=True)
class Hindsight:
    """The study of a rule and an asset, the rule's claims each with the bot's own figure, and the asset's bars.

    `since` is the instant from which on the rule could have fired.
    """

    study: Study
    said: tuple[Said, ...]
    asset: Bars
    since: Instant


async def hindsight(lookup: Lookup, book: Rulebook, rule: str, asset: str, now: Instant) -> Hindsight:
    """All that /evidence tells of a rule of the book."""
    claims = book.rules[rule].claims
    firings = firings_of((await lookup.replays(book, [rule]))[rule])
    wanted = {asset, *(claim.asset for claim in claims if claim.asset is not None)}
    bars = {name: await lookup.bars(name) for name in sorted(wanted)}
    return await asyncio.to_thread(judged, firings, claims, asset, bars, now)


def usual_asset(lookup: Lookup, market: str) -> str:
    """The asset that people want to know about after a rule on this market fired."""
    kind = lookup.markets[market].kind if market in lookup.markets else MarketKind.SERIES
    if kind in {MarketKind.CRYPTO, MarketKind.BASKET}:
        return market
    return next(iter(lookup.crypto), market)


def judged(
    firings: Firings, claims: tuple[Claim, ...], asset: str, bars: Mapping[str, Bars], now: Instant
) -> Hindsight:
    """The same out of firings and bars that are there already: those of `asset` and of every claim's asset.

    A claim about an asset without bars is told without a figure.
    """
    days: dict[str, list[int]] = {asset: []}
    for claim in claims:
        if claim.asset is not None and claim.days is not None:
            days.setdefault(claim.asset, []).append(claim.days)
    known = {name: spans for name, spans in days.items() if name in bars}
    studies = {name: study(firings, bars[name], now, horizons=horizons_with(spans)) for name, spans in known.items()}
    told = tuple(said(each.text, each.source, studies.get(each.asset or ""), each.days) for each in claims)
    return Hindsight(studies[asset], told, bars[asset], firings.since)
