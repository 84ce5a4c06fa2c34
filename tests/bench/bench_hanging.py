"""Each source and each way of not answering, several at once too: when the first message comes, and what is in it.

Run: python -m tests.bench.bench_hanging [--side-by-side N] [WORD …]   (the runs whose name has all the words in it)

As `bench_latency`, with keys for the second sources. Bots are got ready N at a time, out of one database, and then wait
for their bar one after another, so that none is measured while another works. It ends with 1 where a message takes more
than five seconds. All of it takes some fifteen minutes; a run with one bot at a time half a minute, most of it to
get ready.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.bench.bench_latency import (
    ANSWER_SECONDS,
    EVENING,
    NEVER,
    READER,
    FirstMessage,
    told_of_the_bar,
    waits_for_the_bar,
)
from tests.bench.bot_in_subprocess import SubprocessBot, bot_in_subprocess
from tests.bench.gate import Shut
from tests.replay.keyed import KEYS

LONGEST_S = 5.0
SLOWEST = 12
"""How many of the runs are told of once more at the end."""

YAHOO, TIINGO, TWELVE_DATA = "/v8/finance/chart/", "/tiingo/", "/time_series"
COOKIE = ("/", "/consent", "/v1/test/getcrumb")
FIGURES = ("/graph/fredgraph.csv", "/stablecoincharts/all", "/fng/", "/v4/timeseries/asset-metrics")
BINANCE, KRAKEN = "/api/v3/klines", "/0/public/OHLC"

WAYS: Mapping[str, Mapping[str, Any]] = {
    "says nothing": NEVER,
    "takes 2 s for each answer": {"body": None, "delay": 2.0},
    "stands still in the body": {"body": None, "stall": 40.0},
    "drips": {"body": None, "drip": 1.0},
    "429": {"status": 429, "body": "Too Many Requests"},
    "429 for an hour": {"status": 429, "body": "Too Many Requests", "headers": {"Retry-After": "3600"}},
    "500": {"status": 500, "body": "<html>oops</html>"},
    "tells garbage": {"body": "{]"},
    "floods": {"body": f"[{'1,' * 6_000_000}1]"},
    "hangs up": {"drop": True},
    "leads in a circle": {"status": 302, "body": "", "headers": {"Location": "/"}},
}
"""What goes wrong once a question is put."""

SOURCES = {
    "Yahoo": (YAHOO,),
    "Yahoo over ^RUT": (f"{YAHOO}^RUT",),
    "Yahoo over SPY": (f"{YAHOO}SPY",),
    "Yahoo over VIX": (f"{YAHOO}^VIX",),
    "Yahoo's cookie": COOKIE,
    "Binance": (BINANCE,),
    "Binance and Kraken": (BINANCE, KRAKEN),
    "Tiingo": (TIINGO,),
    "the macro series": FIGURES,
    "Yahoo and Tiingo": (YAHOO, TIINGO),
    "Yahoo, Binance and the macro series": (YAHOO, *COOKIE, BINANCE, *FIGURES),
}

HOSTS = {
    "Yahoo": ("yahoo", "yahoo_dividends"),
    "Binance": ("binance",),
    "Tiingo": ("tiingo",),
    "the macro series": ("fred", "defillama", "alternative_me", "binance_funding", "coinmetrics"),
    "Yahoo and Tiingo": ("yahoo", "yahoo_dividends", "tiingo"),
    "all but Twelve Data": (
        *("yahoo", "yahoo_dividends", "tiingo", "binance", "kraken", "coinbase", "coingecko"),
        *("fred", "defillama", "alternative_me", "binance_funding", "coinmetrics"),
    ),
}
"""Kinds of sources and exchanges that stand behind the gate."""


@dataclass(frozen=True)
class Kind:
    """One run: requests that go wrong, or hosts that are not reached; with `scheme` https no handshake ever ends."""

    name: str
    faults: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    gated: Sequence[str] = ()
    shut: Shut | None = None
    scheme: str = "http"


@dataclass(frozen=True)
class Outcome:
    """What came of one run; no message where none came within the time, or the bot was not `ready` for it."""

    name: str
    message: FirstMessage | None
    ready: bool = True

    @property
    def late(self) -> bool:
        return self.ready and (self.message is None or self.message.seconds > LONGEST_S)

    def __str__(self) -> str:
        """A line: seconds, coins, the head of the message and what it says of sources."""
        if self.message is None:
            return f" {'none within the time ' if self.ready else 'not ready, so not run'}     {self.name}"
        lines = self.message.text.splitlines()
        about = [line for line in lines if "crypto at" in line or "not newer" in line or line.startswith("No figures")]
        seconds, coins = self.message.seconds, self.message.coins
        return f"{seconds:5.2f} s  {coins} coins  {self.name:55} {lines[0][:44]} | {' | '.join(about)[:150]}"


def kinds(words: Sequence[str]) -> Iterator[Kind]:
    """All that have these words in their names."""
    every = [
        Kind(f"{source} {way}", {path: {**fault, "whole": path in COOKIE} for path in paths})
        for source, paths in SOURCES.items()
        for way, fault in WAYS.items()
    ]
    every += [Kind(f"{hosts}: {how}", {}, names, how) for hosts, names in HOSTS.items() for how in Shut]
    every += [Kind(f"{hosts}: no TLS handshake", {}, names, Shut.SILENT, "https") for hosts, names in HOSTS.items()]
    yield from (kind for kind in every if all(word in kind.name for word in words))


async def settled_database(folder: Path, keys: Mapping[str, str]) -> Path:
    """That of a bot which has all that the vendors know."""
    async with bot_in_subprocess(folder, unhurried=True, keys=keys) as bot:
        bot.subscribe([READER])
        await bot.start(EVENING)
        await bot.settled()
        await bot.looked(2)
        await bot.stop()
    return folder / "bellwether.db"


async def outcomes(together: Sequence[Kind], database: Path, keys: Mapping[str, str]) -> list[Outcome]:
    """Bots that are got ready side by side, and measured one after another."""
    async with contextlib.AsyncExitStack() as stack:
        bots = [await stack.enter_async_context(_bot(kind, stack, database, keys)) for kind in together]
        ready = await asyncio.gather(*map(_ready, bots, together))
        return [
            Outcome(kind.name, await _told(bot)) if well else Outcome(kind.name, None, ready=False)
            for bot, kind, well in zip(bots, together, ready, strict=True)
        ]


def _bot(
    kind: Kind, stack: contextlib.AsyncExitStack, database: Path, keys: Mapping[str, str]
) -> contextlib.AbstractAsyncContextManager[SubprocessBot]:
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True)))
    shutil.copy(database, folder)
    return bot_in_subprocess(folder, unhurried=True, keys=keys, gated=kind.gated, scheme=kind.scheme)


async def _ready(bot: SubprocessBot, kind: Kind) -> bool:
    """Whether it waits for its bar; a machine that is busy with other things takes too long for it."""
    if kind.scheme == "https" and bot.gate is not None and kind.shut is not None:
        bot.gate.shut(kind.shut)  # nobody here speaks TLS: it is so from the start
    try:
        await waits_for_the_bar(bot, ANSWER_SECONDS, kind.faults, kind.shut)
    except TimeoutError:
        return False
    return True


async def _told(bot: SubprocessBot) -> FirstMessage | None:
    try:
        return await told_of_the_bar(bot)
    except TimeoutError:
        return None


async def measured(chosen: Sequence[Kind], side_by_side: int) -> list[Outcome]:
    """What came of all of them, told as it comes."""
    keys = {name: key.split()[-1] for name, key in KEYS.items()}
    found = []
    with tempfile.TemporaryDirectory() as folder:
        database = await settled_database(Path(folder), keys)
        for at in range(0, len(chosen), side_by_side):
            for outcome in await outcomes(chosen[at : at + side_by_side], database, keys):
                print(outcome, flush=True)
                found.append(outcome)
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("words", nargs="*", metavar="WORD")
    parser.add_argument("--side-by-side", type=int, default=6, metavar="N")
    asked = parser.parse_args()
    found = asyncio.run(measured(list(kinds(asked.words)), asked.side_by_side))
    slowest = sorted(found, key=lambda each: each.message.seconds if each.message else 1e9, reverse=True)
    print(f"\n{len(found)} runs, the slowest of them:", *slowest[:SLOWEST], sep="\n")
    late, lost = sum(outcome.late for outcome in found), sum(not outcome.ready for outcome in found)
    print(f"{late} of {len(found)} took more than {LONGEST_S:g} s, {lost} were not run")
    return 1 if late or lost or not found else 0


if __name__ == "__main__":
    sys.exit(main())
