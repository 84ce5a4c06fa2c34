"""The figure that all charts share: its size, palette, type and labels. Runs in the worker process only."""

from __future__ import annotations

import bisect
import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import findfont, get_font
from matplotlib.text import Text
from PIL import Image

WIDTH, HEIGHT, DPI = 1080, 810, 150

_FONT = "DejaVu Sans"  # comes with matplotlib, so that a chart looks the same on every machine
_TITLE_SIZES = (19, 17, 15)
_SUBTITLE_SIZES = (12.5, 11.5, 10.5)
_LEFT, _RIGHT, _BOTTOM, _TOP = 0.112, 0.868, 0.125, 0.815
_MARGIN = 0.03  # of the width, for what is written outside the plot

_BESIDE = 1.017  # of a plot's width: where the text beside it begins


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours of one variant. `series` are for several lines in one chart."""

    paper: str
    ink: str
    muted: str
    grid: str
    line: str
    accent: str
    fired: str
    fallen: str
    series: tuple[str, ...]


LIGHT = Palette(
    paper="#fcfcfa",
    ink="#151a21",
    muted="#667080",
    grid="#e4e6e9",
    line="#1c5fb8",
    accent="#c4520f",
    fired="#0d8a5a",
    fallen="#b3261e",
    series=("#c4520f", "#1c5fb8", "#0d8a5a", "#8a3fa8", "#667080", "#a8841a"),
)
DARK = Palette(
    paper="#12161d",
    ink="#eceff4",
    muted="#98a2b3",
    grid="#262d38",
    line="#6fb0ff",
    accent="#ffab5e",
    fired="#4fd69c",
    fallen="#ff7b72",
    series=("#ffab5e", "#6fb0ff", "#4fd69c", "#d18cf0", "#98a2b3", "#e6c84f"),
)


class ChartFigure:
    """One chart: a title, a line under it, the plot, and a small line at the foot."""

    def __init__(self, *, dark: bool) -> None:
        self.palette = DARK if dark else LIGHT
        self.figure = Figure(figsize=(WIDTH / DPI, HEIGHT / DPI), dpi=DPI, facecolor=self.palette.paper)
        self.canvas = FigureCanvasAgg(self.figure)
        self.axes = self.figure.add_axes((_LEFT, _BOTTOM, _RIGHT - _LEFT, _TOP - _BOTTOM))
        _dress(self.axes, self.palette)

    def title(self, text: str) -> None:
        """In the largest size that fits the width, else on two lines; too long for these, it ends in …"""
        words = " ".join(drawable(text).split())
        drawn = self._text(_MARGIN, 0.944, "", weight="bold", color=self.palette.ink, va="center", linespacing=1.25)
        for size in _TITLE_SIZES:
            drawn.set_fontsize(size)
            if self._fits(drawn, words):
                return
        first = self._longest(drawn, words)
        drawn.set(y=0.95, linespacing=1.1)
        cut = words[:first].rpartition(" ")[0] or words[:first]
        rest = words[len(cut) :].strip()
        kept = self._longest(drawn, rest)
        drawn.set_text(f"{cut}\n{rest}" if kept == len(rest) else f"{cut}\n{rest[: kept - 3].rstrip()}…")

    def subtitle(self, parts: Sequence[tuple[str, str]]) -> None:
        """One line of (text, colour) pairs, each beginning where the one before ends.

        In a smaller size where that makes them fit; what still does not is left out.
        """
        texts = [self._text(0, 0.87, drawable(text), color=color, va="center") for text, color in parts if text]
        for size in _SUBTITLE_SIZES:
            left, outside = _MARGIN, []
            for text in texts:
                text.set(size=size, x=left)
                left += self._width(text) / WIDTH + _MARGIN
                outside += [text] if left > 0.98 + _MARGIN else []
            if not outside:
                return
        for text in outside:
            text.remove()

    def panel(self, left: float, bottom: float, width: float, height: float) -> Axes:
        """Another plot, placed by shares of the room that the first one had."""
        axes = self.figure.add_axes(
            (
                _LEFT + left * (_RIGHT - _LEFT),
                _BOTTOM + bottom * (_TOP - _BOTTOM),
                width * (_RIGHT - _LEFT),
                height * (_TOP - _BOTTOM),
            )
        )
        _dress(axes, self.palette)
        return axes

    @property
    def plot_width(self) -> float:
        """Width of the plot in points, the unit of a line's width."""
        return (_RIGHT - _LEFT) * WIDTH / DPI * 72

    def foot(self, text: str) -> None:
        """Where the figures come from and how old they are."""
        self._text(_MARGIN, 0.028, drawable(text[:110]), size=9.5, color=self.palette.muted, va="center")

    def tags(
        self,
        marks: Sequence[tuple[float, str, str]],
        size: float = 11.5,
        axes: Axes | None = None,
        spare: Sequence[tuple[float, str, str]] = (),
    ) -> None:
        """(y, text, colour) beside the right edge, moved apart where they would overlap; y in data units.

        `spare` ones are written only where they are in nobody's way.
        """
        axes = axes or self.axes
        low, high = axes.get_ylim()
        to_axes, step = axes.transData + axes.transAxes.inverted(), _step(axes, size, 1.55)
        visible, wished = list[tuple[float, str, str]](), list[float]()
        for number, mark in enumerate([*marks, *spare]):
            at = float(to_axes.transform((0, mark[0]))[1])
            free = number < len(marks) or all(abs(at - other) >= step for other in wished)
            if min(low, high) <= mark[0] <= max(low, high) and free:
                visible.append(mark)
                wished.append(at)
        for (_, text, color), at in zip(visible, spread(wished, step, (0.0, 1.0)), strict=True):
            box = {"boxstyle": "round,pad=0.22", "facecolor": color, "edgecolor": "none"}
            style = {"size": size, "color": self.palette.paper, "weight": "bold", "va": "center", "bbox": box}
            self.write(axes, _BESIDE, at, text, **style)

    def ends(self, marks: Sequence[tuple[float, float, str, str]], thin_from: int, size: float = 9.5) -> None:
        """(x, y, text, colour) beside the right edge, each joined to its point by a hairline; data units.

        Of more than `thin_from` only those are written that lie apart from the ones before them.
        """
        to_axes = self.axes.transData + self.axes.transAxes.inverted()
        points = [tuple(map(float, to_axes.transform(mark[:2]))) for mark in marks]
        step = _step(self.axes, size, 1.2)
        kept: list[int] = []
        for at, (_, y) in enumerate(points):
            if len(marks) <= thin_from or all(abs(y - points[other][1]) >= step for other in kept):
                kept.append(at)
        heights = spread([points[at][1] for at in kept], step, (0.0, 1.0))
        for at, height in zip(kept, heights, strict=True):
            (x, y), (_, _, text, color) = points[at], marks[at]
            way = ([x, 0.99, 1.014], [y, height, height]) if x < 0.96 else ([x, 1.014], [y, height])
            style: dict[str, Any] = {"color": color, "linewidth": 0.8, "alpha": 0.5, "zorder": 2}
            self.axes.plot(*way, transform=self.axes.transAxes, clip_on=False, **style)
            self.write(self.axes, _BESIDE, height, text, size=size, color=color, va="center")

    def write(self, axes: Axes, x: float, y: float, text: str, **style: Any) -> None:
        """Text in a plot, placed by shares of its width and height."""
        place: dict[str, Any] = {"transform": axes.transAxes, "clip_on": False}
        axes.text(x, y, drawable(text), parse_math=False, family=_FONT, **place, **style)

    def png(self) -> bytes:
        """The chart as PNG, packed lightly: an alert waits for it, and Telegram packs it anew.

        Its 256 colours are told from all of them by no eye; it takes two thirds of the time and of the bytes.
        """
        self.canvas.draw()  # type: ignore[no-untyped-call]
        pixels = self.canvas.buffer_rgba()  # type: ignore[no-untyped-call]
        drawn = Image.frombuffer("RGBA", (WIDTH, HEIGHT), pixels, "raw", "RGBA", 0, 1)
        few = drawn.convert("RGB").quantize(method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
        target = io.BytesIO()
        few.save(target, "PNG", compress_level=3)
        return target.getvalue()

    def _text(self, x: float, y: float, text: str, **style: Any) -> Text:
        return self.figure.text(x, y, text, parse_math=False, family=_FONT, **style)

    def _width(self, drawn: Text) -> float:
        return float(drawn.get_window_extent().width)

    def _fits(self, drawn: Text, text: str) -> bool:
        drawn.set_text(text)
        return self._width(drawn) <= WIDTH * (1 - 2 * _MARGIN)

    def _longest(self, drawn: Text, text: str) -> int:
        """How many characters of the text fit the width, by halving."""
        return bisect.bisect_right(
            range(1, len(text) + 1), x=False, key=lambda size: not self._fits(drawn, text[:size])
        )


def _step(axes: Axes, size: float, spacing: float) -> float:
    """Height of a line of text as a share of a plot's."""
    return size * DPI / 72 * spacing / (HEIGHT * axes.get_position().height)


def spread(wished: Sequence[float], step: float, bounds: tuple[float, float] | None = None) -> list[float]:
    """Places as near to the wished ones as may be, in their order, at least `step` apart, within `bounds`.

    So many that they do not fit between the bounds go past the upper one.
    """
    order = sorted(range(len(wished)), key=lambda index: wished[index])
    groups: list[list[float]] = []  # each: centre wished by all in it, how many
    for index in order:
        groups.append([wished[index], 1])
        while len(groups) > 1 and groups[-1][0] - groups[-2][0] < step * (groups[-1][1] + groups[-2][1]) / 2:
            (second, many), (first, few) = groups.pop(), groups.pop()
            groups.append([(first * few + second * many) / (few + many), few + many])
    flat = [centre + step * (place - (size - 1) / 2) for centre, size in groups for place in range(int(size))]
    if bounds is not None:
        flat = [min(at, bounds[1] - step * (len(flat) - 1 - place)) for place, at in enumerate(flat)]
        flat = [max(at, bounds[0] + step * place) for place, at in enumerate(flat)]
    return [place for _, place in sorted(zip(order, flat, strict=True))]


def drawable(text: str) -> str:
    """The text without what the typeface can't draw (emoji, scripts it lacks)."""
    known = _glyphs()
    return "".join(character for character in text if ord(character) in known)


@cache
def _glyphs() -> frozenset[int]:
    return frozenset(code for code in get_font(findfont(_FONT)).get_charmap() if code >= 32)


def _dress(axes: Axes, palette: Palette) -> None:
    axes.set_facecolor(palette.paper)
    for side in axes.spines.values():
        side.set_visible(False)
    axes.tick_params(length=0, colors=palette.muted, labelsize=11.5, labelfontfamily=_FONT, pad=5)
    axes.grid(visible=True, axis="y", color=palette.grid, linewidth=0.9)
    axes.set_axisbelow(True)
    axes.margins(x=0)
