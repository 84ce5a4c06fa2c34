"""Text of a digest: where markets stand and what the period brought, also when that is nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.evidence.record_rank import RecordRank
from bot.signals.replay.event import EventKind
from bot.signals.timeframe import DAY, Instant, Timeframe
from bot.views.alerts.facts import CryptoLine
from bot.views.alerts.runs import RunFacts, run_block
from bot.views.formatting import html, numbers
from bot.views.markets.crypto import render_crypto

_SHOWN = 12
_NAME = 60
_STALE = 5 * DAY
"""Seconds after which a close is not called where a market stands now: longer than any weekend with its holiday."""

_BECAME = {
    EventKind.FIRED: "",
    EventKind.PROVISIONAL: "provisional",
    EventKind.WITHDRAWN: "withdrawn",
    EventKind.CONFIRMED: "confirmed",
    EventKind.HELD: "held",
    EventKind.FAILED: "failed",
    EventKind.RESUMED: "came back",
    EventKind.MILESTONE: "went a step further",
    EventKind.ENDED: "its watch is over",
    EventKind.RETRACTED: "retracted",
    EventKind.CORRECTED: "its close was corrected",
}


@dataclass(frozen=True, slots=True)
class SmallCap:
    """Where one market stands at its last known close, which was final `at`.

    `change` is a ratio over the digest's period, `resistance` the price of the next level above; None where unknown
    or where there is none.
    """

    title: str
    close: float
    at: Instant
    change: float | None
    rank: RecordRank
    resistance: float | None = None


@dataclass(frozen=True, slots=True)
class DigestAlert:
    """An alert of the period, or an older one with news: its rule's title, its market, its bar, its events in order."""

    title: str
    market: str
    timeframe: Timeframe
    bar: Instant
    events: tuple[EventKind, ...]


@dataclass(frozen=True, slots=True)
class Alive:
    """How the bot itself fared: looks at the markets, those that broke off, markets that came into doubt."""

    looks: int
    failed: int
    doubts: int


@dataclass(frozen=True, slots=True)
class DigestFacts:
    """What a digest tells of, from `since` to `until`.

    `missing` names crypto assets without figures, `dark` markets of small caps without any. `remarks` are further
    lines in plain text (risk, correlation), `rules` how many rules watch, `held` why rules wait for data. `stale` are
    markets whose newest sessions are missing: of these no data is not "no signal".
    """

    since: Instant
    until: Instant
    weekly: bool
    small_caps: tuple[SmallCap, ...]
    crypto: tuple[CryptoLine, ...]
    alerts: tuple[DigestAlert, ...]
    rules: int
    missing: tuple[str, ...] = ()
    dark: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    held: tuple[str, ...] = ()
    stale: tuple[str, ...] = ()
    runs: tuple[RunFacts, ...] = ()
    alive: Alive | None = None


def render_digest(facts: DigestFacts) -> str:
    """The whole digest as Telegram HTML, in one message."""
    blocks = [
        _heading(facts),
        _small_caps(facts),
        render_crypto(facts.crypto, facts.missing),
        "\n".join(html.escape(html.clip(remark, 200)) for remark in facts.remarks if remark),
        _alerts(facts),
        run_block(facts.runs),
        _alive(facts),
    ]
    return html.split("\n\n".join(block for block in blocks if block), html.TEXT_LIMIT - 64)[0]


def _heading(facts: DigestFacts) -> str:
    title = "The week" if facts.weekly else "The day"
    return f"📰 {html.bold(title)} up to {html.instant(facts.until, numbers.moment(facts.until), 'wDt')}"


def _small_caps(facts: DigestFacts) -> str:
    lines = [_line(market, facts.until) for market in facts.small_caps]
    if facts.dark:
        lines.append(f"No figures for {html.escape(html.clip(', '.join(facts.dark), 120))}.")
    return "\n".join([html.bold("Small caps"), *lines]) if lines else ""


def _line(market: SmallCap, until: Instant) -> str:
    name = html.bold(html.escape(html.clip(market.title, _NAME)))
    change = f" ({numbers.percent(market.change)})" if market.change is not None else ""
    details = [part for part in (_record(market), _resistance(market), _age(market, until)) if part]
    return "\n".join([f"{name} {numbers.price(market.close)}{change}", *(f"    {part}" for part in details)])


def _record(market: SmallCap) -> str:
    mark = market.rank.record
    if mark is None or not mark.close > 0:
        return ""
    if market.close > mark.close:
        return f"a record close; the one before: {numbers.day(mark.start)} ({numbers.price(mark.close)})"
    away = numbers.percent(abs(market.close / mark.close - 1), sign=False)
    return f"{away} under the record close of {numbers.day(mark.start)} ({numbers.price(mark.close)})"


def _resistance(market: SmallCap) -> str:
    if market.resistance is None or not market.close > 0:
        return ""
    away = numbers.percent(abs(market.resistance / market.close - 1), sign=False)
    return f"next resistance {numbers.price(market.resistance)}, {away} above"


def _age(market: SmallCap, until: Instant) -> str:
    return f"not newer than {numbers.weekday(market.at - 1)}" if until - market.at > _STALE else ""


def _alerts(facts: DigestFacts) -> str:
    held = [f"⏸ {html.escape(html.clip(reason, 120))}" for reason in facts.held[:3]]
    if facts.stale:
        held.append(f"🟡 No fresh data of {html.escape(html.clip(', '.join(facts.stale), 120))}: rules on it wait.")
    watched = numbers.count(facts.rules, "rule")
    if not facts.alerts:
        watching = " The bot is watching." if not facts.stale else ""
        return "\n".join([f"😴 {html.bold('Nothing new')}: none of {watched} fired.{watching}", *held])
    lines = [_alert(each) for each in facts.alerts[:_SHOWN]]
    if len(facts.alerts) > _SHOWN:
        lines.append(f"… and {len(facts.alerts) - _SHOWN} more: /alerts")
    return "\n".join([html.bold(_counted(facts)), *lines, *held])


def _alive(facts: DigestFacts) -> str:
    """That the bot lives, in figures: silence would look the same if it did not."""
    if facts.alive is None:
        return ""
    looks, failed, doubts = facts.alive.looks, facts.alive.failed, facts.alive.doubts
    broke = f" ({failed:,} broke off)" if failed else ""
    told = f"{numbers.count(looks, 'look')}{broke}, {numbers.count(_new(facts), 'alert')}"
    return f"💓 Alive: {told}, {numbers.count(doubts, 'doubt')} of prices."


def _new(facts: DigestFacts) -> int:
    return sum(any(event.opens for event in alert.events) for alert in facts.alerts)


def _counted(facts: DigestFacts) -> str:
    """2 alerts, and news of 1 earlier one."""
    new = _new(facts)
    earlier = len(facts.alerts) - new
    news = f"news of {numbers.count(earlier, 'earlier alert')}" if earlier else ""
    return ", and ".join(filter(None, [numbers.count(new, "alert") if new or not earlier else "", news])).capitalize()


def _alert(alert: DigestAlert) -> str:
    became = _outcome(alert.events)
    text = f"• {html.escape(html.clip(alert.title, _NAME))} · {numbers.bar_name(alert.bar, alert.timeframe)}"
    return f"{text}: {became}" if became else text


def _outcome(events: Sequence[EventKind]) -> str:
    return ", then ".join(word for word in (_BECAME[event] for event in events) if word)
