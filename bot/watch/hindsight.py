"""What did an asset do after a rule fired, and how do the claims of others stand beside that?"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from bot.evidence.claims import horizons_with
from bot.evidence.scorecard import JUDGED
from bot.evidence.study import Firings, Study, firings_of, study
from bot.messages.facts import Said
from bot.messages.history import verdict_words
from bot.messages.said import asset_name, capital, said
from bot.messages.sketch import Sketch, fan_sketch
from bot.rulebook.book import Rulebook
from bot.rulebook.written import Claim
from bot.signals.bars import Bars
from bot.signals.timeframe import Instant
from bot.watch.context import judged_by
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
    return judged_by(lookup.markets, lookup.crypto, market) or market


def fan_of(found: Hindsight, title: str, note: str = "") -> Sketch:
    """The asset's ways after the signals, over the days by which a rule is judged, with the verdict of those days."""
    entries = tuple(event.entry for event in found.study.events)
    horizon = found.study.horizons.get(JUDGED)
    verdict = verdict_words(horizon) if horizon is not None else ""
    heading = capital(f"{asset_name(found.study.asset)} after: {title}")
    return fan_sketch(found.asset, entries, found.since, heading, verdict, note, days=JUDGED)


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
