"""Levels by their definition, written again as a slow loop over plain numbers; walks and settings to try it on."""

from math import isnan

import numpy as np
from hypothesis import strategies as st

from bot.signals.indicators.smoothing import atr
from bot.signals.indicators.windows import MIN_KNOWN_BARS
from bot.signals.levels.settings import LevelSettings
from tests.signals.price_walks import walk

SMALL = LevelSettings(left=2, right=2, tolerance=1.0, atr=3, spacing=2, expires=25, buffer=0.25)

walks = st.builds(
    walk,
    st.integers(0, 10**6),
    st.integers(0, 330),
    unknown=st.sampled_from([0.0, 0.05, 0.4]),
    rounded=st.booleans(),
)
some_settings = st.builds(
    LevelSettings,
    left=st.integers(1, 4),
    right=st.integers(1, 4),
    tolerance=st.sampled_from([0.0, 0.5, 2.0]),
    atr=st.integers(1, 5),
    spacing=st.integers(1, 6),
    expires=st.integers(5, 60),
    buffer=st.sampled_from([0.0, 0.25, 1.0]),
    undo=st.integers(0, 30),
)
pins = st.sampled_from([(), (100.0,), (97.0, 103.5)])


def slow_pivots(high, close, left, right):
    found = []
    for i in range(left, len(high) - right):
        around = [h for h in high[i - left : i + right + 1] if not isnan(h)]
        before = [h for h in high[i - left : i] if not isnan(h)]
        passed = [c for c in close[i + 1 : i + right + 1] if c > high[i]]
        if not isnan(high[i]) and high[i] == max(around) and all(high[i] > h for h in before) and not passed:
            found.append(i)
    return found


def slow_spreads(bars, window):
    last, spreads = 0.0, []
    for value in atr(bars, window).tolist():
        last = last if isnan(value) else value
        spreads.append(last)
    return spreads


class SlowLevels:
    """The lives of all levels, as a list of dicts that is looked through at every bar."""

    def __init__(self, bars, rules, pinned):
        self.bars, self.rules = bars, rules
        self.lines, self.pinned = [], list(pinned)
        self.spreads = slow_spreads(bars, rules.atr)
        closes = [float(c) for c in bars.close]
        self.pivots = {
            "resistance": slow_pivots([float(h) for h in bars.high], closes, rules.left, rules.right),
            "support": slow_pivots([-float(x) for x in bars.low], [-c for c in closes], rules.left, rules.right),
        }

    def step(self, t):
        close, spread = float(self.bars.close[t]), self.spreads[t]
        if self.pinned and not isnan(close):
            self.lines += [
                {
                    "price": p,
                    "touches": [],
                    "role": "resistance" if close <= p else "support",
                    "pinned": True,
                    "was": None,
                }
                for p in self.pinned
            ]
            self.pinned = []
        self.lines = [x for x in self.lines if x["pinned"] or t - x["touches"][-1][0] <= self.rules.expires]
        for x in self.lines:
            self.cross(x, t, close, self.rules.buffer * spread)
        for role, pivots in self.pivots.items():
            if t - self.rules.right in pivots:
                self.touch(role, t - self.rules.right, spread)

    def cross(self, x, t, close, margin):
        was = x["was"]
        if was and t - was["at"] <= self.rules.undo and beyond(x["role"], close, margin, was["price"]):
            x.update(was | {"was": None})
        elif beyond(x["role"], close, margin, x["price"]):
            x["was"] = {name: x[name] for name in ("price", "touches", "role")} | {"at": t}
            x["role"] = "support" if x["role"] == "resistance" else "resistance"
            x["touches"] = [(pivot, x["price"]) for pivot, _ in x["touches"][-1:]]

    def touch(self, role, pivot, spread):
        price = float(self.bars.high[pivot] if role == "resistance" else self.bars.low[pivot])
        mine = [x for x in self.lines if x["role"] == role]
        mine.sort(key=lambda x: len(x["touches"]), reverse=True)
        mine.sort(key=lambda x: max((pivot for pivot, _ in x["touches"]), default=-1), reverse=True)
        mine.sort(key=lambda x: x["price"], reverse=role == "support")
        mine.sort(key=lambda x: abs(x["price"] - price))
        if not mine or abs(mine[0]["price"] - price) > self.rules.tolerance * spread:
            self.lines.append({"price": price, "touches": [(pivot, price)], "role": role, "pinned": False, "was": None})
            return
        near = mine[0]
        outer = max if role == "resistance" else min
        if not near["touches"] or pivot >= near["touches"][-1][0] + self.rules.spacing:
            near["touches"].append((pivot, price))
        else:
            last, before = near["touches"].pop()
            near["touches"].append((last, outer(before, price)))
        if not near["pinned"]:
            near["price"] = outer(near["price"], price)

    def nearest(self, role, touches, age, t):
        none = np.nan if t < MIN_KNOWN_BARS else np.inf if role == "resistance" else -np.inf
        prices = [
            x["price"]
            for x in self.lines
            if x["role"] == role and (x["pinned"] or (len(x["touches"]) >= touches and t - x["touches"][0][0] >= age))
        ]
        return (min if role == "resistance" else max)(prices, default=none)


def beyond(role, close, margin, price):
    return close - margin > price if role == "resistance" else close + margin < price


def slow(bars, rules, touches, age, pinned):
    levels = SlowLevels(bars, rules, pinned)
    above, below = [], []
    for t in range(len(bars)):
        above.append(levels.nearest("resistance", touches, age, t))
        below.append(levels.nearest("support", touches, age, t))
        levels.step(t)
    return above, below, levels.lines


def as_level(x):
    prices = [x["price"]] if x["pinned"] else [price for _, price in x["touches"]]
    pivots = tuple(pivot for pivot, _ in x["touches"])
    return x["price"], min(prices), max(prices), pivots, x["role"], x["pinned"]
