"""A plot on the sheet: what its data's values are in pixels, its axes, and what is drawn in it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bot.charts.canvas import Anchor, Canvas, Shape, drawable
from bot.charts.mask import POINT, Box, Stroke
from bot.charts.palette import Palette
from bot.signals.bars import FloatArray

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

_TICK_SIZE = 11.5
_PAD = 5 * POINT  # between the plot and what is written at its axes
_GRID_WIDTH = 0.9

Layers = list[tuple[float, Callable[[], None]]]
"""What is to be drawn, and how far in front of the rest."""


@dataclass(frozen=True, slots=True)
class Scale:
    """An axis: the values at its ends, and whether equal steps on it are equal ratios."""

    low: float
    high: float
    log: bool = False

    def share(self, values: ArrayLike) -> FloatArray:
        """Where values lie between the ends, which are 0 and 1; NaN where a logarithm has no place."""
        array = np.asarray(values, dtype=np.float64)
        if not self.log:
            return (array - self.low) / (self.high - self.low)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(np.log(array / self.low) / np.log(self.high / self.low), dtype=np.float64)

    def holds(self, value: float) -> bool:
        """Whether a value lies between the ends."""
        return min(self.low, self.high) <= value <= max(self.low, self.high)

    def below(self, value: float, share: float) -> float:
        """The value that lies so much of the axis under another."""
        if self.log:
            return float(value * (self.low / self.high) ** share)
        return float(value - (self.high - self.low) * share)


class Panel:
    """One plot. All is drawn when the chart is finished, by the scales that stand then, the foremost last.

    Unless it says so, nothing is drawn beyond the plot's edges.
    """

    def __init__(self, canvas: Canvas, box: Box, palette: Palette, layers: Layers) -> None:
        self.x = self.y = Scale(0.0, 1.0)
        self.box = box
        self._canvas = canvas
        self._palette = palette
        self._layers = layers

    def place(self, x: ArrayLike, y: ArrayLike) -> FloatArray:
        """Pixels of data, one point a row."""
        return self._at_shares(self.x.share(x), self.y.share(y))

    def line(self, x: ArrayLike, y: ArrayLike, stroke: Stroke, *, front: float = 2) -> None:
        """Through the points; what is unknown is a gap."""
        self._later(front, lambda: self._canvas.line(self.place(x, y), stroke, self.box))

    def outside_line(self, x: ArrayLike, y: ArrayLike, stroke: Stroke, *, front: float = 2) -> None:
        """Through points that are given as shares of the plot, and may lie outside."""
        points = self._at_shares(np.asarray(x), np.asarray(y))
        self._later(front, lambda: self._canvas.line(points, stroke, self._canvas.whole))

    def level(self, y: float, stroke: Stroke, x: tuple[float, float] | None = None, *, front: float = 2) -> None:
        """A horizontal line, from edge to edge where no x are given."""
        self._straight(lambda: self.place(x or (self.x.low, self.x.high), (y, y)), stroke, front)

    def upright(self, x: float, stroke: Stroke, y: tuple[float, float] | None = None, *, front: float = 2) -> None:
        """A vertical line, from edge to edge where no y are given."""
        self._straight(lambda: self.place((x, x), y or (self.y.low, self.y.high)), stroke, front)

    def band(self, x: ArrayLike, low: ArrayLike, high: ArrayLike, color: str, alpha: float) -> None:
        """The area between two lines, with gaps where either is unknown."""

        def draw() -> None:
            under, over = self.place(x, low), self.place(x, high)
            known = np.isfinite(under + over).all(axis=1)
            edges = np.flatnonzero(np.diff(known.astype(np.int8), prepend=0, append=0)).reshape(-1, 2)
            outlines = [np.vstack([under[a:b], over[a:b][::-1]]) for a, b in edges if b - a > 1]
            self._canvas.areas(outlines, color, alpha, self.box)

        self._later(1, draw)

    def box_of(
        self, x: tuple[float, float], y: tuple[float, float] | None, color: str, alpha: float = 1.0, *, front: float = 1
    ) -> None:
        """A filled rectangle, from the lower to the upper edge where no y are given."""

        def draw() -> None:
            corners = self.place(x, y or (self.y.low, self.y.high))
            if np.isfinite(corners).all():
                (left, top), (right, bottom) = corners.min(axis=0), corners.max(axis=0)
                inside = Box(float(left), float(top), float(right), float(bottom)).within(self.box)
                if inside.width >= 0 and inside.height >= 0:
                    self._canvas.box(inside, color, alpha)

        self._later(front, draw)

    def columns(self, heights: FloatArray, color: str, alpha: float) -> None:
        """At each whole x a column from the lower edge up, its height a share of the plot's."""

        def draw() -> None:
            half = min(self.box.width / len(heights) * 0.72, 12 * POINT) / 2
            left = self.box.left + self.x.share(np.arange(len(heights))) * self.box.width
            shown = heights > 0
            tops = self.box.bottom - heights[shown] * self.box.height
            edges = [left[shown] - half, tops, left[shown] + half, np.full(len(tops), self.box.bottom)]
            self._canvas.boxes(np.column_stack(edges), color, alpha, self.box)

        self._later(2, draw)

    def marks(
        self,
        x: ArrayLike,
        y: ArrayLike,
        shape: Shape,
        size: float,
        color: str | None,
        edge: Stroke,
        *,
        front: float,
    ) -> None:
        """A mark at each point, also where it reaches beyond the edges; hollow without a colour."""

        def draw() -> None:
            for left, top in self.place(x, y).tolist():
                if math.isfinite(left + top):
                    self._canvas.mark((left, top), shape, size, color, edge, self._canvas.whole)

        self._later(front, draw)

    def x_ticks(self, places: Sequence[float], labels: Sequence[str]) -> None:
        """Labels under the plot, those of places that lie in it."""
        for at, label in zip(places, labels, strict=True):
            if self.x.holds(at):
                left = self.box.left + float(self.x.share(at)) * self.box.width
                self._write(left, self.box.bottom + _PAD, label, Anchor.TOP, "m")

    def y_ticks(self, places: Sequence[float], labels: Sequence[str]) -> None:
        """Labels to the left of the plot, and a line across it at each."""
        for at, label in zip(places, labels, strict=True):
            if self.y.holds(at):
                top = self.box.bottom - float(self.y.share(at)) * self.box.height
                self.level(at, Stroke(self._palette.grid, _GRID_WIDTH), front=0.5)
                self._write(self.box.left - _PAD, top, label, Anchor.FIGURES, "r")

    def write(
        self,
        x: float,
        y: float,
        text: str,
        color: str,
        size: float,
        *,
        bold: bool = False,
        at: str = "l",
        anchor: Anchor = Anchor.CENTER,
    ) -> None:
        """Text placed by shares of the plot's width and height."""
        left, top = self._at_shares(np.array([x]), np.array([y]))[0]
        words = drawable(text)
        self._later(
            3, lambda: self._canvas.text(float(left), float(top), words, color, size, bold=bold, at=at, anchor=anchor)
        )

    def _write(self, left: float, top: float, text: str, anchor: Anchor, at: str) -> None:
        color = self._palette.muted
        self._later(2.5, lambda: self._canvas.text(left, top, drawable(text), color, _TICK_SIZE, at=at, anchor=anchor))

    def _at_shares(self, x: FloatArray, y: FloatArray) -> FloatArray:
        return np.column_stack([self.box.left + x * self.box.width, self.box.bottom - y * self.box.height])

    def _straight(self, ends: Callable[[], FloatArray], stroke: Stroke, front: float) -> None:
        def draw() -> None:
            points = ends()
            if np.isfinite(points).all():
                self._canvas.straight(points, stroke, self.box)

        self._later(front, draw)

    def _later(self, front: float, draw: Callable[[], None]) -> None:
        self._layers.append((front, draw))
