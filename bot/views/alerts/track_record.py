"""How a signal went before, in the few lines that an alert has for it: its own record, and what an asset did after."""

from __future__ import annotations

from bot.evidence.event_study.event_study import Horizon, Study
from bot.evidence.event_study.significance import StudyVerdict
from bot.evidence.failure_rate import FailureRate
from bot.evidence.scorecard import VERDICT_HORIZON_DAYS
from bot.views.alerts.claims import asset_name, capital
from bot.views.formatting import numbers

FEW = 5
"""Events below which they are listed, instead of being summed up."""

_CONCLUSIONS = {
    StudyVerdict.ABOVE: "Above its time.",
    StudyVerdict.NONE: "No difference seen.",
    StudyVerdict.BELOW: "Below its time.",
}

_SMALL = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten", "Eleven", "Twelve")


def failure_sentence(rate: FailureRate, what: str, span: str) -> str:
    """43 of 73 such breaks failed within 20 sessions (a random day: 59 %). As plain text; `what` is "break"."""
    if not rate.fired:
        return _first_sentence(rate.open, what, span)
    base = numbers.percent(rate.base, sign=False, digits=0)
    usual = f" (a random day: {base})" if rate.base is not None else ""
    return f"{rate.failed:,} of {rate.fired:,} such {what}s failed within {span}{usual}."


def _first_sentence(still_open: int, what: str, span: str) -> str:
    """What is said where no earlier one's span is over."""
    if not still_open:
        return f"The first {what} of its kind."
    if still_open == 1:
        return f"The one earlier {what} is not {span} old yet."
    return f"None of the {still_open:,} earlier {what}s is {span} old."


def history_sentence(study: Study) -> str:
    """BTC 90 days later: higher 31 of 49 times (any day then 61 %). No difference seen. As plain text."""
    asset, days = capital(asset_name(study.asset)), VERDICT_HORIZON_DAYS
    horizon = study.horizons.get(days)
    if not study.events or horizon is None or not horizon.n:
        return f"{asset} {days} days later: {_nothing_known(study, days)}."
    usual = numbers.percent(horizon.base_hit_rate, sign=False, digits=0)
    among = "any day then" if study.base is None else "all such rises"
    times = f"higher {horizon.hits} of {horizon.n} {'time' if horizon.n == 1 else 'times'}"
    compared = f" ({among} {usual})" if horizon.base_hit_rate is not None else ""
    return f"{asset} {days} days later: {times}{compared}. {_conclusion(horizon)}"


def _nothing_known(study: Study, days: int) -> str:
    due = study.due.get(days, 0)
    return f"no price known after {numbers.count(due, 'earlier signal')}" if due else "no earlier signal is so old"


def verdict_words(horizon: Horizon) -> str:
    """The verdict, with the reason where many events are few windows."""
    words = horizon.verdict.value
    if horizon.verdict is StudyVerdict.CANT_TELL and horizon.n > horizon.non_overlapping:
        return f"{words}: their windows overlap, {numbers.count(horizon.non_overlapping, 'stands', 'stand')} alone"
    return words


def _conclusion(horizon: Horizon) -> str:
    if horizon.verdict is not StudyVerdict.CANT_TELL:
        return _CONCLUSIONS[horizon.verdict]
    count = _SMALL[horizon.n] if horizon.n < len(_SMALL) else f"{horizon.n:,}"
    reason = ": their spans overlap" if horizon.n > horizon.non_overlapping else ""
    return f"{count} can't tell{reason}."
