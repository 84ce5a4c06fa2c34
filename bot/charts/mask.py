"""Smooth edges: a part of the sheet is drawn in shades at several times its size; and the geometry of lines.

Places are in pixels of the sheet from its upper left corner, widths in points.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from PIL import Image, ImageDraw

from bot.signals.bars import FloatArray

POINT: Final = 150 / 72
"""Pixels."""

_SMOOTH: Final = 4
"""All but text is drawn with so many times the pixels to either side, of which the shades of its edges are made."""

_FAR: Final = 1e6
"""Pixels of a mask beyond which nothing is seen, and Pillow's whole numbers would overflow."""

_NOTCH: Final = math.radians(20)
_STRIP: Final = 96
"""Pixels of width that are laid on at once."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        """From left to right."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """From top to bottom."""
        return self.bottom - self.top

    def within(self, other: Box) -> Box:
        """What of it lies in the other, which may be nothing: then its width or height is not positive."""
        return Box(
            max(self.left, other.left),
            max(self.top, other.top),
            min(self.right, other.right),
            min(self.bottom, other.bottom),
        )


@dataclass(frozen=True, slots=True)
class Stroke:
    """How a line is drawn. `dashes` are the lengths of a dash and of a gap, in widths of the line."""

    color: str
    width: float
    alpha: float = 1.0
    dashes: tuple[float, float] | None = None


class Mask:
    """An enlarged sheet of shades of one colour for a part of the canvas; it takes places on the canvas."""

    def __init__(self, left: int, top: int, width: int, height: int, ink: int) -> None:
        self._left, self._top, self._ink = left, top, ink
        self._image = Image.new("L", (max(width, 0) * _SMOOTH, max(height, 0) * _SMOOTH))
        self._pen = ImageDraw.Draw(self._image)

    def line(self, points: FloatArray, width: float) -> None:
        """Of a width in pixels, with round joints."""
        moved, wide = self._moved(points), max(1, round(width * _SMOOTH))
        self._pen.line(moved, fill=self._ink, width=wide)
        half = (wide - 1) / 2
        for at in _bends(points) if half > 2 else ():
            x, y = moved[2 * at : 2 * at + 2]
            self._pen.ellipse((x - half, y - half, x + half, y + half), fill=self._ink)

    def disc(self, middle: FloatArray, radius: float, edge: float | None = None) -> None:
        """Filled, or only its edge where that is given."""
        (x, y), far = self._moved(middle), radius * _SMOOTH
        box = (x - far, y - far, x + far, y + far)
        if edge is None:
            self._pen.ellipse(box, fill=self._ink)
        else:
            self._pen.ellipse(box, outline=self._ink, width=round(edge * _SMOOTH))

    def area(self, outline: FloatArray) -> None:
        """Filled."""
        self._pen.polygon(self._moved(outline), fill=self._ink)

    def boxes(self, edges: FloatArray) -> None:
        """Filled rectangles: a row of the left, top, right and lower edge of each."""
        for left, top, right, bottom in np.rint(np.reshape(self._moved(edges), (-1, 4)) + 0.5).tolist():
            if right > left and bottom > top:
                self._pen.rectangle((left, top, right - 1, bottom - 1), fill=self._ink)

    def label(self, box: Box, corner: float) -> None:
        """A filled rectangle with round corners."""
        corners = np.array([box.left, box.top, box.right, box.bottom])
        self._pen.rounded_rectangle(self._moved(corners), corner * _SMOOTH, self._ink)

    def strips(self) -> Iterator[tuple[tuple[int, int], Image.Image]]:
        """What is drawn in the canvas's own size, each strip with its place: a line fills little of what is around."""
        width, height = self._image.size
        for first in range(0, width if height else 0, _STRIP * _SMOOTH):
            last = min(first + _STRIP * _SMOOTH, width)
            if (drawn := self._image.crop((first, 0, last, height)).getbbox()) is not None:
                upper, lower = drawn[1] // _SMOOTH, -(-drawn[3] // _SMOOTH)
                part = self._image.reduce(_SMOOTH, (first, upper * _SMOOTH, last, lower * _SMOOTH))
                yield (self._left + first // _SMOOTH, self._top + upper), part

    def _moved(self, points: FloatArray) -> list[float]:
        on_mask = (points.reshape(-1, 2) - (self._left, self._top)) * _SMOOTH - 0.5
        moved: list[float] = np.clip(on_mask, -_FAR, _FAR).ravel().tolist()
        return moved


def bounds(points: FloatArray, room: float) -> Box:
    """The rectangle around points, with some room."""
    (left, top), (right, bottom) = points.min(axis=0) - room, points.max(axis=0) + room
    return Box(float(left), float(top), float(right), float(bottom))


def stretches(points: FloatArray) -> Iterator[FloatArray]:
    """Those of finite points, of two at least, thinned to what can be seen."""
    known = np.isfinite(points).all(axis=1)
    edges = np.flatnonzero(np.diff(known.astype(np.int8), prepend=0, append=0))
    return (_thinned(points[first:last]) for first, last in edges.reshape(-1, 2) if last - first > 1)


def _bends(points: FloatArray) -> list[int]:
    """Where a line turns so much that its outer edge would have a notch."""
    turn = np.diff(np.arctan2(*np.diff(points, axis=0).T))
    bends: list[int] = (np.flatnonzero(np.abs((turn + np.pi) % (2 * np.pi) - np.pi) > _NOTCH) + 1).tolist()
    return bends


def _thinned(points: FloatArray) -> FloatArray:
    """Of many points over one column of pixels the first, the lowest, the highest and the last, which look the same."""
    columns = np.floor(points[:, 0])
    firsts = np.flatnonzero(np.diff(columns, prepend=-np.inf))
    if len(points) < 4 * len(firsts):
        return points
    y = points[:, 1]
    lasts = np.append(firsts[1:], len(points)) - 1
    x = np.repeat(columns[firsts] + 0.5, 4)
    kept = [y[firsts], np.minimum.reduceat(y, firsts), np.maximum.reduceat(y, firsts), y[lasts]]
    return np.column_stack([x, np.column_stack(kept).ravel()])


def dashed(points: FloatArray, stroke: Stroke) -> Iterator[FloatArray]:
    """The line in its dashes; as it is where it has none."""
    if stroke.dashes is None:
        yield points
        return
    on, off = (length * stroke.width * POINT for length in stroke.dashes)
    way = np.append(0.0, np.cumsum(np.hypot(*np.diff(points, axis=0).T)))
    for begin in np.arange(0.0, way[-1], on + off):
        end = min(begin + on, way[-1])
        ends = [[np.interp(at, way, points[:, axis]) for axis in (0, 1)] for at in (begin, end)]
        yield np.vstack([ends[0], points[(way > begin) & (way < end)], ends[1]])
