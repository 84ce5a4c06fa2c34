"""Context of an alert: crypto now, what came after earlier signals, claims, risk, liquidity and correlation."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bot.evidence.claim_ledger import claim_state
from bot.evidence.claims import answer, filed
from bot.evidence.correlation import ALERT_SESSIONS, CorrelationReport, correlate
from bot.evidence.event_study.event_study import HORIZONS_DAYS, Signals, Study, event_study
from bot.evidence.liquidity import LiquidityReading, liquidity
from bot.evidence.performance import performance, rebased
from bot.evidence.risk.filed_flows import FLOW_MARKETS
from bot.evidence.risk.filed_losses import LOSSES_MARKET
from bot.evidence.risk.risk_panel import MARKETS as RISK_MARKETS
from bot.evidence.risk.risk_panel import RiskPanel, risk_panel
from bot.evidence.scorecard import VERDICT_HORIZON_DAYS
from bot.evidence.survivors import ALTCOIN_CAP, THEN_RETURNS, hindsight
from bot.market.model import Market, MarketKind
from bot.rulebook.rule_definition import Claim, RuleDefinition
from bot.scan.series import is_basket
from bot.signals.bars import Bars
from bot.signals.timeframe import Instant, Timeframe
from bot.views.alerts.facts import ClaimView, CryptoLine

STALE_CRYPTO_SECONDS = 3 * 86_400
"""Seconds after which a crypto price is no longer shown as `now`."""

LEADER = "IWM"
"""Whose correlation with crypto is told beside a rule on a crypto market."""

BarsOf = Callable[[str, Timeframe], Bars]


@dataclass(frozen=True, eq=False, slots=True)
class AlertEvidence:
    """What came after a rule's earlier firings, and what others say of them; None and none where not asked for."""

    history: Study | None = None
    claims: tuple[ClaimView, ...] = ()


@dataclass(frozen=True, eq=False, slots=True)
class Surroundings:
    """What goes on beside a story's alerts: crypto now, risk, liquidity, correlation.

    `missing` are assets without a price of now, `missing_liquidity` macro series of the config without a figure.
    """

    crypto: tuple[CryptoLine, ...] = ()
    missing: tuple[str, ...] = ()
    risk: RiskPanel | None = None
    liquidity: tuple[LiquidityReading, ...] = ()
    correlation: CorrelationReport | None = None
    missing_liquidity: tuple[str, ...] = ()


LIQUIDITY_MARKETS = ("NET_LIQUIDITY", "NFCI", "M2", "HY_SPREAD", "BROAD_DOLLAR", "STABLECOINS")
"""Macro series that tell how easy money is, where the config has them; the order in which they are told."""


def context_markets(markets: Mapping[str, Market], crypto: tuple[str, ...]) -> tuple[str, ...]:
    """Markets whose daily bars an alert's context reads, beside those of its rule."""
    others = (*RISK_MARKETS, *LIQUIDITY_MARKETS, *FLOW_MARKETS, LOSSES_MARKET, THEN_RETURNS)
    return (*crypto, *(name for name in others if name in markets))


def alert_evidence(
    definition: RuleDefinition,
    firings: Signals,
    at: Instant,
    markets: Mapping[str, Market],
    crypto: tuple[str, ...],
    bars: BarsOf,
    rules: int,
) -> AlertEvidence:
    """What could be known at `at` of the rule's earlier firings, as far as its `context` asks for it.

    Only what the alert tells is tested: over the days by which a rule is judged, and as one of the tests that `rules`
    rules, all of crypto and all horizons would make.
    """
    if "history" not in definition.context:
        return AlertEvidence()
    asset = default_asset(markets, crypto, definition.rule.market)
    earlier = firings.known_at(at - 1)
    history = _history(earlier, bars(asset, Timeframe.D1), at, rules * len(crypto)) if asset else None
    made_by_then = [claim for claim in definition.claims if claim.made <= at]
    return AlertEvidence(history, tuple(_claim_view(claim, earlier, bars, at) for claim in made_by_then))


def _history(earlier: Signals, asset: Bars, at: Instant, pairs: int) -> Study:
    study = event_study(earlier, asset, at, horizons=(VERDICT_HORIZON_DAYS,))
    return study.among_at_most(max(pairs, 1) * len(HORIZONS_DAYS))


