"""Two hundred rules as people might write them, and fifty markets for them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from bot.signals.bars import Bars
from bot.signals.timeframe import DAY, Timeframe

FIRST = 946_857_600  # 2000-01-03, a Monday
LARGE_CAPS = "SPY"

_LENGTHS = (20, 50, 63, 90, 120, 126, 180, 200, 252, 504)
_SHORT = (5, 7, 9, 10, 12, 14, 16, 18, 21, 25)

_FOLLOWED = """follow:
  for: 20 bars
  confirmed: 3 closes
  held: low <= level + 0.25 * atr(14) and close > level
  failed: close < level - 0.5 * atr(14)
"""
_WATCHED = """follow:
  for: 30 bars
  confirmed: 5 closes
  failed: close < level - 1.5 * atr(14)
"""

# One shape of a rule each, by its name: `when`, its level, what follows. n and s are a long and a short length, i
# counts from 0 to 9.
_SHAPES = {
    "record": ("close > highest(close, all)[1] + 0.{i} * atr(14)", "highest(close, all)[1]", _WATCHED),
    "high": ("high > highest(high, {n})[1]", "highest(high, {n})[1]", _FOLLOWED),
    "resistance": ("close > resistance(touches={t}) + 0.{i} * atr(14)", "resistance(touches={t})", _FOLLOWED),
    "support": (
        "close < support(touches={t}, left=5, right=5) - 0.{i} * atr(14)",
        "support(touches={t}, left=5, right=5)",
        "follow:\n  for: 20 bars\n  confirmed: 3 closes\n  failed: close > level + 0.5 * atr(14)\n",
    ),
    "above-mean": ("crosses_above(close, sma(close, {n}))", "sma(close, {n})", _WATCHED),
    "golden-cross": ("crosses_above(sma(close, {s}), sma(close, {n}))", "", ""),
    "oversold": ("crosses_below(rsi(close, {s}), 30)", "", ""),
    "bands": ("close > sma(close, {n}) + 2 * stdev(close, {n})", "sma(close, {n})", _WATCHED),
    "momentum": ("change(close, {n}) > 0.1{i} and close > sma(close, {n})", "", ""),
    "drawdown": ("drawdown(close, {n}) < -0.1{i}", "", ""),
    "volume": ("zscore(volume, {n}) > 3 and close > close[1]", "close[1]", _FOLLOWED),
    "rank": ("percentile(close, {n}) > 9{i}", "", ""),
    "lead": (f"close / {LARGE_CAPS}.close > highest(close / {LARGE_CAPS}.close, {{n}})[1]", "", ""),
    "decoupled": (f"correlation(change(close), change({LARGE_CAPS}.close), {{n}}) < 0.{{i}}", "", ""),
    "after-long": ("close > highest(close, {n})[1] and since(close > highest(close, {n})[1])[1] > 100", "", ""),
    "streak": ("count(close > open, {s}) >= 0.8 * {s}", "", ""),
    "near-record": (
        "first(close >= 0.99 * highest(close, all)[1], {s}) and close <= highest(close, all)[1]",
        "highest(close, all)[1]",
        "",
    ),
    "averages": ("crosses_above(ema(close, {s}), ema(close, {n}))", "ema(close, {n})", _WATCHED),
    "chained": ('fired("record-{i}", within={s}) and new_high(close, {n})', "highest(close, {n})[1]", _FOLLOWED),
    "range": ("close > close[1] + 1.{i} * atr({s}) and volume > 2 * sma(volume, {n})", "close[1]", _FOLLOWED),
}


def rule_files(market: str) -> Iterator[tuple[str, str]]:
    """200 rule files of a market, by id: 20 shapes in 10 sizes, no two alike; half of them have a follow-up."""
    for i, (n, s) in enumerate(zip(_LENGTHS, _SHORT, strict=True)):
        for shape, (when, level, follow) in _SHAPES.items():
            sizes = {"i": i, "n": n, "s": s, "t": 2 + i % 2}
            yield f"{shape}-{i}", _file(market, *(part.format(**sizes) for part in (when, level)), follow)


def _file(market: str, when: str, level: str, follow: str) -> str:
    leveled = f"level: {level}\n" if level else ""
    return (
        f"title: A rule\nmarket: {market}\ntimeframe: 1d\nwhen: >\n  {when}\n{leveled}"
        f'headline: "{market} closes at {{close:.2f}}"\nquiet: 20 bars\n{follow}severity: normal\n'
    )


def write_rules(folder: Path, market: str) -> None:
    """Write the 200 files."""
    for rule_id, text in rule_files(market):
        (folder / f"{rule_id}.yaml").write_text(text, encoding="utf-8")


def walk(market: str, seed: int, count: int) -> Bars:
    """A market of `count` sessions since 2000 that drifts upwards like a small-cap index."""
    rng = np.random.default_rng(seed)
    days = np.arange(count * 7 // 5 + 7, dtype=np.int64)
    start = FIRST + DAY * days[days % 7 < 5][:count]
    close = 100 * np.exp(np.cumsum(rng.normal(0.0003, 0.015, count)))
    opens = close * np.exp(rng.normal(0, 0.004, count))
    high = np.maximum(opens, close) * (1 + np.abs(rng.normal(0, 0.005, count)))
    low = np.minimum(opens, close) * (1 - np.abs(rng.normal(0, 0.005, count)))
    volume = rng.lognormal(15, 0.4, count)
    return Bars(market, Timeframe.D1, start, start + 75_600, opens, high, low, close, volume)
