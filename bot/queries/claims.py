"""Ledger of the rules' claims: what /claims and `bellwether claims` tell."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.evidence.claim_check import Stance
from bot.evidence.claim_ledger import ClaimScore, ClaimState, score_claim
from bot.evidence.event_study.event_study import Signals, signals_of
from bot.queries.market_data import MarketData
from bot.rulebook.book import Rulebook
from bot.rulebook.rule_definition import Claim, RuleDefinition, claim_markets
from bot.signals.bars import Bars
from bot.signals.timeframe import Instant
from bot.views.markets.claims import LedgerEntry

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class ClaimFilter:
    """Which claims are wanted; what is empty leaves them all.

    `words` begin words of the claim, its source, its asset, or its rule's name or title, each of them.
    """

    states: frozenset[ClaimState] = frozenset()
    years: frozenset[int] = frozenset()
    words: tuple[str, ...] = ()
    warnings: bool = False

    def of(self, ledger: Iterable[LedgerEntry]) -> tuple[LedgerEntry, ...]:
        """Those that are wanted."""
        return tuple(entry for entry in ledger if self._wants(entry))

    def _wants(self, entry: LedgerEntry) -> bool:
        claim = entry.claim
        asset = claim.check.asset or "" if claim.check is not None else ""
        known = _WORD.findall(f"{entry.rule} {entry.title} {claim.text} {claim.source} {asset}".casefold())
        return (
            (not self.states or entry.state in self.states)
            and (not self.years or datetime.fromtimestamp(claim.made, UTC).year in self.years)
            and (not self.warnings or claim.stance is Stance.AGAINST)
            and all(any(each.startswith(part) for each in known) for word in self.words for part in _WORD.findall(word))
        )


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
