"""Engine figures: rules against vectorbt, backtrader and a loop; 200 rules on 50 markets; rules check.

Run: python tests/bench/bench_signals.py [--peers PYTHON]   (see README.md beside it)
"""

from __future__ import annotations

import argparse
import csv
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from two_hundred import LARGE_CAPS, walk, write_rules

from bot.rulebook.book import load_book
from bot.signals.bars import COLUMNS, Bars
from bot.signals.replay.incremental import replay_recent
from bot.signals.replay.replay import Replay
from bot.signals.replay.rule import Rule
from bot.signals.replay.ruleset import Series, replay_all
from bot.signals.timeframe import DAY, Timeframe

ROOT = Path(__file__).parents[2]
DATA = ROOT.parent / "shared" / "data" / "daily"
LEVEL_RULES = ("iwm-resistance-break", "iwm-breaks-support")
"""Rules on levels, which no peer has."""
FILES = {"RUT": "RUT", "IWM": "IWM", "IWN": "IWN", "SPY": "SPY", "BTC": "BTC", "ETH": "ETH", "ALTS": "LINK"}
CRYPTO = {"BTC", "ETH", "ALTS"}
MARKETS, BARS = 50, 6_600
D1 = Timeframe.D1

World = dict[Series, Bars]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--peers", default=sys.executable, help="a Python that has vectorbt and backtrader")
    peers = parser.parse_args().peers
    good = shipped(peers)
    with tempfile.TemporaryDirectory() as folder:
        write_rules(Path(folder), "IWM")
        return 0 if good & two_hundred(Path(folder)) & checking(Path(folder)) else 1


# --- the shipped rules ---


def shipped(peers: str) -> bool:
    book = load_book(ROOT / "rules", frozenset({*FILES, "VIX", "CRYPTO_ALT"}))
    rules = [written.rule for written in book.rules.values()]
    world = history()
    kind = "real history" if DATA.is_dir() else "generated walks"
    print(f"\n{len(rules)} shipped rules over daily bars since 2000, {kind}")
    worlds = iter([another(world, number) for number in range(15)])
    seconds, whole = best(lambda: replay_all(rules, next(worlds)), 15)
    print(f"  all of them, levels and what followed the firings included: {seconds * 1e3:8.1f} ms")
    given = {rule: whole[rule].fired for rule in LEVEL_RULES}
    rest = [rule for rule in rules if rule.id not in LEVEL_RULES]
    fires_only = [replace(rule, follow=None, level=None) for rule in rest]
    full, _ = best(lambda: replay_all(rest, world, fired=given), 15)
    ours, replays = best(lambda: replay_all(fires_only, world, fired=given), 15)
    print(f"  without those on levels, which no peer has:                 {full * 1e3:8.1f} ms")
    print(f"  their firings alone, which is what the peers find:          {ours * 1e3:8.1f} ms")
    return compare(ask(peers, world, replays, whole[LEVEL_RULES[0]]), replays, ours, full)


def another(world: World, number: int) -> World:
    """The same bars but for a hair in the first, so that no walk over levels is continued or answered from memory."""
    return {
        series: replace(bars, high=bars.high + 1e-9 * number * (bars.start == bars.start[0]))
        for series, bars in world.items()
    }


def compare(peers: dict[str, dict], replays: dict[str, Replay], ours: float, full: float) -> bool:
    wanted = {"vectorbt": 1, "backtrader": 100, "a plain loop": 100}
    fires = {rule: replay.fires.tolist() for rule, replay in replays.items()}
    good = True
    for name, told in peers.items():
        if told["firings"] != fires:
            odd = [rule for rule in fires if told["firings"].get(rule) != fires[rule]]
            print(f"  {name} finds other firings: {odd}")
            good = False
            continue
        ratio = told["seconds"] / ours
        good &= ratio >= wanted[name]
        line = f"  {name:13}{told['seconds'] * 1e3:10.1f} ms, the same {sum(map(len, fires.values()))} firings:"
        print(f"{line} {ratio:8.1f} x our time, {told['seconds'] / full:.1f} x with what followed")
    return good


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
        script = Path(__file__).with_name("peers.py")
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


