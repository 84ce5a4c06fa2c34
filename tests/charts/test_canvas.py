"""The sheet of a chart: what is drawn where, and that nothing is drawn elsewhere."""

from __future__ import annotations

import io
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from bot.charts.canvas import Anchor, Canvas, Shape, drawable, text_width
from bot.charts.mask import POINT, Box, Stroke
from bot.charts.panel import Scale

PAPER, INK = "#ffffff", "#000000"


def sheet() -> Canvas:
    return Canvas(200, 100, PAPER)


def dark(canvas: Canvas) -> np.ndarray:
    """How dark each pixel is, 0 to 1; rows first."""
    return 1 - np.asarray(Image.open(io.BytesIO(canvas.png())).convert("L"), dtype=float) / 255


def line(points: list[tuple[float, float]], clip: Box | None = None, **style: object) -> np.ndarray:
    canvas = sheet()
    canvas.line(np.array(points), Stroke(INK, 4 / POINT, **style), clip or canvas.whole)  # type: ignore[arg-type]
    return dark(canvas)


@pytest.mark.parametrize("end", [(180, 50), (180, 90), (20, 90), (100, 20)])
def test_a_line_has_the_area_of_its_length_and_width(end: tuple[float, float]) -> None:
    length = math.dist((20, 50), end)
    assert line([(20, 50), end]).sum() == pytest.approx(4 * length, rel=0.06)


def test_what_is_unknown_interrupts_a_line() -> None:
    seen = line([(10, 50), (60, 50), (100, math.nan), (140, 50), (190, 50)])
    assert seen[50, 12:58].min() > 0.9
    assert seen[:, 66:134].max() == 0
    assert seen[50, 142:188].min() > 0.9


def test_a_line_keeps_to_where_it_may_be() -> None:
    seen = line([(-1e12, 50), (1e12, 50)], Box(40, 30, 120, 70))
    assert seen[50, 40:120].min() > 0.9
    seen[:, 40:120] = 0
    assert seen.max() == 0


def test_a_faint_line_that_crosses_itself_is_nowhere_darker() -> None:
    seen = line([(20, 20), (180, 80), (180, 20), (20, 80)], alpha=0.4)
    assert 0.35 < seen.max() < 0.45


def test_dashes_fill_their_share() -> None:
    whole, dashed = line([(20, 50), (180, 50)]), line([(20, 50), (180, 50)], dashes=(3, 1))
    assert dashed.sum() == pytest.approx(whole.sum() * 0.75, rel=0.06)


@given(st.integers(2_000, 6_000), st.integers(0, 9))
@settings(max_examples=8, deadline=None)
def test_a_line_of_many_points_reaches_as_far_as_they_do(count: int, seed: int) -> None:
    x = np.linspace(10, 190, count)
    y = 50 + 10 * np.sin(x / 9) + np.random.default_rng(seed).normal(0, 3, count)
    spike = count // 3 + 5  # in the middle of its column of pixels
    y[spike] = 5
    seen = line(list(zip(x.tolist(), y.tolist(), strict=True)))
    assert seen[6:8, int(x[spike]) - 2 : int(x[spike]) + 3].max() > 0.5
    assert seen[: int(y.min()) - 3].max() == 0
    assert seen[math.ceil(y.max()) + 3 :].max() == 0


def test_straight_lines_and_boxes_are_sharp() -> None:
    canvas = sheet()
    canvas.straight(np.array([[20.3, 50.4], [180.2, 50.4]]), Stroke(INK, 2 / POINT), canvas.whole)
    canvas.box(Box(30.4, 70.2, 60.4, 90.3), INK)
    assert set(np.unique(dark(canvas)).tolist()) == {0.0, 1.0}


def test_columns_are_as_dark_as_they_are_wide() -> None:
    canvas = sheet()
    edges = np.array([[10 + 8.3 * at, 20.0, 12.5 + 8.3 * at, 80.0] for at in range(20)])
    canvas.boxes(edges, INK, 0.5, canvas.whole)
    assert dark(canvas).sum() == pytest.approx(20 * 2.5 * 60 * 0.5, rel=0.1)


@pytest.mark.parametrize("shape", list(Shape))
def test_marks_are_around_their_place(shape: Shape) -> None:
    canvas = sheet()
    canvas.mark((100, 50), shape, 12, INK, Stroke(INK, 1), canvas.whole)
    rows, columns = np.nonzero(dark(canvas) > 0.5)
    assert columns.mean() == pytest.approx(99.5, abs=1)
    assert 24 < columns.max() - columns.min() + 1 < 40
    assert abs(rows.mean() - 49.5) < 6


def test_a_ring_is_hollow() -> None:
    canvas = sheet()
    canvas.mark((100, 50), Shape.ROUND, 12, None, Stroke(INK, 1), canvas.whole)
    assert dark(canvas)[45:55, 95:105].max() == 0
    assert dark(canvas).sum() == pytest.approx(math.pi * 12 * POINT * POINT, rel=0.1)


def test_text_stands_where_it_is_put() -> None:
    canvas = sheet()
    canvas.text(190, 50, "1,234", INK, 11, at="r", anchor=Anchor.FIGURES)
    rows, columns = np.nonzero(dark(canvas) > 0.3)
    assert 187 <= columns.max() <= 190
    assert columns.max() - columns.min() == pytest.approx(text_width("1,234", 11), abs=4)
    figures = rows[columns < 190 - text_width(",234", 11)]
    assert (figures.min() + figures.max()) / 2 == pytest.approx(49.5, abs=1.5)


@given(st.text())
def test_only_what_the_typeface_has_is_drawn(text: str) -> None:
    kept = drawable(text)
    assert set(kept) <= set(text)
    assert drawable(kept) == kept
    assert {each for each in text if " " <= each <= "~"} <= set(kept)


def test_scales_by_hand() -> None:
    assert Scale(10, 20).share([10, 15, 20]).tolist() == [0, 0.5, 1]
    assert Scale(20, 10).share(15) == 0.5
    assert Scale(1, 100, log=True).share([1, 10, 100]) == pytest.approx([0, 0.5, 1])
    assert not np.isfinite(Scale(1, 100, log=True).share([0, -1])).any()
    assert Scale(20, 10).holds(10)
    assert not Scale(10, 20).holds(9.9)
    assert Scale(10, 20).below(15, 0.1) == 14
    assert Scale(1, 100, log=True).below(10, 0.5) == pytest.approx(1)
