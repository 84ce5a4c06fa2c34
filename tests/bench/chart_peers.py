"""Other libraries as the sheet of a chart: each draws what the charts ask of `bot.charts.canvas.Canvas`."""

from __future__ import annotations

import importlib
import math
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from PIL import Image

from bot.charts import canvas as sheet
from bot.charts.canvas import Anchor, Canvas, Shape
from bot.charts.mask import POINT, Box, Stroke
from bot.signals.bars import FloatArray

REGULAR, BOLD = (str(sheet.typeface_files() / f"SourceSansPro-{name}.ttf") for name in ("Regular", "Bold"))
UNITS = tuple(int(step) for step in range(0, 360, 12))


def imported(name: str) -> Any:
    """None where it is not installed, or lacks a library of the system."""
    try:
        return importlib.import_module(name)
    except (ImportError, OSError):
        return None


class PeerCanvas(Canvas):
    """What the charts ask for, put down to polygons and lines."""

    def areas(self, outlines: Sequence[FloatArray], color: str, alpha: float, clip: Box) -> None:
        for outline in outlines:
            self._polygon(outline, color, alpha)

    def boxes(self, edges: FloatArray, color: str, alpha: float, clip: Box) -> None:
        self.areas([_corners(Box(*row)) for row in edges.tolist()], color, alpha, clip)

    def box(self, box: Box, color: str, alpha: float = 1.0) -> None:
        whole = Box(round(box.left), round(box.top), round(box.right), round(box.bottom))
        self._polygon(_corners(whole), color, alpha)

    def label(self, box: Box, color: str, corner: float) -> None:
        inner = Box(box.left + corner, box.top + corner, box.right - corner, box.bottom - corner)
        turns = np.radians([*range(180, 271, 15), *range(270, 361, 15), *range(0, 91, 15), *range(90, 181, 15)])
        around = corner * np.column_stack([np.cos(turns), np.sin(turns)])
        self._polygon(np.repeat(_corners(inner), 7, axis=0) + around, color, 1.0)

    def mark(
        self, place: tuple[float, float], shape: Shape, size: float, color: str | None, edge: Stroke, clip: Box
    ) -> None:
        turns = np.radians(UNITS)
        unit = np.array(shape.value) if shape.value else np.column_stack([np.cos(turns), np.sin(turns)]) / 2
        corners = unit * size * POINT + place
        if color is not None:
            self._polygon(corners, color, 1.0)
        self.line(np.vstack([corners, corners[:2]]), edge, clip)

    def _polygon(self, corners: FloatArray, color: str, alpha: float) -> None:
        raise NotImplementedError


def _corners(box: Box) -> FloatArray:
    return np.array([[box.left, box.top], [box.right, box.top], [box.right, box.bottom], [box.left, box.bottom]])


class CairoCanvas(PeerCanvas):
    """By cairocffi and the system's cairo."""

    def __init__(self, width: int, height: int, paper: str) -> None:
        super().__init__(width, height, paper)
        self._cairo = importlib.import_module("cairocffi")
        self._surface = self._cairo.ImageSurface(self._cairo.FORMAT_RGB24, width, height)
        self._context = self._cairo.Context(self._surface)
        self._color(paper, 1.0)
        self._context.paint()

    def line(self, points: FloatArray, stroke: Stroke, clip: Box) -> None:
        pen, gap = self._context, True
        pen.set_line_width(stroke.width * POINT)
        pen.set_line_join(self._cairo.LINE_JOIN_ROUND)
        pen.set_dash([length * stroke.width * POINT for length in stroke.dashes or ()])
        for x, y in points.tolist():
            known = math.isfinite(x + y)
            if known:
                (pen.move_to if gap else pen.line_to)(x, y)
            gap = not known
        self._color(stroke.color, stroke.alpha)
        pen.stroke()

    def straight(self, points: FloatArray, stroke: Stroke, clip: Box) -> None:
        self.line(points, stroke, clip)

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
        pen, weight = self._context, self._cairo.FONT_WEIGHT_BOLD if bold else self._cairo.FONT_WEIGHT_NORMAL
        pen.select_font_face("Source Sans Pro", self._cairo.FONT_SLANT_NORMAL, weight)
        pen.set_font_size(size * sheet.SCALE * POINT)
        width = pen.text_extents(text)[4]
        self._color(color, 1.0)
        pen.move_to(x - width * {"l": 0, "m": 0.5, "r": 1}[at], y + anchor.value * size * POINT)
        pen.show_text(text)

    def png(self) -> bytes:
        pixels = bytes(self._surface.get_data())
        self._image = Image.frombuffer("RGB", self._image.size, pixels, "raw", "BGRX", 0, 1)
        return super().png()

    def _polygon(self, corners: FloatArray, color: str, alpha: float) -> None:
        pen = self._context
        self._color(color, alpha)
        pen.new_path()  # text leaves a point behind
        for x, y in corners.tolist():
            pen.line_to(x, y)
        pen.close_path()
        pen.fill()

    def _color(self, color: str, alpha: float) -> None:
        self._context.set_source_rgba(*(int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)), alpha)


