"""/levels, /chart: how a market stands."""

from __future__ import annotations

from dataclasses import replace

from bot.alert import Buttons
from bot.charts.request import ChartLevel, ChartRequest, Marker, MarketChart
from bot.queries.market_data import MarketData
from bot.signals.bars import Bars
from bot.signals.levels.snapshot import LevelSnapshot, LevelView
from bot.signals.timeframe import Timeframe
from bot.telegram.command import Command, CommandRequest, HelpGroup, Reply
from bot.telegram.keyboard import button_row, copy_button
from bot.telegram.parsing.resolve import ask_market, resolve_market
from bot.telegram.services import Services
from bot.views.formatting import numbers
from bot.views.markets.levels import render_levels
from bot.views.markets.market import market_caption, no_bars

_MAX_OTHER_LEVELS = 4
"""Levels on each side that are drawn beside the next one."""
_DAILY = Timeframe.D1


async def show_levels(services: Services, request: CommandRequest) -> Reply:
    """The levels that stand above and below a market's price."""
    market_data = services.market_data
    name = resolve_market(market_data, request.argument)
    if not isinstance(name, str):
        return ask_market(market_data, "levels", name)
    found = await market_data.levels(services.rulebook(), name)
    if found is None:
        return Reply(no_bars(market_data.title(name)))
    return Reply(render_levels(found, market_data.title(name)), _level_buttons(name, found))


async def show_chart(services: Services, request: CommandRequest) -> Reply:
    """The last year of a market in a picture, with the level that is next."""
    market_data = services.market_data
    name = resolve_market(market_data, request.argument)
    if not isinstance(name, str):
        return ask_market(market_data, "chart", name)
    bars, found = await market_data.bars(name), await market_data.facts(services.rulebook(), name)
    if not len(bars):
        return Reply(no_bars(market_data.title(name)))
    caption = market_caption(found, market_data.title(name), services.now())
    if found is None:
        return Reply(caption)
    picture = _picture(services, market_data, bars, found.levels, await _fired(services, market_data, bars))
    return Reply(caption, button_row(("Levels", "levels", name)), picture=picture)


def _level_buttons(name: str, found: LevelSnapshot) -> Buttons:
    """Tell me when the next level above or below is reached; copy it."""
    nearest = [each.price for each in (*found.above[-1:], *found.below[:1])]
    shown = [numbers.price(price) for price in nearest]
    tell = button_row(*((f"🔔 At {price}", "tell", f"{name} {price}") for price in shown))
    copies = (tuple(copy_button(f"📋 {price}", price.replace(",", "")) for price in shown),) if shown else ()
    return tell + copies + button_row(("Chart", "chart", name))


def _picture(
    services: Services, market_data: MarketData, bars: Bars, snapshot: LevelSnapshot, fired: tuple[int, ...]
) -> ChartRequest:
    above, below = snapshot.above, snapshot.below
    level = _level(above[-1], bars) if above else None
    others = tuple(_level(level, bars) for level in (*above[-1 - _MAX_OTHER_LEVELS : -1], *below[:_MAX_OTHER_LEVELS]))
    title, source = market_data.title(bars.market), market_data.source(bars.market)
    drawn = MarketChart(bars=bars, title=title, level=level, fired=fired, source=source, others=others)
    return replace(drawn, marker=Marker.NONE, note=services.banner)  # rules of both ways are among them


def _level(level: LevelView, bars: Bars) -> ChartLevel:
    """A level as it is drawn: its price, and where it was touched."""
    touches = tuple(at for start in level.touches if (at := bars.position(start)) is not None)
    return ChartLevel(level.price, touches, level.low, level.high)


async def _fired(services: Services, market_data: MarketData, bars: Bars) -> tuple[int, ...]:
    """Positions at which an enabled rule of this market fires."""
    book = services.rulebook()
    own = [each.rule.id for each in book.enabled if each.rule.market == bars.market and each.rule.timeframe is _DAILY]
    replays = await market_data.replays(book, own)
    return tuple(sorted({at for replay in replays.values() for at in replay.fires.tolist() if at < len(bars)}))


COMMANDS = (
    Command(
        "levels",
        "resistance above, support below",
        show_levels,
        usage="[MARKET]",
        aliases=("level",),
        group=HelpGroup.NOW,
        example="IWM",
    ),
    Command(
        "chart",
        "a market's last year in a picture",
        show_chart,
        usage="[MARKET]",
        aliases=("charts", "plot"),
        group=HelpGroup.NOW,
        example="BTC",
    ),
)
