"""/crypto, /risk, /liquidity: what goes on beside the small caps."""

from __future__ import annotations

from dataclasses import replace

from bot.alert import Buttons
from bot.charts.request import ChartRequest, CorrelationChart, CryptoChart, LiquidityChart, PerformanceChart
from bot.queries.crypto import changes_since, crypto_closes, crypto_now
from bot.queries.liquidity import liquidity_now
from bot.queries.risk import filed_now, losses_now, noted_flows, noted_losers, panel_now
from bot.queries.span_words import TimeSpan
from bot.scan.context import LEADER, LIQUIDITY_MARKETS
from bot.scan.snapshots import CRYPTO
from bot.signals.timeframe import DAY, Instant
from bot.store.snapshots import latest_snapshots
from bot.telegram.command import Command, CommandRequest, HelpGroup, Reply
from bot.telegram.keyboard import button, button_row
from bot.telegram.parsing.command_text import normalized
from bot.telegram.parsing.resolve import named_market, resolve_market
from bot.telegram.parsing.spans import AskedPicture, asked_of, no_such_span_reply
from bot.telegram.services import Services
from bot.views.chats.resolve import unknown_view
from bot.views.markets.crypto import render_crypto
from bot.views.markets.crypto_now import CryptoNow, render_correlations, render_crypto_now
from bot.views.markets.liquidity import render_liquidity
from bot.views.markets.risk import Filings, render_risk
from bot.views.markets.spans import one_market, span_changes

_DAYS = 90
_A_DAY = frozenset({"24h", "1d", "24 h", "24 hours", "1 day", "today"})
_VIEWS = ("chart", "correlation")
_BUTTONS = (("Chart", "crypto", "chart"), ("Correlation", "crypto", "correlation"), ("Risk", "risk", ""))


async def show_crypto(services: Services, request: CommandRequest) -> Reply:
    """How crypto does; with "chart", "correlation" or a span behind it, in another picture and with fewer words."""
    asked = asked_of(request.argument, services.now(), lambda _: False)
    if asked.span is not None and asked.span.name.casefold() in _A_DAY:
        asked = replace(asked, span=None)  # a day is in the table
    if asked.span is not None and asked.span.odd is not None:
        return no_such_span_reply(asked.span, "crypto")
    caps = await services.store.run(latest_snapshots, CRYPTO, services.now())
    found = await crypto_now(services.market_data, caps, services.now())
    if not found.lines:
        return Reply(render_crypto_now(found))
    return replace(await _view(services, request, asked, found), dark=asked.dark)


async def _view(services: Services, request: CommandRequest, asked: AskedPicture, found: CryptoNow) -> Reply:
    short = render_crypto(found.lines, found.missing, found.now)
    head, _, coin = asked.rest.strip().partition(" ")
    word = normalized(head) or ("chart" if asked.span is not None else "")
    beside = _coin(services, coin) if word else None
    if coin and beside is None:
        word = "?"
    match next((view for view in _VIEWS if view.startswith(word[:3])), None) if word else "":
        case "chart":
            picture, told = await _lines(services, found, asked.span)
            return Reply("\n".join(filter(None, [short, told])), _buttons("chart"), picture=picture)
        case "correlation":
            picture = await _together(services, found, asked.span, beside)
            return Reply(render_correlations(found), _buttons("correlation"), picture=picture)
        case None:
            return _one_market(services, request, asked)
        case _:
            return Reply(render_crypto_now(found), _buttons(), picture=_changes(found, services.banner))


def _one_market(services: Services, request: CommandRequest, asked: AskedPicture) -> Reply:
    """Of a single coin its chart and levels are offered; other words mean nothing here."""
    name = resolve_market(services.market_data, asked.rest)
    if not isinstance(name, str):
        return Reply(unknown_view(request.argument, _VIEWS), _buttons())
    more = f"{name} {asked.more}".rstrip()
    return Reply(
        one_market(services.market_data.title(name), name),
        button_row(("Chart", "chart", more), ("Levels", "levels", name)),
    )


async def show_risk(services: Services, _request: CommandRequest) -> Reply:
    """The appetite for risk: fear, relative strength, credit, the dollar, money flows, earnings."""
    now = services.now()
    flows = await services.store.run(noted_flows, now)
    negative = await services.store.run(noted_losers, now)
    filed = Filings(await filed_now(services.market_data, now), await losses_now(services.market_data, now))
    return Reply(render_risk(await panel_now(services.market_data, now), flows, negative, filed))


