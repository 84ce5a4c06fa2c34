"""Closes of the simulated markets, day by day, from a seed and a scenario."""

from __future__ import annotations

import zlib
from typing import NamedTuple

import numpy as np

from bot.market.simulation.scenarios import SCENARIOS, Knots, Scenario
from bot.signals.bars import FloatArray, IntArray
from bot.signals.timeframe import DAY, Instant

FIRST_DAY = 1_420_070_400
"""2015-01-01: the first day of the simulated world."""

DAYS = 7_670
"""Days of the world, to the end of 2035; all are always drawn, so that no price depends on how far one looks."""


class Character(NamedTuple):
    """How a market moves: price at both ends of the years 2015 to 2025, yearly volatility, pull back to the path."""

    first: float
    later: float
    volatility: float
    pull: float = 0.0
    follows: str = ""
    volume: float = 1e6


CHARACTERS = {
    "RUT": Character(1_205.0, 2_480.0, 0.16, volume=3e9),
    "IWM": Character(119.6, 246.2, 0.16, follows="RUT", volume=3e7),
    "IWN": Character(101.7, 209.3, 0.16, follows="RUT", volume=1.5e6),
    "SPY": Character(205.4, 685.0, 0.12, volume=7e7),
    "HYG": Character(89.6, 80.6, 0.05, pull=1.0, volume=3e7),
    "VIX": Character(17.8, 15.1, 0.9, pull=8.0, volume=0.0),
    "UUP": Character(24.0, 27.1, 0.06, pull=0.5),
    "DXY": Character(90.3, 98.3, 0.06, pull=0.5, volume=0.0),
    "BTC": Character(320.0, 87_500.0, 0.55, volume=2e10),
    "ETH": Character(1.0, 2_970.0, 0.70, volume=1e10),
    "SOL": Character(0.5, 125.0, 0.85, volume=3e9),
    "XRP": Character(0.02, 1.85, 0.80, volume=3e9),
    "BNB": Character(0.1, 860.0, 0.70, volume=2e9),
    "ADA": Character(0.02, 0.34, 0.80, volume=7e8),
    "DOGE": Character(0.0002, 0.12, 0.90, volume=1e9),
    "LINK": Character(0.2, 12.3, 0.80, volume=4e8),
    "AVAX": Character(1.5, 12.4, 0.85, volume=3e8),
    "LTC": Character(2.7, 77.0, 0.70, volume=4e8),
    "TRX": Character(0.002, 0.28, 0.65, volume=6e8),
    "IJR": Character(57.0, 120.0, 0.16, volume=4e6),
    "RSP": Character(80.0, 191.0, 0.13, volume=8e6),
    "SPHB": Character(33.0, 110.0, 0.22, volume=5e5),
    "SPLV": Character(38.0, 72.0, 0.09, volume=2e6),
    "IEF": Character(106.0, 96.0, 0.06, pull=0.5, volume=6e6),
    "NET_LIQUIDITY": Character(4_250.0, 5_750.0, 0.05),
    "NFCI": Character(0.4, 0.4, 0.5, pull=4.0),
    "M2": Character(11_700.0, 22_400.0, 0.01),
    "HY_SPREAD": Character(5.0, 2.9, 0.3, pull=2.0),
    "BROAD_DOLLAR": Character(103.0, 120.0, 0.04),
    "STABLECOINS": Character(1.0, 305.0, 0.08),
    "FEAR_GREED": Character(45.0, 45.0, 0.6, pull=8.0),
    "BTC_FUNDING": Character(0.0003, 0.0003, 0.8, pull=8.0),
}
_SMALL_COIN = Character(0.5, 2.0, 0.85, volume=1e8)
_LATER = 4_018
"""Day of the world at which a market has its later price: 2026-01-01."""

_STEADY = 0.0012
"""How far a scripted close is from its line, so that no scene of the script is lost in noise."""

_LIVELY, _SHAKE = 0.3, 0.02
"""Yearly volatility from which on a market shakes in proportion to it: there the script is but a trend."""

_WEEKDAYS = (np.arange(DAYS) + 3) % 7 < 5
"""Of each day of the world: a record of a weekend would be none on the exchange."""

