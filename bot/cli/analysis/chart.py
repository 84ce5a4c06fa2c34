"""`bellwether chart`: a market's last year in a picture."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.charts.request import MarketChart
from bot.cli.io.bars import bar_at, note_bar
from bot.cli.io.charts import draw, save
from bot.cli.io.completion import market_names
from bot.cli.io.options import At, Data, current_settings, date_option, market_named
from bot.cli.io.output import png_path
from bot.signals.timeframe import Timeframe


def chart(
    market: Annotated[str, typer.Argument(help="The market, as IWM.", autocompletion=market_names)],
    file: Annotated[Path, typer.Argument(help="The picture to write, as iwm.png.")],
    at: At = None,
    data: Data = None,
    dark: Annotated[bool, typer.Option("--dark", help="Light on dark.")] = False,
) -> None:
    """Draw the year before a date, as the bot sends it: prices, volume, the record that stands."""
    settings = current_settings()
    png_path("FILE", file)
    name = market_named(market, settings)
    moment = date_option("--at", at)
    bars, position = bar_at(name, data, settings, moment)
    note_bar(name, moment, int(bars.start[position]), Timeframe.D1)
    shown = bars.prefix(position + 1)
    source = f"from {data.name or data}" if data else ""
    save(file, draw(MarketChart(bars=shown, title=settings.markets[name].title, dark=dark, source=source)))