async def show_liquidity(services: Services, request: CommandRequest) -> Reply:
    """The newest public figures of the Fed, of credit, of the dollar and of stablecoins; the picture over a span."""
    asked = asked_of(request.argument, services.now(), lambda _: False)
    if asked.span is not None and asked.span.odd is not None:
        return no_such_span_reply(asked.span, "liquidity")
    text = render_liquidity(await liquidity_now(services.market_data, services.now()))
    buttons = ((button("Risk", "risk", ""), button("Crypto", "crypto", "")),)
    return Reply(text, buttons, picture=await _liquidity_chart(services, asked.span), dark=asked.dark)


def _buttons(shown: str = "?") -> Buttons:
    return (tuple(button(*each) for each in _BUTTONS if each[2] != shown),)


def _changes(found: CryptoNow, note: str) -> ChartRequest:
    rows = tuple((line.label, line.performance.changes) for line in found.lines)
    newest = max(line.performance.as_of for line in found.lines)
    return PerformanceChart(rows=rows, title="Crypto now", as_of=newest, note=note)


async def _lines(services: Services, found: CryptoNow, span: TimeSpan | None) -> tuple[ChartRequest, str]:
    """The lines that end in the figures of the words, and these figures for the span that was asked for.

    What the words have no figures for is not drawn.
    """
    wanted = _DAYS if span is None else _days_of(span, found.now)
    closes = await crypto_closes(services.market_data, found.now, wanted)
    assets = tuple((name, *closes[name]) for name in closes if name not in found.missing)
    begins = min((int(ends[0]) for _, ends, _ in assets if len(ends)), default=found.now)
    days = min(wanted, -(-(found.now - begins) // DAY))
    title = f"Crypto over {_DAYS} days" if span is None else f"Crypto, {span.name}"
    told = "" if span is None else span_changes(span.name, changes_since(assets, days))
    return CryptoChart(assets=assets, title=title, days=days, note=services.banner), told


def _days_of(span: TimeSpan, now: Instant) -> int:
    return (now - span.begins) // DAY if span.begins is not None else now // DAY


def _coin(services: Services, said: str) -> str | None:
    """The one of the coins that is named, to be set beside the small caps."""
    named = named_market(services.market_data, said)
    return named if named in services.market_data.crypto else None


async def _together(services: Services, found: CryptoNow, span: TimeSpan | None, coin: str | None) -> ChartRequest:
    facts = services.market_data
    first = coin or facts.crypto[0]
    name = f", {span.name}" if span is not None else ""
    picture = CorrelationChart(
        leader=await facts.bars(LEADER),
        follower=await facts.bars(first),
        title=f"{facts.title(first)} and {facts.title(LEADER)}{name}",
        now=found.now,
        note=services.banner,
    )
    return picture if span is None else replace(picture, days=_days_of(span, found.now))


async def _liquidity_chart(services: Services, span: TimeSpan | None) -> ChartRequest | None:
    """Liquidity above the small caps and the first of crypto; None where nobody knows of liquidity."""
    facts, now = services.market_data, services.now()
    series = await facts.bars(LIQUIDITY_MARKETS[0])
    if not len(series):
        return None
    markets = tuple([(name, await facts.bars(name)) for name in (LEADER, *facts.crypto[:1]) if name in facts.markets])
    name = f", {span.name}" if span is not None else ""
    title = " · ".join(("Liquidity", *(name for name, _ in markets))) + name
    picture = LiquidityChart(liquidity=series, markets=markets, title=title, now=now, note=services.banner)
    earliest = min(int(bars.start[0]) for bars in (series, *(each for _, each in markets)) if len(bars))
    return picture if span is None else replace(picture, days=min(_days_of(span, now), (now - earliest) // DAY + 1))


COMMANDS = (
    Command(
        "crypto",
        "how crypto does right now",
        show_crypto,
        usage="[chart | correlation] [30d | 1y | since 2020]",
        aliases=("coins",),
        group=HelpGroup.NOW,
        example="1y",
    ),
    Command(
        "risk",
        "fear, flows and other signs of appetite",
        show_risk,
        aliases=("fear", "greed", "funding", "flows"),
        group=HelpGroup.NOW,
    ),
    Command(
        "liquidity",
        "how easy money is: the Fed, credit, stablecoins",
        show_liquidity,
        usage="[1y | since 2020]",
        aliases=("m2", "fed"),
        group=HelpGroup.NOW,
        example="2y",
    ),
)
