"""`bellwether chart`: a market's last year in a picture."""

from __future__ import annotations

from pathlib import Path

from bot.charts.request import MarketChart
from bot.cli.io.bars import bar_at, note_bar
from bot.cli.io.charts import draw, save
from bot.cli.io.options import current_settings, date_option, market_named
from bot.cli.io.output import png_path
from bot.signals.timeframe import Timeframe


def chart(*, market: str, file: Path, at: str | None, data: Path | None, dark: bool) -> None:
    """`bellwether chart`, as it is typed in `bot.cli.signatures.analysis`."""
    settings = current_settings()
    png_path("FILE", file)
    name = market_named(market, settings)
    moment = date_option("--at", at)
    bars, position = bar_at(name, data, settings, moment)
    note_bar(name, moment, int(bars.start[position]), Timeframe.D1)
    shown = bars.prefix(position + 1)
    source = f"from {data.name or data}" if data else ""
    save(file, draw(MarketChart(bars=shown, title=settings.markets[name].title, dark=dark, source=source)))
