"""Text of /risk: the risk panel with what is known of fund flows and earnings."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.evidence.risk.earnings import LosingCompanies
from bot.evidence.risk.filed_flows import FiledFlow
from bot.evidence.risk.filed_losses import FiledLosses
from bot.evidence.risk.fund_flows import Flow, FundFlows
from bot.evidence.risk.published_figures import PUBLISHED_FIGURES, PublishedFigure
from bot.evidence.risk.risk_panel import SPAN_BARS, YEARS, RiskPanel, RiskSign
from bot.views.alerts.claims import filed_words, losses_words
from bot.views.formatting import html, numbers
from bot.views.formatting.table import table


@dataclass(frozen=True, slots=True)
class Filings:
    """What official filings say: of funds' flows over a year, and of companies' losses in a quarter."""

    flows: tuple[FiledFlow, ...] = ()
    losses: FiledLosses | None = None


def render_risk(
    panel: RiskPanel | None,
    flows: Mapping[str, FundFlows] | None = None,
    losers: LosingCompanies | PublishedFigure | None = None,
    filed: Filings | None = None,
) -> str:
    """The panel, what flowed into and out of funds by their filings and lately, and who loses money, as HTML.

    Where the bot has no figure of its own yet, the last known one of others stands, marked as such.
    """
    counted = "" if panel is None or not panel.leaning[1] else ": {} of {} lean to risk".format(*panel.leaning)
    lines = [html.bold(f"Appetite for risk{counted}"), *_panel(panel)]
    filed = filed or Filings()
    lines += [html.escape(line) for line in _flows(flows or {}, filed.flows)]
    lines.append(html.escape(_losers(losers, filed.losses)))
    return "\n".join(lines)


def last_known(fact: PublishedFigure) -> str:
    """What others published, with who did and when, as plain text."""
    return f"last known: {fact.text} ({fact.source})"


def _panel(panel: RiskPanel | None) -> Iterator[str]:
    if panel is None or not panel.signs:
        yield "No figures: the sources gave none in time."
        return
    rows = [(f"{_mark(each)} {each.name}", _value(each), _change(each), _rank(each)) for each in panel.signs]
    yield table([("", "now", f"{SPAN_BARS} bars", f"{YEARS} y"), *rows])
    yield html.escape(f"▲ leans to risk over {SPAN_BARS} bars. {YEARS} y: the share of {YEARS} years that was lower.")
    if panel.volume is not None and panel.volume.times is not None:
        yield f"IWM volume: {numbers.number(panel.volume.times)} times its average"
    if panel.by_price:
        yield html.escape(f"{' and '.join(panel.by_price)}: by price, the dividends are not known.")
    if panel.missing:
        yield html.escape(f"No figures for {', '.join(panel.missing)}: the sources gave none in time.")


def _mark(sign: RiskSign) -> str:
    return "?" if sign.leans is None else "▲" if sign.leans else "▽"


def _value(sign: RiskSign) -> str:
    if sign.points and abs(sign.value) < 1:
        return numbers.percent(sign.value, sign=False, digits=2, tight=True)
    return numbers.number(sign.value, 1 if abs(sign.value) >= 10 else 3)


def _change(sign: RiskSign) -> str:
    if sign.change is None:
        return "?"
    if sign.points and abs(sign.value) >= 1:
        return numbers.signed(sign.change, 0)
    return numbers.percent(sign.change, digits=2 if sign.points else 1, tight=True)


def _rank(sign: RiskSign) -> str:
    return "?" if sign.percentile is None else f"{sign.percentile:.0f}%"


def _flows(flows: Mapping[str, FundFlows], filed: Sequence[FiledFlow]) -> Iterator[str]:
    told = bool(filed)
    if filed:
        public = numbers.day(max(each.released for each in filed))
        yield f"Fund flows: {filed_words(filed)} (public since {public})"
    for fund in flows.values():
        spans = (("a day", fund.day), ("30 days", fund.month), ("this year", fund.year_to_date))
        parts = [f"{_flow(flow)} in {name}{_since(flow)}" for name, flow in spans if flow is not None]
        told = told or fund.year_to_date is not None
        if parts:
            yield f"Money into {fund.fund}, as the bot reckons: {', '.join(parts)}"
        if fund.still_since is not None:
            since = numbers.day(fund.still_since)
            yield f"{fund.fund}: flows unknown, the number of shares that Yahoo tells stands still since {since}"
    if not told:
        yield f"Fund flows: {last_known(PUBLISHED_FIGURES['fund flows'])}"


def _flow(flow: Flow) -> str:
    amount = numbers.large(abs(flow.amount))
    return f"{'+' if flow.amount > 0 else numbers.MINUS}${amount}" if amount != "0" else "$0"


def _since(flow: Flow) -> str:
    return "" if flow.whole else f" (known since {numbers.day(flow.since)} only)"


def _losers(losers: LosingCompanies | PublishedFigure | None, filed: FiledLosses | None) -> str:
    if filed is not None:
        return f"Earnings: {losses_words(filed)} (public since {numbers.day(filed.released)})"
    if not isinstance(losers, LosingCompanies):
        return f"Earnings: {last_known(losers or PUBLISHED_FIGURES['losing companies'])}"
    share = numbers.percent(losers.share if math.isfinite(losers.share) else None, sign=False, digits=0)
    return (
        f"Earnings: {losers.negative:,} of {losers.total:,} US small caps ({share}) lost money over the last four"
        f" quarters (screened {numbers.day(losers.as_of)})"
    )
