"""/crypto, /risk, /liquidity: what goes on beside the small caps."""

from __future__ import annotations

from bot.alert import Buttons
from bot.charts.request import ChartRequest, CorrelationChart, CryptoChart, LiquidityChart, PerformanceChart
from bot.queries.crypto import crypto_closes, crypto_now
from bot.queries.liquidity import liquidity_now
from bot.queries.risk import filed_now, losses_now, noted_flows, noted_losers, panel_now
from bot.scan.context import LEADER, LIQUIDITY_MARKETS
from bot.scan.snapshots import CRYPTO
from bot.store.snapshots import latest_snapshots
from bot.telegram.command import Command, CommandRequest, HelpGroup, Reply
from bot.telegram.keyboard import button
from bot.telegram.parsing.command_text import normalized
from bot.telegram.services import Services
from bot.views.chats.resolve import unknown_view
from bot.views.markets.crypto import render_crypto
from bot.views.markets.crypto_now import CryptoNow, render_correlations, render_crypto_now
from bot.views.markets.liquidity import render_liquidity
from bot.views.markets.risk import Filings, render_risk

_DAYS = 90
_VIEWS = ("chart", "correlation")
_BUTTONS = (("Chart", "crypto", "chart"), ("Correlation", "crypto", "correlation"), ("Risk", "risk", ""))


async def show_crypto(services: Services, request: CommandRequest) -> Reply:
    """How crypto does; with "chart" or "correlation" behind it, in another picture and with fewer words."""
    caps = await services.store.run(latest_snapshots, CRYPTO, services.now())
    found = await crypto_now(services.market_data, caps, services.now())
    if not found.lines:
        return Reply(render_crypto_now(found))
    short = render_crypto(found.lines, found.missing, found.now)
    word = normalized(request.argument)
    match next((view for view in _VIEWS if view.startswith(word[:3])), None) if word else "":
        case "chart":
            return Reply(short, _buttons("chart"), picture=await _lines(services, found))
        case "correlation":
            return Reply(render_correlations(found), _buttons("correlation"), picture=await _together(services, found))
        case None:
            return Reply(unknown_view(request.argument, _VIEWS), _buttons())
        case _:
            return Reply(render_crypto_now(found), _buttons(), picture=_changes(found, services.banner))


async def show_risk(services: Services, _request: CommandRequest) -> Reply:
    """The appetite for risk: fear, relative strength, credit, the dollar, money flows, earnings."""
    now = services.now()
    flows = await services.store.run(noted_flows, now)
    negative = await services.store.run(noted_losers, now)
    filed = Filings(await filed_now(services.market_data, now), await losses_now(services.market_data, now))
    return Reply(render_risk(await panel_now(services.market_data, now), flows, negative, filed))


async def show_liquidity(services: Services, _request: CommandRequest) -> Reply:
    """The newest public figures of the Fed, of credit, of the dollar and of stablecoins."""
    text = render_liquidity(await liquidity_now(services.market_data, services.now()))
    buttons = ((button("Risk", "risk", ""), button("Crypto", "crypto", "")),)
    return Reply(text, buttons, picture=await _liquidity_chart(services))


def _buttons(shown: str = "?") -> Buttons:
    return (tuple(button(*each) for each in _BUTTONS if each[2] != shown),)


def _changes(found: CryptoNow, note: str) -> ChartRequest:
    rows = tuple((line.label, line.performance.changes) for line in found.lines)
    newest = max(line.performance.as_of for line in found.lines)
    return PerformanceChart(rows=rows, title="Crypto now", as_of=newest, note=note)


async def _lines(services: Services, found: CryptoNow) -> ChartRequest:
    """The lines that end in the figures of the words; what the words have no figures for is not drawn."""
    closes = await crypto_closes(services.market_data, found.now, _DAYS)
    assets = tuple((name, *closes[name]) for name in closes if name not in found.missing)
    return CryptoChart(assets=assets, title=f"Crypto over {_DAYS} days", days=_DAYS, note=services.banner)


async def _together(services: Services, found: CryptoNow) -> ChartRequest:
    facts = services.market_data
    first = facts.crypto[0]
    title = f"{facts.title(first)} and {facts.title(LEADER)}"
    return CorrelationChart(
        leader=await facts.bars(LEADER),
        follower=await facts.bars(first),
        title=title,
        now=found.now,
        note=services.banner,
    )


async def _liquidity_chart(services: Services) -> ChartRequest | None:
    """Liquidity above the small caps and the first of crypto; None where nobody knows of liquidity."""
    facts = services.market_data
    series = await facts.bars(LIQUIDITY_MARKETS[0])
    if not len(series):
        return None
    markets = tuple([(name, await facts.bars(name)) for name in (LEADER, *facts.crypto[:1]) if name in facts.markets])
    title = " · ".join(("Liquidity", *(name for name, _ in markets)))
    return LiquidityChart(liquidity=series, markets=markets, title=title, now=services.now(), note=services.banner)


COMMANDS = (
    Command(
        "crypto",
        "how crypto does right now",
        show_crypto,
        usage="[chart | correlation]",
        aliases=("coins",),
        group=HelpGroup.NOW,
        example="correlation",
    ),
    Command("risk", "fear, flows and other signs of appetite", show_risk, group=HelpGroup.NOW),
    Command("liquidity", "how easy money is: the Fed, credit, stablecoins", show_liquidity, group=HelpGroup.NOW),
)
