"""Facts of a digest: where markets stand and which alerts the period brought."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence

import numpy as np

from bot.alert import AlertEvent
from bot.evidence.record_rank import record_rank
from bot.market.model import MarketKind
from bot.queries.claims import claim_ledger
from bot.queries.crypto import crypto_now
from bot.queries.market_data import MarketData
from bot.queries.risk import panel_now
from bot.rulebook.book import Rulebook
from bot.signals.bars import Bars
from bot.signals.levels.snapshot import LevelSnapshot
from bot.signals.replay.event import EventKind
from bot.signals.timeframe import Instant, Timeframe
from bot.views.alerts.claims import claims_line
from bot.views.alerts.context_lines import correlation_line, risk_line
from bot.views.alerts.digest import DigestAlert, DigestFacts, SmallCap
from bot.views.alerts.runs import RunFacts

_WATCHED = frozenset({MarketKind.INDEX, MarketKind.EQUITY})
_MOST = 6


async def digest_facts(
    market_data: MarketData,
    book: Rulebook,
    span: tuple[Instant, Instant],
    events: Sequence[AlertEvent],
    held: Mapping[str, str],
    *,
    weekly: bool,
    stale: Collection[str] = (),
    runs: Sequence[RunFacts] = (),
) -> DigestFacts:
    """Where all stands at the end of `span`, and what happened in it.

    `events` are those recorded in the span, `held` the rules that wait for data, and for what; `stale` the markets
    without their newest sessions, `runs` the signals that go on.
    """
    since, until = span
    found = {name: await _small_cap(market_data, book, name, since, until) for name in small_caps(market_data, book)}
    crypto = await crypto_now(market_data, {}, until)
    return DigestFacts(
        since=since,
        until=until,
        weekly=weekly,
        small_caps=tuple(each for each in found.values() if each is not None),
        crypto=crypto.lines,
        alerts=_alerts(book, events),
        rules=len(book.enabled),
        missing=crypto.missing,
        dark=tuple(market_data.title(name) for name, each in found.items() if each is None),
        remarks=(
            risk_line(await panel_now(market_data, until)),
            *map(correlation_line, crypto.correlations[:1]),
            *([await _claims(market_data, book, until)] if weekly else ()),
        ),
        held=tuple(f"{_title(book, rule)} {why}" for rule, why in sorted(held.items())),
        stale=tuple(market_data.title(name) for name in found if name in stale),
        runs=tuple(runs),
    )


async def _claims(market_data: MarketData, book: Rulebook, until: Instant) -> str:
    """How the claims of the rules stand, in one line; "" where there are none."""
    line = claims_line(entry.state for entry in await claim_ledger(market_data, book, until))
    return f"{line} (/claims)" if line else ""


def small_caps(market_data: MarketData, book: Rulebook) -> tuple[str, ...]:
    """The indexes and funds that some running rule is about, in the order in which markets are shown."""
    about = {definition.rule.market for definition in book.enabled}
    return tuple(each.name for each in market_data.shown() if each.kind in _WATCHED and each.name in about)[:_MOST]


async def _small_cap(
    market_data: MarketData, book: Rulebook, name: str, since: Instant, until: Instant
) -> SmallCap | None:
    bars = await market_data.bars(name)
    levels = await market_data.levels(book, name)
    return await asyncio.to_thread(_stand, market_data.title(name), bars.known_at(until), levels, since)


def _stand(title: str, bars: Bars, levels: LevelSnapshot | None, since: Instant) -> SmallCap | None:
    last = _last_known(bars)
    if last is None:
        return None
    close = float(bars.close[last])
    before = _last_known(bars.known_at(since))
    above = [level.price for level in levels.levels if level.price > close] if levels is not None else []
    return SmallCap(
        title=title,
        close=close,
        at=int(bars.end[last]),
        change=None if before is None or before == last else close / float(bars.close[before]) - 1,
        rank=record_rank(bars, int(bars.start[last]), close),
        resistance=min(above, default=None),
    )


def _last_known(bars: Bars) -> int | None:
    known = np.flatnonzero(bars.close > 0)
    return int(known[-1]) if len(known) else None


def _alerts(book: Rulebook, events: Sequence[AlertEvent]) -> tuple[DigestAlert, ...]:
    """The alerts that the events belong to, each with its events, in the order in which they came up."""
    by_alert: dict[tuple[str, str, str, int], list[EventKind]] = {}
    for event in events:
        identity = (event.rule, event.market, event.timeframe, event.alert_bar)
        by_alert.setdefault(identity, []).append(EventKind(event.kind))
    return tuple(
        DigestAlert(_title(book, rule), market, Timeframe(timeframe), bar, tuple(kinds))
        for (rule, market, timeframe, bar), kinds in by_alert.items()
    )


def _title(book: Rulebook, rule: str) -> str:
    return book.rules[rule].title if rule in book.rules else rule
