"""One line each for the risk panel and for the correlation of crypto with small caps."""

from __future__ import annotations

from bot.evidence.correlation import CorrelationReport
from bot.evidence.risk.risk_panel import RiskPanel
from bot.views.alerts.claims import asset_name
from bot.views.formatting import numbers

_LONG = 90
"""Sessions of the correlation that an alert tells."""


def risk_line(panel: RiskPanel) -> str:
    """The three that say most, as plain text; what is missing is left out, or said where all of them are."""
    parts = []
    if panel.vix is not None:
        rank = "" if panel.vix.percentile is None else f" ({numbers.ordinal(panel.vix.percentile)} percentile)"
        parts.append(f"VIX {numbers.number(panel.vix.level)}{rank}")
    if panel.small_caps is not None and panel.small_caps.rising is not None:
        parts.append("IWM/SPY " + ("rising" if panel.small_caps.rising else "falling"))
    if panel.credit is not None and panel.credit.above is not None:
        parts.append("HYG " + ("above" if panel.credit.above else "below") + " its average")
    return f"Risk: {', '.join(parts) or 'no figures, the sources gave none in time'}"


def correlation_line(both: CorrelationReport) -> str:
    """The correlation of the last 90 sessions and its place in three years, as plain text; "" where unknown."""
    rolling = both.rolling.get(_LONG)
    if rolling is None or rolling.now is None:
        return ""
    rank = "" if rolling.percentile is None else f", {numbers.ordinal(rolling.percentile)} percentile of three years"
    names = f"{asset_name(both.pairs.follower)} with {both.pairs.leader}"
    return f"Correlation of {names}: {numbers.signed(rolling.now, 2)} over {_LONG} sessions{rank}"
