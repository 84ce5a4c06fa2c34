"""Lines about runs: signals that go on, with what has come of them so far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.signals.timeframe import Instant
from bot.views.formatting import html, numbers


@dataclass(frozen=True, slots=True)
class RunFacts:
    """A rule's run that goes on: the start of the bar it fired at, and how many bars were yes since, that one included.

    `change` is the ratio from that bar's close to the newest one, `at` the instant of the newest close. `failed`: it
    has failed and not come back yet. `of_records`: each of those bars is a record close.
    `in_points`: the change is a difference.
    """

    rule: str
    title: str
    since: Instant
    at: Instant
    count: int
    change: float
    failed: bool
    of_records: bool = False
    in_points: bool = False


def run_line(run: RunFacts) -> str:
    """Russell 2000 at a record close: since 18 Sep 2025, 38 records, +21 %. As HTML."""
    title = html.escape(html.clip(run.title, 60))
    state = "; it has failed and not come back" if run.failed else ""
    records = f", {numbers.count(run.count, 'record')}" if run.of_records else ""
    change = numbers.change(run.change, points=run.in_points)
    return f"{title}: since {numbers.near_day(run.since, run.at)}{records}, {change}{state}"


def run_block(runs: Sequence[RunFacts]) -> str:
    """All that goes on, a line each under a heading; empty where nothing does."""
    return "\n".join([html.bold("Running"), *(f"▸ {run_line(run)}" for run in runs)]) if runs else ""
