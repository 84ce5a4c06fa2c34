"""What came after the earlier signals, in the few lines that an alert has for it."""

from __future__ import annotations

from bot.evidence.event_study.event_study import Horizon, Study
from bot.evidence.event_study.significance import StudyVerdict
from bot.evidence.scorecard import VERDICT_HORIZON_DAYS
from bot.views.alerts.claims import asset_name, capital
from bot.views.formatting import html, numbers

FEW = 5
"""Events below which they are listed, instead of being summed up."""


def history_lines(study: Study) -> list[str]:
    """Heading, figures and verdict as HTML; a single line where nothing has happened yet."""
    asset = asset_name(study.asset)
    if not study.events:
        return [f"{html.bold('What came after')}: no earlier signal with a price of {html.escape(asset)}"]
    since = numbers.day(study.events[0].bar).rpartition(" ")[2]
    head = f"{html.bold('What came after')} ({numbers.count(study.n, 'earlier signal')} since {since})"
    horizon = study.horizons.get(VERDICT_HORIZON_DAYS)
    if horizon is None:
        return [head]
    figures = listed(study, VERDICT_HORIZON_DAYS) if study.n < FEW else _summed(horizon)
    return [
        head,
        html.escape(f"{capital(asset)} after {VERDICT_HORIZON_DAYS} days: {figures}"),
        f"→ {verdict_words(horizon)}",
    ]


def verdict_words(horizon: Horizon) -> str:
    """The verdict, with the reason where many events are few windows."""
    words = horizon.verdict.value
    if horizon.verdict is StudyVerdict.CANT_TELL and horizon.n > horizon.non_overlapping:
        return f"{words}: their windows overlap, {numbers.count(horizon.non_overlapping, 'stands', 'stand')} alone"
    return words


def listed(study: Study, days: int) -> str:
    """Each event's return with its year: "+190% (2020), −12% (2021), running (2026)"."""
    return ", ".join(
        f"{_return(event.returns.get(days))} ({numbers.day(event.bar).rpartition(' ')[2]})" for event in study.events
    )


def _return(ratio: float | None) -> str:
    return "running" if ratio is None else numbers.percent(ratio, digits=0)


def _summed(horizon: Horizon) -> str:
    if horizon.median is None:
        return "none of them is so old yet"
    usual = numbers.percent(horizon.base_hit_rate, sign=False, digits=0)
    return (
        f"median {numbers.percent(horizon.median, digits=0)}, higher {horizon.hits} of {horizon.n};"
        f" any day {numbers.percent(horizon.base_median, digits=0)}, higher {usual}"
    )
