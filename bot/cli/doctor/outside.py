"""Checks of what can only be found out by asking: Telegram, calendars, the sources of markets, charts."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

from bot.app.workers import External
from bot.charts.request import MarketChart
from bot.cli.doctor.check import NETWORK, NETWORK_REMEDY, Check
from bot.market.feed import Feed, NoSource
from bot.market.model import Market, MarketKind, SourceError, SourceErrorKind
from bot.market.releases import ruled_sessions
from bot.settings import Settings
from bot.signals.bars import Bars
from bot.signals.sessions import Sessions
from bot.signals.timeframe import DAY, Instant, Timeframe
from bot.telegram.token_check import check_token
from bot.worker.client import WorkerError

ENOUGH_UNREACHABLE = 3
"""Markets out of reach, where Telegram and every other one is too, after which no more are asked."""

_DAYS = 10
_MACRO_DAYS = 300
"""Days back to a figure that must be public: of the longest quarters and their filings."""

_REINSTALL = "install Bellwether again: `pip install -r constraints.txt`"
_AWAY = frozenset({SourceErrorKind.UNREACHABLE, SourceErrorKind.TIMEOUT})
_REMEDIES = {
    SourceErrorKind.TIMEOUT: "wait; if it stays, add another source for it in config.yaml",
    SourceErrorKind.UNREACHABLE: NETWORK_REMEDY,
    SourceErrorKind.RATE_LIMITED: "wait: it answers again by itself",
    SourceErrorKind.REFUSED: "it does not serve this country or this key: add another source in config.yaml",
    SourceErrorKind.NO_DATA: "check its symbol in config.yaml",
    SourceErrorKind.UNKNOWN_SYMBOL: "check its symbol in config.yaml",
    SourceErrorKind.BROKEN: "mend the file or the symbol in config.yaml, or add another source there",
}


async def token_check(settings: Settings) -> Check:
    """Whether Telegram knows the token."""
    token = settings.telegram.token
    if token is None:
        return Check(
            "telegram", ok=False, detail="no token", remedy="set TELEGRAM_TOKEN, or let `bellwether init` ask for it"
        )
    bot = await check_token(token.get_secret_value(), str(settings.telegram.api_url), settings.telegram.proxy_url)
    if bot.unreachable:
        return Check("telegram", False, bot.trouble, NETWORK_REMEDY, subject="Telegram", cause=NETWORK)
    remedy = "check the token with @BotFather" if bot.trouble else ""
    return Check("telegram", not bot.trouble, bot.trouble or f"this is @{bot.username}", remedy)


async def outside_checks(settings: Settings, external: External, telegram: Check) -> AsyncIterator[Check]:
    """The calendar, every market's sources, and a chart. Where the network is away, not every market is asked."""
    now = int(time.time())
    try:
        sessions = await external.sessions("XNYS", now - 30 * DAY, now + 200 * DAY)
    except (WorkerError, OSError) as error:
        yield Check("worker", ok=False, detail=f"can't work: {error}", remedy=_REINSTALL)
        return
    yield Check("calendar", ok=True, detail=f"XNYS, {len(sessions)} sessions")
    away, reached = 0, telegram.ok
    for market in settings.specs.values():
        if not market.sources:
            continue
        if not reached and away >= ENOUGH_UNREACHABLE and not any(each.kind == "csv" for each in market.sources):
            yield _out_of_reach(market)
            continue
        check = await _market(Feed(external.fetch), market, sessions, now)
        away += check.cause == NETWORK
        reached = reached or (check.ok and not check.detail.startswith("csv"))
        yield check
    empty = Bars.empty("IWM", Timeframe.D1)
    drawn = await external.draw(MarketChart(bars=empty, title="doctor"))
    yield Check("charts", drawn is not None, "drawn" if drawn else "could not be drawn", "" if drawn else _REINSTALL)


async def _market(feed: Feed, market: Market, sessions: Sessions, now: Instant) -> Check:
    days = _MACRO_DAYS if market.kind is MarketKind.MACRO else _DAYS
    own = ruled_sessions(market.calendar, now - days * DAY, now + DAY) or sessions
    name = f"market {market.name}"
    try:
        (answer, *_) = await feed.fetch(market, Timeframe.D1, own, now - days * DAY, now)
    except NoSource as error:
        return _failure(market, error)
    bars = answer.bars
    if not len(bars):
        remedy = _REMEDIES[SourceErrorKind.NO_DATA]
        return Check(name, ok=False, detail=f"{answer.source}, no closed bar in {days} days", remedy=remedy)
    return Check(name, ok=True, detail=f"{answer.source}, last bar {bars.label(len(bars) - 1)}")


def _failure(market: Market, error: NoSource) -> Check:
    kinds = {each.kind for each in error.errors}
    if kinds and kinds <= _AWAY:
        return _out_of_reach(market)
    detail = "; ".join(map(_told, error.errors)) or error.brief
    worst = next((each.kind for each in error.errors if each.kind not in _AWAY), SourceErrorKind.UNKNOWN_SYMBOL)
    cause = f"{detail} {worst}"
    return Check(f"market {market.name}", False, detail, _REMEDIES[worst], subject=market.name, cause=cause)


def _out_of_reach(market: Market) -> Check:
    sources = ", ".join(dict.fromkeys(source.name for source in market.sources))
    detail = f"out of reach: {sources}"
    return Check(f"market {market.name}", False, detail, NETWORK_REMEDY, subject=market.name, cause=NETWORK)


def _told(error: SourceError) -> str:
    """A source's error: what it is, and for a file of one's own what is wrong with it."""
    return error.detail if error.source == "csv" else f"{error.source}: {error.kind}"
