"""The bot's own process imports no vendor's library with this room."""

import subprocess
import sys

LIGHT = (
    "basket breaker http source_type expected_bars feed model normalize quality.gate"
    " quality.outliers quality.reconcile quality.splits quality.macro_gate releases vendor_snapshots"
    " sources.ccxt sources.yahoo"
    " sources.coingecko sources.csv sources.registry sources.simulated simulation.prices"
)
SCRIPT = f"""
import sys
for name in {LIGHT.split()!r}:
    __import__("bot.market." + name)
print(sorted({{"pandas", "yfinance", "ccxt", "exchange_calendars", "curl_cffi", "PIL"}} & set(sys.modules)))
"""


def test_what_the_bots_process_imports_brings_no_vendor():
    found = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_settings_know_every_kind_of_source_without_a_vendor_a_client_or_a_reader():
    script = SCRIPT.replace('__import__("bot.market." + name)', '__import__("bot.settings")')
    script = script.replace('{"pandas"', '{"http.client", "ssl", "bot.market.csv_form.bars", "pandas"')
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
