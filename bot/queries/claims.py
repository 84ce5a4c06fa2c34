"""Ledger of the rules' claims: what /claims and `bellwether claims` tell."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping

from bot.evidence.claim_ledger import ClaimScore, score_claim
from bot.evidence.event_study.event_study import Signals, signals_of
from bot.queries.market_data import MarketData
from bot.rulebook.book import Rulebook
from bot.rulebook.rule_definition import Claim, RuleDefinition, claim_markets
from bot.signals.bars import Bars
from bot.signals.timeframe import Instant
from bot.views.markets.claims import LedgerEntry


async def claim_ledger(market_data: MarketData, book: Rulebook, now: Instant) -> tuple[LedgerEntry, ...]:
    """The claims of all rules that may send alerts, made by `now`."""
    rules = [written for written in book.enabled if written.claims]
    replays = await market_data.replays(book, [written.rule.id for written in rules])
    bars = {name: await market_data.bars(name) for name in ledger_markets(rules) if name in market_data.markets}
    signals = {rule: signals_of(replay, book.rules[rule].demanded_high) for rule, replay in replays.items()}
    return await asyncio.to_thread(scored_claims, rules, signals, bars, now)


def ledger_markets(rules: Iterable[RuleDefinition]) -> list[str]:
    """Markets whose daily bars the scores of these rules' claims are made of."""
    return sorted(frozenset[str]().union(*map(claim_markets, rules)))


def scored_claims(
    rules: Iterable[RuleDefinition], signals: Mapping[str, Signals], bars: Mapping[str, Bars], now: Instant
) -> tuple[LedgerEntry, ...]:
    """The same out of signals by rule and daily bars by market that are there already."""
    return tuple(
        LedgerEntry(written.rule.id, written.title, claim, _score(claim, signals[written.rule.id], bars, now))
        for written in rules
        for claim in written.claims
        if claim.made <= now
    )


def _score(claim: Claim, signals: Signals, bars: Mapping[str, Bars], now: Instant) -> ClaimScore | None:
    if claim.check is None:
        return None
    return score_claim(claim.check, claim.stance, claim.made, signals, bars, now)