class AggCanvas(PeerCanvas):
    """By aggdraw; its lines have no round joints. Text by Pillow."""

    def __init__(self, width: int, height: int, paper: str) -> None:
        super().__init__(width, height, paper)
        self._agg = importlib.import_module("aggdraw")
        self._draw = self._agg.Draw(self._image)
        self._texts: list[tuple[tuple[Any, ...], dict[str, Any]]] = []

    def line(self, points: FloatArray, stroke: Stroke, clip: Box) -> None:
        for piece in (each for run in sheet.stretches(points) for each in sheet.dashed(run, stroke)):
            pen = self._agg.Pen(stroke.color, stroke.width * POINT, round(255 * stroke.alpha))
            self._draw.line(piece.ravel().tolist(), pen)

    def text(self, *words: Any, **style: Any) -> None:
        self._texts.append((words, style))

    def png(self) -> bytes:
        self._draw.flush()
        for words, style in self._texts:
            super().text(*words, **style)
        return super().png()

    def _polygon(self, corners: FloatArray, color: str, alpha: float) -> None:
        self._draw.polygon(corners.ravel().tolist(), None, self._agg.Brush(color, round(255 * alpha)))


class MatplotlibCanvas(PeerCanvas):
    """By artists on a bare figure, which costs less than its axes with their ticks and labels would."""

    reused: ClassVar[bool] = False
    _kept: ClassVar[Any] = None

    def __init__(self, width: int, height: int, paper: str) -> None:
        super().__init__(width, height, paper)
        self._figure = self._empty(width, height)
        self._figure.set_facecolor(paper)
        self._axes = self._figure.axes[0]
        self._front = 0.0

    def _empty(self, width: int, height: int) -> Any:
        kept = type(self)._kept
        if self.reused and kept is not None:
            for artist in (*kept.axes[0].lines, *kept.axes[0].patches, *kept.axes[0].collections, *kept.axes[0].texts):
                artist.remove()
            return kept
        figure = importlib.import_module("matplotlib.figure").Figure(figsize=(width / 150, height / 150), dpi=150)
        importlib.import_module("matplotlib.backends.backend_agg").FigureCanvasAgg(figure)
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set_axis_off()
        axes.set(xlim=(0, width), ylim=(height, 0))
        type(self)._kept = figure
        return figure

    def _before_all(self) -> float:
        self._front += 1
        return self._front

    def line(self, points: FloatArray, stroke: Stroke, clip: Box) -> None:
        lines = importlib.import_module("matplotlib.lines")
        style = {"linestyle": (0, stroke.dashes)} if stroke.dashes else {"solid_joinstyle": "round"}
        drawn = lines.Line2D(*points.T, color=stroke.color, linewidth=stroke.width, alpha=stroke.alpha, **style)
        self._axes.add_line(drawn).set_zorder(self._before_all())

    def straight(self, points: FloatArray, stroke: Stroke, clip: Box) -> None:
        self.line(points, stroke, clip)

    def areas(self, outlines: Sequence[FloatArray], color: str, alpha: float, clip: Box) -> None:
        collections = importlib.import_module("matplotlib.collections")
        drawn = collections.PolyCollection(outlines, facecolor=color, alpha=alpha, linewidth=0)
        self._axes.add_collection(drawn, autolim=False).set_zorder(self._before_all())

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
        place = {"ha": {"l": "left", "m": "center", "r": "right"}[at], "va": "baseline", "zorder": self._before_all()}
        properties = importlib.import_module("matplotlib.font_manager").FontProperties
        letters = properties(fname=BOLD if bold else REGULAR, size=size * sheet.SCALE)
        style = {"color": color, "fontproperties": letters, "parse_math": False, **place}
        self._axes.text(x, y + anchor.value * size * POINT, text, **style)

    def png(self) -> bytes:
        self._figure.canvas.draw()
        pixels = self._figure.canvas.buffer_rgba()
        self._image = Image.frombuffer("RGBA", self._image.size, pixels, "raw", "RGBA", 0, 1).convert("RGB")
        return super().png()

    def _polygon(self, corners: FloatArray, color: str, alpha: float) -> None:
        patches = importlib.import_module("matplotlib.patches")
        drawn = patches.Polygon(corners, closed=True, facecolor=color, alpha=alpha, linewidth=0)
        self._axes.add_patch(drawn).set_zorder(self._before_all())


class ReusedMatplotlibCanvas(MatplotlibCanvas):
    """The same on one figure for all charts."""

    reused = True
