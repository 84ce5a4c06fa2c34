"""`bellwether evidence`, `scorecard`: what did crypto do after a rule's signals, and does it mean anything?"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.backtest import replays_of
from bot.cli.place import bars_of, book_here, chosen, market_named, missing_market, settings_here
from bot.evidence.claims import horizons_with
from bot.evidence.study import firings_of, study
from bot.evidence.studydocument import study_document
from bot.signals.timeframe import Timeframe


def add(program: typer.Typer) -> None:
    """Make the command known."""
    program.command("evidence")(evidence)


def evidence(
    rule: Annotated[str, typer.Argument(help="The rule's name.")],
    asset: Annotated[str, typer.Option(help="The market that is looked at after each signal.")] = "BTC",
    data: Annotated[Path | None, typer.Option(help="Folder with <MARKET>.csv files; else the bot's database.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Tell what an asset did after every firing of a rule, beside what it does anyway."""
    settings = settings_here()
    book = book_here(settings)
    (written,) = chosen(book, [rule])
    name = market_named(asset, settings)
    replay = replays_of(book, [written], data)[rule]
    bars = bars_of(data, settings, [name]).get((name, Timeframe.D1))
    if bars is None:
        raise missing_market(name, data)
    days = [claim.days for claim in written.claims if claim.asset == name and claim.days]
    found = study(firings_of(replay), bars, int(time.time()), horizons=horizons_with(days))
    if as_json:
        json.dump(study_document(found), sys.stdout, indent=1, ensure_ascii=False)
        print()
