"""Chart of several assets' changes since the same day. Runs in the worker process only."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bot.charts.axis import change_labels, change_ticks, known_range, price_ticks, time_ticks, wants_log
from bot.charts.figure import ChartFigure
from bot.charts.mask import Stroke
from bot.charts.panel import Scale
from bot.charts.request import CryptoChart
from bot.signals.bars import FloatArray, IntArray
from bot.signals.timeframe import DAY, Instant
from bot.views.formatting import html, numbers

MOST_LINES = 6
_TIMES = 9.5
"""Changes beyond it are told in times of the beginning, as the axis tells them."""

_LATE_DAYS = 7
"""An asset that begins so much later than the picture is said to."""

_LONGEST_TAG = 9  # a name at its end tells a line from others where colours do not


def crypto_chart(chart: CryptoChart) -> bytes:
    """PNG of the changes of the first MOST_LINES assets, each from its last close before the span on.

    So the newest change is that of `performance` over as many days. An asset without a close before the span begins
    with its first within it; one without two closes is left out.
    """
    figure, days = ChartFigure(dark=chart.dark), chart.days
    figure.title(chart.title)
    shown = [(label, *_since(ends, closes, days)) for label, ends, closes in chart.assets[:MOST_LINES]]
    drawn = [(label, ends, change) for label, ends, change in shown if change.size > 1]
    if not drawn:
        figure.subtitle([("No prices yet", figure.palette.muted)])
        return figure.png()
    last = max(int(ends[-1]) for _, ends, _ in drawn)
    _scale(figure, [change for _, _, change in drawn])
    _time(figure, last, days)
    marks = []
    for (label, ends, change), color in zip(drawn, figure.palette.series, strict=False):
        figure.plot.line(ends, 1 + change, Stroke(color, 2.3))
        newest = float(change[-1])
        now = change_labels([newest])[0] if newest > _TIMES else numbers.percent(newest, tight=True)
        marks.append((1 + float(change[-1]), html.clip(label, _LONGEST_TAG), color, f"━ {label} {now}"))
    figure.subtitle([(told, color) for _, _, color, told in marks])
    figure.tags([mark[:3] for mark in marks])
    since = last - (days - _LATE_DAYS) * DAY
    begun = [f"{label} from {numbers.month(int(ends[0]))}" for label, ends, _ in drawn if ends[0] > since]
    to = numbers.day(last) if begun else numbers.moment(last)
    parts = [chart.note, ", ".join([f"change over {days:,} days to {to}", *begun]), chart.source]
    figure.foot(" · ".join(part for part in parts if part))
    return figure.png()


def _since(ends: IntArray, closes: FloatArray, days: int) -> tuple[FloatArray, FloatArray]:
    if not len(ends):
        return ends.astype(np.float64), closes
    begin = max(int(np.searchsorted(ends, ends[-1] - days * DAY, side="right")) - 1, 0)
    inside = closes[begin:]
    return ends[begin:].astype(np.float64), inside / inside[0] - 1


def _scale(figure: ChartFigure, changes: Sequence[FloatArray]) -> None:
    span = known_range(*changes, np.zeros(1))
    assert span is not None, "zero is always known"
    low, high = 1 + span[0], 1 + span[1]
    log = wants_log(low, high)
    if log:
        low, high = low * (low / high) ** 0.05, high * (high / low) ** 0.05
        ticks = change_ticks(low, high, log=True)
        labels = change_labels(ticks)
    else:
        room = (high - low) or 0.02
        low, high = low - room * 0.08, high + room * 0.08
        ticks = price_ticks(low - 1, high - 1, log=False)
        labels = [numbers.percent(tick, tight=True).replace(".0%", "%") for tick in ticks]
    figure.plot.y = Scale(low, high, log)
    figure.plot.y_ticks([1 + tick for tick in ticks], labels)
    figure.plot.level(1, Stroke(figure.palette.muted, 1.2))


def _time(figure: ChartFigure, now: Instant, days: int) -> None:
    starts = np.arange(now - days * DAY, now + 1, DAY)
    ticks, labels = time_ticks(starts)
    figure.plot.x = Scale(float(starts[0]), float(now))
    figure.plot.x_ticks([float(starts[tick]) for tick in ticks], labels)
