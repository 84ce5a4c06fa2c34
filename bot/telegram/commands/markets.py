"""/levels, /chart: how a market stands."""

from __future__ import annotations

from bot.charts.request import ChartLevel, ChartRequest, MarketChart
from bot.queries.market_data import MarketData
from bot.signals.bars import Bars
from bot.signals.levels.snapshot import LevelSnapshot, LevelView
from bot.signals.timeframe import Timeframe
from bot.telegram.command import Command, CommandRequest, Reply
from bot.telegram.parsing.resolve import Ambiguous, NotFound, ask_which, button_if_fits, resolve
from bot.telegram.services import Services
from bot.views.markets.levels import render_levels
from bot.views.markets.market import market_caption, no_bars

_PER_ROW = 3
_OTHERS = 4
"""Levels on each side that are drawn beside the next one."""
_DAILY = Timeframe.D1


async def show_levels(services: Services, request: CommandRequest) -> Reply:
    """The levels that stand above and below a market's price."""
    market_data = services.market_data
    name = market_meant(market_data, request.argument)
    if not isinstance(name, str):
        return _ask(market_data, "levels", name)
    found = await market_data.levels(services.rulebook(), name)
    if found is None:
        return Reply(no_bars(market_data.title(name)))
    return Reply(render_levels(found, market_data.title(name)), _buttons(("Chart", "chart", name)))


async def show_chart(services: Services, request: CommandRequest) -> Reply:
    """The last year of a market in a picture, with the level that is next."""
    market_data = services.market_data
    name = market_meant(market_data, request.argument)
    if not isinstance(name, str):
        return _ask(market_data, "chart", name)
    bars, found = await market_data.bars(name), await market_data.facts(services.rulebook(), name)
    if not len(bars):
        return Reply(no_bars(market_data.title(name)))
    caption = market_caption(found, market_data.title(name), services.now())
    if found is None:
        return Reply(caption)
    picture = _picture(services, market_data, bars, found.levels, await _fired(services, market_data, bars))
    return Reply(caption, _buttons(("Levels", "levels", name)), picture=picture)


def _picture(
    services: Services, market_data: MarketData, bars: Bars, snapshot: LevelSnapshot, fired: tuple[int, ...]
) -> ChartRequest:
    above, below = snapshot.above, snapshot.below
    level = _level(above[-1], bars) if above else None
    others = tuple(_level(level, bars) for level in (*above[-1 - _OTHERS : -1], *below[:_OTHERS]))
    title, source = market_data.title(bars.market), market_data.source(bars.market)
    return MarketChart(
        bars=bars, title=title, level=level, fired=fired, source=source, note=services.banner, others=others
    )


def _level(level: LevelView, bars: Bars) -> ChartLevel:
    """A level as it is drawn: its price, and where it was touched."""
    return ChartLevel(level.price, tuple(at for start in level.touches if (at := bars.position(start)) is not None))


async def _fired(services: Services, market_data: MarketData, bars: Bars) -> tuple[int, ...]:
    """Positions at which an enabled rule of this market fires."""
    book = services.rulebook()
    own = [each.rule.id for each in book.enabled if each.rule.market == bars.market and each.rule.timeframe is _DAILY]
    replays = await market_data.replays(book, own)
    return tuple(sorted({at for replay in replays.values() for at in replay.fires.tolist() if at < len(bars)}))


def market_meant(market_data: MarketData, said: str) -> str | Ambiguous | NotFound:
    """The market that was meant; its symbol at a vendor will do, too."""
    word = said.strip().casefold()
    for name, market in market_data.markets.items():
        if word and word in {source.symbol.casefold() for source in market.sources}:
            return name
    shown = {market.name: market.title for market in market_data.shown()}
    if not word:
        return Ambiguous(tuple(shown))
    return resolve(said, {name: market.title for name, market in market_data.markets.items()})


def _ask(market_data: MarketData, command: str, found: Ambiguous | NotFound) -> Reply:
    names = {market.name: market.name for market in market_data.shown()}
    return ask_which("market", command, found, names, _PER_ROW)


def _buttons(*wanted: tuple[str, str, str]) -> tuple[tuple[tuple[str, str], ...], ...]:
    row = tuple(
        made for text, command, argument in wanted if (made := button_if_fits(text, command, argument)) is not None
    )
    return (row,) if row else ()


COMMANDS = (
    Command("levels", "resistance above, support below", show_levels, usage="[MARKET]", aliases=("level",)),
    Command("chart", "a market's last year in a picture", show_chart, usage="[MARKET]", aliases=("charts", "plot")),
)
