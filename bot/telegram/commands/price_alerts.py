"""/tell: a word, once, when a market reaches a price."""

from __future__ import annotations

import math
import re

import numpy as np

from bot.alert import Buttons
from bot.subscriptions.price_alerts import (
    MAX_PRICE_ALERTS,
    AddOutcome,
    ask_price_alert,
    forget_price_alert,
    price_alerts_in,
)
from bot.telegram.command import Command, CommandRequest, HelpGroup, Permission, Reply
from bot.telegram.keyboard import button_row
from bot.telegram.parsing.prices import PRICE, TypedPrice, read_price, typed_price
from bot.telegram.parsing.resolve import ask_market, named_market, resolve_market
from bot.telegram.services import Services
from bot.views.chats import price_alerts as texts
from bot.views.formatting import html
from bot.views.markets.market import last_price, no_bars

_DELETE = re.compile(
    r"(?:delete|remove|list|cancel|clear|stop)\b\s*(\d{1,18}|all|everything)?.*", re.IGNORECASE | re.DOTALL
)
_PERCENT = re.compile(
    r"(?:(?:me\s+)?(?:when|if)\s+)?(?P<market>.+?)\s+(?:(?P<way>[-−–+]|up|down|rises?|falls?|drops?|gains?|loses?)\s*(?:by\s+)?)?"
    r"(?P<share>\d{1,3}(?:[.,]\d{1,2})?)\s?(?:%|percent|pct)\s*(?P<after>up|down|higher|lower|above|below|gain|drop|dip)?",
    re.IGNORECASE,
)
_DOWN = frozenset({"-", "−", "–", "down", "fall", "falls", "drop", "drops", "lose", "loses", "lower", "below", "dip"})
_RECORD = re.compile(
    r"(?:(?:me\s+)?(?:when|if)\s+)?(?P<market>.+?)\s+(?:(?:at|hits|makes|reaches|is\s+at)\s+)?(?:an?\s+)?(?:new\s+)?"
    r"(?:ath|record(?:\s+close|\s+high)?|all[\s-]time[\s-]high)",
    re.IGNORECASE,
)
_ABOVE = r"(?P<above>(?:rises?|goes|gets|is|climbs?)?\s*(?:above|over|>=?)|(?:rises?|climbs?|up)\s+to)"
_BELOW = r"(?P<below>(?:falls?|goes|gets|is|drops?)?\s*(?:below|under|<=?)|(?:falls?|drops?|down)\s+to)"
_WAY = rf"(?:{_ABOVE}|{_BELOW}|(?:is\s+)?at|hits|reaches|=)\s*"
_ASK = re.compile(
    rf"(?:(?:me\s+)?(?:when|if)\s+)?(?P<market>.+?)[\s:@]+(?:{_WAY})?{PRICE}",
    re.IGNORECASE | re.DOTALL,
)
_ANOTHER_PRICE = re.compile(r"\s[$]?\d[\d,.]*[km]?\b", re.IGNORECASE)
_WHOLE_FROM, _WORDS_FROM = 10_000, 1e10
_MAX_TITLE_CHARACTERS = 24


async def tell_command(services: Services, request: CommandRequest) -> Reply:
    """Ask for a price alert, delete one, or list what the chat waits for."""
    said = request.argument.strip()
    if not said:
        return await _list(services, request)
    deleted = _DELETE.fullmatch(said)
    if deleted is not None:
        gone = [each.id for each in await price_alerts_in(services.store, request.chat)]
        for id_ in [int(deleted[1])] if (deleted[1] or "").isdecimal() else gone if deleted[1] else []:
            await forget_price_alert(services.store, request.chat, id_)
        return await _list(services, request)
    relative = await _relative(services, request, said)
    if relative is not None:
        return relative
    found = _ASK.fullmatch(said)
    price = read_price(found["price"]) if found is not None else None
    alone = named_market(services.market_data, said)
    if alone is not None:
        return await _price_of(services, alone)
    if found is None or price is None:
        return Reply(texts.not_a_price(said))
    above = bool(found["above"]) if found["above"] or found["below"] else None
    return await _ask_for(services, request, found["market"], price, above=above, words=found["price"].strip())


async def _relative(services: Services, request: CommandRequest, said: str) -> Reply | None:
    """10 % down, a new record: a price that is told by the last close or the highest; None for other words."""
    percent, record = _PERCENT.fullmatch(said), _RECORD.fullmatch(said)
    found = percent or record
    name = resolve_market(services.market_data, found["market"]) if found is not None else None
    if found is None or not isinstance(name, str):
        return None
    bars = await services.market_data.bars(name)
    closes = bars.close[np.isfinite(bars.close)]
    title = services.market_data.title(name)
    if not len(closes) or (percent is not None and bars.in_points):
        return Reply(texts.no_percent(title, name) if len(closes) else no_bars(title))
    if percent is None:
        return await _ask_for(services, request, name, TypedPrice((_rounded(float(closes.max())),)))
    share, way = float(percent["share"].replace(",", ".")) / 100, (percent["way"] or percent["after"] or "").casefold()
    prices = [_rounded(float(closes[-1]) * factor) for factor in (1 + share, 1 - share)]
    if share == 0:
        return Reply(texts.not_a_price(said))
    if not way:
        rows = [(f"🔔 {texts.figure(price)}", "tell", f"{name} {typed_price(price)}") for price in prices if price > 0]
        return Reply(texts.up_or_down(services.market_data.title(name), percent["share"]), button_row(*rows))
    price = prices[1] if way in _DOWN else prices[0]
    return (
        Reply(texts.not_a_price(said)) if price <= 0 else await _ask_for(services, request, name, TypedPrice((price,)))
    )


