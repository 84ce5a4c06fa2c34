"""`bellwether levels`: the prices that stopped a market before and still stand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bot.cli.io.bars import bar_at, note_bar
from bot.cli.io.chat_text import show
from bot.cli.io.options import (
    current_rulebook,
    current_settings,
    date_option,
    end_as_read,
    market_named,
    note_left_out,
)
from bot.cli.io.output import json_number, print_json
from bot.signals.levels.snapshot import LevelSnapshot, level_snapshot
from bot.signals.timeframe import Timeframe, label
from bot.views.markets.levels import SHOWN, render_levels


def levels(*, market: str, at: str | None, data: Path | None, touches: int, everything: bool, as_json: bool) -> None:
    """`bellwether levels`, as it is typed in `bot.cli.signatures.analysis`."""
    settings = current_settings()
    name = market_named(market, settings)
    moment = date_option("--at", at)
    bars, position = bar_at(name, data, settings, moment)
    book = current_rulebook(settings)
    note_left_out(book)
    found = level_snapshot(bars, position, book.pinned_levels(name), touches)
    note_bar(name, moment, found.bar, Timeframe.D1)
    if as_json:
        print_json(_document(found))
    else:
        show(render_levels(found, settings.markets[name].title, len(found.levels) if everything else SHOWN))
    end_as_read(book)


def _document(snapshot: LevelSnapshot) -> dict[str, Any]:
    return {
        "market": snapshot.market,
        "timeframe": snapshot.timeframe.value,
        "bar": label(snapshot.bar, snapshot.timeframe),
        "close": json_number(snapshot.close),
        "in_points": snapshot.in_points,
        "levels": [
            {
                "price": level.price,
                "low": level.low,
                "high": level.high,
                "role": level.role,
                "distance": json_number(level.distance),
                "touches": [label(start, snapshot.timeframe) for start in level.touches],
                "broken": None if level.broken is None else label(level.broken, snapshot.timeframe),
                "pinned": level.pinned,
            }
            for level in snapshot.levels
        ],
    }
