"""The figure that all charts share: its size, title, labels and panels. Runs in the worker process only."""

from __future__ import annotations

import bisect
from collections.abc import Mapping, Sequence
from typing import Final

from bot.charts.canvas import Anchor, Canvas, Shape, drawable, text_width
from bot.charts.mask import POINT, Box, Stroke
from bot.charts.palette import DARK, LIGHT
from bot.charts.panel import Layers, Panel

WIDTH, HEIGHT = 1080, 810

_TITLE_SIZES = (19, 17, 15)
_SUBTITLE_SIZES = (12.5, 11.5, 10.5)
_LEFT, _RIGHT, _BOTTOM, _TOP = 0.112, 0.868, 0.125, 0.815
_SUBTITLE = 0.87  # of the height: the middle of the line under the title
_MARGIN = 0.03  # of the width, for what is written outside the plot

_BESIDE = 1.017  # of a plot's width: where the text beside it begins
_TAG_SIZE, _END_SIZE = 11.5, 9.5  # of the texts there: of levels and prices, and of lines that end
_PADDING = 0.22  # of a text's size, around it in its box
_LINE = 0.996  # of a text's size: from the foot of a p to the head of an l

_SIGNS: Final[Mapping[str, Shape | None]] = {
    "▲": Shape.UP,
    "△": Shape.UP,
    "▼": Shape.DOWN,
    "◆": Shape.DIAMOND,
    "✚": Shape.PLUS,
    "✖": Shape.CROSS,
    "●": Shape.ROUND,
    "○": Shape.ROUND,
    "■": None,
    "━": None,
    "❘": None,
}
"""Signs at the beginning of a legend that are drawn as in the plot; those without a shape are boxes."""

_HOLLOW = frozenset("○△")


