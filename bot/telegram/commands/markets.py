"""/levels, /chart: how a market stands."""

from __future__ import annotations

from dataclasses import replace

from bot.alert import Buttons
from bot.charts.request import ChartLevel, Marker, MarketChart
from bot.queries.market_data import MarketData
from bot.queries.span_words import TimeSpan, begins_before, span_of_bars
from bot.queries.spans import span_facts
from bot.signals.bars import Bars
from bot.signals.levels.snapshot import LevelSnapshot, LevelView
from bot.signals.timeframe import Timeframe
from bot.telegram.command import Command, CommandRequest, HelpGroup, Reply
from bot.telegram.keyboard import button_row, copy_button
from bot.telegram.parsing.resolve import ask_market, resolve_market
from bot.telegram.parsing.spans import AskedPicture, asked_of, no_such_span_reply
from bot.telegram.services import Services
from bot.views.formatting import numbers
from bot.views.markets.levels import render_levels
from bot.views.markets.market import market_caption, no_bars
from bot.views.markets.spans import levels_have_no_span, too_few

_MAX_OTHER_LEVELS = 4
"""Levels on each side that are drawn beside the next one."""
_DAILY = Timeframe.D1
_USUAL_SPAN = "1y"
_SPANS = (("3m", "3mo"), ("1y", "1y"), ("5y", "5y"), ("All", "all"))
"""Offered under a chart; all others can be typed."""


async def show_levels(services: Services, request: CommandRequest) -> Reply:
    """The levels that stand above and below a market's price."""
    market_data = services.market_data
    asked = _asked(services, request)
    name = resolve_market(market_data, asked.rest)
    if not isinstance(name, str):
        return ask_market(market_data, "levels", name)
    found = await market_data.levels(services.rulebook(), name)
    if found is None:
        return Reply(no_bars(market_data.title(name)))
    text = render_levels(found, market_data.title(name))
    if asked.span is not None:
        text += f"\n{levels_have_no_span(asked.span.name)}"
    sound = asked.span is None or asked.span.odd is None
    return Reply(text, _level_buttons(name, found, asked.more if sound else ""))


async def show_chart(services: Services, request: CommandRequest) -> Reply:
    """A market over a span, the last year where none is said, in a picture with the level that is next."""
    market_data = services.market_data
    asked = _asked(services, request)
    name = resolve_market(market_data, asked.rest)
    if asked.span is not None and asked.span.odd is not None:
        return no_such_span_reply(asked.span, "chart", name if isinstance(name, str) else "", example="IWM")
    if not isinstance(name, str):
        return ask_market(market_data, "chart", name, f" {asked.more}".rstrip())
    bars, found = await market_data.bars(name), await market_data.facts(services.rulebook(), name)
    title = market_data.title(name)
    if not len(bars):
        return Reply(no_bars(title))
    span = span_of_bars(asked.span.word if asked.span is not None else _USUAL_SPAN, bars)
    assert span is not None, "it was read before"
    facts = span_facts(bars, span.name, begins_before(span, bars))
    caption = market_caption(found, title, services.now(), facts)
    buttons = _span_buttons(name, asked, span) + button_row(("Levels", "levels", name))
    if found is None or facts is None:
        return Reply(caption)
    if facts.first == facts.last:
        return Reply(f"{caption}\n{too_few(span.name, facts.last.start)}", buttons)
    picture = _picture(services, market_data, bars, found.levels, await _fired(services, market_data, bars))
    named = f"{title}, {span.name}" if asked.span is not None else title
    return Reply(caption, buttons, picture=replace(picture, since=facts.first.start, title=named), dark=asked.dark)


def _asked(services: Services, request: CommandRequest) -> AskedPicture:
    def known(said: str) -> bool:
        return isinstance(resolve_market(services.market_data, said), str) and bool(said.strip())

    return asked_of(request.argument, services.now(), known)


def _span_buttons(name: str, asked: AskedPicture, span: TimeSpan) -> Buttons:
    look = AskedPicture("", dark=asked.dark).more
    others = [(label, f"{name} {word} {look}".rstrip()) for label, word in _SPANS if word != span.word]
    return button_row(*((label, "chart", argument) for label, argument in others))


def _level_buttons(name: str, found: LevelSnapshot, more: str) -> Buttons:
    """Tell me when the next level above or below is reached; copy it."""
    nearest = [each.price for each in (*found.above[-1:], *found.below[:1])]
    shown = [numbers.price(price) for price in nearest]
    positive = [numbers.price(price) for price in nearest if price > 0]  # others are no prices that /tell reads
    tell = button_row(*((f"🔔 At {price}", "tell", f"{name} {price.replace(',', '')}") for price in positive))
    copies = (
        (tuple(copy_button(f"📋 {price}", price.replace(",", "").replace(numbers.MINUS, "-")) for price in shown),)
        if shown
        else ()
    )
    return tell + copies + button_row((f"Chart {more}".rstrip(), "chart", f"{name} {more}".rstrip()))


def _picture(
    services: Services, market_data: MarketData, bars: Bars, snapshot: LevelSnapshot, fired: tuple[int, ...]
) -> MarketChart:
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
        aliases=("level", "support", "resistance", "sr"),
        group=HelpGroup.NOW,
        example="IWM",
    ),
    Command(
        "chart",
        "a market in a picture: a year, or any span",
        show_chart,
        usage="[MARKET] [6m | 5y | ytd | since 2020 | all] [dark]",
        aliases=("charts", "plot"),
        group=HelpGroup.NOW,
        example="BTC 5y",
    ),
)
