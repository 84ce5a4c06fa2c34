"""Text of /scorecard: what crypto did after each alert that was sent, and how the verdict moved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.evidence.scorecard import ALERT_HORIZONS_DAYS, VERDICT_HORIZON_DAYS, Scorecard, ScoreRow, Standpoint, Tally
from bot.views.alerts.claims import asset_name, capital
from bot.views.formatting import html, numbers
from bot.views.formatting.table import hundredths, short_day, table

_SHOWN = 5
"""Alerts of a rule that are listed in sight; the others are folded."""

Courses = Mapping[tuple[str, str], Sequence[Standpoint]]
"""By rule and asset: what the study said at some instants, oldest first."""


def render_scorecard(
    card: Scorecard, titles: Mapping[str, str], courses: Courses | None = None, span: str = "", of: int = 0
) -> str:
    """Rule by rule: each alert and the changes after it, the sums, and how the verdict moved; see `html.split`.

    `titles` are the rules' own; a rule that is no more goes by its id. `span` says which of the alerts these are, if
    not all, `of` how many there are.
    """
    if not card.rows and of:
        count = numbers.count(of, "alert")
        return f"Of {count} none was sent then: {html.escape(span)}. {html.code('/scorecard')} has all."
    if not card.rows:
        return "No alert was sent yet, so there is nothing to score. /evidence shows what came after earlier signals."
    rules = list(dict.fromkeys(row.alert.rule for row in card.rows))
    name = html.bold("Scorecard") + (f", {html.escape(span)}" if span else "")
    count = f"{len(card.rows):,} of {numbers.count(of, 'alert')}" if span else numbers.count(len(card.rows), "alert")
    head = f"{name}: {count}, change in % after so many days"
    blocks = [head, *(_rule(card, rule, titles.get(rule, rule), courses or {}) for rule in rules)]
    last = "The count begins at the first close after an alert went out. –: not known yet."
    return "\n\n".join([*blocks, html.italic(last)])


def alerts_of_no_span(said: str) -> str:
    """The answer to words behind /scorecard that are no span of time."""
    examples = ", ".join(html.code(f"/scorecard {word}") for word in ("2025", "since 2024", "6mo"))
    return f"{html.quoted(said)} is no span of time that I know.\nFor example {examples}"


def _rule(card: Scorecard, rule: str, title: str, courses: Courses) -> str:
    rows = sorted((row for row in card.rows if row.alert.rule == rule), key=lambda row: -row.alert.at)
    lines = [html.bold(html.escape(html.clip(title, 80))), _returns(rows[:_SHOWN])]
    if len(rows) > _SHOWN:
        lines.append(html.folded(f"Earlier ones\n{_returns(rows[_SHOWN:])}"))
    tallies = [each for each in card.tallies if each.rule == rule and each.days == VERDICT_HORIZON_DAYS and each.n]
    lines += [html.escape(_tally(each)) for each in tallies]
    lines += [
        html.escape(f"{capital(asset_name(asset))}, all signals: {_course(points)}")
        for (of, asset), points in courses.items()
        if of == rule and points
    ]
    return "\n".join(lines)


def _returns(rows: Sequence[ScoreRow]) -> str:
    """The date of each alert, and under it a line for each asset."""
    cells = [["", *(f"{days}d" for days in ALERT_HORIZONS_DAYS)]]
    for row in rows:
        cells.append([short_day(numbers.day(row.alert.at)), *([""] * len(ALERT_HORIZONS_DAYS))])
        for asset, result in row.results.items():
            returns = [None if result is None else result.returns[days] for days in ALERT_HORIZONS_DAYS]
            cells.append([f"  {html.clip(asset, 8)}", *map(hundredths, returns)])
    return table(cells)


def _tally(tally: Tally) -> str:
    name, median = capital(asset_name(tally.asset)), numbers.percent(tally.median, digits=0)
    return f"{name} after {tally.days} days: median {median}, higher {tally.higher} of {tally.n}"


def _course(points: Sequence[Standpoint]) -> str:
    """The verdict of each stretch over which it was the same, by its first day and number of events."""
    turns = [
        point
        for before, point in zip([None, *points], points, strict=False)
        if before is None or before.verdict is not point.verdict
    ]
    told = [f"{point.verdict.value} ({numbers.day(point.at)}, {numbers.count(point.n, 'signal')})" for point in turns]
    newest = points[-1]
    if (newest.n, numbers.day(newest.at)) != (turns[-1].n, numbers.day(turns[-1].at)):
        told.append(f"still so on {numbers.day(newest.at)} ({numbers.count(newest.n, 'signal')})")
    return " → ".join(told)
