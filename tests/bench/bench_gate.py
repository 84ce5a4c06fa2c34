"""False doubts of the gate: every bar of the real histories judged on its own day, without a second source.

Run: python tests/bench/bench_gate.py [MARKET …]   (needs the real histories beside the checkout)
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from bot.market.model import FetchAnswer, Market, MarketKind
from bot.market.quality.reconcile import GateContext, reconcile
from bot.market.sources.csv import read_csv
from bot.market.vendors import calendars
from bot.settings import load_settings
from bot.signals.bars import Bars
from bot.signals.sessions import ROUND_THE_CLOCK, Sessions
from bot.signals.timeframe import Timeframe, start_of

ROOT = Path(__file__).parents[2]
DATA = ROOT.parent / "shared" / "data" / "daily"
KNOWN_BARS, WEEK = 320, 7
BAD_PRINTS = {
    "RUT": {"2023-05-24", "2024-07-19"},
    "IWM": {"2008-09-19"},
    "IWN": {"2010-05-06"},
}
"""Days whose doubt is right: the print was bad."""


def judged(name: str, market: Market, known: dict[str, Bars], sessions: Sessions) -> tuple[list[str], list[str]]:
    """The days on which the newest bar was held, and those on which a price of it was not believed."""
    bars, sister = known[name], known.get(market.sister)
    held, doubted = [], []
    for at in range(len(bars)):
        first, start, now = max(0, at - WEEK), int(bars.start[at]), int(bars.end[at]) + 900
        beside = None if sister is None else sister.known_at(int(bars.end[at]))
        beside = None if beside is None else beside.slice(max(0, len(beside) - 2 * KNOWN_BARS), len(beside))
        near = sessions.since(int(bars.start[first]))
        near = replace(near, start=near.start[:12], opens=near.opens[:12], closes=near.closes[:12])
        context = GateContext(market, near, now, start, bars.slice(max(0, first - KNOWN_BARS), first), beside)
        found = reconcile([FetchAnswer(bars.slice(first, at + 1), bars.prefix(0), "file")], context)
        held += [bars.label(at)] if start in found.suspect.tolist() else []
        doubted += [bars.label(at)] if any(doubt.start == start for doubt in found.doubts) else []
    return held, doubted


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("markets", nargs="*")
    chosen = parser.parse_args().markets
    specs = {name: market for name, market in load_settings(None, {}, ROOT).specs.items() if _priced(market)}
    new_york = calendars.sessions("XNYS", start_of("1985-01-02"), start_of("2027-06-01"))
    everyday = Sessions.round_the_clock(start_of("2009-01-01"), start_of("2027-06-01"))
    hours = {"XNYS": new_york, ROUND_THE_CLOCK: everyday}
    known = {
        name: read_csv(DATA / f"{name}.csv", name, hours[market.calendar], Timeframe.D1).bars
        for name, market in specs.items()
        if (DATA / f"{name}.csv").is_file()
    }
    print("market          bars  years  held  doubted  false a year  false of all bars")
    for name in chosen or known:
        held, doubted = judged(name, specs[name], known, hours[specs[name].calendar])
        false = [day for day in (*held, *doubted) if day not in BAD_PRINTS.get(name, ())]
        years = (int(known[name].end[-1]) - int(known[name].start[0])) / 31_557_600
        share = len(false) / len(known[name])
        told = f"{len(held):5} {len(doubted):8} {len(false) / years:13.2f} {share:18.3%}"
        print(f"{name:14} {len(known[name]):5} {years:6.1f} {told}  {' '.join(false)}", flush=True)


def _priced(market: Market) -> bool:
    return market.kind is not MarketKind.BASKET and market.calendar in {"XNYS", ROUND_THE_CLOCK}


if __name__ == "__main__":
    main()
