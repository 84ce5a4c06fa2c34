"""`bellwether chart`: a market in a picture, the last year or any span."""

from __future__ import annotations

from pathlib import Path

from bot.charts.request import MarketChart
from bot.cli.io.bars import bar_at, note_bar
from bot.cli.io.charts import draw, save
from bot.cli.io.options import current_settings, date_option, market_named
from bot.cli.io.output import png_path
from bot.problem import ProblemError
from bot.queries.span_words import begins_before, span_of_bars
from bot.queries.spans import span_facts
from bot.signals.bars import Bars
from bot.signals.timeframe import Instant, Timeframe

_ALLOWED = "as 6mo, 1y, 90 days, ytd, since 2020, since March 2020, all"


def chart(*, market: str, file: Path, span: list[str] | None, at: str | None, data: Path | None, dark: bool) -> None:
    """`bellwether chart`, as it is typed in `bot.cli.signatures.analysis`."""
    settings = current_settings()
    png_path("FILE", file)
    name = market_named(market, settings)
    moment = date_option("--at", at)
    bars, position = bar_at(name, data, settings, moment)
    note_bar(name, moment, int(bars.start[position]), Timeframe.D1)
    shown = bars.prefix(position + 1)
    source = f"from {data.name or data}" if data else ""
    title = settings.markets[name].title
    since = None
    if span:
        named, since = _begins(" ".join(span), shown)
        title = f"{title}, {named}"
    save(file, draw(MarketChart(bars=shown, title=title, since=since, dark=dark, source=source)))


def _begins(said: str, bars: Bars) -> tuple[str, Instant]:
    """What the chat calls such a span, and the bar from whose close on it is shown. Raises ProblemError for another."""
    span = span_of_bars(said, bars)
    if span is None or span.odd is not None:
        why = f" ({span.odd})" if span is not None and span.odd is not None else ""
        raise ProblemError.of("SPAN", f"not a span of time{why} (got {said!r}); allowed: {_ALLOWED}")
    facts = span_facts(bars, span.name, begins_before(span, bars))
    if facts is None or facts.first == facts.last:
        raise ProblemError.of("SPAN", f"fewer than two closes since then (got {said!r}); allowed: a longer one")
    return span.name, facts.first.start
