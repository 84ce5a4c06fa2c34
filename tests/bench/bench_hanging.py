"""Each source and each way of not answering, one at a time: when the first message comes, and what is in it.

Run: python -m tests.bench.bench_hanging [WORD]   (the runs whose name has the word in it)

As `bench_latency`, with keys for the second sources, one run each; it ends with 1 where a message takes more than
five seconds. A run takes a quarter of a minute, more where the exchange of the coins is the one that hangs.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from tests.bench.bench_latency import ANSWER_SECONDS, NEVER, FirstMessage, first_message
from tests.replay.keyed import KEYS

LONGEST_S = 5.0
WAYS: Mapping[str, Mapping[str, Any]] = {
    "says nothing": NEVER,
    "stands still in the body": {"body": None, "stall": 40.0},
    "drips": {"body": None, "drip": 1.0},
    "429": {"status": 429, "body": "Too Many Requests"},
    "500": {"status": 500, "body": "<html>oops</html>"},
    "tells garbage": {"body": "{]"},
    "hangs up": {"drop": True},
}
SOURCES = {
    "Yahoo": ("/v8/finance/chart/",),
    "Yahoo over ^RUT": ("/v8/finance/chart/^RUT",),
    "Yahoo over SPY": ("/v8/finance/chart/SPY",),
    "Yahoo over VIX": ("/v8/finance/chart/^VIX",),
    "Yahoo's cookie": ("/", "/v1/test/getcrumb"),
    "Binance": ("/api/v3/klines",),
    "Binance and Kraken": ("/api/v3/klines", "/0/public/OHLC"),
    "Tiingo": ("/tiingo/",),
    "the macro series": ("/graph/fredgraph.csv", "/stablecoincharts/all", "/fng/", "/v4/timeseries/asset-metrics"),
}


def runs(word: str) -> Iterator[tuple[str, Mapping[str, Mapping[str, Any]]]]:
    for source, paths in SOURCES.items():
        for way, fault in WAYS.items():
            if word in (name := f"{source} {way}"):
                yield name, {path: {**fault, "whole": path == "/"} for path in paths}


def told(name: str, message: FirstMessage) -> str:
    """A line: seconds, coins, the head of the message and what it says of sources."""
    lines = message.text.splitlines()
    about = [line for line in lines if "crypto at" in line or "not newer" in line or line.startswith("No figures")]
    return f"{message.seconds:5.2f} s  {message.coins} coins  {name:40} {lines[0][:44]} | {' | '.join(about)[:150]}"


def main(word: str = "") -> int:
    keys = {name: key.split()[-1] for name, key in KEYS.items()}
    late = 0
    for name, faults in runs(word):
        try:
            message = asyncio.run(first_message(ANSWER_SECONDS, faults, keys))
        except TimeoutError:
            print(f" none within the time      {name}", flush=True)
            late += 1
            continue
        print(told(name, message), flush=True)
        late += message.seconds > LONGEST_S
    return 1 if late else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
