"""Text behind [Details] and [Placebo] of /evidence: intervals, p-values, each signal, claims, other signals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.evidence.closes import Waypoint
from bot.evidence.event_study.base_rate import SAME_TIME_DAYS
from bot.evidence.event_study.event_study import Horizon, Study, StudyEvent
from bot.evidence.event_study.placebo import PLACEBO_MARKET, RECORD, TREND
from bot.evidence.event_study.significance import ADJUSTED_LIMIT, P_VALUE_LIMIT
from bot.evidence.scorecard import VERDICT_HORIZON_DAYS
from bot.views.alerts.claims import asset_name, claim_block
from bot.views.formatting import html, numbers
from bot.views.formatting.table import hundredths, short_day, table
from bot.views.markets.evidence import (
    DISCLAIMER,
    EvidenceFacts,
    interval_text,
    p_text,
    share_text,
    shown_horizons,
    time_words,
)

_IN_SIGHT = 12
"""Events that are listed in sight; of more, the newest."""

_HOW = (
    "After each signal the count begins at the asset's next close."
    f" Its time are all days within {SAME_TIME_DAYS} of it; the excess is the median of what came more than that."
    " The interval of the share takes the signals for independent; that of the excess draws overlapping ones together."
    " p says how often the same signals at other dates, with the same spacing, stray as far from their time;"
    f" a difference is told of below {P_VALUE_LIMIT:g}, and only if it stays below {ADJUSTED_LIMIT:g} among all tests."
)

_PLACEBO_HOW = (
    f"{PLACEBO_MARKET} record: its first record close in 60 sessions. 200-day trend: the asset's own first close above"
    " its average of 200 days. Excess: the median over its time. What these show too, small caps do not add."
)

_PLACEBO_TITLES = {RECORD: f"{PLACEBO_MARKET} record", TREND: "200-day trend"}


def render_details(facts: EvidenceFacts) -> str:
    """All figures as Telegram HTML, possibly longer than one message: see `html.split`."""
    study = facts.study
    blocks = [f"{html.bold(html.escape(html.clip(facts.title, 120)))}, {html.escape(asset_name(study.asset))}: details"]
    if study.events:
        blocks.append(html.escape("\n".join(_detail(horizon, study) for horizon in shown_horizons(study))))
        blocks.append(html.folded(html.escape(_HOW)))
        blocks += _each(study)
    if facts.claims:
        blocks.append("\n\n".join([html.bold("What others say"), *map(claim_block, facts.claims)]))
    blocks.append(html.italic("\n".join(html.escape(line) for line in _remarks(study, facts.source))))
    return "\n\n".join(blocks)


def render_placebo(facts: EvidenceFacts) -> str:
    """What signals without small caps in them would have shown over the same days, as Telegram HTML."""
    days = VERDICT_HORIZON_DAYS
    asset = html.escape(asset_name(facts.study.asset))
    rows = [["", "n", "up", "time", "excess"]]
    said = []
    for name, study in (("this", facts.study), *((_PLACEBO_TITLES[each.rule], each) for each in facts.placebo)):
        horizon = study.horizons.get(days)
        if horizon is not None:
            rows.append([name, str(horizon.n), *_placebo_row(horizon)])
            said.append(f"{name}: {horizon.verdict.value}")
    lacking = "" if len(facts.placebo) == len(_PLACEBO_TITLES) else f"\nNo bars of {PLACEBO_MARKET} to compare with."
    blocks = (
        f"{html.bold(html.escape(html.clip(facts.title, 120)))}\nWhat do small caps add? {asset} {days} days later",
        table(rows),
        html.escape("\n".join(f"→ {line}" for line in said) + lacking),
        html.italic(html.escape(_PLACEBO_HOW)),
    )
    return "\n\n".join(blocks)


def _placebo_row(horizon: Horizon) -> list[str]:
    shares = (horizon.hit_rate, horizon.base_hit_rate)
    excess = numbers.percent(horizon.excess, digits=0, tight=True)
    return [*(numbers.percent(share, sign=False, digits=0, tight=True) for share in shares), excess]


def _detail(horizon: Horizon, study: Study) -> str:
    if horizon.hit_rate_interval is None:
        due = study.due.get(horizon.days, 0)
        missing = f"no price known after {numbers.count(due, 'signal')}" if due else "no signal is so old yet"
        return f"{horizon.days} d: {missing}."
    shares = (horizon.base_hit_rate, horizon.whole_base_hit_rate)
    medians = (horizon.base_median, horizon.whole_base_median)
    between = interval_text(horizon.hit_rate_interval, sign=False)
    parts = [
        f"{horizon.days} d: higher {horizon.hits} of {horizon.n} ({between})" + _anyway(*map(share_text, shares)),
        f"median {numbers.percent(horizon.median)}" + _anyway(*map(numbers.percent, medians)),
        _excess(horizon),
        f"p {p_text(horizon.p_value)}" + _among(horizon, study),
        f"{numbers.count(horizon.non_overlapping, 'window does', 'windows do')} not overlap",
    ]
    if horizon.detectable is not None:
        parts.append(f"would show from {numbers.percent(horizon.detectable, digits=0)} over its time")
    if horizon.breakouts is not None and horizon.base_breakouts is not None:
        share, usual = share_text(horizon.breakouts), share_text(horizon.base_breakouts)
        parts.append(f"a breakout of its own after {share} (any day {usual})")
    return "; ".join(parts) + "."


def _anyway(time: str, years: str) -> str:
    return f", its time {time}, all years {years}"


def _excess(horizon: Horizon) -> str:
    between = interval_text(horizon.excess_interval)
    return f"excess {numbers.percent(horizon.excess)}" + (f" ({between})" if between else "")


def _among(horizon: Horizon, study: Study) -> str:
    told = f", among {study.tests} tests {p_text(horizon.p_adjusted)}" if horizon.p_adjusted is not None else ""
    if horizon.p_without_one is not None:
        told += f", without any one signal at most {p_text(horizon.p_without_one)}"
    return told


def _each(study: Study) -> Iterator[str]:
    """A table of returns, the older ones of many folded, and the details of each."""
    days = [horizon.days for horizon in shown_horizons(study)]
    newest, older = study.events[-_IN_SIGHT:], study.events[:-_IN_SIGHT]
    yield f"{html.bold('Each signal')}, change in % after so many days\n{_returns(newest, days)}"
    if older:
        yield html.folded(f"Before these\n{_returns(older, days)}")
    longest = max(study.horizons, default=0)
    told = "\n".join(_way(event, longest) for event in reversed(study.events[-2 * _IN_SIGHT :]))
    yield html.folded(f"Best and worst close within {longest} days\n{told}")


def _returns(events: Sequence[StudyEvent], days: Sequence[int]) -> str:
    head = ["", *(f"{each}d" for each in days)]
    rows = [
        [short_day(numbers.day(event.bar)), *(hundredths(event.returns.get(each)) for each in days)]
        for event in reversed(events)
    ]
    return table([head, *rows])


def _way(event: StudyEvent, longest: int) -> str:
    best, worst = event.best.get(longest), event.worst.get(longest)
    broke = (
        f"own breakout {numbers.day(event.breakout.bar)}" if event.breakout is not None else "no breakout of its own"
    )
    later = "" if event.entry == event.bar else f" ({numbers.day(event.entry)})"
    return (
        f"{numbers.day(event.bar)}: from {numbers.price(event.price)}{later}"
        f" best {_point(best)}, worst {_point(worst)}; {broke}"
    )


def _point(mark: Waypoint | None) -> str:
    return "not yet" if mark is None else f"{numbers.percent(mark.change, digits=0)} on {numbers.day(mark.bar)}"


def _remarks(study: Study, source: str) -> Iterator[str]:
    if study.first is not None and study.last is not None:
        years = f"{numbers.day(study.first)} to {numbers.day(study.last)}"
        told = f"{time_words(study)}. All years: all closes of {asset_name(study.asset)}, {years}."
        yield told + (f" Source: {source}." if source else "")
    yield from (f"{note}." for note in study.notes)
    yield DISCLAIMER
