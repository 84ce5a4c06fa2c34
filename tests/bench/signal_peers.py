"""The firings of the shipped rules by vectorbt, backtrader and a plain loop, and the time each takes.

Run by bench_signals.py, perhaps in another interpreter: it needs numpy, vectorbt and backtrader, and nothing of ours.
    python signal_peers.py INPUT.npz OUTPUT.json

What crosses markets is joined for backtrader and for the loop beforehand, in their favour. Levels exist in none of the
three: the firings of the resistance break are given to all.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Mapping

import backtrader as bt
import numpy as np
import pandas as pd
from vectorbt.generic import nb

Found = dict[str, list[int]]

DAY = 86_400
STALE = pd.Timedelta(days=5)
RECORDS = {"russell-2000-all-time-high": "RUT", "russell-2000-value-all-time-high": "IWN"}
BREAK = "iwm-resistance-break"
FOLLOWERS = {"bitcoin-follows": "BTC", "ethereum-follows": "ETH", "altcoins-follow": "ALTS"}
OF_SMALL_CAPS = ("iwm-52-week-high", "iwm-near-record", "small-caps-lead")
QUIET = 60
"""Bars without a yes before any of the rules fires again."""


class Columns:
    """The markets as the bench gives them, ready for use: columns by name, firings of the resistance break."""

    def __init__(self, path: str) -> None:
        held = dict(np.load(path))
        self.breaks = held.pop("breaks")
        self._columns = held
        self._ends = {
            name.split(".")[0]: pd.to_datetime(held[name], unit="s") for name in held if name.endswith(".end")
        }

    def column(self, market: str, name: str) -> np.ndarray:
        return self._columns[f"{market}.{name}"]

    def ends(self, market: str) -> pd.DatetimeIndex:
        return self._ends[market]

    def onto(self, values: np.ndarray, source: str, target: str) -> np.ndarray:
        """Values of one market's bars as they were known at the ends of another's."""
        known = pd.Series(values, index=self.ends(source))
        return known.reindex(self.ends(target), method="ffill", tolerance=STALE).to_numpy()


# --- vectorbt ---


def by_vectorbt(markets: Columns) -> Found:
    """Every signal with vectorbt's compiled windows over plain arrays, and pandas' joins."""
    found: dict[str, np.ndarray] = {}
    for rule, market in RECORDS.items():
        close = markets.column(market, "close")
        found[rule] = _begins(close > _record_before(close))
    found |= _of_small_caps(markets)
    broke = np.zeros(len(markets.ends("IWM")), dtype=bool)
    broke[markets.breaks] = True
    recent = [(market, _any_of(found[rule])) for rule, market in RECORDS.items()] + [("IWM", _any_of(broke))]
    for rule, market in FOLLOWERS.items():
        lately = [markets.onto(each, source, market) == 1 for source, each in recent]
        high = _new_high(markets.column(market, "close"), 90)
        found[rule] = _begins(high & (lately[0] | lately[1] | lately[2]))
    return {rule: np.flatnonzero(yes).tolist() for rule, yes in found.items()}


def _of_small_caps(markets: Columns) -> dict[str, np.ndarray]:
    close = markets.column("IWM", "close")
    record = _record_before(close)
    ratio = close / markets.onto(markets.column("SPY", "close"), "SPY", "IWM")
    return {
        "iwm-52-week-high": _begins(_new_high(markets.column("IWM", "high"), 252)),
        "iwm-near-record": _begins(_begins(close >= 0.99 * record) & (close <= record)),
        "small-caps-lead": _begins(_new_high(ratio, 252)),
    }


def _record_before(x: np.ndarray) -> np.ndarray:
    return nb.fshift_1d_nb(nb.expanding_max_1d_nb(x, minp=252), 1)


def _new_high(x: np.ndarray, n: int) -> np.ndarray:
    return x > nb.fshift_1d_nb(nb.rolling_max_1d_nb(x, n, minp=n), 1)


def _any_of(yes: np.ndarray) -> np.ndarray:
    return nb.rolling_max_1d_nb(yes.astype(float), QUIET, minp=1)


def _begins(yes: np.ndarray) -> np.ndarray:
    return yes & (nb.fshift_1d_nb(_any_of(yes), 1) != 1)


# --- what backtrader and the loop get joined ---


def joined(markets: Columns, found: Mapping[str, list[int]]) -> dict[str, np.ndarray]:
    """By market, what its rules need of others: the large caps' close, or whether something fired lately."""
    extra = {"IWM": markets.onto(markets.column("SPY", "close"), "SPY", "IWM")}
    fired = [(market, found[rule]) for rule, market in RECORDS.items()] + [("IWM", markets.breaks.tolist())]
    for market in FOLLOWERS.values():
        lately = np.zeros(len(markets.ends(market)))
        for source, at in fired:
            flags = np.zeros(len(markets.ends(source)), dtype=bool)
            flags[at] = True
            lately = np.maximum(lately, np.nan_to_num(markets.onto(_any_of(flags), source, market)))
        extra[market] = lately
    return extra


class Episode:
    """Fires at the first yes after QUIET bars without one."""

    def __init__(self) -> None:
        self.last, self.fires = -(10**9), list[int]()

    def see(self, at: int, yes: object) -> None:
        if yes:
            if at - self.last > QUIET:
                self.fires.append(at)
            self.last = at


# --- backtrader ---


class Feed(bt.feeds.PandasData):  # type: ignore[misc]
    lines = ("extra",)
    params = (("extra", -1),)


