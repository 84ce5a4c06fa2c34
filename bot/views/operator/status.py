"""Text of /status: what the bot watches, how fresh that is, what is wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from bot.signals.timeframe import Instant
from bot.views.alerts.runs import run_block
from bot.views.formatting import html, numbers
from bot.views.operator.status_checks import MARKET, paused_for, status_checks, waited
from bot.views.operator.status_facts import HoursStatus, MarketState, MarketStatus, StatusFacts

_FOLDERS = re.compile(r"^\S*/(?=[^/\s]+/[^/\s]+\.ya?ml)")
"""Of a complaint's place all but the file and its folder: everybody may read the status."""

_FEW = 2
"""Markets that are well, or ill for one reason, up to which each is told by itself."""

_ICONS = {
    MarketState.FRESH: "🟢",
    MarketState.STALE: "🟡",
    MarketState.HOLED: "🟡",
    MarketState.SUSPECT: "🟠",
    MarketState.DEAD: "🔴",
    MarketState.NEVER: "⚪",
}


def render_status(facts: StatusFacts) -> str:
    """The answer to /status: one glance says whether all is well, the rest says where it is not."""
    parts = (_markets(facts), _hours(facts.hours), run_block(facts.runs), _work(facts), _complaints(facts))
    blocks = [_verdict(facts), *parts, _footer(facts)]
    return "\n\n".join(block for block in blocks if block)


def _verdict(facts: StatusFacts) -> str:
    if facts.paused:
        return "⏸ " + html.bold("Paused: no alerts are sent until /resume")
    wrong = [check for check in status_checks(facts) if not check["ok"]]
    if not wrong:
        return "✅ " + html.bold("All is well")
    ill = [str(check["name"]) for check in wrong]
    kinds = [name for name in ill if not name.startswith(MARKET)]
    markets = [name for name in ill if name.startswith(MARKET)]
    kinds += [f"{len(markets)} markets"] if len(markets) > _FEW else markets
    names = html.escape(html.clip(", ".join(kinds), 160))
    return "⚠️ " + html.bold(f"{numbers.count(len(wrong), 'thing needs', 'things need')} attention") + f": {names}"


def _markets(facts: StatusFacts) -> str:
    """One line for the markets that are well, a line or two for each other; those ill for one reason share theirs."""
    well = [market for market in facts.markets if market.state is MarketState.FRESH]
    folded = len(well) > _FEW
    told = [market for market in facts.markets if not folded or market.state is not MarketState.FRESH]
    lines = [_market_line(group[0], facts.now) if len(group) == 1 else _group(group) for group in alike(told)]
    return "\n".join([*([_well(well, facts.now)] if folded else []), *lines[:40]])


def _hours(kept: Sequence[HoursStatus]) -> str:
    """A line for each market whose hours are fetched at night, so that rules can be looked at hour by hour."""
    lines = []
    for each in kept:
        span = f"{each.first} to {each.last}" if each.last else "none yet"
        trouble = f"\n     {html.escape(html.clip(each.trouble, 120))}" if each.trouble else ""
        lines.append(f"🕐 {html.bold(html.escape(each.name))} hours: {span}{trouble}")
    return "\n".join(lines)


def _well(markets: Sequence[MarketStatus], now: Instant) -> str:
    closes = [market.closed_at for market in markets if market.closed_at is not None]
    newest = f", newest close {numbers.old(now - max(closes))}" if closes else ""
    return f"{_ICONS[MarketState.FRESH]} {html.bold(f'{len(markets)} markets')}{newest}"


def alike(markets: Sequence[MarketStatus]) -> list[list[MarketStatus]]:
    """The markets in their order, where more than a few are ill in one way put together."""
    groups: dict[object, list[MarketStatus]] = {}
    for market in markets:
        ill = market.state is not MarketState.FRESH and bool(market.error)
        groups.setdefault((market.state, market.error) if ill else market.name, []).append(market)
    return [part for group in groups.values() for part in ([group] if len(group) > _FEW else [[one] for one in group])]


def _group(markets: Sequence[MarketStatus]) -> str:
    first = markets[0]
    names = html.escape(html.clip(", ".join(market.name for market in markets), 300))
    head = f"{_ICONS[first.state]} {html.bold(f'{len(markets)} markets')}, {first.state}: {names}"
    return f"{head}\n     {html.escape(html.clip(first.error, 120))}"


def _market_line(market: MarketStatus, now: Instant) -> str:
    line = f"{_ICONS[market.state]} {html.bold(html.escape(market.name))} "
    line += html.escape(market.last_bar) if market.last_bar else "no bars yet"
    if market.closed_at is not None:
        line += f", {numbers.old(now - market.closed_at)}"
    line += f", {html.escape(html.clip(market.source, 24))}" if market.source else ""
    if market.state is MarketState.FRESH:
        return line
    reason = f": {html.escape(html.clip(market.error, 120))}" if market.error else ""
    return f"{line}\n     {market.state}{reason}"


def _work(facts: StatusFacts) -> str:
    waiting = facts.queued + facts.sending
    lines = [
        _scans(facts),
        f"Rules: {facts.rules} running" + (f", {len(facts.broken)} complaints" if facts.broken else ""),
        f"Subscribers: {_people(facts.subscribers)}",
        f"Outbox: {f'{waiting:,} waiting{waited(facts)}' if waiting else 'empty'}",
        *([f"Sending: {html.escape(paused_for(facts))}"] if facts.sending_pause is not None else []),
    ]
    return "\n".join(lines)


def _scans(facts: StatusFacts) -> str:
    following = (
        html.instant(facts.next_scan, numbers.moment(facts.next_scan), "wdt") if facts.next_scan else "not planned"
    )
    before = f" (last {numbers.age(facts.now - facts.last_scan)} ago)" if facts.last_scan is not None else ""
    return f"Next scan: {following}{before}"


def _people(subscribers: Mapping[str, int]) -> str:
    told = [f"{how_many:,} {html.escape(state)}" for state, how_many in subscribers.items() if how_many]
    return ", ".join(told) or "none"


def _complaints(facts: StatusFacts) -> str:
    lines = [f"• {html.code(html.clip(_FOLDERS.sub('', text), 200))}" for text in facts.broken[:5]]
    if len(facts.broken) > 5:
        lines.append(f"• and {len(facts.broken) - 5} more: `bellwether rules check` lists them")
    lines += [f"⏳ {html.escape(html.clip(f'{rule} {reason}', 120))}" for rule, reason in facts.waiting.items()]
    if facts.stale:
        lines.append("Running on the last good version: " + html.escape(html.clip(", ".join(facts.stale), 200)))
    if facts.last_error:
        when = f" ({numbers.age(facts.now - facts.last_error_at)} ago)" if facts.last_error_at is not None else ""
        lines.append(f"Last error{when}: {html.escape(html.clip(facts.last_error, 240))}")
    return "\n".join(lines)


def _footer(facts: StatusFacts) -> str:
    mark = ", simulated market" if facts.simulated else ""
    return html.italic(f"Bellwether {html.escape(facts.version)}".rstrip() + mark)