def two_hundred(folder: Path) -> bool:
    rules = [written.rule for written in load_book(folder, frozenset({"IWM", LARGE_CAPS})).rules.values()]
    print(f"\n{len(rules)} rules x {MARKETS} markets x {BARS:,} bars, seconds of one core")
    large = walk(LARGE_CAPS, 999, BARS + 20)
    pace, _ = best(yardstick, 20, time.process_time)
    print(f"  a million turns of an empty loop, to compare machines by: {pace * 1e3:.1f} ms")
    whole = cold_start(rules, large)
    newest = quickly_cold(rules, large)
    spread = each_on_its_own(rules, large)
    warm = one_new_bar(rules, large)
    return (whole < 5) & (newest < 5) & (spread < 5) & (warm < 0.04)


def yardstick() -> None:
    for _ in range(1_000_000):
        pass


def cold_start(rules: Sequence[Rule], large: Bars) -> float:
    """Every rule on every market, over all bars, with all that followed each firing."""
    seconds, happened = 0.0, 0
    for seed in range(MARKETS):
        world = {("IWM", D1): walk("IWM", seed, BARS), (LARGE_CAPS, D1): large.prefix(BARS)}
        began = time.process_time()
        happened += sum(len(each.outcomes.kind) for each in replay_all(rules, world).values())
        seconds += time.process_time() - began
    print(f"  {len(rules) * MARKETS:,} whole replays, {happened:,} events:       {seconds:8.2f} s")
    return seconds


def quickly_cold(rules: Sequence[Rule], large: Bars) -> float:
    """What a bot does that has just started: every rule on every market, for the newest bar."""
    seconds = 0.0
    for seed in range(MARKETS):
        world = {("IWM", D1): walk("IWM", seed, BARS), (LARGE_CAPS, D1): large.prefix(BARS)}
        seconds += judged(rules, world)
    print(f"  {len(rules) * MARKETS:,} judgements of the newest bar, nothing known: {seconds:6.2f} s")
    return seconds


def each_on_its_own(rules: Sequence[Rule], large: Bars) -> float:
    """200 rules over 50 markets, four to each."""
    moved = {rule.id: f"M{at % MARKETS}" for at, rule in enumerate(rules)}
    spread = [replace(rule, market=moved[rule.id]) for rule in rules]
    world = {(f"M{seed}", D1): walk(f"M{seed}", seed, BARS) for seed in range(MARKETS)}
    world[LARGE_CAPS, D1] = large.prefix(BARS)
    seconds, _ = best(lambda: replay_all(spread, world), 3, time.process_time)
    print(f"  {len(rules)} whole replays, four rules a market:       {seconds:8.2f} s")
    return seconds


def one_new_bar(rules: Sequence[Rule], large: Bars, count: int = 15) -> float:
    """A market has one bar more, and its 200 rules are judged: the median of so many new bars."""
    bars = walk("IWM", 77, BARS + count)
    taken = []
    for more in range(1, count + 1):
        world = {("IWM", D1): bars.prefix(BARS + more), (LARGE_CAPS, D1): large.prefix(BARS + more)}
        taken.append(judged(rules, world))
    middle = sorted(taken)[count // 2]
    print(f"  one new bar, the {len(rules)} rules of its market: {middle * 1e3:14.1f} ms (best {min(taken) * 1e3:.1f})")
    return middle


def judged(rules: Sequence[Rule], world: World) -> float:
    start = world["IWM", D1].start
    after, upto = int(start[-2]), int(start[-1])
    began = time.process_time()
    replays = replay_recent(rules, world, {rule.id: after for rule in rules})
    for replay in replays.values():
        replay.between(after, upto)
    return time.process_time() - began


# --- rules check ---


def checking(folder: Path) -> bool:
    markets = frozenset({"IWM", LARGE_CAPS})
    seconds, book = best(lambda: load_book(folder, markets), 5, time.process_time)
    print(f"\nchecking {book.files} rule files, {len(book.problems)} problems")
    print(f"  load_book:                 {seconds:6.2f} s")
    whole, _ = best(lambda: command("rules", "check", str(folder)), 3)
    bare, _ = best(lambda: command("--version"), 3)
    print(f"  bellwether rules check:    {whole:6.2f} s ({bare:.2f} s until it can say its version)")
    return whole < 1


def command(*words: str) -> None:
    line = [sys.executable, "-c", "from bot.cli.main import main; main()", *words]
    subprocess.run(line, check=False, capture_output=True, cwd=ROOT)


def best(run: Callable, rounds: int, clock: Callable[[], float] = time.perf_counter) -> tuple[float, object]:
    """The least of so many times, and the last result."""
    seconds, result = [], None
    for _ in range(rounds):
        began = clock()
        result = run()
        seconds.append(clock() - began)
    return min(seconds), result


if __name__ == "__main__":
    sys.exit(main())
