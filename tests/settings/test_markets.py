"""Markets of the config: pairs of coins, whose sessions are kept, and names that point to none of them."""

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


def test_names_that_point_nowhere_are_said_with_their_place(tmp_path: Path) -> None:
    told = complaints(
        tmp_path,
        """markets:
  BTC: {title: Bitcoin, kind: crypto, sources: [{yahoo: BTC-USD}]}
  ETH: {title: Ether, kind: crypto, sources: [{yahoo: ETH-USD}]}
  ALTS: {title: Alts, kind: basket, members: [BTC, ETH, SOL]}
crypto: [BTC, ETC]
""",
    )
    assert told == [
        "config.yaml:5:15: crypto[1]: no such market (got ETC); did you mean ETH?; allowed: BTC, ETH, ALTS",
        "config.yaml:4:57: markets.ALTS.members[2]: no such market (got SOL); allowed: BTC, ETH",
    ]


def test_a_market_is_named_once_and_bears_out_another_one(tmp_path: Path) -> None:
    told = complaints(
        tmp_path,
        """markets:
  BTC: {title: Bitcoin, kind: crypto, sources: [{yahoo: BTC-USD}], sister: BTC}
  ETH: {title: Ether, kind: crypto, sources: [{yahoo: ETH-USD}]}
  ALTS: {title: Alts, kind: basket, members: [BTC, BTC, ETH]}
crypto: [BTC, BTC]
""",
    )
    assert told == [
        "config.yaml:5:15: crypto[1]: named twice (got BTC); allowed: each market once",
        "config.yaml:2:76: markets.BTC.sister: no market bears itself out (got BTC); allowed: ETH",
        "config.yaml:4:52: markets.ALTS.members[1]: named twice (got BTC); allowed: each market once",
    ]


def test_a_market_stands_only_in_lists_that_its_kind_belongs_to(tmp_path: Path) -> None:
    told = complaints(
        tmp_path,
        """markets:
  VIX: {title: VIX, kind: index, sources: [{yahoo: ^VIX}]}
  IWM: {title: IWM, kind: equity, sources: [{yahoo: IWM}]}
  NFCI: {title: Conditions, kind: macro, sources: [{fred: NFCI}]}
  BTC: {title: Bitcoin, kind: crypto, sources: [{yahoo: BTC-USD}]}
  ETH: {title: Ether, kind: crypto, sources: [{yahoo: ETH-USD}]}
  CAP: {title: Cap, kind: series, sources: [{coingecko: total}]}
  ALTS: {title: Alts, kind: basket, members: [BTC, ETH, NFCI, ALTS], sister: NFCI}
crypto: [VIX, IWM, NFCI, BTC, CAP, ALTS]
funds: [BTC, IWM, QQ, VIX]
""",
    )
    unfit = "wrong kind of market"
    assert told == [
        f"config.yaml:9:10: crypto[0]: {unfit} (got VIX, kind: index); allowed: BTC, ETH, CAP, ALTS",
        f"config.yaml:9:15: crypto[1]: {unfit} (got IWM, kind: equity); allowed: BTC, ETH, CAP, ALTS",
        f"config.yaml:9:20: crypto[2]: {unfit} (got NFCI, kind: macro); allowed: BTC, ETH, CAP, ALTS",
        f"config.yaml:10:9: funds[0]: {unfit} (got BTC, kind: crypto); allowed: IWM",
        "config.yaml:10:19: funds[2]: no such market (got QQ); allowed: IWM",
        f"config.yaml:10:23: funds[3]: {unfit} (got VIX, kind: index); allowed: IWM",
        f"config.yaml:8:78: markets.ALTS.sister: {unfit} (got NFCI, kind: macro); allowed: VIX, IWM, BTC, ETH, CAP",
        f"config.yaml:8:57: markets.ALTS.members[2]: {unfit} (got NFCI, kind: macro); allowed: VIX, IWM, BTC, ETH",
        f"config.yaml:8:63: markets.ALTS.members[3]: {unfit} (got ALTS, kind: basket); allowed: VIX, IWM, BTC, ETH",
    ]


def test_mistakes_of_one_key_hide_no_names_that_point_nowhere(tmp_path: Path) -> None:
    told = complaints(
        tmp_path,
        """markets:
  BTC: {title: Bitcoin, kind: crypto, sources: [{exchange: BTC}]}
  ETH: {title: Ether, kind: crypt, sources: [{yahoo: ETH-USD}]}
  ALTS: {title: Alts, kind: basket, members: [BTC, NOPE]}
crypto: [BTC, NOPE2, ETH]
exchanges: 5
catch_up: [3]
""",
    )
    assert [line.split(" (got")[0] for line in told] == [
        "config.yaml:3:29: markets.ETH.kind: unknown word",
        "config.yaml:4:9: markets.ALTS: a basket has at least 3 members and no sources",
        "config.yaml:6:12: exchanges: not a list",
        "config.yaml:7:11: catch_up: not a whole number",
        "config.yaml:5:15: crypto[1]: no such market",
        "config.yaml:4:52: markets.ALTS.members[1]: no such market",
    ]
    for odd in ("[crypto]", "{a: b}"):  # nothing that could be looked up
        (kind,) = complaints(tmp_path, f"markets: {{BTC: {{title: B, kind: {odd}, sources: [{{yahoo: BTC-USD}}]}}}}\n")
        assert ": markets.BTC.kind: " in kind
    (alone,) = complaints(tmp_path, "markets: [BTC]\ncrypto: [NOPE]\n")
    assert alone.startswith("config.yaml:1:10: markets: ")


@pytest.mark.parametrize("key", ["crypto", "funds"])
def test_names_of_the_environment_that_point_nowhere_are_said_to_be_its(tmp_path: Path, key: str) -> None:
    name = f"BELLWETHER_{key.upper()}"
    (told,) = complaints(tmp_path, "catch_up: 3\n", **{name: "[NOPE]"})
    assert told.startswith(f"environment: {name}: no such market (got NOPE)")