class ChartFigure:
    """One chart: a title, a line under it, the plot, and a small line at the foot."""

    def __init__(self, *, dark: bool) -> None:
        self.palette = DARK if dark else LIGHT
        self.canvas = Canvas(WIDTH, HEIGHT, self.palette.paper)
        self._layers: Layers = []
        self.plot = self.panel(0, 0, 1, 1)

    def title(self, text: str) -> None:
        """In the largest size that fits the width, else on two lines; too long for these, it ends in …"""
        words = " ".join(drawable(text).split())
        for size in _TITLE_SIZES:
            if _fits(words, size):
                self._text(_MARGIN, 0.944, words, self.palette.ink, size, bold=True)
                return
        size = _TITLE_SIZES[-1]
        first = _longest(words, size)
        cut = words[:first].rpartition(" ")[0] or words[:first]
        rest = words[len(cut) :].strip()
        kept = _longest(rest, size)
        rest = rest if kept == len(rest) else f"{rest[: kept - 3].rstrip()}…"
        apart = size * POINT * 1.1 / HEIGHT
        for line, at in ((cut, 0.95 + apart / 2), (rest, 0.95 - apart / 2)):
            self._text(_MARGIN, at, line, self.palette.ink, size, bold=True)

    def subtitle(self, parts: Sequence[tuple[str, str]]) -> None:
        """One line of (text, colour) pairs, each beginning where the one before ends.

        In a smaller size where that makes them fit; what still does not is left out.
        """
        told = [(*_parted(text), color) for text, color in parts if text]
        for size in _SUBTITLE_SIZES:
            lefts, left = list[float](), _MARGIN
            for sign, text, _ in told:
                lefts.append(left)
                left += _legend_width(sign, text, size) + _MARGIN
            if left <= 0.98 + _MARGIN:
                break
        for (sign, text, color), left in zip(told, lefts, strict=True):
            if left + _legend_width(sign, text, size) <= 0.98:
                self._text(left + _legend_width(sign, "", size), _SUBTITLE, text, color, size)
                self._sign(left, sign, color, size)

    def panel(self, left: float, bottom: float, width: float, height: float) -> Panel:
        """Another plot, placed by shares of the room that the first one has."""
        room_x, room_y = (_RIGHT - _LEFT) * WIDTH, (_TOP - _BOTTOM) * HEIGHT
        x, foot = _LEFT * WIDTH + left * room_x, HEIGHT * (1 - _BOTTOM) - bottom * room_y
        box = Box(x, foot - height * room_y, x + width * room_x, foot)
        return Panel(self.canvas, box, self.palette, self._layers)

    def foot(self, text: str) -> None:
        """Where the figures come from and how old they are."""
        self._text(_MARGIN, 0.028, drawable(text[:110]), self.palette.muted, 9.5)

    def tags(
        self,
        marks: Sequence[tuple[float, str, str]],
        panel: Panel | None = None,
        spare: Sequence[tuple[float, str, str]] = (),
    ) -> None:
        """(y, text, colour) beside the right edge, moved apart where they would overlap; y in data units.

        `spare` ones are written only where they are in nobody's way.
        """
        panel = panel or self.plot
        step = _step(panel, _TAG_SIZE, 1.55)
        visible, wished = list[tuple[float, str, str]](), list[float]()
        for number, mark in enumerate([*marks, *spare]):
            at = float(panel.y.share(mark[0]))
            free = number < len(marks) or all(abs(at - other) >= step for other in wished)
            if panel.y.holds(mark[0]) and free:
                visible.append(mark)
                wished.append(at)
        for (_, text, color), at in zip(visible, spread(wished, step, (0.0, 1.0)), strict=True):
            self._tag(panel, at, drawable(text), color, _TAG_SIZE)

    def ends(self, marks: Sequence[tuple[float, float, str, str]], thin_from: int) -> None:
        """(x, y, text, colour) beside the right edge, each joined to its point by a hairline; data units.

        Of more than `thin_from` only those are written that lie apart from the ones before them.
        """
        plot = self.plot
        points = [(float(plot.x.share(mark[0])), float(plot.y.share(mark[1]))) for mark in marks]
        step = _step(plot, _END_SIZE, 1.2)
        kept: list[int] = []
        for at, (_, y) in enumerate(points):
            if len(marks) <= thin_from or all(abs(y - points[other][1]) >= step for other in kept):
                kept.append(at)
        heights = spread([points[at][1] for at in kept], step, (0.0, 1.0))
        for at, height in zip(kept, heights, strict=True):
            (x, y), (_, _, text, color) = points[at], marks[at]
            way = ([x, 0.99, 1.014], [y, height, height]) if x < 0.96 else ([x, 1.014], [y, height])
            plot.outside_line(*way, Stroke(color, 0.8, 0.5))
            plot.write(_BESIDE, height, text, color, _END_SIZE)

    def png(self) -> bytes:
        """The finished chart as PNG; once.

        What draws knows the sheet, and the sheet forgets it here: in a circle, its megabytes would stay until the
        garbage collector comes by.
        """
        layers = sorted(self._layers, key=lambda layer: layer[0])
        self._layers.clear()
        for _, draw in layers:
            draw()
        return self.canvas.png()

    def _tag(self, panel: Panel, at: float, text: str, color: str, size: float) -> None:
        """A text on a box of a colour, whose middle is at a share of the panel's height."""
        pad, high = _PADDING * size * POINT, _LINE * size * POINT
        left, middle = panel.box.left + _BESIDE * panel.box.width, panel.box.bottom - at * panel.box.height
        right = left + text_width(text, size, bold=True)
        box = Box(left - pad, middle - high / 2 - pad, right + pad, middle + high / 2 + pad)
        self._layers.append((3, lambda: self.canvas.label(box, color, pad)))
        panel.write(_BESIDE, at, text, self.palette.paper, size, bold=True)

    def _sign(self, x: float, sign: str, color: str, size: float) -> None:
        """What a legend begins with, in the room of a letter; the mark as it is drawn in the plot."""
        if not sign:
            return
        side, middle = size * POINT, (1 - _SUBTITLE) * HEIGHT
        left, shape = x * WIDTH, _SIGNS[sign]
        high, wide = side * (0.14 if sign == "━" else 0.66), side * (0.2 if sign == "❘" else 0.8)
        box = Box(left, middle - high / 2, left + wide, middle + high / 2)
        hollow = sign in _HOLLOW
        inside, edge = None if hollow else color, Stroke(color, 1.3 if hollow else 0.5)
        place = (left + side * 0.4, middle)
        if shape is None:
            self._layers.append((6, lambda: self.canvas.box(box, color)))
        else:
            self._layers.append(
                (6, lambda: self.canvas.mark(place, shape, size * 0.72, inside, edge, self.canvas.whole)),
            )

    def _text(self, x: float, y: float, text: str, color: str, size: float, *, bold: bool = False) -> None:
        """Text placed by shares of the figure's width and height."""
        place = (x * WIDTH, (1 - y) * HEIGHT)
        self._layers.append(
            (6, lambda: self.canvas.text(*place, text, color, size, bold=bold, anchor=Anchor.CENTER)),
        )


def _parted(text: str) -> tuple[str, str]:
    """The sign that a legend begins with, "" where it has none, and its words."""
    return (text[0], drawable(text[1:].lstrip())) if text[0] in _SIGNS else ("", drawable(text))


def _legend_width(sign: str, text: str, size: float) -> float:
    """As a share of the figure's."""
    return ((1.1 * size * POINT if sign else 0.0) + text_width(text, size)) / WIDTH


def _fits(text: str, size: float) -> bool:
    return text_width(text, size, bold=True) <= WIDTH * (1 - 2 * _MARGIN)


def _longest(text: str, size: float) -> int:
    """How many characters of the text fit the width, by halving."""
    return bisect.bisect_right(range(1, len(text) + 1), x=False, key=lambda length: not _fits(text[:length], size))


def _step(panel: Panel, size: float, spacing: float) -> float:
    """Height of a line of text as a share of a plot's."""
    return size * POINT * spacing / panel.box.height


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
