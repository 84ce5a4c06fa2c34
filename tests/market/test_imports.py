"""Does the bot's own process stay light when it uses this room?"""

import subprocess
import sys

LIGHT = (
    "basket breaker expected_bars feed gate model normalize"
    " outliers reconcile splits vendor_snapshots sources.ccxt_catalog"
    " sources.coingecko sources.csv sources.registry sources.simulated simulation.prices"
)
SCRIPT = f"""
import sys
for name in {LIGHT.split()!r}:
    __import__("bot.market." + name)
print(sorted({{"pandas", "yfinance", "ccxt", "exchange_calendars", "curl_cffi", "matplotlib"}} & set(sys.modules)))
"""


def test_what_the_bots_process_imports_brings_no_vendor():
    found = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
