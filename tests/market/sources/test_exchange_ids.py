"""ccxt's exchanges are known without ccxt."""

import subprocess
import sys

import ccxt
import pytest

from bot.market.sources.ccxt import exchange_ids, known_exchange


def test_the_ids_are_those_of_ccxt():
    assert exchange_ids() == frozenset(ccxt.exchanges)


@pytest.mark.parametrize("exchange", ["binance", "kraken", "coinbase"])
def test_a_known_exchange(exchange):
    assert known_exchange(exchange)


@pytest.mark.parametrize("exchange", ["", "__init__", "base", "abstract", "Binance", "../binance"])
def test_what_is_no_exchange(exchange):
    assert not known_exchange(exchange)


def test_where_ccxt_is_not_installed_nothing_is_refused(monkeypatch):
    exchange_ids.cache_clear()
    monkeypatch.setattr("bot.market.sources.ccxt.find_spec", lambda name: None)
    assert known_exchange("whatever")
    exchange_ids.cache_clear()


def test_nothing_is_imported_for_it():
    script = "import sys, bot.market.sources.ccxt as e; e.known_exchange('kraken'); print('ccxt' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "False"
