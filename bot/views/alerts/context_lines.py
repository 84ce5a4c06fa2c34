"""One line each for the risk panel and for the correlation of crypto with small caps."""

from __future__ import annotations

from collections.abc import Sequence

from bot.evidence.correlation import ALERT_SESSIONS, CorrelationReport
from bot.evidence.risk.risk_panel import RiskPanel, RiskSign
from bot.evidence.survivors import SURVIVOR_DAYS
from bot.signals.timeframe import DAY, Instant
from bot.views.alerts.claims import asset_name
from bot.views.alerts.facts import CryptoLine
from bot.views.formatting import numbers

_OLD = DAY // 2
"""By so much is a price of a session before older than those of the newest one."""


def risk_line(panel: RiskPanel, at: Instant | None = None) -> str:
    """How many signs lean to risk, and the two that are best known, as plain text.

    The ones whose prices are of a session before the close `at` are named; without it those behind the newest sign.
    """
    leaning, known = panel.leaning
    if not known:
        return "Risk: no figures, the sources gave none in time"
    signs = {each.name: each for each in panel.signs}
    parts = [f"{leaning} of {known} signs lean to risk"]
    parts += [f"{len(panel.missing)} unknown"] if panel.missing else []
    if (vix := signs.get("VIX")) is not None:
        parts.append(f"VIX{numbers.SPACE}{numbers.number(vix.value)}")
    if (small_caps := signs.get("IWM/SPY")) is not None and small_caps.leans is not None:
        parts.append("IWM/SPY " + ("rising" if small_caps.leans else "falling"))
    return f"Risk: {', '.join(parts)}{_older(panel.signs, at)}"


def _older(signs: Sequence[RiskSign], at: Instant | None) -> str:
    """The signs by prices that are older than the others, and of when; macro series have days of their own."""
    traded = [each for each in signs if not each.points]
    newest = max((each.as_of for each in traded), default=0) if at is None else at
    old = [each for each in traded if newest - each.as_of > _OLD]
    if not old:
        return ""
    ends = [each.as_of - 1 for each in old]
    names = "prices" if len(old) == len(traded) else ", ".join(each.name for each in old)
    return f"; {names} as of {numbers.span(min(ends), max(ends))}"


def hindsight_line(crypto: Sequence[CryptoLine]) -> str:
    """By how much the past of a basket looks better than that of the coins that were large then; "" where unknown."""
    told = next((line.hindsight for line in crypto if line.hindsight is not None), None)
    if told is None:
        return ""
    basket, then = (numbers.percent(each, digits=0) for each in (told.basket, told.whole))
    points = f"; that flatters by {told.flatters * 100:.0f} points" if told.flatters >= 0.01 else ""
    return f"Alts were picked today: any {SURVIVOR_DAYS} days {basket}, the coins largest then {then}{points}"


def correlation_line(both: CorrelationReport) -> str:
    """The correlation of the last 90 sessions and its place in three years, as plain text; "" where unknown."""
    rolling = both.rolling.get(ALERT_SESSIONS)
    if rolling is None or rolling.now is None:
        return ""
    rank = "" if rolling.percentile is None else f", {percentile_words(rolling.percentile)}"
    names = f"{asset_name(both.pairs.follower)} with {both.pairs.leader}"
    return f"Correlation of {names}: {numbers.signed(rolling.now, 2)} over {ALERT_SESSIONS} sessions{rank}"


def percentile_words(percentile: float) -> str:
    """A percentile over three years in words: above 82 % of three years."""
    if percentile < 1:
        return "the lowest of three years"
    return f"above {int(percentile)}{numbers.SPACE}% of three years"
