"""The sheet of a chart: lines, areas, marks and text with smooth edges, drawn by Pillow.

Places are in pixels from the upper left corner, widths and sizes in points.
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import Enum
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from bot.charts.mask import POINT, Box, Mask, Stroke, bounds, dashed, stretches
from bot.signals.bars import FloatArray

_TYPEFACE: Final = "font_source_sans_pro"  # a package, so that a chart looks the same on every machine
SCALE: Final = 1.1  # its letters are smaller than their size says
_ABSENT: Final = "\uffff"  # no character: it looks like whatever a typeface lacks
_ARM: Final = ((-1, -1), (-1, -3), (1, -3))
_PLUS: Final = (*_ARM, *((-y, x) for x, y in _ARM), *((-x, -y) for x, y in _ARM), *((y, -x) for x, y in _ARM))


class Shape(Enum):
    """What a mark looks like: its corners as shares of its size; none, and it is round."""

    ROUND = ()
    UP = ((0, -0.5), (0.5, 0.5), (-0.5, 0.5))
    DOWN = ((0, 0.5), (-0.5, -0.5), (0.5, -0.5))
    DIAMOND = ((0, -0.7), (0.7, 0), (0, 0.7), (-0.7, 0))
    PLUS = tuple((x / 6, y / 6) for x, y in _PLUS)
    CROSS = tuple(((x - y) / 8, (x + y) / 8) for x, y in _PLUS)


class Anchor(Enum):
    """What of a line of text stands at its place: the value is how far its baseline lies below, in its size."""

    CENTER = 0.262
    FIGURES = 0.38
    TOP = 0.76


class Canvas:
    """Pixels to draw on. `clip` bounds what a call may touch."""

    def __init__(self, width: int, height: int, paper: str) -> None:
        self._image = Image.new("RGB", (width, height), paper)
        self._pen = ImageDraw.Draw(self._image)
        self.whole = Box(0, 0, width, height)

    def line(self, points: FloatArray, stroke: Stroke, clip: Box) -> None:
        """Through the points, one a row, with round joints; a point that is not finite interrupts it."""
        pieces = [piece for run in stretches(points) for piece in dashed(run, stroke)]
        if not pieces:
            return
        around = bounds(np.concatenate(pieces), stroke.width * POINT).within(clip)
        with self._masked(around, stroke.color, stroke.alpha) as mask:
            for piece in pieces:
                mask.line(piece, stroke.width * POINT)

    def straight(self, points: FloatArray, stroke: Stroke, clip: Box) -> None:
        """A line along an axis, on whole pixels, so that it is sharp."""
        half = max(1, round(stroke.width * POINT)) / 2
        across = int(points[0, 1] == points[1, 1])  # 1: it lies
        points[:, across] = np.round(points[:, across] - half) + half
        for (left, top), (right, bottom) in dashed(points, stroke):
            ends = Box(min(left, right), min(top, bottom), max(left, right), max(top, bottom))
            wide, high = (0, half) if across else (half, 0)
            box = Box(ends.left - wide, ends.top - high, ends.right + wide, ends.bottom + high).within(clip)
            if box.width > 0 and box.height > 0:
                self.box(box, stroke.color, stroke.alpha)

    def areas(self, outlines: Sequence[FloatArray], color: str, alpha: float, clip: Box) -> None:
        """Filled, all in one go; where two of them overlap nothing is darker."""
        if not outlines:
            return
        with self._masked(bounds(np.concatenate(outlines), 1.0).within(clip), color, alpha) as mask:
            for outline in outlines:
                mask.area(outline)

    def boxes(self, edges: FloatArray, color: str, alpha: float, clip: Box) -> None:
        """Rectangles, all in one go: a row of the left, top, right and lower edge of each."""
        if len(edges):
            with self._masked(bounds(edges.reshape(-1, 2), 1.0).within(clip), color, alpha) as mask:
                mask.boxes(edges)

    def box(self, box: Box, color: str, alpha: float = 1.0) -> None:
        """A rectangle on whole pixels, of one at least."""
        left, top = round(box.left), round(box.top)
        right, bottom = max(round(box.right), left + 1), max(round(box.bottom), top + 1)
        if alpha < 1:
            self._image.paste(color, (left, top), Image.new("L", (right - left, bottom - top), round(255 * alpha)))
        else:
            self._pen.rectangle((left, top, right - 1, bottom - 1), fill=color)

    def label(self, box: Box, color: str, corner: float) -> None:
        """A rectangle with round corners."""
        with self._masked(box, color, 1.0) as mask:
            mask.label(box, corner)

    def mark(
        self, place: tuple[float, float], shape: Shape, size: float, color: str | None, edge: Stroke, clip: Box
    ) -> None:
        """A shape with an edge that lies half inside it; without a colour it is hollow."""
        if shape is Shape.ROUND:
            self._round(place, size, color, edge, clip)
            return
        corners = np.array(shape.value, dtype=np.float64) * size * POINT + place
        if color is not None:
            self.areas([corners], color, 1.0, clip)
        self.line(np.vstack([corners, corners[:2]]), edge, clip)

    def text(
        self,
        x: float,
        y: float,
        text: str,
        color: str,
        size: float,
        *,
        bold: bool = False,
        at: str = "l",
        anchor: Anchor,
    ) -> None:
        """One line; x is its left (`at` l), middle (m) or right (r)."""
        baseline = y + anchor.value * size * POINT
        self._pen.text((x, baseline), text, fill=color, font=_font(size, bold=bold), anchor=f"{at}s")

    def png(self) -> bytes:
        """The picture as PNG, packed lightly: an alert waits for it, and Telegram packs it anew.

        Its 256 colours are told from all of them by no eye; it takes two thirds of the time and of the bytes.
        """
        few = self._image.quantize(method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
        target = io.BytesIO()
        few.save(target, "PNG", compress_level=3)
        return target.getvalue()

    def _round(self, place: tuple[float, float], size: float, color: str | None, edge: Stroke, clip: Box) -> None:
        middle, outer = np.array([place]), (size + edge.width) * POINT / 2
        box = bounds(middle, outer + 1).within(clip)
        if color is not None:
            with self._masked(box, color, 1.0) as mask:
                mask.disc(middle, outer)
        if color != edge.color:
            with self._masked(box, edge.color, edge.alpha) as mask:
                mask.disc(middle, outer, edge.width * POINT)

    @contextmanager
    def _masked(self, box: Box, color: str, alpha: float) -> Iterator[Mask]:
        """Lay colour on where the mask, as large as the box, has been drawn on."""
        left, top = math.floor(box.left), math.floor(box.top)
        mask = Mask(left, top, math.ceil(box.right) - left, math.ceil(box.bottom) - top, round(255 * alpha))
        yield mask
        for (x, y), drawn in mask.strips():
            self._image.paste(color, (x, y), drawn)


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """Pixels from its left to its right."""
    return _font(size, bold=bold).getlength(text)


def drawable(text: str) -> str:
    """The text without what the typeface can't draw (emoji, scripts it lacks)."""
    return "".join(filter(_has, text))


@cache
def _has(character: str) -> bool:
    font = _font(10)
    return character >= " " and bytes(font.getmask(character)) != bytes(font.getmask(_ABSENT))


@cache
def _font(size: float, *, bold: bool = False) -> ImageFont.FreeTypeFont:
    file = typeface_files() / ("SourceSansPro-Bold.ttf" if bold else "SourceSansPro-Regular.ttf")
    return ImageFont.truetype(file, size * SCALE * POINT, layout_engine=ImageFont.Layout.BASIC)


def typeface_files() -> Path:
    """The folder of the typeface's files; its package is found and not imported."""
    spec = find_spec(_TYPEFACE)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "files"
