"""Commands that show how a market stands: /levels, /chart."""

from __future__ import annotations

from bot.messages.levels import render_levels
from bot.messages.market import market_caption, no_bars
from bot.messages.sketch import Sketch, market_sketch
from bot.signals.bars import Bars
from bot.signals.ladder import Ladder, Rung
from bot.signals.timeframe import Timeframe
from bot.telegram.choosing import Nothing, Several, ask_which, choose, offer
from bot.telegram.command import Answer, Asked, Command
from bot.telegram.desk import Desk
from bot.watch.lookup import Lookup

_PER_ROW = 3
_OTHERS = 4
"""Levels on each side that are drawn beside the next one."""
_DAILY = Timeframe.D1


async def show_levels(desk: Desk, asked: Asked) -> Answer:
    """The levels that stand above and below a market's price."""
    lookup = desk.facts
    name = market_meant(lookup, asked.argument)
    if not isinstance(name, str):
        return _ask(lookup, "levels", name)
    found = await lookup.ladder(desk.rulebook(), name)
    if found is None:
        return Answer(no_bars(lookup.title(name)))
    return Answer(render_levels(found, lookup.title(name)), _buttons(("Chart", "chart", name)))


async def show_chart(desk: Desk, asked: Asked) -> Answer:
    """The last year of a market in a picture, with the level that is next."""
    lookup = desk.facts
    name = market_meant(lookup, asked.argument)
    if not isinstance(name, str):
        return _ask(lookup, "chart", name)
    bars, found = await lookup.bars(name), await lookup.ladder(desk.rulebook(), name)
    if found is None:
        return Answer(no_bars(lookup.title(name)))
    caption = market_caption(lookup.title(name), bars, found, desk.now())
    picture = _picture(desk, lookup, bars, found, await _fired(desk, lookup, bars))
    return Answer(caption, _buttons(("Levels", "levels", name)), picture=picture)


def _picture(desk: Desk, lookup: Lookup, bars: Bars, ladder: Ladder, fired: tuple[int, ...]) -> Sketch:
    above, below = ladder.above, ladder.below
    level = above[-1].price if above else None
    others = tuple(_line(rung, bars) for rung in (*above[-1 - _OTHERS : -1], *below[:_OTHERS]))
    title, source = lookup.title(bars.market), lookup.source(bars.market)
    return market_sketch(bars, title, level, fired, source, desk.banner, others)


def _line(rung: Rung, bars: Bars) -> tuple[float, tuple[int, ...]]:
    """A level as it is drawn: its price, and where it was touched."""
    return rung.price, tuple(at for start in rung.touches if (at := bars.position(start)) is not None)


async def _fired(desk: Desk, lookup: Lookup, bars: Bars) -> tuple[int, ...]:
    """Positions at which an enabled rule of this market fires."""
    book = desk.rulebook()
    own = [each.rule.id for each in book.enabled if each.rule.market == bars.market and each.rule.timeframe is _DAILY]
    replays = await lookup.replays(book, own)
    return tuple(sorted({at for replay in replays.values() for at in replay.fires.tolist() if at < len(bars)}))


def market_meant(lookup: Lookup, said: str) -> str | Several | Nothing:
    """The market that was meant; its symbol at a vendor will do, too."""
    word = said.strip().casefold()
    for name, market in lookup.markets.items():
        if word and word in {source.symbol.casefold() for source in market.sources}:
            return name
    shown = {market.name: market.title for market in lookup.shown()}
    if not word:
        return Several(tuple(shown))
    return choose(said, {name: market.title for name, market in lookup.markets.items()})


def _ask(lookup: Lookup, command: str, found: Several | Nothing) -> Answer:
    names = {market.name: market.name for market in lookup.shown()}
    return ask_which("market", command, found, names, _PER_ROW)


def _buttons(*wanted: tuple[str, str, str]) -> tuple[tuple[tuple[str, str], ...], ...]:
    row = tuple(made for text, command, argument in wanted if (made := offer(text, command, argument)) is not None)
    return (row,) if row else ()


COMMANDS = (
    Command("levels", "resistance above, support below", show_levels, usage="[MARKET]", aliases=("level",)),
    Command("chart", "a market's last year in a picture", show_chart, usage="[MARKET]", aliases=("charts", "plot")),
)
