"""Claims as people read them, with the figure that answers each."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from bot.evidence.claims import Case, Measured, events_between, last_events, measured
from bot.evidence.event_study.event_study import Study, StudyEvent
from bot.views.alerts.facts import ClaimView
from bot.views.formatting import html, numbers

_PERCENT = re.compile(r"(\d[\d,.]{0,9})\s*(?:%|per ?cent)")
_YEAR = re.compile(r"(?<!Russell )\b(?:19|20)\d\d\b")
_LAST = re.compile(r"\blast (two|three|four|five|six|\d{1,3})\b", re.IGNORECASE)
_WORDS = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6}
_BREAKOUT = re.compile(r"\b(?:broke out|breaks? out|breakouts?|new highs?)\b", re.IGNORECASE)


def claim_views(text: str, source: str, study: Study | None, days: int | None) -> ClaimView:
    """A claim with the figures that answer it. Without a study over `days`, there are none."""
    if study is None or days is None or days not in study.horizons:
        return ClaimView(text, source)
    return ClaimView(text, source, measured(study, days, named_events(text, study)))


def named_events(text: str, study: Study) -> tuple[StudyEvent, ...]:
    """The firings that a claim names: those of a year that it gives, or "the last three"; none where it names none."""
    year = _YEAR.search(text)
    if year is not None:
        first, after = (int(datetime(int(year[0]) + more, 1, 1, tzinfo=UTC).timestamp()) for more in (0, 1))
        return events_between(study, first, after - 1)
    last = _LAST.search(text)
    return last_events(study, _number(last[1])) if last is not None else ()


def short_claim(claim: ClaimView) -> str:
    """One line of plain text for an alert: the claim by its figure, year or number, and what was measured."""
    own = claim.measured
    if own is None:
        return ""
    percent, year, last = _PERCENT.search(claim.text), _YEAR.search(claim.text), _LAST.search(claim.text)
    if percent is not None:
        told = f"“{percent[1].rstrip('.,')}{numbers.SPACE}%”" + (f" ({year[0]})" if year else "")
    elif last is not None:
        told = f"“The last {last[1].lower()}”"
    else:
        told = f"“{html.clip(claim.text.rstrip('.'), 44)}”"
    return f"{told}: {_figure(claim, own)}"


def claim_block(claim: ClaimView) -> str:
    """The claim in full, who says so, and the figures beside it, as HTML."""
    by = f" ({html.escape(html.clip(claim.source, 80))})" if claim.source else ""
    lines = [f"“{html.escape(html.clip(claim.text, 400))}”{by}"]
    if claim.measured is None:
        lines.append("→ nothing measured: the claim names no asset and span that the bot has figures for.")
        return "\n".join(lines)
    lines.append(f"→ {html.escape(_figure(claim, claim.measured))}")
    lines += [f"· {html.escape(_case(case, claim.measured.days))}" for case in claim.measured.cases]
    return "\n".join(lines)


def asset_name(market: str) -> str:
    """How an asset is called inside a sentence: the fixed basket by what it is."""
    return "the alt basket" if market == "ALTS" else market


def capital(words: str) -> str:
    """The words at the beginning of a sentence."""
    return words[:1].upper() + words[1:]


def _figure(claim: ClaimView, own: Measured) -> str:
    """What was measured of the firings that the claim names, else of all."""
    asset, days = asset_name(own.asset), own.days
    named = _YEAR.search(claim.text) or _LAST.search(claim.text)
    if named is not None and not own.cases:
        return f"no such signal with a price of {asset} after it yet"
    if not own.overall.n:
        return f"no signal with a price of {asset} is {days} days old yet"
    broke = _PERCENT.search(claim.text) is None and _BREAKOUT.search(claim.text) is not None
    if broke:
        came = sum(case.breakout is not None for case in own.cases)
        every, usual = (
            numbers.percent(share, sign=False, digits=0)
            for share in (own.overall.breakouts, own.overall.base_breakouts)
        )
        share = f"{came} of {len(own.cases)}" if own.cases else f"{every} of all signals"
        return f"{asset} broke out within {days} days after {share} (any day: {usual})"
    if own.cases:
        return f"measured {_and([_best(case) for case in own.cases[-3:]])} at best within {days} days"
    median, usual = numbers.percent(own.overall.median, digits=0), numbers.percent(own.overall.base_median, digits=0)
    return f"measured {median} in the median of {asset} after {days} days, any day {usual}"


def _case(case: Case, days: int) -> str:
    broke = f"broke out {numbers.day(case.breakout.bar)}" if case.breakout is not None else "no breakout of its own"
    worst = numbers.percent(None if case.worst is None else case.worst.change, digits=0)
    left = f"{numbers.percent(case.change, digits=0)} after {days} days" if case.change is not None else "still running"
    return f"{numbers.day(case.event.bar)}: best {_best(case)}, worst {worst}, {left}; {broke}"


def _best(case: Case) -> str:
    return numbers.percent(None if case.best is None else case.best.change, digits=0)


def _and(parts: Sequence[str]) -> str:
    return " and ".join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else parts[0]


def _number(word: str) -> int:
    return _WORDS.get(word.lower()) or int(word)
