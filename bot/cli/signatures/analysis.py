"""Signatures of the commands that look into the past: backtest, levels, chart, replay, evidence and their like."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.cli.signatures.shared import At, Data, Json, market_names, rule_names


def backtest(
    rules: Annotated[
        list[str] | None, typer.Argument(help="Rules by name; else all enabled ones.", autocompletion=rule_names)
    ] = None,
    data: Data = None,
    first: Annotated[str | None, typer.Option("--from", help="First date, as 2020-01-31.")] = None,
    last: Annotated[str | None, typer.Option("--to", help="Last date.")] = None,
    events: Annotated[bool | None, typer.Option("--events/--totals", help="List what was said, or only count.")] = None,
    plot: Annotated[Path | None, typer.Option(help="Draw the market with its alerts, a .png for each rule.")] = None,
    dark: Annotated[bool, typer.Option("--dark", help="Draw light on dark.")] = False,
    as_json: Json = False,
) -> None:
    """Replay rules over their whole history: what they said, how often, and what became of it."""


def levels(
    market: Annotated[str, typer.Argument(help="The market, as IWM.", autocompletion=market_names)],
    at: At = None,
    data: Data = None,
    touches: Annotated[int, typer.Option(min=1, help="Only levels with at least so many touches.")] = 2,
    everything: Annotated[bool, typer.Option("--all", help="Those far away, too.")] = False,
    as_json: Json = False,
) -> None:
    """List the levels that stand: resistance above the last close, support below."""


def chart(
    market: Annotated[str, typer.Argument(help="The market, as IWM.", autocompletion=market_names)],
    file: Annotated[Path, typer.Argument(help="The picture to write, as iwm.png.")],
    span: Annotated[
        list[str] | None, typer.Argument(help="How far back: 6mo, 1y, ytd, since 2020, all; else the last year.")
    ] = None,
    at: At = None,
    data: Data = None,
    dark: Annotated[bool, typer.Option("--dark", help="Light on dark.")] = False,
) -> None:
    """Draw the year or another span before a date, as the bot sends it: prices, volume, the record that stands."""


def replay(
    first: Annotated[str, typer.Option("--from", help="First date, as 2020-10-01.")],
    last: Annotated[str, typer.Option("--to", help="Last date.")],
    data: Data = None,
    charts: Annotated[Path | None, typer.Option(help="Folder to save the alerts' charts in.")] = None,
    rules: Annotated[str, typer.Option(help="Rules that the reader gets, with commas between; else all.")] = "",
    summary: Annotated[bool, typer.Option("--summary", help="Print how many messages each month had.")] = False,
    as_json: Json = False,
) -> None:
    """Drive the bot's own loop through past sessions, with only what was known then, and print its messages."""


def evidence(
    rule: Annotated[str, typer.Argument(help="The rule's name.", autocompletion=rule_names)],
    asset: Annotated[str, typer.Option(help="The market that is looked at after each signal.")] = "BTC",
    data: Data = None,
    placebo: Annotated[bool, typer.Option("--placebo", help="Beside it, signals without small caps in them.")] = False,
    as_json: Json = False,
    plot: Annotated[Path | None, typer.Option(help="Draw the asset's ways after the signals into this PNG.")] = None,
) -> None:
    """Tell what an asset did after every firing of a rule, beside what it did anyway at the time."""


def claims(
    rules: Annotated[
        list[str] | None, typer.Argument(help="Rules by name; else all enabled ones.", autocompletion=rule_names)
    ] = None,
    at: At = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Score what others said of the signals: on the history before they said it, and on what came since."""


def scorecard(
    span: Annotated[
        list[str] | None, typer.Argument(help="Alerts of when: 2025, since 2024, 6mo, ytd; else all.")
    ] = None,
    as_json: Json = False,
) -> None:
    """List every alert that was sent and what crypto did since, and how the rules' verdicts moved."""
