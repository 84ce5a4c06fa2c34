"""No test of a chart leaves its sheet behind."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from bot.charts.canvas import Canvas


@pytest.fixture(autouse=True)
def no_sheet_stays() -> Iterator[None]:
    """A sheet goes as soon as its picture is packed: it is 3.5 MB that the collector, who counts objects, can't see."""
    gc.collect()
    gc.disable()
    yield
    left = sum(isinstance(each, Canvas) for each in gc.get_objects())
    gc.enable()
    assert not left, f"{left} sheets wait for the garbage collector"
