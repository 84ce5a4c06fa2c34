"""Text of /status and its checks: what the bot watches, how fresh that is, what is wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from bot.signals.timeframe import Instant
from bot.views.alerts.runs import RunFacts, run_block
from bot.views.formatting import html, numbers


class MarketState(StrEnum):
    """How far a market's bars can be trusted now."""

    FRESH = "fresh"
    STALE = "stale"  # the last session that should be there is not
    HOLED = "holed"  # a session behind the newest one is missing
    SUSPECT = "suspect"  # the gate holds its newest bar
    DEAD = "dead"  # no source has given bars for long
    NEVER = "never"  # nothing was ever fetched


class ProcessState(StrEnum):
    """What the bot's process said of itself last; one that was killed still says "running"."""

    STARTING = "starting"  # its first look is not over
    RUNNING = "running"
    STOPPED = "stopped"


_FOLDERS = re.compile(r"^\S*/(?=[^/\s]+/[^/\s]+\.ya?ml)")
"""Of a complaint's place all but the file and its folder: everybody may read the status."""


@dataclass(frozen=True, slots=True)
class MarketStatus:
    """One market: the label of its last bar and when that closed; None where there is none."""

    name: str
    state: MarketState
    last_bar: str | None = None
    closed_at: Instant | None = None
    source: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class HoursStatus:
    """The hours by which one market's past days are looked at: their first day and their last."""

    name: str
    first: str | None = None
    last: str | None = None
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class StatusFacts:
    """All that /status and `status --json` tell. Instants are None where nothing is known.

    `rules` counts those that run, `broken` are the complaints about rule files with their place, `stale`
    the ids of rules that run on their last good version; `waiting` says by id what a rule waits for, `runs` are the
    signals that go on. `heartbeat` is the loop's last sign of life; `process` is what it said of itself, and since
    when.
    `subscribers` are counts by state ("active", "off", …); `oldest` is when the oldest queued delivery was made.
    """

    now: Instant
    version: str
    markets: tuple[MarketStatus, ...] = ()
    heartbeat: Instant | None = None
    process: ProcessState = ProcessState.RUNNING
    process_since: Instant | None = None
    last_scan: Instant | None = None
    next_scan: Instant | None = None
    rules: int = 0
    broken: tuple[str, ...] = ()
    stale: tuple[str, ...] = ()
    waiting: Mapping[str, str] = field(default_factory=dict)
    subscribers: Mapping[str, int] = field(default_factory=dict)
    queued: int = 0
    sending: int = 0
    oldest: Instant | None = None
    last_error: str = ""
    last_error_at: Instant | None = None
    paused: bool = False
    sending_pause: tuple[Instant, str] | None = None
    dropped: Mapping[str, int] = field(default_factory=dict)
    refused: int = 0
    database: str = ""
    simulated: bool = False
    runs: tuple[RunFacts, ...] = ()
    hours: tuple[HoursStatus, ...] = ()

    @property
    def never_ran(self) -> bool:
        """Whether no bot has left a word: a database that only has histories, as `data fetch` makes it."""
        return not self.version and self.heartbeat is None and self.process_since is None

    @property
    def stale_markets(self) -> tuple[str, ...]:
        """Markets that were not fresh at the last look."""
        return tuple(market.name for market in self.markets if market.state is not MarketState.FRESH)


HEARTBEAT_LIMIT = 300
"""Seconds without a sign of life after which the loop counts as stopped."""

_FEW = 2
"""Markets that are well, or ill for one reason, up to which each is told by itself."""

_MARKET = "market "

QUEUE_LIMIT = 900
"""Seconds that a delivery may wait in the outbox."""

_ICONS = {
    MarketState.FRESH: "🟢",
    MarketState.STALE: "🟡",
    MarketState.HOLED: "🟡",
    MarketState.SUSPECT: "🟠",
    MarketState.DEAD: "🔴",
    MarketState.NEVER: "⚪",
}

_REMEDIES = {
    MarketState.STALE: "wait for the next scan; if it stays, run `bellwether doctor`",
    MarketState.HOLED: "nothing to do: it is asked for again with each session; another source would fill it",
    MarketState.SUSPECT: "compare its newest bar elsewhere; it passes once the source mends it or a second one agrees",
    MarketState.DEAD: "run `bellwether doctor`; add another source for it in config.yaml",
    MarketState.NEVER: "wait for the first scan; check its symbol and sources in config.yaml",
}


def render_status(facts: StatusFacts) -> str:
    """The answer to /status: one glance says whether all is well, the rest says where it is not."""
    parts = (_markets(facts), _hours(facts.hours), run_block(facts.runs), _work(facts), _complaints(facts))
    blocks = [_verdict(facts), *parts, _footer(facts)]
    return "\n\n".join(block for block in blocks if block)


