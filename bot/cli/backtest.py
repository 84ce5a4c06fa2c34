"""`bellwether backtest`: on which days would rules have fired, and what followed?"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from bot.cli.place import bars_of, book_here, chosen, date_option, settings_here
from bot.cli.terminal import console
from bot.problem import Problem, ProblemError
from bot.rulebook.book import Rulebook
from bot.rulebook.needs import with_needs
from bot.rulebook.written import WrittenRule
from bot.signals.event import Event
from bot.signals.replay import Replay
from bot.signals.replays import replay_all
from bot.signals.timeframe import Instant


def add(program: typer.Typer) -> None:
    """Make the command known."""
    program.command("backtest")(backtest)


def backtest(
    rules: Annotated[list[str] | None, typer.Argument(help="Rules by name; all enabled ones if left out.")] = None,
    data: Annotated[Path | None, typer.Option(help="Folder with <MARKET>.csv files; else the bot's database.")] = None,
    first: Annotated[str | None, typer.Option("--from", help="First date, as 2020-01-31.")] = None,
    last: Annotated[str | None, typer.Option("--to", help="Last date.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Replay rules over their whole history and list what they said."""
    settings = settings_here()
    book = book_here(settings)
    since, until = date_option("--from", first), date_option("--to", last)
    picked = chosen(book, rules or [])
    replays = replays_of(book, picked, data)
    if as_json:
        json.dump({"rules": [_document(replays[rule.rule.id], since, until) for rule in picked]}, sys.stdout, indent=1)
        print()
        return
    for rule in picked:
        _print(rule, replays[rule.rule.id], _within(replays[rule.rule.id], since, until))


def replays_of(book: Rulebook, picked: Sequence[WrittenRule], data: Path | None) -> dict[str, Replay]:
    """The replays of the picked rules and of those they build on. Raises ProblemError where a market has no bars."""
    needed = with_needs(book.rules, [rule.rule.id for rule in picked])
    names = [name for rule in needed for name in sorted(rule.markets)]
    bars = bars_of(data, settings_here(), names)
    lost = sorted(
        {rule.rule.market for rule in picked if not len(bars.get((rule.rule.market, rule.rule.timeframe), ()))}
    )
    if lost:
        where = str(data) if data else "the database"
        raise ProblemError([Problem(where, 0, 0, name, "no bars of this market here") for name in lost])
    return replay_all([rule.rule for rule in needed], bars)


def _within(replay: Replay, since: Instant | None, until: Instant | None) -> list[Event]:
    return [
        event
        for event in replay.events
        if (since is None or event.bar >= since) and (until is None or event.bar <= until)
    ]


def _document(replay: Replay, since: Instant | None, until: Instant | None) -> dict[str, Any]:
    bars, rule = replay.bars, replay.rule
    starts = [int(start) for start in bars.start if (since or 0) <= start <= (until or math.inf)]
    edge = [bars.label(bars.position(start) or 0) for start in (starts[0], starts[-1])] if starts else [None, None]
    return {
        "rule": rule.id,
        "market": rule.market,
        "timeframe": rule.timeframe.value,
        "from": edge[0],
        "to": edge[1],
        "events": [event_document(event) for event in _within(replay, since, until)],
    }


def event_document(event: Event) -> dict[str, Any]:
    """One event as the contract of `--json` has it."""
    return {
        "bar": event.label,
        "event": event.kind.value,
        "alert": str(event.alert),
        "close": _plain(event.close),
        "level": _plain(event.level),
    }


def _plain(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else round(value, 8)


def _print(rule: WrittenRule, replay: Replay, events: list[Event]) -> None:
    bars = replay.bars
    table = Table(title=f"{rule.rule.id}: {rule.title}", title_justify="left", caption_justify="left")
    table.caption = (
        f"{rule.rule.market} {rule.rule.timeframe}, {len(bars):,} bars, {bars.label(0)} to {bars.label(len(bars) - 1)}"
    )
    for name, justify in (
        ("bar", "left"),
        ("event", "left"),
        ("close", "right"),
        ("level", "right"),
        ("alert of", "left"),
    ):
        table.add_column(name, justify="right" if justify == "right" else "left")
    for event in events:
        own = event.alert.bar == event.bar
        level = f"{event.level:,.2f}" if event.level is not None else "–"
        table.add_row(
            event.label, event.kind.value, f"{event.close:,.2f}", level, "" if own else str(event.alert).split("/")[-1]
        )
    console.print(table if events else f"{rule.rule.id}: nothing happened on {len(bars):,} bars")