class Signals(bt.Strategy):  # type: ignore[misc]
    """The rules of one market, bar by bar."""

    params = (("rules", ()),)

    def __init__(self) -> None:
        close, rules = self.data.close, self.p.rules
        self.peak, self.near = float("nan"), -(10**9)
        self.episodes = {rule: Episode() for rule in rules}
        self.high252 = bt.ind.Highest(self.data.high, period=252) if "iwm-52-week-high" in rules else None
        self.ratio = close / self.data.extra if "small-caps-lead" in rules else None
        self.lead = bt.ind.Highest(self.ratio, period=252) if self.ratio is not None else None
        self.high90 = bt.ind.Highest(close, period=90) if FOLLOWERS.keys() & set(rules) else None

    def prenext(self) -> None:
        self.next()

    def next(self) -> None:
        at, close = len(self.data) - 1, self.data.close[0]
        record = self.peak if at >= 252 else float("nan")
        for rule, episode in self.episodes.items():
            episode.see(at, self._yes(rule, at, close, record))
        self.peak = close if not self.peak > close else self.peak

    def _yes(self, rule: str, at: int, close: float, record: float) -> bool:
        if rule in RECORDS:
            return close > record
        if rule in FOLLOWERS:
            return at >= 90 and close > self.high90[-1] and self.data.extra[0] == 1
        if rule == "iwm-52-week-high":
            return at >= 252 and self.data.high[0] > self.high252[-1]
        if rule == "small-caps-lead":
            return at >= 252 and self.ratio[0] > self.lead[-1]
        near = close >= 0.99 * record
        first = near and at - self.near > QUIET
        self.near = at if near else self.near
        return first and close <= record


def by_backtrader(markets: Columns, extra: Mapping[str, np.ndarray], rules: Mapping[str, list[str]]) -> Found:
    """One run a market."""
    found: Found = {}
    for market, names in rules.items():
        frame = pd.DataFrame(
            {name: markets.column(market, name) for name in ("open", "high", "low", "close", "volume")},
            index=markets.ends(market),
        )
        frame["extra"] = extra.get(market, 0.0)
        cerebro = bt.Cerebro(stdstats=False)
        cerebro.adddata(Feed(dataname=frame))
        cerebro.addstrategy(Signals, rules=tuple(names))
        for rule, episode in cerebro.run()[0].episodes.items():
            found[rule] = episode.fires
    return found


# --- a plain loop ---


def by_loop(markets: Columns, extra: Mapping[str, np.ndarray], rules: Mapping[str, list[str]]) -> Found:
    """At each bar, every window is looked at anew."""
    found: Found = {}
    for market, names in rules.items():
        close, high = (markets.column(market, name).tolist() for name in ("close", "high"))
        more = extra[market].tolist() if market in extra else [0.0] * len(close)
        for rule in names:
            episode = Episode()
            truth = _LOOPS.get(rule, _record if rule in RECORDS else _follow)(close, high, more)
            for at, yes in enumerate(truth):
                episode.see(at, yes)
            found[rule] = episode.fires
    return found


def _record(close: list[float], _: list[float], __: list[float]) -> list[bool]:
    return [at >= 252 and close[at] > max(close[:at]) for at in range(len(close))]


def _follow(close: list[float], _: list[float], more: list[float]) -> list[bool]:
    return [at >= 90 and close[at] > max(close[at - 90 : at]) and more[at] == 1 for at in range(len(close))]


def _high(_: list[float], high: list[float], __: list[float]) -> list[bool]:
    return [at >= 252 and high[at] > max(high[at - 252 : at]) for at in range(len(high))]


def _lead(close: list[float], _: list[float], more: list[float]) -> list[bool]:
    ratio = [close[at] / more[at] for at in range(len(close))]
    return [at >= 252 and ratio[at] > max(ratio[at - 252 : at]) for at in range(len(ratio))]


def _near(close: list[float], _: list[float], __: list[float]) -> list[bool]:
    yes, last = [], -(10**9)
    for at, price in enumerate(close):
        record = max(close[:at]) if at >= 252 else float("nan")
        near = price >= 0.99 * record
        yes.append(near and at - last > QUIET and price <= record)
        last = at if near else last
    return yes


_LOOPS = {"iwm-52-week-high": _high, "small-caps-lead": _lead, "iwm-near-record": _near}


def main(source: str, target: str) -> None:
    markets = Columns(source)
    rules: dict[str, list[str]] = {"IWM": [*OF_SMALL_CAPS]}
    for rule, market in (RECORDS | FOLLOWERS).items():
        rules.setdefault(market, []).append(rule)
    found = by_vectorbt(markets)  # compiles
    extra = joined(markets, found)
    peers: dict[str, tuple[int, Callable[[], Found]]] = {
        "vectorbt": (15, lambda: by_vectorbt(markets)),
        "backtrader": (1, lambda: by_backtrader(markets, extra, rules)),
        "a plain loop": (1, lambda: by_loop(markets, extra, rules)),
    }
    told = {}
    for name, (rounds, run) in peers.items():
        seconds = []
        for _ in range(rounds):
            began = time.process_time()
            found = run()
            seconds.append(time.process_time() - began)
        told[name] = {"seconds": min(seconds), "firings": found}
    with open(target, "w", encoding="utf-8") as file:  # noqa: PTH123  # nothing but numbers in here
        json.dump(told, file)


if __name__ == "__main__":
    main(*sys.argv[1:])
