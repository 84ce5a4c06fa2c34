"""Real histories of the shipped markets, each bar judged on its own day, as the bot would have judged it then."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from bot.market.csv_form.bars import read_csv
from bot.market.model import FetchAnswer, Market, MarketKind
from bot.market.quality.reconcile import GateContext, reconcile
from bot.market.vendors import calendars
from bot.settings import load_settings
from bot.signals.bars import Bars, among
from bot.signals.sessions import ROUND_THE_CLOCK, Sessions
from bot.signals.timeframe import Timeframe, start_of

ROOT = Path(__file__).parents[2]
DAILY = ROOT.parent / "shared" / "data" / "daily"
KNOWN_BARS, WEEK = 320, 7

BAD_PRINTS = {
    "RUT": {"2021-07-29", "2023-05-24", "2024-07-19"},
    "IWM": {"2002-11-12", "2004-03-02", "2007-09-19", "2008-09-19"},
    "IWN": {"2005-09-19", "2009-09-14", "2010-05-06"},
    "SPY": {"2014-12-18", "2020-12-21"},
    "UUP": {"2007-06-20"},
}
"""Days on which a doubt is right: no other fund of the family, nor a bar nearby, came near the price."""


@dataclass(frozen=True)
class Histories:
    """The shipped markets that have a file of real bars, without rows on days that have no session."""

    folder: Path = DAILY
    known: dict[str, Bars] = field(default_factory=dict)

    @cached_property
    def markets(self) -> dict[str, Market]:
        hours = {"XNYS", ROUND_THE_CLOCK}
        specs = load_settings(None, {}, ROOT).specs
        return {
            name: market
            for name, market in specs.items()
            if market.kind not in {MarketKind.BASKET, MarketKind.MACRO}
            and market.calendar in hours
            and (self.folder / f"{name}.csv").is_file()
        }

    @cached_property
    def calendars(self) -> dict[str, Sessions]:
        return {
            "XNYS": calendars.sessions("XNYS", start_of("1985-01-02"), start_of("2027-06-01")),
            ROUND_THE_CLOCK: Sessions.round_the_clock(start_of("2009-01-01"), start_of("2027-06-01")),
        }

    def sessions(self, name: str) -> Sessions:
        return self.calendars[self.markets[name].calendar]

    def bars(self, name: str) -> Bars:
        if name not in self.known:
            sessions = self.sessions(name)
            bars = read_csv(self.folder / f"{name}.csv", name, sessions, Timeframe.D1).bars
            at = np.flatnonzero(among(bars.start, sessions.start))
            columns = ("start", "end", "open", "high", "low", "close", "volume")
            self.known[name] = replace(bars, **{each: getattr(bars, each)[at] for each in columns})
        return self.known[name]

    def doubts(self, name: str, places: Iterable[int] | None = None, *, second: bool = False) -> list[int]:
        """Positions of the bars that were held, or lost a price, on their own day.

        `second` has another source tell the same, as the shipped config has one for a coin.
        """
        bars = self.bars(name)
        return [at for at in (range(len(bars)) if places is None else places) if self._doubted(name, at, second=second)]

    def rightly(self, name: str, at: int) -> bool:
        """Whether a doubt of this bar is right: a bad print, or a row for a day on which nothing was traded."""
        bars = self.bars(name)
        return bars.label(at) in BAD_PRINTS.get(name, ()) or float(bars.volume[at]) == 0

    def _doubted(self, name: str, at: int, *, second: bool) -> bool:
        market, bars, sessions = self.markets[name], self.bars(name), self.sessions(name)
        first, start, now = max(0, at - WEEK), int(bars.start[at]), int(bars.end[at]) + 900
        beside = self.bars(market.sister).known_at(int(bars.end[at])) if market.sister in self.markets else None
        beside = None if beside is None else beside.slice(max(0, len(beside) - 2 * KNOWN_BARS), len(beside))
        near = sessions.since(int(bars.start[first]))
        near = replace(near, start=near.start[:12], opens=near.opens[:12], closes=near.closes[:12])
        context = GateContext(market, near, now, start, bars.slice(max(0, first - KNOWN_BARS), first), beside)
        told = bars.slice(first, at + 1)
        sources = ("one", "another") if second else ("one",)
        found = reconcile([FetchAnswer(told, bars.prefix(0), source) for source in sources], context)
        return start in found.suspect.tolist() or any(doubt.start == start for doubt in found.doubts)


def record_days(bars: Bars) -> list[int]:
    """Positions of the closes above all closes before, from the 252nd bar on."""
    before = np.concatenate([[np.nan], np.fmax.accumulate(bars.close)[:-1]])
    return [at for at in np.flatnonzero(bars.close > before).tolist() if at >= 252]