_BRIDGE = 60
"""Days over which the walk is led to the script's first price."""


def character_of(symbol: str) -> Character:
    """How the market of that name moves; unknown ones like a small coin."""
    return CHARACTERS.get(symbol, _SMALL_COIN)


def daily_closes(symbol: str, seed: int, scenario: str, start: str) -> FloatArray:
    """Closes of all days of the world from FIRST_DAY on, weekends too; the same ones for the same arguments.

    `start` is the ISO date at which the scenario's script begins; empty: none. Raises ValueError.
    """
    story = scenario_named(scenario)
    character = character_of(symbol)
    if character.follows:
        leader = daily_closes(character.follows, seed, scenario, start)
        wobble = 0.001 * noise(symbol, seed, "wobble")
        return np.asarray(leader / leader[0] * character.first * np.exp(wobble - wobble[0]))
    walk = _walk(symbol, seed, character)
    script = story.script.get(symbol)
    if not script or not start:
        return walk
    shake = _STEADY if character.volatility < _LIVELY else _SHAKE * character.volatility
    return np.asarray(_scripted(walk, script, start) * np.exp(shake * noise(symbol, seed, "wobble")))


def scenario_named(name: str) -> Scenario:
    """The scenario of that name. Raises ValueError."""
    if name not in SCENARIOS:
        raise ValueError(f"unknown scenario (got {name}); allowed: {', '.join(SCENARIOS)}")
    return SCENARIOS[name]


def is_dark(symbol: str, scenario: str, start: str, now: Instant) -> bool:
    """Whether the market's source fails at `now`, because the scenario has it so. Raises ValueError."""
    outage = scenario_named(scenario).outage
    if outage is None or not start or symbol not in outage.markets:
        return False
    return _weekday(start, outage.first) * DAY <= now - FIRST_DAY < _weekday(start, outage.back) * DAY


def _weekday(start: str, offset: int) -> int:
    """Number of the day of the world that is so many weekdays after the start."""
    return int(np.busday_offset(start, offset, roll="forward").astype(np.int64)) - FIRST_DAY // DAY


def noise(symbol: str, seed: int, purpose: str) -> FloatArray:
    """Standard normal numbers, one a day, of a stream of their own."""
    key = [seed, zlib.crc32(symbol.encode()), zlib.crc32(purpose.encode())]
    return np.random.default_rng(key).standard_normal(DAYS)


def day_index(instants: IntArray) -> IntArray:
    """Number of the day of the world that each instant lies in."""
    return (instants - FIRST_DAY) // DAY


def _walk(symbol: str, seed: int, character: Character) -> FloatArray:
    """A random walk led through both of the character's prices, and without a drift after the later one."""
    steps = character.volatility / np.sqrt(365) * noise(symbol, seed, "walk")
    keep, at = 1 - character.pull / 365, 0.0
    for day, step in enumerate(steps):
        steps[day] = at = keep * at + step
    drift = np.minimum(np.arange(DAYS) / _LATER, 1) * (np.log(character.later / character.first) - steps[_LATER])
    return np.asarray(character.first * np.exp(steps + drift))


def _scripted(walk: FloatArray, script: Knots, start: str) -> FloatArray:
    """The walk until the script begins, led to its first price; then the script; then the walk's own moves again."""
    days = [_weekday(start, offset) for offset, _ in script]
    first, last = days[0], days[-1]
    if first < _BRIDGE or last >= len(walk):
        raise ValueError(f"the simulated world can't hold a script that starts on {start}; allowed: 2016 to 2035")
    price = np.log(walk)
    bridge, before = price[first - _BRIDGE : first], price[: first - _BRIDGE]
    record = before[_WEEKDAYS[: len(before)]].max()
    ratios = np.log([ratio for _, ratio in script]) + record
    bridge += np.linspace(0, 1, _BRIDGE) * (ratios[0] - bridge)
    np.minimum(bridge, record, out=bridge)  # else the script's ratios would be to another record
    price[last:] += ratios[-1] - price[last]
    price[first : last + 1] = np.interp(np.arange(first, last + 1), days, ratios)
    return np.exp(price)
