"""Whether the symbol that a file's own column tells is one of a market's."""

from __future__ import annotations

import re

from bot.market.model import Market

_QUOTES = ("USDT", "USDC", "USD", "BUSD", "FDUSD", "TUSD", "EUR", "GBP", "PERP")
"""Currencies that stand behind a coin in the symbol of a pair, as in BTCUSDT."""


def is_of(symbol: str, market: Market) -> bool:
    """Whether what a column of symbols or names says is the market's symbol, see `is_symbol_of`, or holds its title."""
    title = {*_words(market.title)} - {market.name}
    return is_symbol_of(symbol, market) or (bool(title) and title <= {*_words(symbol)})


def is_symbol_of(symbol: str, market: Market) -> bool:
    """Whether a symbol is the market's, however a vendor writes it: `NYSEARCA:IWM`, `IWM US Equity`, `BTC/USDT`."""
    words = _words(symbol)
    known = {"".join(_words(each)) for each in (market.name, *(source.symbol for source in market.sources))} - {""}
    pairs = {name + quote for name in known for quote in _QUOTES}
    return not {*words, "".join(words)}.isdisjoint(known | pairs)


def _words(symbol: str) -> list[str]:
    return re.findall(r"[A-Z0-9]+", symbol.upper())