def status_checks(facts: StatusFacts) -> list[dict[str, object]]:
    """The same as checks, in the shape of `status --json`: name, ok, detail, remedy ("" where all is well)."""
    return [
        {"name": name, "ok": ok, "detail": detail, "remedy": "" if ok else remedy}
        for name, ok, detail, remedy in (
            *_bot_checks(facts),
            *map(_market_check, facts.markets),
            *map(_hours_check, facts.hours),
            *_rule_checks(facts),
        )
    ]


def _verdict(facts: StatusFacts) -> str:
    if facts.paused:
        return "⏸ " + html.bold("Paused: no alerts are sent until /resume")
    wrong = [check for check in status_checks(facts) if not check["ok"]]
    if not wrong:
        return "✅ " + html.bold("All is well")
    ill = [str(check["name"]) for check in wrong]
    kinds = [name for name in ill if not name.startswith(_MARKET)]
    markets = [name for name in ill if name.startswith(_MARKET)]
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
        f"Outbox: {f'{waiting:,} waiting{_waited(facts)}' if waiting else 'empty'}",
        *([f"Sending: {html.escape(_paused_for(facts))}"] if facts.sending_pause is not None else []),
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


def _waited(facts: StatusFacts) -> str:
    return f", the oldest for {numbers.age(facts.now - facts.oldest)}" if facts.oldest is not None else ""


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


_Check = tuple[str, bool, str, str]


def _bot_checks(facts: StatusFacts) -> Iterator[_Check]:
    yield ("bot", *process_check(facts), "start it: `bellwether run`")
    yield "alerts", not facts.paused, "paused" if facts.paused else "on", "send /resume to the bot"
    if facts.database:
        yield "database", False, facts.database, "see README, “Back up, restore, move”"
    if facts.sending_pause is not None:
        yield "sending", False, _paused_for(facts), "wait, or send /resume where alerts are held back"
    waited = 0 if facts.oldest is None else facts.now - facts.oldest
    detail = f"{facts.queued} queued, {facts.sending} sending{_waited(facts)}"
    yield "outbox", waited <= QUEUE_LIMIT, detail, "run `bellwether doctor`: Telegram may be out of reach"


def _paused_for(facts: StatusFacts) -> str:
    until, why = facts.sending_pause or (facts.now, "")
    return f"paused for {numbers.age(max(0, until - facts.now))} more: {why}"


def delivery_checks(facts: StatusFacts) -> list[dict[str, object]]:
    """What became of messages that did not arrive, for /health: chats that refuse them, and those given up."""
    many = sum(facts.dropped.values())
    told = ", ".join(f"{count} {reason}" for reason, count in sorted(facts.dropped.items(), key=lambda item: -item[1]))
    return [
        {
            "name": "chats",
            "ok": not facts.refused,
            "detail": f"{numbers.count(facts.refused, 'chat')} can't be written to at present",
            "remedy": "/subscribers says which and why: a closed topic, a missing right, a chat that is gone",
        },
        {
            "name": "dropped",
            "ok": not many,
            "detail": f"{numbers.count(many, 'message')} given up in the last week: {told}",
            "remedy": "see /subscribers; what is too late waited for Telegram for a day or three",
        },
    ]


def process_check(facts: StatusFacts) -> tuple[bool, str]:
    """Whether the bot's process lives, and how it says so."""
    if facts.process is not ProcessState.RUNNING and facts.process_since is not None:
        since = facts.now - facts.process_since
        if facts.process is ProcessState.STOPPED:
            return False, f"stopped {numbers.age(since)} ago"
        return since <= HEARTBEAT_LIMIT, f"starting, since {numbers.age(since)}"
    silence = None if facts.heartbeat is None else facts.now - facts.heartbeat
    alive = silence is not None and silence <= HEARTBEAT_LIMIT
    return alive, "no sign of life" if silence is None else f"last sign of life {numbers.age(silence)} ago"


def _market_check(market: MarketStatus) -> _Check:
    fine = market.state is MarketState.FRESH
    last = f"{market.state}, last bar {market.last_bar}" if market.last_bar else f"{market.state}, no bars"
    return (
        f"{_MARKET}{market.name}",
        fine,
        f"{last}: {market.error}" if market.error else last,
        _REMEDIES.get(market.state, ""),
    )


def _hours_check(kept: HoursStatus) -> _Check:
    """Wrong only where there are none at all: what is missing of late is asked for again the next night."""
    span = f"{kept.first} to {kept.last}" if kept.last else "none yet"
    detail = f"{span}: {kept.trouble}" if kept.trouble else span
    return f"hours {kept.name}", bool(kept.last) or not kept.trouble, detail, "wait for the next night; see its sources"


def _rule_checks(facts: StatusFacts) -> Iterator[_Check]:
    looked = bool(facts.version)  # before its first look is over, the bot has said nothing of its rules
    detail = "; ".join(facts.broken) or (f"{facts.rules} running" if looked else "not read yet")
    fine = not facts.broken and (facts.rules > 0 or not looked)
    yield "rules", fine, detail, "run `bellwether rules check`"
    for rule, reason in facts.waiting.items():
        yield f"rule {rule}", False, reason, "nothing to do: it goes on without after a day, and is made up for later"
