"""Names in the settings that one key alone can't judge: markets, exchanges, calendars."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any

from bot.market.calendar_catalog import calendar_names, foreign_calendar
from bot.market.model import MarketKind
from bot.market.sources.ccxt import KIND as EXCHANGE
from bot.market.sources.ccxt import exchange_ids, known_exchange
from bot.market.sources.yahoo import KIND as YAHOO
from bot.problem import Problem
from bot.settings.environment import variable_of
from bot.settings.model import MarketShape, Settings
from bot.suggest import did_you_mean
from bot.yamlfile.document import Document

CRYPTO_KINDS = frozenset({MarketKind.CRYPTO, MarketKind.BASKET, MarketKind.SERIES})
"""What may stand as "crypto now": a coin, a basket of them, the size of their market."""

_TRADED_KINDS = frozenset({MarketKind.CRYPTO, MarketKind.EQUITY, MarketKind.INDEX})
"""What a basket may be made of: markets that have a return from one day to the next."""

_FUND_KINDS = frozenset({MarketKind.EQUITY})
_LIKE_KINDS = frozenset(MarketKind) - {MarketKind.BASKET, MarketKind.MACRO}

Complain = Callable[[tuple[str | int, ...], str], Problem]
"""What makes a problem of a key's place and what is wrong there."""


def cross_checks(
    settings: Settings,
    document: Document,
    overlay: Mapping[tuple[str, ...], Any],
    wrong: Collection[tuple[str, ...]] = (),
) -> Iterator[Problem]:
    """Names that point nowhere, or to what can't be meant, in the file or in the environment's `overlay`.

    `wrong` are the places that have been complained of: nobody knows what was meant there.
    """

    def complain(path: tuple[str | int, ...], told: str) -> Problem:
        variable = variable_of(path, overlay)
        return Problem.in_file("environment", told, variable) if variable else document.problem(path, told)

    fitting = (CRYPTO_KINDS, _FUND_KINDS, _TRADED_KINDS, _LIKE_KINDS)
    crypto, funds, traded, alike = (_of_kind(settings.markets, kinds, wrong) for kinds in fitting)
    yield from _named(complain, ("crypto",), settings.crypto, crypto, settings.markets)
    if "funds" in settings.model_fields_set:
        yield from _named(complain, ("funds",), settings.funds, funds, settings.markets)
    yield from _unknown_exchanges(settings, complain)
    for name, market in settings.markets.items():
        yield from _calendar(name, market, complain)
        yield from _sister(name, settings.markets, alike, complain)
        yield from _named(complain, ("markets", name, "members"), market.members, traded, settings.markets)
        for at, source in enumerate(market.sources):
            if source.kind == EXCHANGE and not settings.exchanges and ("exchanges",) not in wrong:
                told = "no exchange is named; allowed: a list in `exchanges`"
                yield complain(("markets", name, "sources", at), told)


def _sister(name: str, markets: Mapping[str, MarketShape], alike: list[str], complain: Complain) -> Iterator[Problem]:
    market, others = markets[name], [each for each in alike if each != name]
    if market.sister == name:
        told = f"no market bears itself out (got {name}); allowed: {', '.join(others) or 'none, as there is no other'}"
        yield complain(("markets", name, "sister"), told)
    elif market.sister is not None and market.sister not in others:
        yield complain(("markets", name, "sister"), _unfit(market.sister, others, markets))


def _calendar(name: str, market: MarketShape, complain: Complain) -> Iterator[Problem]:
    if market.calendar is None:
        yield from _unasked_calendar(name, market, complain)
    elif market.calendar not in calendar_names():
        known = sorted(calendar_names())
        hint = _guess(market.calendar, known) or f"; allowed: {', '.join(known)}"
        yield complain(("markets", name, "calendar"), f"no such calendar (got '{market.calendar}'){hint}")


def _unasked_calendar(name: str, market: MarketShape, complain: Complain) -> Iterator[Problem]:
    """Whose sessions a market keeps that names none, and is hardly traded in New York."""
    if market.kind not in {MarketKind.INDEX, MarketKind.EQUITY}:
        return
    for source in market.sources:
        guess = foreign_calendar(str(getattr(source, source.kind))) if source.kind == YAHOO else None
        if guess is not None and not source.calendar:
            symbol = getattr(source, source.kind)
            asked = f"which exchange's sessions does it keep? {symbol} is hardly traded in New York"
            allowed = f"allowed: calendar: {guess or 'XLON'}, or another one; XNYS if New York's are right"
            yield complain(("markets", name), f"{asked}; {allowed}")
            return


def _of_kind(
    markets: Mapping[str, MarketShape], kinds: Collection[MarketKind], wrong: Collection[tuple[str, ...]]
) -> list[str]:
    return [name for name, market in markets.items() if market.kind in kinds or ("markets", name) in wrong]


def _named(
    complain: Complain,
    path: tuple[str, ...],
    names: tuple[str, ...],
    known: list[str],
    markets: Mapping[str, MarketShape],
) -> Iterator[Problem]:
    """A list of markets: each of them is there and among the `known`, which are of a fitting kind, and named once."""
    for at, name in enumerate(names):
        if name not in known:
            yield complain((*path, at), _unfit(name, known, markets))
        elif name in names[:at]:
            yield complain((*path, at), f"named twice (got {name}); allowed: each market once")


def _unknown_exchanges(settings: Settings, complain: Complain) -> Iterator[Problem]:
    for at, exchange in enumerate(settings.exchanges):
        if not known_exchange(exchange.id):
            known = sorted(exchange_ids())
            hint = _guess(exchange.id, known) or f"; allowed: {', '.join(known)}"
            yield complain(("exchanges", at, "id"), f"no exchange that ccxt knows (got {exchange.id}){hint}")


def _unfit(name: str, known: list[str], markets: Mapping[str, MarketShape]) -> str:
    if name not in markets:
        return _no_such(name, known)
    kind = f"wrong kind of market (got {name}, kind: {markets[name].kind.value})"
    return f"{kind}; allowed: {', '.join(known) or 'none, as there are none'}"


def _no_such(name: str, known: list[str]) -> str:
    return f"no such market (got {name}){_guess(name, known)}; allowed: {', '.join(known) or 'none, as there are none'}"


def _guess(name: str, known: Iterable[str]) -> str:
    hint = did_you_mean(name, known)
    return f"; {hint}" if hint else ""
