"""Facts of /scorecard: what crypto did after every alert that was sent."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.alert import AlertRow
from bot.evidence.event_study.event_study import Signals, signals_of
from bot.evidence.scorecard import Scorecard, SentAlert, Standpoint, course, scorecard
from bot.queries.event_study import usual_asset
from bot.queries.market_data import MarketData
from bot.queries.score_span import EVERY, ScoreSpan
from bot.rulebook.book import Rulebook
from bot.signals.bars import Bars
from bot.signals.timeframe import Instant
from bot.store.pruning import KEPT

_TURNS = 4
"""Alerts of a rule, the newest, at which its verdict is told as it was then."""


@dataclass(frozen=True, eq=False, slots=True)
class ScorecardReport:
    """The scorecard, by rule and asset how the study's verdict moved, and how many alerts there are in all."""

    card: Scorecard
    courses: Mapping[tuple[str, str], Sequence[Standpoint]]
    of: int = 0


async def load_scorecard(
    market_data: MarketData, book: Rulebook, alerts: Iterable[AlertRow], now: Instant, span: ScoreSpan = EVERY
) -> ScorecardReport:
    """All that /scorecard tells, of alerts in any order."""
    every = sent_of(alerts, now)
    sent = [alert for alert in every if span.holds(alert.at)]
    assets = {name: await market_data.bars(name) for name in market_data.crypto}
    rules = [rule for rule in dict.fromkeys(alert.rule for alert in sent) if rule in book.rules]
    replays = await market_data.replays(book, rules)
    judged = {rule: usual_asset(market_data, book.rules[rule].rule.market) for rule in rules}
    for asset in judged.values():
        assets.setdefault(asset, await market_data.bars(asset))
    firings = {rule: signals_of(replay) for rule, replay in replays.items()}
    found = await asyncio.to_thread(scorecard_report, sent, assets, firings, judged, now)
    return replace(found, of=len(every))


def sent_of(alerts: Iterable[AlertRow], now: Instant) -> list[SentAlert]:
    """Those of the alerts that somebody got, oldest first."""
    return sorted((_sent(alert) for alert in alerts if was_sent(alert, now)), key=lambda alert: alert.at)


def was_sent(alert: AlertRow, now: Instant) -> bool:
    """Whether somebody got the alert. Who got one that is older than a year is forgotten: somebody, then."""
    return "fired" in alert.events and (alert.reached or alert.created < now - KEPT)


def _sent(alert: AlertRow) -> SentAlert:
    return SentAlert(alert.rule, alert.market, alert.bar, alert.created)


def scorecard_report(
    sent: Sequence[SentAlert],
    assets: Mapping[str, Bars],
    firings: Mapping[str, Signals],
    judged: Mapping[str, str],
    now: Instant,
) -> ScorecardReport:
    """The same out of bars and firings that are there; `judged` is the asset by which each rule is judged."""
    courses = {}
    for rule, asset in judged.items():
        turns = [alert.at for alert in sent if alert.rule == rule][-_TURNS:]
        courses[rule, asset] = course(firings[rule], assets[asset], [*turns, now])
    return ScorecardReport(scorecard(sent, assets, now), courses)
