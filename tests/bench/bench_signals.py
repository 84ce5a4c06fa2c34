"""Engine figures: rules against vectorbt, backtrader and a loop; 200 rules on 50 markets; rules check.

Run: python -m tests.bench.bench_signals [--peers PYTHON]   (see README.md beside it)
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from bot.rulebook.book import load_book
from bot.signals.bars import COLUMNS, Bars
from bot.signals.replay.incremental import replay_recent
from bot.signals.replay.replay import Replay
from bot.signals.replay.rule import Rule, Trigger
from bot.signals.replay.ruleset import IntradayState, Series, replay_all
from bot.signals.timeframe import DAY, Timeframe
from tests.bench.figures import Figure, of_rounds, tell
from tests.bench.made_rules import LARGE_CAPS, walk, write_rules

ROOT = Path(__file__).parents[2]
DATA = ROOT.parent / "shared" / "data" / "daily"
LEVEL_RULES = ("iwm-resistance-break", "iwm-breaks-support")
"""Rules on levels, which no peer has."""
FILES = {"RUT": "RUT", "IWM": "IWM", "IWN": "IWN", "SPY": "SPY", "BTC": "BTC", "ETH": "ETH", "ALTS": "LINK"}
CRYPTO = {"BTC", "ETH", "ALTS"}
MARKETS, BARS = 50, 6_600
ROUNDS = 15
WANTED = {"vectorbt": 1, "backtrader": 100, "a plain loop": 100}
PEERS = "BENCH_PEERS"
"""Environment variable that names a Python with vectorbt and backtrader; --peers goes first."""

D1 = Timeframe.D1

World = dict[Series, Bars]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument(
        "--peers", default=os.environ.get(PEERS, sys.executable), help="a Python that has vectorbt and backtrader"
    )
    peers = parser.parse_args().peers
    figures = shipped(peers)
    with tempfile.TemporaryDirectory() as folder:
        write_rules(Path(folder), "IWM")
        return tell([*figures, *two_hundred(Path(folder)), checking(Path(folder))])


# --- the shipped rules ---


def shipped(peers: str) -> list[Figure]:
    book = load_book(ROOT / "rules", frozenset({*FILES, "VIX", "CRYPTO_ALT"}))
    rules = [written.rule for written in book.rules.values()]
    world = history()
    kind = "real history" if DATA.is_dir() else "generated walks"
    print(f"\n{len(rules)} shipped rules over daily bars since 2000, {kind}")
    taken, whole = repeated(lambda bars: replay_all(rules, bars), world)
    given = {rule: whole[rule].fired for rule in LEVEL_RULES}
    rest = [rule for rule in rules if rule.id not in LEVEL_RULES]
    fires_only = [replace(rule, follow=None, level=None) for rule in rest]
    full, _ = repeated(lambda bars: replay_all(rest, bars, fired=given), world)
    ours, replays = repeated(lambda bars: replay_all(fires_only, bars, fired=given), world)
    return [
        of_rounds("shipped rules, levels and what followed included", taken, "ms"),
        of_rounds("those without levels, which no peer has", full, "ms"),
        of_rounds("their firings alone, which is what the peers find", ours, "ms"),
        *compare(ask(peers, world, replays, whole[LEVEL_RULES[0]]), replays, min(ours)),
    ]


def repeated(run: Callable[[World], Any], world: World, rounds: int = ROUNDS) -> tuple[list[float], Any]:
    """Milliseconds of the processor of each round, over bars of its own, and what the last one gave."""
    taken, result = [], None
    for number in range(rounds):
        bars = another(world, number)
        began = time.process_time()
        result = run(bars)
        taken.append(1000 * (time.process_time() - began))
    return taken, result


def another(world: World, number: int) -> World:
    """The same bars but for a hair in the first, so that no walk over levels is continued or answered from memory."""
    return {
        series: replace(bars, high=bars.high + 1e-9 * number * (bars.start == bars.start[0]))
        for series, bars in world.items()
    }


def compare(peers: dict[str, dict], replays: dict[str, Replay], ours: float) -> list[Figure]:
    """How many times our time each peer takes, best against best; 0 where it finds other firings."""
    fires = {rule: replay.fires.tolist() for rule, replay in replays.items()}
    figures = []
    for name, told in peers.items():
        odd = [rule for rule in fires if told["firings"].get(rule) != fires[rule]]
        if odd:
            print(f"  {name} finds other firings: {odd}")
        ratio = 0.0 if odd else 1000 * told["seconds"] / ours
        figures.append(Figure(f"{name}, the same firings: times our time", ratio, "x", WANTED[name], True))
    return figures


def ask(peers: str, world: World, replays: dict[str, Replay], breaks: Replay) -> dict[str, dict]:
    """What the peers say, from an interpreter that has them; nothing where it has not."""
    if peers == sys.executable and not (find_spec("vectorbt") and find_spec("backtrader")):
        print("  vectorbt and backtrader are not here: give --peers")
        return {}
    columns = {f"{name}.{column}": getattr(bars, column) for (name, _), bars in world.items() for column in COLUMNS}
    columns |= {f"{name}.end": bars.end for (name, _), bars in world.items()}
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "in.npz", Path(folder) / "out.json"
        np.savez(source, breaks=breaks.fires, **columns)
        script = Path(__file__).with_name("signal_peers.py")
        subprocess.run([peers, "-W", "ignore", str(script), str(source), str(target)], check=True)
        return json.loads(target.read_text(encoding="utf-8"))


def history() -> World:
    if not DATA.is_dir():
        return {(name, D1): walk(name, seed, BARS) for seed, name in enumerate(FILES)}
    return {(name, D1): from_csv(name, DATA / f"{file}.csv") for name, file in FILES.items()}


def from_csv(market: str, path: Path) -> Bars:
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["date"] >= "2000"]
    start = np.array([int(datetime.fromisoformat(row["date"]).replace(tzinfo=UTC).timestamp()) for row in rows])
    columns = [np.array([float(row.get(name) or "nan") for row in rows]) for name in COLUMNS]
    return Bars(market, D1, start, start + (DAY if market in CRYPTO else 75_600), *columns)


# --- 200 rules, 50 markets ---


def two_hundred(folder: Path) -> list[Figure]:
    rules = [written.rule for written in load_book(folder, frozenset({"IWM", LARGE_CAPS})).rules.values()]
    print(f"\n{len(rules)} rules x {MARKETS} markets x {BARS:,} bars, seconds of one core")
    large = walk(LARGE_CAPS, 999, BARS + 20)
    return [
        cold_start(rules, large),
        quickly_cold(rules, large),
        each_on_its_own(rules, large),
        one_new_bar(rules, large),
        forming_bar(rules, large),
    ]


def cold_start(rules: Sequence[Rule], large: Bars) -> Figure:
    """Every rule on every market, over all bars, with all that followed each firing."""
    seconds, happened = 0.0, 0
    for seed in range(MARKETS):
        world = {("IWM", D1): walk("IWM", seed, BARS), (LARGE_CAPS, D1): large.prefix(BARS)}
        began = time.process_time()
        happened += sum(len(each.outcomes.kind) for each in replay_all(rules, world).values())
        seconds += time.process_time() - began
    print(f"  {happened:,} events")
    return Figure("10,000 whole replays", seconds, "s", 5)


def quickly_cold(rules: Sequence[Rule], large: Bars) -> Figure:
    """What a bot does that has just started: every rule on every market, for the newest bar."""
    seconds = 0.0
    for seed in range(MARKETS):
        world = {("IWM", D1): walk("IWM", seed, BARS), (LARGE_CAPS, D1): large.prefix(BARS)}
        seconds += judged(rules, world)
    return Figure("10,000 judgements of the newest bar, nothing known before", seconds, "s", 5)


def each_on_its_own(rules: Sequence[Rule], large: Bars) -> Figure:
    """200 rules over 50 markets, four to each."""
    moved = {rule.id: f"M{at % MARKETS}" for at, rule in enumerate(rules)}
    spread = [replace(rule, market=moved[rule.id]) for rule in rules]
    world = {(f"M{seed}", D1): walk(f"M{seed}", seed, BARS) for seed in range(MARKETS)}
    world[LARGE_CAPS, D1] = large.prefix(BARS)
    taken, _ = repeated(lambda bars: replay_all(spread, bars), world, 3)
    seconds = min(taken) / 1000
    return Figure("200 whole replays, four rules a market", seconds, "s", 1)


def one_new_bar(rules: Sequence[Rule], large: Bars, count: int = 15) -> Figure:
    """A market has one bar more, and its 200 rules are judged: the median of so many new bars."""
    bars = walk("IWM", 77, BARS + count)
    taken = []
    for more in range(1, count + 1):
        world = {("IWM", D1): bars.prefix(BARS + more), (LARGE_CAPS, D1): large.prefix(BARS + more)}
        taken.append(judged(rules, world))
    milliseconds = [1000 * each for each in taken]
    return of_rounds("one new bar of one market, its 200 rules", milliseconds, "ms", 40)


def forming_bar(rules: Sequence[Rule], large: Bars, count: int = 15) -> Figure:
    """Looks at a market within a session: all bars before the last one are the same, and it is another each time."""
    rules = [replace(rule, trigger=Trigger.INTRADAY) for rule in rules if rule.id.startswith(("resistance", "support"))]
    bars = walk("IWM", 78, BARS + 1)
    closed, last = bars.prefix(BARS), bars.slice(BARS, BARS + 1)
    after = {rule.id: int(closed.start[-1]) for rule in rules}
    taken = []
    for look in range(count):
        world = {("IWM", D1): closed.prefix(BARS), (LARGE_CAPS, D1): large.prefix(BARS)}
        live = IntradayState({("IWM", D1): replace(last, close=last.close * (1 + look / 1000))})
        began = time.process_time()
        replay_recent(rules, world, after, live)
        taken.append(1000 * (time.process_time() - began))
    return of_rounds("a forming bar that moved, the 20 rules on levels", taken, "ms", 30)


def judged(rules: Sequence[Rule], world: World) -> float:
    start = world["IWM", D1].start
    after, upto = int(start[-2]), int(start[-1])
    began = time.process_time()
    replays = replay_recent(rules, world, {rule.id: after for rule in rules})
    for replay in replays.values():
        replay.between(after, upto)
    return time.process_time() - began


# --- rules check ---


def checking(folder: Path) -> Figure:
    markets = frozenset({"IWM", LARGE_CAPS})
    taken = []
    for _ in range(5):
        began = time.process_time()
        book = load_book(folder, markets)
        taken.append(time.process_time() - began)
        assert not book.problems
    return of_rounds("200 rule files read and checked", taken, "s", 0.3)


if __name__ == "__main__":
    sys.exit(main())