def _rounded(price: float) -> float:
    """With the digits that prices have here."""
    return float(f"{price:.4g}") if not 1 <= price < _WORDS_FROM else round(price, 2 if price < _WHOLE_FROM else 0)


async def _price_of(services: Services, name: str) -> Reply:
    """What a market closed at, and how to ask for a price of it: it is all name and no price, as Russell 2000 is."""
    bars, title = await services.market_data.bars(name), services.market_data.title(name)
    if not len(bars) or not math.isfinite(bars.close[-1]):
        return Reply(no_bars(title))
    buttons = button_row(("Levels", "levels", name), ("Chart", "chart", name))
    return Reply(last_price(title, name, float(bars.close[-1]), int(bars.start[-1])), buttons)


async def _ask_for(
    services: Services,
    request: CommandRequest,
    said: str,
    typed: TypedPrice,
    *,
    above: bool | None = None,
    words: str = "",
) -> Reply:
    """`above`: the way to the price that was said, None where none was; `words` are those of the price."""
    market_data = services.market_data
    name = resolve_market(market_data, said)
    if not isinstance(name, str) and _ANOTHER_PRICE.search(said):
        return Reply(texts.not_a_price(request.argument.strip()))
    if not isinstance(name, str):
        return ask_market(market_data, "tell", name, f" {words or typed_price(typed.readings[0])}")
    bars, title = await market_data.bars(name), market_data.title(name)
    if not len(bars):
        return Reply(no_bars(title))
    close = float(bars.close[-1])
    doubt = _doubt(name, title, typed, close, above=above, words=words)
    if doubt is not None:
        return doubt
    price = typed.near(close)[0] if len(typed.readings) > 1 else typed.readings[0]
    if above is not None and price != close and above is not (price > close):
        return Reply(texts.beyond_already(title, price, close, above=above), aside=request.pressed)
    outcome = await ask_price_alert(services.store, request.chat, name, price, close, services.now())
    told = {
        AddOutcome.ADDED: texts.asked(title, price, close, points=bars.in_points),
        AddOutcome.ALREADY: texts.asked_already(title, price, close, points=bars.in_points),
        AddOutcome.REACHED: texts.reached_already(title, price),
        AddOutcome.TOO_MANY: texts.too_many(MAX_PRICE_ALERTS),
    }
    read = texts.read_as(words, price) if len(typed.readings) > 1 else ""
    return Reply(told[outcome] + read, aside=request.pressed)


def _doubt(name: str, title: str, typed: TypedPrice, close: float, *, above: bool | None, words: str) -> Reply | None:
    """The question which price is meant, or that it is to be one; None where one reading alone is left."""
    near = typed.near(close)
    if not typed.doubtful or len(near) == 1:
        return None
    if typed.blanks:
        return Reply(texts.one_price(words))
    way = {True: "above ", False: "below ", None: ""}[above]
    prices = sorted(typed.readings)
    rows = ((f"🔔 {texts.figure(price)}", "tell", f"{name} {way}{typed_price(price)}") for price in prices)
    return Reply(texts.which_price(words, title, close), button_row(*rows))


async def _list(services: Services, request: CommandRequest) -> Reply:
    alerts = await price_alerts_in(services.store, request.chat)
    titles = [services.market_data.title(alert.market) for alert in alerts]
    rows: Buttons = ()
    for alert, title in zip(alerts, titles, strict=True):
        text = f"✖ {html.clip(title, _MAX_TITLE_CHARACTERS)} {texts.figure(alert.price)}"
        rows += button_row((text, "tell", f"delete {alert.id}"))
    closes = {market: await _last_close(services, market) for market in {alert.market for alert in alerts}}
    named = [(title, alert.price, closes[alert.market]) for alert, title in zip(alerts, titles, strict=True)]
    back = ((("⚙️ Settings", "/settings"),),)
    markets = {alert.market for alert in alerts} & services.market_data.markets.keys()
    points = {services.market_data.title(name) for name in markets if (await services.market_data.bars(name)).in_points}
    return Reply(texts.waiting(named, points), rows + back, in_place=True)


async def _last_close(services: Services, market: str) -> float | None:
    """None where the bot has no bars of it, or knows it no more."""
    if market not in services.market_data.markets:
        return None
    bars = await services.market_data.bars(market)
    return float(bars.close[-1]) if len(bars) else None


COMMANDS = (
    Command(
        "tell",
        "a word, once, when a market reaches a price",
        tell_command,
        Permission.CHAT_ADMINS,
        "[MARKET PRICE]",
        aliases=("notify", "price"),
        group=HelpGroup.ALERTS,
        example="IWM 254.12",
    ),
)
