"""Claims as people read them, with the figure that answers each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from bot.evidence.claim_check import ClaimCheck, Measure, Stance
from bot.evidence.claim_ledger import ClaimState
from bot.evidence.claims import Case, ClaimAnswer
from bot.evidence.event_study.event_study import Horizon
from bot.evidence.likeness import Likeness
from bot.evidence.risk.filed_flows import FiledFlow, together
from bot.evidence.risk.filed_losses import FiledLosses
from bot.views.alerts.facts import ClaimView
from bot.views.formatting import html, numbers

_QUOTED_UNITS = 44
"""UTF-16 units of a claim that an alert quotes."""

_CASES_IN_A_LINE = 3

_NOT_HAD = {
    Measure.FLOW: "no filings of the funds are known here; with SEC_CONTACT the bot reads them",
    Measure.SHARE: "no reports of the companies are known here; with SEC_CONTACT the bot reads them",
}


def short_claim(claim: ClaimView) -> str:
    """One line of plain text for an alert: how the claim begins, and what was measured; "" where nothing was.

    What has no history to be measured by is told with its date alone.
    """
    if claim.answer is not None and not _is_answered(claim.answer):
        return f"“{html.clip(claim.text.rstrip('.'), 2 * _QUOTED_UNITS)}”{claim_origin(claim)}"
    if claim.answer is None or (claim.answer.overall is None and claim.answer.likeness is None):
        return ""
    return f"“{html.clip(claim.text.rstrip('.'), _QUOTED_UNITS)}”: {claim_figure(claim.answer)}"


def claim_block(claim: ClaimView) -> str:
    """The claim in full, who says so and when, and the figures that answer it, as HTML."""
    lines = [f"“{html.escape(html.clip(claim.text, 400))}”{html.escape(claim_origin(claim))}"]
    figure = claim_figure(claim.answer) if claim.answer is not None else ""
    lines.append(f"→ {html.escape(figure)}" if figure else "→ nothing measured: the claim asks for no figure.")
    if claim.answer is not None and claim.answer.check.days is not None:
        lines += [f"· {html.escape(_case(case, claim.answer.check.days))}" for case in claim.answer.cases]
    return "\n".join(lines)


def claim_origin(claim: ClaimView) -> str:
    """Who says so, when, and on which side, in brackets after the claim; plain text, "" where nobody knows."""
    said = [html.clip(claim.source, 80)] if claim.source else []
    said += [numbers.day(claim.made)] if claim.made is not None else []
    said += ["a warning"] if claim.stance is Stance.AGAINST else []
    return f" ({', '.join(said)})" if said else ""


def claim_figure(answer: ClaimAnswer) -> str:
    """What was measured, by the quantity that the claim names, as one line of plain text."""
    check = answer.check
    asset = asset_name(check.asset or "")
    if answer.flows:
        return filed_words(answer.flows)
    if answer.losses is not None:
        return losses_words(answer.losses)
    if check.measure in _NOT_HAD:
        return _NOT_HAD[check.measure]
    if check.measure is Measure.CORRELATION:
        return _likeness(asset, asset_name(answer.other), answer.likeness)
    if answer.overall is None or check.days is None:
        return f"no price of {asset} is known here"
    return _after_signals(asset, check, answer.overall, answer)


def filed_words(flows: Sequence[FiledFlow]) -> str:
    """What funds filed of a year, as plain text: filed for Dec 2024 to Nov 2025: IWM −3.2, VB +2.1, together −1.1."""
    first, last = (numbers.month(at) for at in (flows[0].first, flows[0].last))
    parts = [f"{each.fund} {_billions(each.amount)}{_of_months(each)}" for each in flows]
    total = f", together {_billions(together(flows))}" if len(flows) > 1 else ""
    return f"the funds filed for {first} to {last}: {', '.join(parts)}{total} billion dollars"


def losses_words(losses: FiledLosses) -> str:
    """As plain text: by their reports 41 % of 1,480 smaller companies lost money in Q3 2025, more than in 80 % …"""
    share = numbers.percent(losses.share, sign=False, digits=0)
    quarter = numbers.quarter(losses.quarter)
    told = f"by their reports {share} of {losses.companies:,} smaller companies lost money in {quarter}"
    if losses.percentile is None:
        return told
    rank = numbers.percent(losses.percentile / 100, sign=False, digits=0)
    return f"{told}, more than in {rank} of the quarters since {numbers.quarter(losses.since)}"


def _is_answered(answer: ClaimAnswer) -> bool:
    """Whether there is more to say than that nothing was measured."""
    return answer.check.measure.has_history or bool(answer.flows) or answer.losses is not None


def _billions(amount: float) -> str:
    return numbers.signed(amount, 1)


def _of_months(flow: FiledFlow) -> str:
    return "" if flow.whole else f" ({numbers.count(flow.months, 'month')} of them)"


def claims_line(states: Iterable[ClaimState]) -> str:
    """How so many claims stand, in one line for an alert or a digest: "Claims: 1 open, 3 missed"; "" for none."""
    counted = Counter(states)
    parts = [f"{counted[state]} {state.value}" for state in ClaimState if counted[state]]
    return f"Claims: {', '.join(parts)}" if parts else ""


def asset_name(market: str) -> str:
    """How an asset is called inside a sentence: the fixed basket by what it is."""
    return {"ALTS": "the alt basket", "CRYPTO_ALT": "the altcoins' market cap"}.get(market, market)


def capital(words: str) -> str:
    """The words at the beginning of a sentence."""
    return words[:1].upper() + words[1:]


def _after_signals(asset: str, check: ClaimCheck, overall: Horizon, answer: ClaimAnswer) -> str:
    cases = answer.cases
    if not cases and (check.year is not None or check.last is not None):
        return f"no such signal with a price of {asset} after it yet"
    if not cases and not overall.n:
        gap = f"no price of {asset} is known {check.days} days after {numbers.count(answer.due, 'signal')}"
        return gap if answer.due else f"no signal is {check.days} days old yet"
    if check.measure is Measure.BREAKOUT:
        return _breakouts(asset, check, overall, cases)
    newest = cases[-_CASES_IN_A_LINE:]
    if check.measure is Measure.BEST:
        best = _and([_best(case) for case in newest]) if cases else numbers.percent(answer.best, digits=0)
        return f"measured {best} at best within {check.days} days" + ("" if cases else f", {asset} in the median")
    if cases:
        return f"measured {_left(newest) or 'nothing yet'} of {asset} after {check.days} days"
    median, usual = numbers.percent(overall.median, digits=0), numbers.percent(overall.base_median, digits=0)
    return f"measured {median} in the median of {asset} after {check.days} days, any day then {usual}"


def _breakouts(asset: str, check: ClaimCheck, overall: Horizon, cases: Sequence[Case]) -> str:
    came = sum(case.breakout is not None for case in cases)
    share = (
        f"{came} of {len(cases)}"
        if cases
        else f"{numbers.percent(overall.breakouts, sign=False, digits=0)} of all signals"
    )
    usual = numbers.percent(overall.base_breakouts, sign=False, digits=0)
    told = f"{asset} broke out within {check.days} days after {share} (any day: {usual})"
    left = _left(cases[-_CASES_IN_A_LINE:])
    return f"{told}; left after {check.days} days: {left}" if left else told


def _likeness(asset: str, other: str, alike: Likeness | None) -> str:
    if alike is None or alike.returns is None:
        return f"too few days with both {asset} and {other}"
    recent = "" if alike.recent is None else f", {numbers.number(alike.recent, 2)} in the last five years"
    told = f"daily moves of {asset} and {other} correlate at {numbers.number(alike.returns, 2)}{recent}"
    if alike.unrelated is None:
        return told
    return f"{told}; {_whole(alike.unrelated)} of unrelated walks that rise as much look as alike"


def _left(cases: Sequence[Case]) -> str:
    """What was left of each at the end of its span, those that are over."""
    over = [numbers.percent(case.change, digits=0) for case in cases if case.change is not None]
    return _and(over) if over else ""


def _case(case: Case, days: int) -> str:
    broke = f"broke out {numbers.day(case.breakout.bar)}" if case.breakout is not None else "no breakout of its own"
    worst = numbers.percent(None if case.worst is None else case.worst.change, digits=0)
    left = f"{numbers.percent(case.change, digits=0)} after {days} days" if case.change is not None else "still running"
    return f"{numbers.day(case.event.bar)}: best {_best(case)}, worst {worst}, {left}; {broke}"


def _best(case: Case) -> str:
    return numbers.percent(None if case.best is None else case.best.change, digits=0)


def _and(parts: Sequence[str]) -> str:
    return " and ".join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else parts[0]


def _whole(share: float | None) -> str:
    return numbers.percent(share, sign=False, digits=0)
