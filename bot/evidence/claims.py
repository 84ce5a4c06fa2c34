"""Claims of others about a signal, each answered by the quantity that it names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import bottleneck as bn

from bot.evidence.claim_check import ClaimCheck, Measure
from bot.evidence.closes import Waypoint
from bot.evidence.event_study.event_study import HORIZONS_DAYS, Horizon, Signals, Study, StudyEvent, event_study
from bot.evidence.likeness import Likeness, likeness
from bot.evidence.risk.filed_flows import FiledFlow, flows_before
from bot.evidence.risk.filed_losses import LOSSES_MARKET, FiledLosses, losses_before
from bot.signals.bars import Bars
from bot.signals.timeframe import DAY, Instant


@dataclass(frozen=True, slots=True)
class Case:
    """One firing that a claim speaks of, over the claim's own number of days: how far the asset went at best and worst.

    `change` is what was left at the end, None where that is not known yet. `breakout` is the asset's first own
    breakout within those days, None where none has come.
    """

    event: StudyEvent
    best: Waypoint | None
    worst: Waypoint | None
    change: float | None
    breakout: Waypoint | None


@dataclass(frozen=True, slots=True)
class ClaimAnswer:
    """The bot's own figures beside a claim.

    For a quantity after signals, `overall` has all of them beside the base rate, `best` is the median of their best
    closes within the claim's days, `due` says how many signals are so old, with or without a price, and `cases` are
    those that the claim singles out. For a correlation, `likeness` is of the asset and the `other` market; `flows` are
    those that funds filed of the year before the claim was made, `losses` those of companies in the quarter before.
    All are empty where there is nothing to measure.
    """

    check: ClaimCheck
    other: str = ""
    cases: tuple[Case, ...] = ()
    overall: Horizon | None = None
    best: float | None = None
    likeness: Likeness | None = None
    flows: tuple[FiledFlow, ...] = ()
    losses: FiledLosses | None = None
    due: int = 0
    notes: tuple[str, ...] = field(default=())


def answer(check: ClaimCheck, signals: Signals, bars: Mapping[str, Bars], now: Instant) -> ClaimAnswer:
    """What could be said to a claim at `now`, from the signals and the bars (of `check.reads`) that had closed."""
    other = check.other or signals.market
    asset = bars.get(check.asset or "")
    if asset is None or not len(asset):
        return ClaimAnswer(check, other)
    if check.measure is Measure.CORRELATION and other in bars:
        return ClaimAnswer(check, other, likeness=likeness(bars[other], asset, now))
    if check.measure.by_signal and check.days is not None:
        return measured(check, event_study(signals, asset, now, horizons=[check.days], tested=()))
    return ClaimAnswer(check, other)


def filed(check: ClaimCheck, made: Instant, bars: Mapping[str, Bars], now: Instant) -> ClaimAnswer:
    """What the filings that were public at `now` say to a claim about flows or losses.

    Of funds' flows those of the year before it was made, of companies' losses those of the quarter before.
    """
    if check.measure is Measure.FLOW:
        return ClaimAnswer(check, flows=flows_before(bars, made, now))
    reports = bars.get(LOSSES_MARKET)
    return ClaimAnswer(check, losses=None if reports is None else losses_before(reports, made, now))


def measured(check: ClaimCheck, study: Study) -> ClaimAnswer:
    """What a study says to a claim; nothing where it was made over other days."""
    if check.days is None or check.days not in study.horizons:
        return ClaimAnswer(check, study.market)
    cases = tuple(_case(event, check.days) for event in chosen_events(check, study.events))
    bests = [mark.change for event in study.events if (mark := event.best[check.days]) is not None]
    best = float(bn.median(bests)) if bests else None
    return ClaimAnswer(
        check,
        study.market,
        cases,
        study.horizons[check.days],
        best,
        due=study.due.get(check.days, 0),
        notes=study.notes,
    )


def horizons_with(days: Iterable[int]) -> tuple[int, ...]:
    """The horizons of a study that also answers claims over these numbers of days."""
    return tuple(sorted({*HORIZONS_DAYS, *days}))


def chosen_events(check: ClaimCheck, events: tuple[StudyEvent, ...]) -> tuple[StudyEvent, ...]:
    """The events that a claim singles out: those of its year, or the last so many; none where it means all."""
    if check.year is not None:
        return tuple(event for event in events if datetime.fromtimestamp(event.bar, UTC).year == check.year)
    return events[-check.last :] if check.last else ()


def _case(event: StudyEvent, days: int) -> Case:
    own = event.breakout
    return Case(
        event=event,
        best=event.best[days],
        worst=event.worst[days],
        change=event.returns[days],
        breakout=own if own is not None and own.after <= days * DAY else None,
    )
