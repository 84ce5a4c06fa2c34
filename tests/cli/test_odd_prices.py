"""What a command says of prices that can't be: on another scale, of tomorrow, below zero."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.market.csv_form.symbols import is_of
from bot.market.model import Market, MarketKind, Source
from tests.cli.author import Shell, write_prices


def rewritten(place: Path, factor: float, first: int, market: str = "IWM") -> str:
    """A market's file with the prices of all rows from `first` on times `factor`; the date of the first of them."""
    file = place / "data" / f"{market}.csv"
    header, *rows = file.read_text().splitlines()
    cells = [row.split(",") for row in rows]
    for row in cells[first:]:
        row[1:5] = [f"{float(price) * factor:.6f}" for price in row[1:5]]
    file.write_text("\n".join([header, *(",".join(row) for row in cells)]) + "\n")
    return cells[first][0]


@pytest.mark.parametrize("beside", [["RUT"], []])
def test_a_file_that_goes_on_in_another_unit_counts_up_to_there(shell: Shell, place: Path, beside: list[str]) -> None:
    for sister in beside:
        write_prices(place / "data", sister)
    rewritten(place, 100, 250)
    shell("levels IWM --data data")
    assert "150 bars left out" in shell.err
    assert "as in another unit" in shell.err


@pytest.mark.parametrize(("factor", "told"), [(0.5, "0.5"), (0.1, "0.1"), (10, "10"), (4, "4")])
def test_a_file_with_a_split_in_it_is_asked_about(shell: Shell, place: Path, factor: float, told: str) -> None:
    since = rewritten(place, factor, 250)
    shell("levels IWM --data data")
    assert f"from {since} on prices are {told} times those before: an unadjusted split?" in shell.err


def test_a_file_without_one_is_not(shell: Shell) -> None:
    shell("levels IWM --data data")
    assert shell.err == ""


def test_a_row_of_years_ahead_has_not_closed_and_nothing_is_missed_before_it(shell: Shell, place: Path) -> None:
    prices = place / "data" / "IWM.csv"
    prices.write_text(prices.read_text() + "2131-01-02,100,101,99,100,1000\n")
    shell("levels IWM --data data")
    assert "IWM 2131-01-02: it has not closed yet" in shell.err
    assert "no session" not in shell.err
    assert "missing" not in shell.err


def test_bars_are_left_out_for_several_reasons_and_each_is_told(shell: Shell, place: Path) -> None:
    prices = place / "data" / "IWM.csv"
    lines = prices.read_text().splitlines()
    saturdays = ["2023-01-07,100,101,99,100,1000", "2023-01-14,100,101,99,100,1000"]
    day, *_ = lines[200].split(",")
    lines[200] = f"{day},-5,-5,-5,-5,1000"
    prices.write_text("\n".join([lines[0], *sorted([*lines[1:], *saturdays])]) + "\n")
    shell("levels IWM --data data")
    assert (
        "IWM: 3 bars left out (2, the last: IWM 2023-01-14: the market had no session; "
        f"IWM {day}: the close is zero or negative)" in shell.err
    )


def with_symbol(place: Path, symbol: str) -> None:
    prices = place / "data" / "IWM.csv"
    header, *rows = prices.read_text().splitlines()
    prices.write_text("\n".join([f"{header},symbol", *(f"{row},{symbol}" for row in rows)]) + "\n")


@pytest.mark.parametrize("symbol", ["SPY", "SPY US Equity", "NYSEARCA:SPY", "BTCUSDT"])
def test_a_file_of_another_market_is_refused(shell: Shell, place: Path, symbol: str) -> None:
    with_symbol(place, symbol)
    shell("levels IWM --data data", 2)
    other = "BTC" if "BTC" in symbol else "SPY"
    assert shell.err == (
        f"data/IWM.csv: its column of symbols says '{symbol}', which is {other}; "
        f"allowed: prices of IWM, or the file as {other}.csv\n"
    )


def test_a_symbol_that_nobody_knows_is_said(shell: Shell, place: Path) -> None:
    with_symbol(place, "TSLA")
    shell("levels IWM --data data")
    assert "its column of symbols says 'TSLA', which no source of IWM is called; read as IWM" in shell.err


@pytest.mark.parametrize(
    "symbol", ["IWM", "iwm", "NYSEARCA:IWM", "IWM US Equity", "IWM.US", "iShares Russell 2000 ETF"]
)
def test_its_own_symbol_is_its_own_however_it_is_written(shell: Shell, place: Path, symbol: str) -> None:
    with_symbol(place, symbol)
    shell("levels IWM --data data")
    assert "column of symbols" not in shell.err


@pytest.mark.parametrize("symbol", ["BTCUSDT", "BTC/USDT", "BTC-USD", "BTC", "BINANCE:BTCUSDT", "Bitcoin"])
def test_a_pair_is_its_coins(symbol: str) -> None:
    assert is_of(symbol, Market("BTC", "Bitcoin", MarketKind.CRYPTO, "24/7", (Source("ccxt", "binance", "BTC/USDT"),)))


@pytest.mark.parametrize(("factor", "told"), [(1.37, "1.3"), (0.72, "0.7"), (17.3, "17."), (0.155, "0.15")])
def test_a_leap_that_stays_and_is_no_split_is_asked_about_and_counts(
    shell: Shell, place: Path, factor: float, told: str
) -> None:
    since = rewritten(place, factor, 250)
    listed = shell("levels IWM --data data")
    assert f"from {since} on prices are {told}" in shell.err
    assert "times those before: all of one market and currency?" in shell.err
    assert "left out" not in shell.err
    assert listed
    since = rewritten(place, 1 / factor, 252)
    shell("levels IWM --data data")
    assert "all of one market" not in shell.err, "it has come back"


def test_a_leap_that_the_sister_has_as_well_is_the_markets_own(shell: Shell, place: Path) -> None:
    write_prices(place / "data", "RUT")
    for market in ("IWM", "RUT"):
        rewritten(place, 0.72, 250, market)
    shell("levels IWM --data data")
    assert "times those before" not in shell.err


TEST = """
tests:
  - name: some
    series: {IWM: {csv: ../../data/IWM.csv, from: 2024-01-02}}
    expect: silence
  - name: again
    series: {IWM: {csv: ../../data/IWM.csv, from: 2024-01-02}}
    expect: silence
"""


def test_a_file_that_a_test_names_is_read_as_any_other(shell: Shell, place: Path) -> None:
    """The same gate, the same symbols, the same words, and once for all tests."""
    (place / "rules" / "tests").mkdir()
    (place / "rules" / "tests" / "iwm-tops.yaml").write_text(TEST)
    since = rewritten(place, 100, 250)
    shell("rules test iwm-tops", 1)
    (told,) = [line for line in shell.err.splitlines() if line.startswith("IWM: ")]
    assert "150 bars left out" in told
    shell("levels IWM --data data")
    assert told in shell.err.splitlines()
    prices = place / "data" / "IWM.csv"
    header, *rows = prices.read_text().splitlines()
    prices.write_text("\n".join([f"{header},symbol", *(f"{row},BTCUSDT" for row in rows)]) + "\n")
    told = " ".join(shell("rules test iwm-tops", 1).split())
    assert "its column of symbols says 'BTCUSDT', which is BTC; allowed: prices of IWM" in told
    assert since
