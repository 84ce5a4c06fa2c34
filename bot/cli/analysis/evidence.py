"""`bellwether evidence`: what an asset did after a rule's signals, beside what it does anyway."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.analysis.backtest import replays_of
from bot.cli.io.bars import bars_of, missing_market
from bot.cli.io.charts import draw, png_path, save
from bot.cli.io.options import Data, book_with_files, chosen, market_named, settings_here
from bot.cli.io.output import print_json
from bot.cli.io.terminal import console, styled
from bot.evidence.event_study.document import study_document
from bot.evidence.event_study.event_study import signals_of
from bot.queries.event_study import fan_of, judged
from bot.rulebook.rule_definition import claim_markets
from bot.views.markets.evidence import render_study


def evidence(
    rule: Annotated[str, typer.Argument(help="The rule's name.")],
    asset: Annotated[str, typer.Option(help="The market that is looked at after each signal.")] = "BTC",
    data: Data = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    plot: Annotated[Path | None, typer.Option(help="Draw the asset's ways after the signals into this PNG.")] = None,
) -> None:
    """Tell what an asset did after every firing of a rule, beside what it does anyway."""
    settings = settings_here()
    book = book_with_files(settings, [rule])
    (written,) = chosen(book, [rule])
    name = market_named(asset, settings)
    if plot:
        png_path("--plot", plot)
    replay = replays_of(book, [written], data)[written.rule.id]
    wanted = {name, *claim_markets(written)}
    bars = {each: known for (each, _), known in bars_of(data, settings, sorted(wanted)).items()}
    if not len(bars.get(name, ())):
        raise missing_market(name, data)
    found = judged(signals_of(replay), written.claims, name, bars, int(time.time()))
    if as_json:
        print_json(study_document(found.study))
    else:
        source = f"{data.name or data}" if data else "the bot's database"
        console.print(styled(render_study(found.study, written.title, found.said, source)))
    if plot:
        sketch = fan_of(found, written.title)
        save(plot, draw(sketch), quiet=as_json)
