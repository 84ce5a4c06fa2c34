"""The chart of an alert: what drawing and packing it costs, beside the same picture by other libraries and as JPEG.

Run: python -m tests.bench.bench_chart [ROUNDS]

One chart of a market, the ways to draw it in turn, each with the processor's time. The peers (matplotlib, cairocffi,
aggdraw) draw the same lines, areas and texts; those that are not installed are left out, and said so. What differs
from matplotlib's picture is counted at the 400 pixels of width that a phone shows, where a pixel is more than a tenth
lighter or darker.
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable

import numpy as np
from PIL import Image

from bot.charts import figure, market
from bot.charts.canvas import Canvas
from bot.charts.request import ChartLevel, MarketChart
from bot.signals.bars import Bars
from bot.signals.timeframe import DAY, Timeframe, start_of
from tests.bench.chart_peers import AggCanvas, CairoCanvas, MatplotlibCanvas, ReusedMatplotlibCanvas, imported
from tests.bench.figures import Figure, of_rounds, tell

GOAL_MS = 40.0
OF_MATPLOTLIB = 0.6
OURS = "Pillow, PNG of 256 colours: as charts are drawn"
JPEG, FULL = "Pillow, JPEG at 92", "Pillow, PNG of all colours"
FRESH = "matplotlib, a new figure each time"
PEERS = {
    FRESH: ("matplotlib", MatplotlibCanvas),
    "matplotlib, one figure reused": ("matplotlib", ReusedMatplotlibCanvas),
    "cairo": ("cairocffi", CairoCanvas),
    "aggdraw": ("aggdraw", AggCanvas),
}
PHONE = (400, 300)


class JpegCanvas(Canvas):
    """Packed as Telegram packs it anew."""

    def png(self) -> bytes:
        return packed(self._image, "JPEG", quality=92, subsampling=0)


class FullCanvas(Canvas):
    """Packed with all its colours."""

    def png(self) -> bytes:
        return packed(self._image, "PNG", compress_level=1)


def packed(image: Image.Image, form: str, **options: int) -> bytes:
    target = io.BytesIO()
    image.save(target, form, **options)
    return target.getvalue()


def look_for_peers() -> None:
    """In the environment that BENCH_PEERS names too, behind our own."""
    if python := os.environ.get("BENCH_PEERS"):
        where = "import sysconfig; print(sysconfig.get_path('purelib'))"
        sys.path.append(
            subprocess.run([python, "-c", where], capture_output=True, text=True, check=True).stdout.strip()
        )


def chart() -> MarketChart:
    """Twelve years of a walk, with a level that broke, four others and three signals in the year that is shown."""
    chance = np.random.default_rng(11)
    close = 100 * np.exp(np.cumsum(chance.normal(0.0004, 0.012, 3_000)))
    start = start_of("2014-01-02") + DAY * np.arange(3_000, dtype=np.int64)
    spread = close * chance.uniform(0, 0.012, 3_000)
    volume = chance.lognormal(15, 0.4, 3_000)
    bars = Bars("RUT", Timeframe.D1, start, start + 75_600, close, close + spread, close - spread, close, volume)
    last = float(close[-1])
    others = tuple(
        ChartLevel(last * by, (2_850, 2_900), last * by * 0.995, last * by * 1.005) for by in (0.9, 0.95, 1.05)
    )
    level = ChartLevel(last * 0.98, (2_820, 2_910), last * 0.975, last * 0.985)
    title = "Russell 2000: record close (all-time high)"
    return MarketChart(bars=bars, title=title, level=level, fired=(2_800, 2_860, 2_999), others=others, source="yahoo")


def drawn_by(canvas: type[Canvas], request: MarketChart) -> bytes:
    figure.Canvas = canvas  # type: ignore[misc]  # where the charts take theirs from
    return market.market_chart(request)


def in_turn(ways: dict[str, Callable[[], bytes]], rounds: int) -> tuple[dict[str, list[float]], dict[str, bytes]]:
    """Milliseconds of the processor of each way and round, and each way's picture."""
    taken, pictures = defaultdict(list), {name: way() for name, way in ways.items()}
    for _ in range(rounds):
        for name, way in ways.items():
            began = time.process_time()
            way()
            taken[name].append(1000 * (time.process_time() - began))
    return taken, pictures


def apart(one: bytes, other: bytes) -> float:
    """Percent of the pixels of a phone that differ by more than a tenth."""
    small = [
        np.asarray(Image.open(io.BytesIO(each)).convert("L").resize(PHONE, Image.Resampling.BOX), dtype=float)
        for each in (one, other)
    ]
    return float(100 * (np.abs(small[0] - small[1]) > 25.5).mean())


def main(rounds: int) -> int:
    look_for_peers()
    request, found = chart(), {name for name, (library, _) in PEERS.items() if imported(library)}
    for name in PEERS.keys() - found:
        print(f"{name}: not installed here, left out")
    canvases = {OURS: Canvas, JPEG: JpegCanvas, FULL: FullCanvas, **{name: PEERS[name][1] for name in sorted(found)}}
    ways = {name: lambda canvas=canvas: drawn_by(canvas, request) for name, canvas in canvases.items()}
    taken, pictures = in_turn(ways, rounds)
    told = [of_rounds(name, taken[name], "ms", GOAL_MS if name == OURS else None, peer=name in PEERS) for name in ways]
    told += [Figure(f"{name}: bytes", len(pictures[name]) / 1000, "kB") for name in (OURS, JPEG, FULL)]
    if FRESH in found:
        ratios = [ours / theirs for ours, theirs in zip(taken[OURS], taken[FRESH], strict=True)]
        told.append(of_rounds("ours of matplotlib's time", ratios, "", OF_MATPLOTLIB))
        others = [name for name in ways if name != FRESH]
        told += [
            Figure(
                f"{name}: pixels unlike matplotlib's", apart(pictures[name], pictures[FRESH]), "%", peer=name in PEERS
            )
            for name in others
        ]
    return tell(told)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 25))
