"""The event study that /evidence and `bellwether evidence` tell, with the claims of others."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from bot.charts.request import FanChart
from bot.evidence.claims import answer, filed
from bot.evidence.event_study.conditions import CONDITION_MARKETS, CONDITIONS, split_by
from bot.evidence.event_study.coverage import Coverage, coverage
from bot.evidence.event_study.event_study import Signals, Study, event_study, family_p_values, signals_of
from bot.evidence.event_study.placebo import PLACEBO_MARKET, placebo_rules
from bot.evidence.scorecard import VERDICT_HORIZON_DAYS
from bot.evidence.survivors import ALTCOIN_CAP, THEN_RETURNS, Survivors, hindsight
from bot.market.model import Market
from bot.queries.market_data import MarketData
from bot.rulebook.book import Rulebook
from bot.rulebook.rule_definition import Claim, RuleDefinition, claim_markets
from bot.scan.context import default_asset
from bot.signals.bars import Bars
from bot.signals.formula import Frame
from bot.signals.replay.replay import Replay, replay
from bot.signals.timeframe import Instant
from bot.views.alerts.claims import asset_name, capital
from bot.views.alerts.facts import ClaimView
from bot.views.alerts.track_record import verdict_words
from bot.views.markets.evidence import EvidenceFacts


@dataclass(frozen=True, eq=False, slots=True)
class EventStudyReport:
    """What is told of a rule and an asset, and what its picture is drawn from.

    `since` is the instant from which on the rule could have fired.
    """

    facts: EvidenceFacts
    asset: Bars
    since: Instant

    @property
    def study(self) -> Study:
        """The study itself."""
        return self.facts.study


@dataclass(frozen=True, eq=False, slots=True)
class StudyInput:
    """What a report is made from: the replays of all rules, daily bars by market, and which assets are looked at."""

    book: Rulebook
    replays: Mapping[str, Replay]
    bars: Mapping[str, Bars]
    assets: tuple[str, ...]
    markets: Mapping[str, Market]
    now: Instant


async def event_study_report(
    market_data: MarketData, book: Rulebook, rule: str, asset: str, now: Instant, *, placebo: bool = False
) -> EventStudyReport:
    """All that /evidence tells of a rule of the book; with `placebo` also of signals without small caps in them."""
    names = study_markets(book.rules[rule], asset, market_data.crypto, market_data.markets)
    bars = {name: await market_data.bars(name) for name in names if name in market_data.markets}
    replays = await market_data.replays(book, list(book.rules))
    given = StudyInput(book, replays, bars, market_data.crypto, market_data.markets, now)
    return await asyncio.to_thread(study_report, given, rule, asset, placebo=placebo)


def study_markets(
    definition: RuleDefinition, asset: str, assets: Iterable[str], markets: Mapping[str, Market]
) -> list[str]:
    """Markets whose daily bars a report reads: the assets, those of the claims, and what they are set beside."""
    beside = [name for name in (PLACEBO_MARKET, ALTCOIN_CAP, THEN_RETURNS, *CONDITION_MARKETS) if name in markets]
    return sorted({asset, *assets, *claim_markets(definition), *beside})


def study_report(given: StudyInput, rule: str, asset: str, *, placebo: bool = False) -> EventStudyReport:
    """The report out of what is there already; a claim about an asset without bars is told without a figure."""
    definition, bars, now = given.book.rules[rule], given.bars, given.now
    signals = {each: signals_of(found, given.book.rules[each].demanded_high) for each, found in given.replays.items()}
    looked_at = [bars[name] for name in dict.fromkeys((*given.assets, asset)) if name in bars]
    study = event_study(signals[rule], bars[asset], now).among(family_p_values(list(signals.values()), looked_at, now))
    facts = EvidenceFacts(
        study=study,
        title=definition.title,
        claims=tuple(_claim_view(claim, signals[rule], bars, now) for claim in definition.claims if claim.made <= now),
        coverage=_coverage(definition, given.replays, bars[asset]) if study.base else None,
        survivors=_survivors(given, asset),
        placebo=_placebo(bars, asset, now) if placebo else (),
        conditions=split_by(CONDITIONS, bars, signals[rule], study, bars[asset], now),
    )
    return EventStudyReport(facts, bars[asset], signals[rule].since)


def usual_asset(market_data: MarketData, market: str) -> str:
    """The asset that people want to know about after a rule on this market fired."""
    return default_asset(market_data.markets, market_data.crypto, market) or market


def fan_of(found: EventStudyReport, note: str = "") -> FanChart:
    """The asset's ways after the signals, over the days by which a rule is judged, with the verdict of those days."""
    entries = tuple(event.entry for event in found.study.events)
    horizon = found.study.horizons.get(VERDICT_HORIZON_DAYS)
    verdict = verdict_words(horizon) if horizon is not None else ""
    return FanChart(
        asset=found.asset,
        entries=entries,
        since=found.since,
        rises=found.study.base,
        title=capital(f"{asset_name(found.study.asset)} after: {found.facts.title}"),
        verdict=verdict,
        note=note,
        days=VERDICT_HORIZON_DAYS,
    )


def _claim_view(claim: Claim, signals: Signals, bars: Mapping[str, Bars], now: Instant) -> ClaimView:
    bare = ClaimView(claim.text, claim.source, claim.made, claim.stance)
    if claim.check is None:
        return bare
    if claim.check.measure.by_filings:
        return replace(bare, answer=filed(claim.check, claim.made, bars, now))
    return replace(bare, answer=answer(claim.check, signals, bars, now))


def _coverage(definition: RuleDefinition, replays: Mapping[str, Replay], asset: Bars) -> Coverage | None:
    near = [(replays[rule].fired, within) for rule, within in definition.rule.when.firings if rule in replays]
    return coverage(asset, near)


def _survivors(given: StudyInput, asset: str) -> Survivors | None:
    market = given.markets.get(asset)
    if market is None or not market.members:
        return None
    known = {name: given.bars[name].known_at(given.now) for name in (ALTCOIN_CAP, THEN_RETURNS) if name in given.bars}
    return hindsight(given.bars[asset].known_at(given.now), len(market.members), known, ALTCOIN_CAP)


def _placebo(bars: Mapping[str, Bars], asset: str, now: Instant) -> tuple[Study, ...]:
    rules = [rule for rule in placebo_rules(asset) if len(bars.get(rule.market, ()))]
    done = [replay(rule, Frame(bars[rule.market])) for rule in rules]
    return tuple(event_study(signals_of(each), bars[asset], now) for each in done)
