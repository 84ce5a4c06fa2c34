"""Size and power of the event study's test: how often it cries at nothing, and what it finds of a true effect.

Run: python -m tests.bench.bench_evidence [--trials 1000] [--made]   (see README.md beside it)
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from bot.evidence.closes import Closes
from bot.evidence.event_study.base_rate import EraReturns, era_returns
from bot.evidence.event_study.significance import P_VALUE_LIMIT, shift_p_value, shift_test
from bot.market.csv_form.bars import read_csv
from bot.signals.bars import Bars, IntArray
from bot.signals.sessions import Sessions
from bot.signals.timeframe import DAY, Timeframe, start_of
from tests.bench.figures import Figure, tell, timed

DATA = Path(__file__).parents[2].parent / "shared" / "data" / "daily" / "BTC.csv"
DAYS = 90
EVENLY = "evenly"
COUNTS = (8, 20, 34, 50)
EFFECTS = (0.1, 0.2, 0.4)
MAX_SIZE = 0.015
MIN_POWER = {(34, 0.4): 0.70, (50, 0.2): 0.34}
"""What is asked of events on days drawn evenly, by their number and the effect."""

Placement = Callable[[np.random.Generator, int, int], IntArray]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--trials", type=int, default=1_000)
    parser.add_argument("--made", action="store_true", help="a made history, even where there is a real one")
    asked = parser.parse_args()
    trials, made = asked.trials, asked.made or not DATA.is_file()
    closes = Closes.of(made_history() if made else real_history())
    returns = era_returns(closes, closes.forward(DAYS))
    kind = "a made history" if made else "real history"
    print(f"{DAYS} days on {kind} of {len(closes):,} days, {trials:,} trials a cell, p below {P_VALUE_LIMIT:g}")
    figures = [
        figure
        for name, placement in PLACEMENTS.items()
        for count in COUNTS
        for figure in cell(name, placement, returns, count, trials)
    ]
    return tell([*figures, seconds(returns)])


def cell(name: str, placement: Placement, returns: EraReturns, count: int, trials: int) -> list[Figure]:
    """The share of trials in which it cries at nothing, and in which it finds each effect."""
    what = f"{count} events, {name}"
    size = found(placement, returns, count, 0.0, trials)
    powers = [
        Figure(
            f"{what}: finds {effect:+.0%}",
            100 * found(placement, returns, count, effect, trials // 4),
            "%",
            100 * MIN_POWER[count, effect] if name == EVENLY and (count, effect) in MIN_POWER else None,
            more_is_better=True,
        )
        for effect in EFFECTS
    ]
    return [Figure(f"{what}: cries at nothing", 100 * size, "%", 100 * MAX_SIZE), *powers]


def found(placement: Placement, returns: EraReturns, count: int, effect: float, trials: int) -> float:
    """Share of the trials in which the test speaks of a difference."""
    random = np.random.default_rng([count, round(effect * 100)])
    hits = 0
    for _ in range(trials):
        at = placement(random, len(returns.value), count)
        value = returns.value.copy()
        value[at] += np.log1p(effect)
        hits += shift_p_value(replace(returns, value=value), at) < P_VALUE_LIMIT
    return hits / trials


def seconds(returns: EraReturns) -> Figure:
    """Processor time of one whole test of fifty events."""
    at = np.linspace(100, len(returns.value) - 200, 50).astype(np.int64)
    return timed(
        "one test of 50 events with what it could show",
        lambda: shift_test(returns, at),
        10,
        50,
        clock=time.process_time,
    )


def _evenly(random: np.random.Generator, size: int, count: int) -> IntArray:
    return np.sort(random.choice(size, count, replace=False))


def _late(random: np.random.Generator, size: int, count: int) -> IntArray:
    """In the last three fifths only, as those of a rule whose market came later."""
    return np.sort(random.choice(np.arange(size * 2 // 5, size), count, replace=False))


def _bunched(random: np.random.Generator, size: int, count: int) -> IntArray:
    """In three bunches of half a year, as breaks of one long rise."""
    begins = random.choice(size - 180, 3)
    places = {int(random.choice(begins)) + int(random.integers(180)) for _ in range(count)}
    return np.array(sorted(places))


PLACEMENTS: dict[str, Placement] = {EVENLY: _evenly, "late": _late, "three bunches": _bunched}


def real_history() -> Bars:
    """Bitcoin's."""
    return read_csv(DATA, "BTC", Sessions.round_the_clock(start_of("2010-01-01"), start_of("2026-12-31"))).bars


def made_history() -> Bars:
    """One like Bitcoin's: eras of another drift, calm and wild months, fat tails."""
    random = np.random.default_rng(7)
    size = 5_900
    drift = np.repeat([0.006, 0.002, 0.0015, 0.0005], size // 4 + 1)[:size]
    calm = np.exp(0.4 * np.sin(np.arange(size) / 60))
    close = np.exp(np.cumsum(drift + 0.03 * calm * random.standard_t(4, size) / np.sqrt(2)))
    start = start_of("2010-07-13") + DAY * np.arange(size, dtype=np.int64)
    return Bars("BTC", Timeframe.D1, start, start + DAY, close, close, close, close, np.ones(size))


if __name__ == "__main__":
    raise SystemExit(main())
