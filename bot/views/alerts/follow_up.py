"""Text of a follow-up: what became of an alert, as an answer to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from bot.signals.indicators.smoothing import atr
from bot.signals.replay.event import EventKind
from bot.views.alerts.facts import AlertFacts
from bot.views.formatting import html, numbers

LIMIT = 900
"""Visible units: short, and room for a banner."""


def render_followup(facts: AlertFacts) -> str:
    """What happened to an alert after it fired, as Telegram HTML."""
    icon, word = _WORDS[facts.event.kind]
    lines = [f"{icon} {html.bold(word)}: {_SENTENCES[facts.event.kind](facts)}"]
    if facts.late:
        ago = f", {_bars(facts, facts.sessions_ago)} ago" if facts.sessions_ago > 0 else ""
        lines.append(f"⏰ Late: this is the bar of {_bar(facts)}{ago}.")
    lines.append(html.italic(html.escape(html.clip(facts.title, 120))) + f" · bar of {_bar(facts)}")
    return html.split("\n".join(lines), LIMIT)[0]


def _confirmed(facts: AlertFacts) -> str:
    if facts.event.bar == facts.event.alert.bar:
        return f"{_closed(facts)}{_against(facts)}. The provisional alert stands."
    return f"{_closed(facts)}{_against(facts)}, {_after(facts)}."


def _held(facts: AlertFacts) -> str:
    low = _low(facts)
    dip = f"{_market(facts)} came back to {numbers.price(low)} and closed at {numbers.price(facts.event.close)}"
    return f"{_closed(facts) if low is None else dip}{_against(facts)}, {_after(facts)}."


def _failed(facts: AlertFacts) -> str:
    return f"{_closed(facts)}{_against(facts)}, {_after(facts)}."


def _resumed(facts: AlertFacts) -> str:
    return f"{_closed(facts)}{_against(facts)}, {_after(facts)}."


def _milestone(facts: AlertFacts) -> str:
    return f"{_closed(facts)}{_against(facts)}, {_after(facts)}."


def _ended(facts: AlertFacts) -> str:
    return f"{_closed(facts)}{_against(facts)}. The watch over this alert ends, {_after(facts)}."


def _withdrawn(facts: AlertFacts) -> str:
    return f"{_closed(facts)}{_against(facts)}; the provisional alert does not stand."


def _retracted(facts: AlertFacts) -> str:
    return (
        f"the source corrected its data. With a close of {numbers.price(facts.event.close)} the rule does not fire on"
        f" the bar of {_name(facts, facts.event.alert.bar)}; the alert above does not count."
    )


_WORDS: Mapping[EventKind, tuple[str, str]] = {
    EventKind.CONFIRMED: ("✅", "Confirmed"),
    EventKind.HELD: ("🛡", "Held"),
    EventKind.FAILED: ("⚠️", "Failed"),
    EventKind.RESUMED: ("↩️", "It is back"),
    EventKind.MILESTONE: ("🏁", "A further step"),
    EventKind.ENDED: ("✔️", "Watch over"),
    EventKind.WITHDRAWN: ("↩️", "Withdrawn"),
    EventKind.RETRACTED: ("❗", "Retracted"),
}

_SENTENCES: Mapping[EventKind, Callable[[AlertFacts], str]] = {
    EventKind.CONFIRMED: _confirmed,
    EventKind.HELD: _held,
    EventKind.FAILED: _failed,
    EventKind.RESUMED: _resumed,
    EventKind.MILESTONE: _milestone,
    EventKind.ENDED: _ended,
    EventKind.WITHDRAWN: _withdrawn,
    EventKind.RETRACTED: _retracted,
}


def _market(facts: AlertFacts) -> str:
    return html.escape(html.clip(facts.market, 40))


def _closed(facts: AlertFacts) -> str:
    return f"{_market(facts)} closed at {numbers.price(facts.event.close)}"


def _against(facts: AlertFacts) -> str:
    """Distance from the level, or from the close at the firing where the rule has no level."""
    close, level = facts.event.close, facts.event.level
    mark, name = (level, "level") if level is not None else (_close_at_firing(facts), "alert's close")
    if mark is None or not mark > 0:
        return ""
    ratio = close / mark - 1
    side = "above" if ratio >= 0 else "under"
    away = f"{numbers.percent(abs(ratio), sign=False)}{_in_atr(facts, close - mark)}"
    return f", {away} {side} the {name} of {numbers.price(mark)}"


def _in_atr(facts: AlertFacts, gap: float) -> str:
    """A failure's depth in units of what the market moves a bar, as its rule measures it."""
    at = facts.bars.position(facts.event.bar)
    if facts.event.kind is not EventKind.FAILED or at is None:
        return ""
    usual = float(atr(facts.bars, 14)[at])
    return f" ({numbers.number(abs(gap) / usual)}{numbers.SPACE}ATR)" if usual > 0 else ""


def _close_at_firing(facts: AlertFacts) -> float | None:
    at = facts.bars.position(facts.event.alert.bar)
    return None if at is None or not np.isfinite(facts.bars.close[at]) else float(facts.bars.close[at])


def _low(facts: AlertFacts) -> float | None:
    at = facts.bars.position(facts.event.bar)
    return None if at is None or not np.isfinite(facts.bars.low[at]) else float(facts.bars.low[at])


def _after(facts: AlertFacts) -> str:
    first, last = np.searchsorted(facts.bars.start, [facts.event.alert.bar, facts.event.bar])
    what = "signal" if facts.event.level is None else "break"
    return f"{_bars(facts, int(last - first))} after the {what} of {_name(facts, facts.event.alert.bar)}"


def _bars(facts: AlertFacts, how_many: int) -> str:
    return numbers.bars_of(how_many, facts.event.alert.timeframe)


def _bar(facts: AlertFacts) -> str:
    return _name(facts, facts.event.bar)


def _name(facts: AlertFacts, start: int) -> str:
    return numbers.bar_name(start, facts.event.alert.timeframe)