def surroundings(
    definitions: Sequence[RuleDefinition],
    at: Instant,
    markets: Mapping[str, Market],
    crypto: tuple[str, ...],
    bars: BarsOf,
) -> Surroundings:
    """What could be known at `at` of all that any of a story's rules asks for; the first of them leads."""
    sections = {section for definition in definitions for section in definition.context}
    lines = {name: crypto_line(markets[name], bars, at) for name in crypto} if "crypto" in sections else {}
    panel = {name: bars(name, Timeframe.D1) for name in RISK_MARKETS if name in markets}
    money = [name for name in LIQUIDITY_MARKETS if name in markets] if "liquidity" in sections else []
    readings = liquidity({name: bars(name, Timeframe.D1) for name in money}, at)
    return Surroundings(
        crypto=tuple(line for line in lines.values() if line is not None),
        missing=tuple(name for name, line in lines.items() if line is None),
        risk=risk_panel(panel, at) if "risk" in sections else None,
        liquidity=readings,
        missing_liquidity=tuple(name for name in money if name not in {each.market for each in readings}),
        correlation=_correlation(definitions[0].rule.market, at, markets, crypto, bars)
        if "correlation" in sections
        else None,
    )


def default_asset(markets: Mapping[str, Market], crypto: tuple[str, ...], market: str) -> str | None:
    """The asset that people want to know about after a rule on this market fired; None where no crypto is named."""
    own = markets.get(market)
    return market if own is not None and _is_crypto(own) else next(iter(crypto), None)


def crypto_line(market: Market, bars: BarsOf, at: Instant) -> CryptoLine | None:
    """How one of the markets of "crypto now" does; None where nothing is known, or nothing of late."""
    daily = bars(market.name, Timeframe.D1)
    told = performance(daily, at, finer_bars(market, bars))
    if told is None or at - told.as_of > STALE_CRYPTO_SECONDS:
        return None
    if is_basket(market):
        label = f"{market.name.capitalize()} ({_priced(market, bars, told.as_of)})"
        then = bars(THEN_RETURNS, Timeframe.D1).known_at(at)
        beside = hindsight(daily.known_at(at), len(market.members), {THEN_RETURNS: then}, ALTCOIN_CAP)
        return CryptoLine(label, told, priced=False, hindsight=beside)
    return CryptoLine(market.name, told)


def finer_bars(market: Market, bars: BarsOf) -> Bars | None:
    """The hourly bars of a market of "crypto now", those of a basket on the level of its daily ones."""
    hourly = bars(market.name, Timeframe.H1)
    return rebased(hourly, bars(market.name, Timeframe.D1)) if is_basket(market) else hourly


def _priced(basket: Market, bars: BarsOf, as_of: Instant) -> str:
    """9 · 5 of 9: how many of a basket's members have a price of that instant, by their days or their hours."""
    count = sum(
        any(_has_price(bars(member, timeframe), as_of) for timeframe in (Timeframe.D1, Timeframe.H1))
        for member in basket.members
    )
    return f"{count}" if count == len(basket.members) else f"{count} of {len(basket.members)}"


def _has_price(bars: Bars, end: Instant) -> bool:
    """Whether a bar that closed at `end` has a usable close."""
    at = int(np.searchsorted(bars.end, end))
    return at < len(bars) and int(bars.end[at]) == end and bool(0 < bars.close[at] < np.inf)


def _correlation(
    market: str, at: Instant, markets: Mapping[str, Market], crypto: tuple[str, ...], bars: BarsOf
) -> CorrelationReport | None:
    asset = default_asset(markets, crypto, market)
    leader = LEADER if _is_crypto(markets[market]) else market
    if asset is None or leader not in markets:
        return None
    return correlate(bars(leader, Timeframe.D1), bars(asset, Timeframe.D1), at, [ALERT_SESSIONS], leads=False)


def _claim_view(claim: Claim, earlier: Signals, bars: BarsOf, at: Instant) -> ClaimView:
    check = claim.check
    known = {name: bars(name, Timeframe.D1) for name in check.reads(earlier.market)} if check else {}
    if check is None:
        return ClaimView(claim.text, claim.source, claim.made, claim.stance)
    told = filed(check, claim.made, known, at) if check.measure.by_filings else answer(check, earlier, known, at)
    state = claim_state(check, claim.stance, claim.made, earlier, known, at)
    return ClaimView(claim.text, claim.source, claim.made, claim.stance, told, state)


def _is_crypto(market: Market) -> bool:
    return market.kind in {MarketKind.CRYPTO, MarketKind.BASKET}
