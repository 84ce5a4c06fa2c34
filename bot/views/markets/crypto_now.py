"""Text of /crypto: how crypto is doing, in full."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.evidence.correlation import CorrelationReport
from bot.evidence.risk.breadth import Breadth
from bot.signals.timeframe import Instant
from bot.views.alerts.claims import asset_name, capital
from bot.views.alerts.context_lines import percentile_words
from bot.views.alerts.facts import CryptoLine
from bot.views.formatting import html, numbers
from bot.views.formatting.table import table
from bot.views.markets.crypto import crypto_heading, remarks

_NARROW = 8
_SPANS = (("24h", "24 h"), ("7d", "7 d"), ("30d", "30 d"), ("90d", "90 d"))


@dataclass(frozen=True, slots=True)
class Caps:
    """What all of crypto is worth, in dollars, and Bitcoin's share of it (a ratio); None where no source says."""

    as_of: Instant
    total: float | None = None
    altcoins: float | None = None
    dominance: float | None = None
    source: str = ""


@dataclass(frozen=True, eq=False, slots=True)
class CryptoNow:
    """All that /crypto tells at `now`. `missing` names the assets without figures; None where nothing is known."""

    now: Instant
    lines: tuple[CryptoLine, ...]
    missing: tuple[str, ...] = ()
    breadth: Breadth | None = None
    caps: Caps | None = None
    correlations: tuple[CorrelationReport, ...] = ()


def render_crypto_now(facts: CryptoNow) -> str:
    """Changes, records, breadth, market values and the correlation with small caps, as Telegram HTML."""
    blocks = [
        _changes(facts),
        "\n".join(html.escape(line) for line in _records(facts.lines)),
        "\n".join(html.escape(line) for line in _market(facts)),
        "\n".join(html.escape(_correlation(both)) for both in facts.correlations),
        html.italic("Two prices that move together need not move each other. Not investment advice."),
    ]
    return "\n\n".join(block for block in blocks if block)


def render_correlations(facts: CryptoNow) -> str:
    """Each asset's correlation with small caps, and up to which session: the words beside their picture."""
    known = [both for both in facts.correlations if both.as_of is not None]
    if not known:
        return "Too few days with prices of both to tell how crypto goes with small caps."
    newest = max(both.as_of for both in known if both.as_of is not None)
    head = f"{html.bold(f'Crypto and {known[0].pairs.leader}')}: daily returns to {numbers.weekday(newest - 1)}"
    lines = [html.escape(_correlation(both)) for both in known]
    moves = html.italic("Two prices that move together need not move each other.")
    return "\n\n".join([head, *lines, moves])


def _changes(facts: CryptoNow) -> str:
    blocks = []
    if facts.lines:
        head = ["", *(title for _, title in _SPANS)]
        rows = [[_short_label(line), *_cells(line)] for line in facts.lines]
        blocks = [crypto_heading(facts.lines), table([head, *rows])]
    return "\n".join([*blocks, *remarks(facts.lines, facts.missing, facts.now)])


def _short_label(line: CryptoLine) -> str:
    """A name as narrow as four columns leave room for; how many coins a basket has is said below the table."""
    return line.label if len(line.label) <= _NARROW else html.clip(line.label.partition(" (")[0], _NARROW)


def _cells(line: CryptoLine) -> list[str]:
    return [numbers.percent(line.performance.changes.get(span), tight=True) for span, _ in _SPANS]


def _records(lines: Sequence[CryptoLine]) -> Iterator[str]:
    for line in lines:
        own = line.performance
        price = f" {numbers.price(own.price)}," if line.priced else ""
        record = f" of {numbers.price(own.record)}" if line.priced else ""
        where = f"{numbers.percent(abs(own.distance), sign=False)} under" if own.distance < 0 else "at"
        yield f"{line.label}:{price} {where} its record close{record} ({numbers.day(own.record_at)})"


def _market(facts: CryptoNow) -> Iterator[str]:
    if facts.breadth is not None:
        yield from _breadth(facts.breadth)
    caps = facts.caps
    if caps is None:
        return
    worth = [("all of crypto", caps.total), ("altcoins", caps.altcoins)]
    parts = [f"{name} ${numbers.large(amount)}" for name, amount in worth if amount is not None]
    if caps.dominance is not None:
        parts.append(f"Bitcoin's share {numbers.number(caps.dominance * 100)}{numbers.SPACE}%")
    if parts:
        by = f", {html.clip(caps.source, 40)}" if caps.source else ""
        yield f"{capital(', '.join(parts))} ({numbers.day(caps.as_of)}{by})"


def _breadth(breadth: Breadth) -> Iterator[str]:
    if breadth.counted:
        names = f": {', '.join(breadth.ahead)}" if breadth.ahead else ""
        yield (
            f"{len(breadth.ahead)} of the {len(breadth.counted)} coins in the alt basket beat {breadth.benchmark} over"
            f" 90 days{names}"
        )
    if breadth.missing:
        yield f"Not counted, for want of prices: {', '.join(breadth.missing)}"


def _correlation(both: CorrelationReport) -> str:
    """The rolling correlations, beta, and whether one goes first."""
    pair = f"{capital(asset_name(both.pairs.follower))} and {both.pairs.leader}"
    known = [rolling for rolling in both.rolling.values() if rolling.now is not None]
    if not known:
        return f"{pair}: too few days with both prices to correlate."
    parts = [
        f"{numbers.signed(rolling.now, 2)} over {rolling.sessions} sessions"
        + ("" if rolling.percentile is None else f" ({percentile_words(rolling.percentile)})")
        for rolling in known
    ]
    if known[-1].beta is not None:
        parts.append(f"beta {numbers.number(known[-1].beta)}")
    return f"{pair}: correlation {', '.join(parts)}. {_leads(both)}"


def _leads(both: CorrelationReport) -> str:
    found = both.lead_lag
    if found is None:
        return "Too few days to say whether one goes first."
    if not found.leaves_band:
        return "No more at any lag than chance alone brings."
    size = f"{numbers.signed(found.largest, 2)}, where chance alone reaches {numbers.number(found.band, 2)}"
    if found.lag == 0:
        return f"Neither goes first: it is largest on the same day ({size})."
    first = both.pairs.leader if found.lag > 0 else asset_name(both.pairs.follower)
    return f"{capital(first)} goes first by {numbers.count(abs(found.lag), 'session')} ({size})."
