"""Markets of the config: pairs of coins, and whose sessions are kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.market.calendar_catalog import _SYMBOLS, calendar_names
from tests.settings.test_load import complaints, load


def test_a_pair_is_asked_for_in_its_own_quote(tmp_path: Path) -> None:
    market = "markets: {SOLBTC: {title: S, kind: crypto, sources: [{exchange: SOL/BTC}, {exchange: SOL}]}}\n"
    sources = load(tmp_path, market).specs["SOLBTC"].sources
    assert [(source.name, source.symbol) for source in sources[:4]] == [
        ("binance", "SOL/BTC"),
        ("kraken", "SOL/BTC"),
        ("coinbase", "SOL/BTC"),
        ("binance", "SOL/USDT"),
    ]
    for wrong, told in (
        ("SOL/BTC/ETH", "neither a coin nor a pair (got 'SOL/BTC/ETH'); allowed: like SOL, or SOL/BTC"),
        ("sol", "neither a coin nor a pair (got 'sol')"),
        ("BTCUSDT", "a coin and a quote in one (got 'BTCUSDT'); allowed: BTC, or BTC/USDT"),
    ):
        assert told in complaints(tmp_path, market.replace("SOL/BTC}", f"{wrong}}}"))[0]
    assert load(tmp_path, market.replace("SOL/BTC}", "PYUSD}")).specs["SOLBTC"].sources[0].symbol == "PYUSD/USDT"


@pytest.mark.parametrize(
    ("symbol", "calendar"),
    [
        *(("VOD.L", "XLON"), ("SAP.DE", "XETR"), ("^GDAXI", "XETR"), ("7203.T", "XTKS"), ("^N225", "XTKS")),
        *(("SHOP.TO", "XTSE"), ("GC=F", "CMES"), ("ABC.XYZ", "XLON, or another one")),
    ],
)
def test_a_market_that_is_hardly_american_is_asked_for_its_calendar(tmp_path: Path, symbol: str, calendar: str) -> None:
    market = f"markets: {{M: {{title: M, kind: equity, sources: [{{yahoo: '{symbol}'}}]}}}}\n"
    (told,) = complaints(tmp_path, market)
    assert f"markets.M: which exchange's sessions does it keep? {symbol} is hardly traded in New York" in told
    assert f"allowed: calendar: {calendar}" in told
    named = market.replace("kind: equity", "kind: equity, calendar: XNYS")
    assert load(tmp_path, named).specs["M"].calendar == "XNYS"


@pytest.mark.parametrize("symbol", ["IWM", "BRK.B", "BRK-B", "^RUT", "^GSPC", "BF.A"])
def test_an_american_market_is_asked_nothing(tmp_path: Path, symbol: str) -> None:
    market = f"markets: {{M: {{title: M, kind: equity, sources: [{{yahoo: '{symbol}'}}]}}}}\n"
    assert load(tmp_path, market).specs["M"].calendar == "XNYS"


def test_calendars_that_symbols_are_told_by_are_known() -> None:
    assert set(_SYMBOLS) <= calendar_names()
