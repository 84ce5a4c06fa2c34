"""Text of /evidence: what an asset did after a rule's signals, in a few sentences and one table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.evidence.event_study.conditions import Branch, ConditionedStudy
from bot.evidence.event_study.coverage import Coverage
from bot.evidence.event_study.event_study import Horizon, Study
from bot.evidence.event_study.significance import MIN_WINDOWS_APART, StudyVerdict
from bot.evidence.scorecard import VERDICT_HORIZON_DAYS
from bot.evidence.survivors import LARGE_THEN, SURVIVOR_DAYS, Survivors
from bot.views.alerts.claims import asset_name, capital
from bot.views.alerts.facts import ClaimView
from bot.views.formatting import html, numbers
from bot.views.formatting.table import hundredths, short_day, table

TABLE_DAYS = (7, 30, 90, 180, 365)
"""Horizons that the tables have columns for; claims may ask for others."""

_MAX_CASES = 8
"""Signals in the table of the first message where there are few; of more, the newest."""

DISCLAIMER = "What came before a rise did not have to cause it. Not investment advice."


@dataclass(frozen=True, eq=False, slots=True)
class EvidenceFacts:
    """All that is told of a rule's signals and an asset.

    `coverage` is there for a rule that builds on other signals, `survivors` for a basket. `placebo` are the same
    studies of signals that have no small caps in them, `conditions` the study split by what was public at each signal.
    """

    study: Study
    title: str
    claims: tuple[ClaimView, ...] = ()
    source: str = ""
    coverage: Coverage | None = None
    survivors: Survivors | None = None
    placebo: tuple[Study, ...] = ()
    conditions: tuple[ConditionedStudy, ...] = ()


def render_evidence(facts: EvidenceFacts) -> str:
    """The first message of /evidence as Telegram HTML: sentences, verdict, one table of at most 38 columns."""
    study = facts.study
    asset = html.escape(asset_name(study.asset))
    blocks = [f"{html.bold(html.escape(html.clip(facts.title, 120)))}\nand what {asset} did after it"]
    if not study.events:
        blocks.append(f"No signal yet with a price of {asset} after it: nothing to conclude.")
    else:
        blocks += [html.escape(line) for line in (_sentence(study),) if line]
        blocks.append("\n".join(f"→ {html.escape(line)}" for line in conclusions(study)))
        blocks.append(_cases(study) if _is_short(study) else _sums(study))
        blocks.append(html.italic(html.escape(f"{time_words(study)}.")))
    blocks += [html.escape(line) for line in _warnings(facts)]
    if study.events and facts.conditions:
        blocks.append(html.folded(html.escape("\n".join(_conditions(facts)))))
    blocks.append(html.italic(html.escape(DISCLAIMER)))
    return "\n\n".join(blocks)


def shown_horizons(study: Study) -> list[Horizon]:
    """The horizons that tables have room for."""
    return [study.horizons[days] for days in TABLE_DAYS if days in study.horizons]


def time_words(study: Study) -> str:
    """What "its time" means in this study, as plain text."""
    if study.base is not None:
        return f"Its time: all first {study.base.bars}-day highs of {asset_name(study.asset)}, as the rule demands one"
    return "Its time: all days within a year of each signal"


def conclusions(study: Study) -> Iterator[str]:
    """The verdict over the days by which a rule is judged, with its reason, and those over the others."""
    judged = study.horizons.get(VERDICT_HORIZON_DAYS)
    if judged is not None:
        yield f"{capital(judged.verdict.value)}: {_reason(judged)}"
    others: dict[str, list[str]] = {}
    for horizon in shown_horizons(study):
        if horizon is not judged and (judged is None or horizon.verdict is not judged.verdict):
            others.setdefault(horizon.verdict.value, []).append(str(horizon.days))
    yield from (f"{capital(words)} after {', '.join(days)} days" for words, days in others.items())


def p_text(p_value: float | None) -> str:
    """0.123 · < 0.001 · –."""
    if p_value is None:
        return numbers.UNKNOWN
    return "< 0.001" if p_value < 0.0005 else numbers.number(p_value, 3)


def share_text(ratio: float | None) -> str:
    """61 %, of a share."""
    return numbers.percent(ratio, sign=False, digits=0)


def interval_text(bounds: tuple[float, float] | None, *, sign: bool = True) -> str:
    """−28 % to +120 %; "" where there is none."""
    if bounds is None:
        return ""
    return " to ".join(numbers.percent(bound, sign=sign, digits=0) for bound in bounds)


def _sentence(study: Study) -> str:
    """BTC 90 days later: higher 4 of 8 times (22 % to 78 %); any day of those years 61 %. …"""
    horizon = study.horizons.get(VERDICT_HORIZON_DAYS)
    if horizon is None or not horizon.n or horizon.hit_rate_interval is None:
        return ""
    usual = "any day of those years" if study.base is None else f"after all {horizon.base_n:,} such rises"
    told = (
        f"{capital(asset_name(study.asset))} {horizon.days} days later: higher {horizon.hits} of {horizon.n} times"
        f" ({interval_text(horizon.hit_rate_interval, sign=False)}); {usual} {share_text(horizon.base_hit_rate)}."
    )
    if horizon.excess is None:
        return told
    size = numbers.percent(abs(horizon.excess), sign=False, digits=0)
    side = f"{size} {'below' if horizon.excess < 0 else 'above'}" if abs(horizon.excess) >= 0.005 else "the same as"
    between = interval_text(horizon.excess_interval)
    return f"{told} In the median {side} its time" + (f" ({between})." if between else ".")


def _reason(horizon: Horizon) -> str:
    shows = "no difference would show, however large"
    if horizon.detectable is not None:
        least = numbers.percent(horizon.detectable, digits=0)
        shows = f"only about {least} or more over its time would show"
    if horizon.verdict is StudyVerdict.CANT_TELL:
        apart = f"only {horizon.non_overlapping}" if horizon.non_overlapping > 1 else "no two"
        needed = f"{apart} windows stand apart, and {MIN_WINDOWS_APART} would be needed"
        return f"{needed}." if horizon.detectable is None else f"{needed}; {shows}."
    if horizon.verdict is StudyVerdict.NONE:
        return f"with {numbers.count(horizon.n, 'signal')} {shows}."
    return (
        f"p {p_text(horizon.p_value)}, among all tests {p_text(horizon.p_adjusted)},"
        f" without any one signal at most {p_text(horizon.p_without_one)}."
    )


def _is_short(study: Study) -> bool:
    horizon = study.horizons.get(VERDICT_HORIZON_DAYS)
    return horizon is None or horizon.verdict is StudyVerdict.CANT_TELL


def _cases(study: Study) -> str:
    """The newest signals one by one, then the medians of all and of their time, in percent."""
    horizons = shown_horizons(study)
    rows = [["%", *(f"{horizon.days}d" for horizon in horizons)]]
    for event in reversed(study.events[-_MAX_CASES:]):
        changes = (hundredths(event.returns.get(horizon.days)) for horizon in horizons)
        rows.append([short_day(numbers.day(event.bar)), *changes])
    rows.append([f"all {study.n}", *(hundredths(horizon.median) for horizon in horizons)])
    rows.append(["its time", *(hundredths(horizon.base_median) for horizon in horizons)])
    return table(rows)


def _sums(study: Study) -> str:
    """Share of higher closes and median over each horizon, each beside that of its time."""
    rows = [["", "n", "up", "time", "median", "time"]]
    rows += [
        [
            f"{horizon.days} d",
            str(horizon.n),
            numbers.percent(horizon.hit_rate, sign=False, digits=0, tight=True),
            numbers.percent(horizon.base_hit_rate, sign=False, digits=0, tight=True),
            numbers.percent(horizon.median, digits=0, tight=True),
            numbers.percent(horizon.base_median, digits=0, tight=True),
        ]
        for horizon in shown_horizons(study)
    ]
    return table(rows)


def hindsight_words(told: Survivors) -> str:
    """By how much a basket that was picked today flatters its past, or that it does not."""
    points = round(told.flatters * 100)
    if points < 1:
        return "Picking them today does not flatter it."
    return f"Picking them today flatters it by {numbers.count(points, 'point')} a year."


def _conditions(facts: EvidenceFacts) -> Iterator[str]:
    """The study by what was public at each signal, a line for each branch."""
    asset, days = capital(asset_name(facts.study.asset)), VERDICT_HORIZON_DAYS
    yield f"{asset} {days} days later, by what was public at each signal:"
    for split in facts.conditions:
        yield from (f"• while {branch.words}: {_branch(branch)}" for branch in split.branches)
        if split.unknown:
            unknown = numbers.count(split.unknown, "signal")
            yield f"• {unknown} without a figure of {split.condition.name}"


def _branch(branch: Branch) -> str:
    """As "higher 20 of 30 times; on any such day 61 %. No difference seen."."""
    horizon = branch.horizons.get(VERDICT_HORIZON_DAYS)
    if not branch.signals:
        return "no signal"
    if horizon is None or not horizon.n:
        return f"{numbers.count(branch.signals, 'signal')}, none old enough"
    usual = f"; on any such day {share_text(horizon.base_hit_rate)}" if horizon.base_n else ""
    return f"higher {horizon.hits} of {horizon.n} times{usual}. {capital(horizon.verdict.value)}."


def _warnings(facts: EvidenceFacts) -> Iterator[str]:
    """What makes the figures look better than they are."""
    asset = asset_name(facts.study.asset)
    if facts.coverage is not None:
        share = share_text(facts.coverage.share)
        yield f"{share} of all days lie within {facts.coverage.bars} sessions of such a small-cap signal anyway."
    if facts.survivors is not None:
        told = facts.survivors
        basket, whole = (numbers.percent(each, digits=0) for each in (told.basket, told.whole))
        others = "the coins that were largest then" if told.market == LARGE_THEN else "all altcoins together"
        yield (
            f"{numbers.count(told.coins, 'coin')} picked today: after {SURVIVOR_DAYS} days {asset} did {basket} on any"
            f" day, {others} {whole}. {hindsight_words(told)}"
        )
