"""Text of /risk: the risk panel with what is known of fund flows and earnings."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from bot.evidence.risk.earnings import LosingCompanies
from bot.evidence.risk.fund_flows import Flow, FundFlows
from bot.evidence.risk.published_figures import PUBLISHED_FIGURES, PublishedFigure
from bot.evidence.risk.risk_panel import RiskPanel, Trend
from bot.views.formatting import html, numbers


def render_risk(
    panel: RiskPanel | None,
    flows: Mapping[str, FundFlows] | None = None,
    losers: LosingCompanies | PublishedFigure | None = None,
) -> str:
    """The panel, what flowed into and out of funds, and who loses money, as HTML.

    Where the bot has no figure of its own yet, the last known one of others stands, marked as such.
    """
    lines = [html.bold("Appetite for risk"), *(html.escape(line) for line in _panel(panel))]
    lines += [html.escape(line) for line in _flows(flows or {})]
    lines.append(html.escape(_losers(losers)))
    return "\n".join(lines)


def last_known(fact: PublishedFigure) -> str:
    """What others published, with who did and when, as plain text."""
    return f"last known: {fact.text} ({fact.source})"


def _panel(panel: RiskPanel | None) -> Iterator[str]:
    if panel is None:
        yield "No figures: the sources gave none in time."
        return
    if panel.vix is not None:
        ranks = [
            f"{numbers.ordinal(rank)} percentile {span}"
            for rank, span in ((panel.vix.percentile_year, "of a year"), (panel.vix.percentile, "of its whole past"))
            if rank is not None
        ]
        yield ": ".join(filter(None, [f"VIX {numbers.number(panel.vix.level)}", ", ".join(ranks)]))
    if panel.small_caps is not None:
        high = ", at a 52-week high" if panel.small_caps.at_high else ""
        month, quarter = map(numbers.percent, (panel.small_caps.change_20, panel.small_caps.change_60))
        yield f"IWM/SPY: {month} in 20 sessions, {quarter} in 60{high}"
    for name, trend in (("HYG (risky credit)", panel.credit), ("Dollar", panel.dollar)):
        if trend is not None:
            yield _trend(name, trend)
    if panel.volume is not None and panel.volume.times is not None:
        yield f"IWM volume: {numbers.number(panel.volume.times)} times its average"
    if panel.missing:
        yield f"No figures for {', '.join(panel.missing)}: the sources gave none in time."


def _trend(name: str, trend: Trend) -> str:
    called = name if trend.market in name else f"{name} ({trend.market})"
    month = f"{numbers.percent(trend.change_20)} in 20 sessions"
    if trend.apart is None:
        return f"{called}: {month}"
    side = "above" if trend.apart >= 0 else "below"
    return f"{called}: {numbers.percent(abs(trend.apart), sign=False)} {side} its average, {month}"


def _flows(flows: Mapping[str, FundFlows]) -> Iterator[str]:
    told = False
    for fund in flows.values():
        spans = (("a day", fund.day), ("30 days", fund.month), ("this year", fund.year_to_date))
        parts = [f"{_flow(flow)} in {name}{_since(flow)}" for name, flow in spans if flow is not None]
        told = told or fund.year_to_date is not None
        if parts:
            yield f"Money into {fund.fund}, as the bot reckons: {', '.join(parts)}"
    if not told:
        yield f"Fund flows: {last_known(PUBLISHED_FIGURES['fund flows'])}"


def _flow(flow: Flow) -> str:
    amount = numbers.large(abs(flow.amount))
    return f"{'+' if flow.amount > 0 else numbers.MINUS}${amount}" if amount != "0" else "$0"


def _since(flow: Flow) -> str:
    return "" if flow.whole else f" (known since {numbers.day(flow.since)} only)"


def _losers(losers: LosingCompanies | PublishedFigure | None) -> str:
    if not isinstance(losers, LosingCompanies):
        return f"Earnings: {last_known(losers or PUBLISHED_FIGURES['losing companies'])}"
    share = numbers.percent(losers.share if math.isfinite(losers.share) else None, sign=False, digits=0)
    return (
        f"Earnings: {losers.negative:,} of {losers.total:,} US small caps ({share}) lost money over the last four"
        f" quarters (screened {numbers.day(losers.as_of)})"
    )
