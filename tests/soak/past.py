"""A past to live through: made or real bars, and what sources tell of it on their good and bad days."""

from __future__ import annotations

import pickle
import random
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from bot.cli.io.bars import bars_of
from bot.cli.io.sessions import sessions_of
from bot.market.model import FetchAnswer, FetchRequest, SourceError, SourceErrorKind
from bot.market.releases import RELEASES
from bot.scan.series import Series
from bot.settings import Settings, load_settings, without_absent
from bot.signals.bars import Bars, FloatArray
from bot.signals.sessions import ROUND_THE_CLOCK, Sessions
from bot.signals.timeframe import DAY, Instant, Timeframe, start_of

ROOT = Path(__file__).parents[2]
HOUR = 3_600
AGAIN_SECONDS = 2_700
"""Seconds after which a look is repeated where something came late or wrong."""

CONFIG = """
markets:
  RUT: {title: Russell 2000, kind: index, sources: [{csv: RUT.csv}]}
  IWM: {title: IWM, kind: equity, sources: [{csv: IWM.csv}]}
  BTC: {title: Bitcoin, kind: crypto, sources: [{csv: BTC.csv}]}
crypto: [BTC]
"""

RULES = {
    "rut-record": """
title: A record
market: RUT
timeframe: 1d
when: close > highest(close, 20)[1]
level: highest(close, 20)[1]
quiet: 5 bars
follow: {for: 6 bars, confirmed: 2 closes, failed: close < level}
severity: high
headline: "RUT closes at {close:.2f}"
""",
    "iwm-low": """
title: A low
market: IWM
timeframe: 1d
when: close < lowest(close, 15)[1]
headline: "IWM closes at {close:.2f}"
""",
    "btc-after-rut": """
title: Bitcoin follows
market: BTC
timeframe: 1d
when: close > highest(close, 10)[1] and fired("rut-record", within=20)
quiet: 3 bars
headline: "BTC closes at {close:.2f}"
""",
}


@dataclass(frozen=True)
class Past:
    """All bars that there will be, the calendars, and the span that is lived through; it lies in a folder."""

    bars: Mapping[Series, Bars]
    calendars: Mapping[str, Sessions]
    first: Instant
    last: Instant

    def looks(self, settle: int) -> list[Instant]:
        """When the bot looks: some time after each close."""
        closes = {int(close) for each in self.calendars.values() for close in each.closes}
        return sorted(close + settle for close in closes if self.first < close <= self.last)

    def keep(self, folder: Path) -> None:
        (folder / "past.pickle").write_bytes(pickle.dumps(self))


def kept_past(folder: Path) -> Past:
    past: Past = pickle.loads((folder / "past.pickle").read_bytes())
    return past


def settings_in(folder: Path) -> Settings:
    return without_absent(load_settings(folder / "config.yaml", {}, folder))


def made_past(folder: Path, days: int) -> Past:
    """Three markets that wander for a year and then for so many days; their rules and config are put there, too."""
    (folder / "config.yaml").write_text(CONFIG)
    (folder / "rules").mkdir()
    for name, text in RULES.items():
        (folder / "rules" / f"{name}.yaml").write_text(text)
    begin, first = start_of("2020-01-01"), start_of("2021-01-01")
    last = first + days * DAY
    start = np.arange(begin, last, DAY, dtype=np.int64)
    week = start[(start // DAY + 3) % 7 < 5]
    weekdays = Sessions("XNYS", week, week + 14 * HOUR + 1_800, week + 21 * HOUR)
    always = Sessions.round_the_clock(begin, last - DAY)
    numbers = np.random.default_rng(7)
    bars = {
        (name, Timeframe.D1): _walk(name, sessions, numbers, price)
        for name, sessions, price in (("RUT", weekdays, 2_000.0), ("IWM", weekdays, 200.0), ("BTC", always, 30_000.0))
    }
    return Past(bars, {"XNYS": weekdays, ROUND_THE_CLOCK: always}, first, last)


def real_past(folder: Path, data: Path, first: str, last: str) -> Past:
    """The shipped rules on real daily history."""
    shutil.copy(ROOT / "config.example.yaml", folder / "config.yaml")
    shutil.copytree(ROOT / "rules", folder / "rules")
    settings = settings_in(folder)
    calendars: dict[str, Sessions] = {}
    names = {market.calendar for market in settings.specs.values()} - RELEASES.keys()
    for name in names:
        sessions_of(name, calendars)
    bars = {series: known for series, known in bars_of(data, settings, settings.markets).items() if len(known)}
    return Past(bars, calendars, start_of(first), start_of(last))


def _walk(market: str, sessions: Sessions, numbers: np.random.Generator, price: float) -> Bars:
    close: FloatArray = price * np.exp(np.cumsum(numbers.normal(0, 0.008, len(sessions))))
    opened = np.concatenate([close[:1], close[:-1]])
    high, low = np.maximum(opened, close) * 1.002, np.minimum(opened, close) * 0.998
    return Bars(
        market, Timeframe.D1, sessions.start, sessions.closes, opened, high, low, close, np.full_like(close, 1e9)
    )


class Sources:
    """What sources tell of the past: mostly the truth, now and then nothing, too little, or a lie that can't be."""

    def __init__(self, past: Past, numbers: random.Random, *, faults: bool) -> None:
        self._past = past
        self._numbers = numbers
        self._faults = faults
        self.faults = 0

    async def fetch(self, request: FetchRequest) -> FetchAnswer:
        if (request.market, request.timeframe) not in self._past.bars:
            raise SourceError(
                SourceErrorKind.UNKNOWN_SYMBOL, "past", f"no {request.timeframe} bars of {request.market}"
            )
        known = self._past.bars[request.market, request.timeframe].known_at(request.now)
        told = known.slice(int(known.start.searchsorted(request.since)), len(known))
        if self._faults and len(told) and (lot := self._numbers.random()) < 0.12:
            self.faults += 1
            told = self._wrong(told, lot)
        return FetchAnswer(told, Bars.empty(request.market, request.timeframe), "past")

    async def sessions(self, calendar: str, first: Instant, last: Instant) -> Sessions:  # all are known
        return self._past.calendars[calendar]

    def _wrong(self, told: Bars, lot: float) -> Bars:
        """Nothing, an answer without its newest bars, or one whose newest bar can't be."""
        if lot < 0.04:
            raise SourceError(self._numbers.choice(list(SourceErrorKind)), "past", "a bad day")
        if lot < 0.07:
            return told.slice(0, max(0, len(told) - self._numbers.randint(1, 2)))
        factor = self._numbers.choice([100.0, 0.01, 0.0, float("nan")])
        close, opened = told.close.copy(), told.open.copy()
        close[-1], opened[-1] = close[-1] * factor, opened[-1] * factor
        return replace(told, close=close, open=opened, high=np.maximum(told.high, close))
