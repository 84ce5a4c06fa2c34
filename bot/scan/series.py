"""Series: market and timeframe of bars; which ones the rules, and what stands beside an alert, read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bot.market.model import Market, MarketKind
from bot.rulebook.rule_definition import RuleDefinition, claim_markets
from bot.signals.hours.hourly_replay import forms_daily
from bot.signals.timeframe import DAY, Timeframe

Series = tuple[str, Timeframe]

TRADED = frozenset({MarketKind.INDEX, MarketKind.EQUITY, MarketKind.CRYPTO})
"""Kinds of markets that vendors have bars within a day of."""

RECENT_CRYPTO_S = 40 * DAY
"""Seconds of hourly bars that tell how crypto does at the very close of another market."""

PASSING_KEPT_S = 45 * DAY
"""Seconds after which hourly bars go that no rule reads: else they would be most of the file, and of the memory."""


def series_read(rules: Iterable[RuleDefinition], markets: Mapping[str, Market], context: Iterable[str]) -> list[Series]:
    """Series that the rules, their claims and the context of an alert read, baskets replaced by their members."""
    named: dict[Series, None] = {}
    for rule in rules:
        named.update(dict.fromkeys(sorted(series_of(rule))))
        named.update(dict.fromkeys((name, Timeframe.D1) for name in sorted(claim_markets(rule))))
    for name in context:
        named[name, Timeframe.D1] = None
    for name, timeframe in list(named):
        if (market := markets.get(name)) is not None and market.sister and timeframe is Timeframe.D1:
            named[market.sister, timeframe] = None
    plain: dict[Series, None] = {}
    for name, timeframe in named:
        if timeframe is Timeframe.W1:
            continue  # made of the daily bars
        if (market := markets.get(name)) is not None and not is_switched_off(market):
            plain.update(dict.fromkeys((each, timeframe) for each in market.members or (name,)))
    return list(plain)


def series_of(written: RuleDefinition) -> set[Series]:
    """Every series that a rule reads, its headline too: its own timeframe, and daily bars where there is no such."""
    return {(name, timeframe) for name in written.markets for timeframe in (written.rule.timeframe, Timeframe.D1)}


def recent_crypto(markets: Mapping[str, Market], context: Iterable[str]) -> list[Series]:
    """Hourly series of the crypto that stands in every alert, baskets replaced by their members."""
    plain = dict.fromkeys(each for name in context for each in (markets[name].members or (name,)))
    return [(name, Timeframe.H1) for name in plain if markets[name].kind is MarketKind.CRYPTO]


def passing(rules: Iterable[RuleDefinition], markets: Mapping[str, Market], context: Iterable[str]) -> list[Series]:
    """Hourly series that tell of the present only: no rule reads them, and none is looked at by them in the past."""
    rules = list(rules)
    read = {*series_read(rules, markets, ()), *hours_looked_at(rules, markets)}
    return [series for series in recent_crypto(markets, context) if series not in read]


def hourly_series(written: RuleDefinition, markets: Mapping[str, Market]) -> list[Series]:
    """The hours by which a daily intraday rule is looked at in the past: its market's, and those of what it reads.

    Empty for every other rule. What is not traded by itself, as a basket, has no hours: it is known by its days.
    """
    rule = written.rule
    if not forms_daily(rule):
        return []
    names = sorted(frozenset({rule.market}).union(*(formula.markets for formula in rule.formulas)))
    return [(name, Timeframe.H1) for name in names if name in markets and markets[name].kind in TRADED]


def hours_looked_at(rules: Iterable[RuleDefinition], markets: Mapping[str, Market]) -> list[Series]:
    """The hours by which any of the rules is looked at in the past."""
    return list(dict.fromkeys(each for rule in rules for each in hourly_series(rule, markets)))


def is_basket(market: Market) -> bool:
    """Whether its bars are computed from its members'."""
    return market.kind is MarketKind.BASKET


def is_switched_off(market: Market) -> bool:
    """Whether published figures have no source that may be asked, as where the SEC is given no contact."""
    return market.kind in {MarketKind.MACRO, MarketKind.SERIES} and not market.sources
