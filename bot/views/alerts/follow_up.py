"""Text of follow-ups: what became of alerts, as an answer to the message that told of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from bot.evidence.signal_kind import SignalKind
from bot.signals.replay.event import EventKind
from bot.views.alerts.facts import Direction, FollowUpFacts
from bot.views.alerts.late import late_line
from bot.views.alerts.spans import bars_of
from bot.views.formatting import html, numbers

LIMIT = 900
"""Visible UTF-16 units: short, and room for a banner."""

_FEWEST_FOR_SHARE = 5
"""Earlier firings from which on it is told how many of them failed."""


def render_follow_ups(facts: Sequence[FollowUpFacts]) -> str:
    """What happened on one bar to the alerts of one message, as Telegram HTML: the weightiest, the others in short."""
    first = facts[0]
    held = {each.event.alert for each in facts if each.event.kind is EventKind.HELD}  # so it is still beyond as well
    others = [each for each in facts[1:] if each.event.kind is not EventKind.CONFIRMED or each.event.alert not in held]
    blocks = dict.fromkeys([_block(first), *(_short(each) or _block(each) for each in others)])
    title = f"{html.escape(html.clip(first.rule_title, 80))} · " if len(facts) == 1 else ""
    source = html.italic(f"{title}bar of {_bar(first, first.event.bar)}")
    return html.split("\n".join([*blocks, source]), LIMIT)[0]


def _short(facts: FollowUpFacts) -> str:
    """⚠️ IWN: back under 260.83, at 256.17. "" for what needs more words."""
    mark, kind = _mark_of(facts), facts.event.kind
    words = {
        EventKind.CONFIRMED: f"still {_side(facts)}{mark}",
        EventKind.HELD: f"held{mark}",
        EventKind.FAILED: _lost(facts)[:1].lower() + _lost(facts)[1:],
        EventKind.RESUMED: _back(facts)[:1].lower() + _back(facts)[1:],
        EventKind.MILESTONE: _away(facts),
    }.get(kind, "")
    if not words or facts.late:
        return ""
    at = f", at {numbers.price(facts.event.close)}" if facts.priced else ""
    return f"{_icon(facts)} {_market(facts)}: {words}{at}."


def _icon(facts: FollowUpFacts) -> str:
    if facts.event.kind is EventKind.MILESTONE and facts.direction is Direction.DOWN:
        return "🔻"
    return _ICONS[facts.event.kind]


_ICONS = {
    EventKind.CONFIRMED: "✅",
    EventKind.HELD: "🛡",
    EventKind.FAILED: "⚠️",
    EventKind.RESUMED: "↩️",
    EventKind.MILESTONE: "🎯",
}


def _block(facts: FollowUpFacts) -> str:
    news = _NEWS[facts.event.kind](facts)
    return f"{news}\n{late_line(facts.event, facts.sessions_ago)}" if facts.late else news


def _confirmed(facts: FollowUpFacts) -> str:
    if facts.event.bar == facts.event.alert.bar:
        return f"✅ {html.bold('It stands at the close')}: {_closed(facts)}{_against(facts)}."
    return f"✅ {html.bold(f'Still {_side(facts)}{_mark_of(facts)}')}: {_closed(facts)}, {_after(facts)}."


def _held(facts: FollowUpFacts) -> str:
    came = f"{_market(facts)} came back to {numbers.price(facts.low)} and closed at {numbers.price(facts.event.close)}"
    told = came if facts.low is not None and facts.direction is not Direction.DOWN else _closed(facts)
    return f"🛡 {html.bold('It held')}: {told}{_against(facts)}, {_after(facts)}."


def _failed(facts: FollowUpFacts) -> str:
    back = html.bold(_lost(facts))
    return f"⚠️ {back}: {_closed(facts)}, {_after(facts)}.{_share(facts)}"


def _lost(facts: FollowUpFacts) -> str:
    """Back under 103.00; without a level it was something else than the price that failed."""
    return "The signal failed" if facts.event.level is None else f"Back {_other_side(facts)}{_mark_of(facts)}"


def _resumed(facts: FollowUpFacts) -> str:
    ago = ""
    if facts.failed_ago is not None:
        ago = f", {bars_of(facts.failed_ago, facts.event)} after it failed"
    return f"↩️ {html.bold(_back(facts))}: {_closed(facts)}{ago}.{_which(facts)}"


def _back(facts: FollowUpFacts) -> str:
    if facts.signal is SignalKind.RECORD:
        return "Back at a record"
    level = facts.event.level
    beyond = level is not None and (facts.event.close < level) is (facts.direction is Direction.DOWN)
    return f"{_side(facts).capitalize()}{_mark_of(facts)} again" if beyond else "It is back"


def _milestone(facts: FollowUpFacts) -> str:
    icon = _icon(facts)
    old = "the old record of " if facts.signal is SignalKind.RECORD and facts.event.level is not None else ""
    away = _away(facts, old) or "A step further"
    if not facts.priced:
        return f"{icon} {html.bold(f'{_market(facts)}: {away}')}.{_which(facts)}"
    return f"{icon} {html.bold(away)}: {_closed(facts)}.{_which(facts)}"


def _which(facts: FollowUpFacts) -> str:
    """Which record of its run it is, or for how many closes the rule has been true."""
    if facts.yes_count is None:
        return ""
    since = _fired_at(facts)
    if facts.signal is SignalKind.RECORD:
        return f" The {numbers.ordinal(facts.yes_count)} record since {since}."
    return f" The rule was true at {numbers.count(facts.yes_count, 'close')} since {since}."


def _ended(facts: FollowUpFacts) -> str:
    return f"⌛ {html.bold('The watch is over')}: {_closed(facts)}{_against(facts)}, {_after(facts)}."


def _withdrawn(facts: FollowUpFacts) -> str:
    told = f"{_closed(facts)}{_against(facts)}; the provisional alert does not stand."
    return f"↩️ {html.bold('Withdrawn')}: {told}"


def _retracted(facts: FollowUpFacts) -> str:
    return (
        f"❗ {html.bold('Retracted')}: the source corrected its data."
        f" With a close of {numbers.price(facts.event.close)} the rule does not fire on the bar of"
        f" {_bar(facts, facts.event.alert.bar)}; the alert above does not count."
    )


def _corrected(facts: FollowUpFacts) -> str:
    before = "" if facts.event.told is None else f", not at {numbers.price(facts.event.told)}"
    return f"✏️ {html.bold('Correction')}: {_closed(facts)}{before}. The alert stands."


_NEWS: Mapping[EventKind, Callable[[FollowUpFacts], str]] = {
    EventKind.CONFIRMED: _confirmed,
    EventKind.HELD: _held,
    EventKind.FAILED: _failed,
    EventKind.RESUMED: _resumed,
    EventKind.MILESTONE: _milestone,
    EventKind.ENDED: _ended,
    EventKind.WITHDRAWN: _withdrawn,
    EventKind.RETRACTED: _retracted,
    EventKind.CORRECTED: _corrected,
}


def _market(facts: FollowUpFacts) -> str:
    return html.escape(html.clip(facts.market, 40))


def _closed(facts: FollowUpFacts) -> str:
    if facts.priced:
        return f"{_market(facts)} closed at {numbers.price(facts.event.close)}"
    off = _off(facts)
    return f"{_market(facts)} closed {off} it" if off else f"{_market(facts)} closed"


def _mark(facts: FollowUpFacts) -> float | None:
    """The level, or the close at the firing where the rule has none."""
    return facts.event.level if facts.event.level is not None else facts.opening


def _mark_of(facts: FollowUpFacts) -> str:
    mark = _mark(facts)
    return "" if mark is None else f" {numbers.price(mark)}" if facts.priced else " its level"


def _side(facts: FollowUpFacts) -> str:
    return "under" if facts.direction is Direction.DOWN else "above"


def _other_side(facts: FollowUpFacts) -> str:
    return "above" if facts.direction is Direction.DOWN else "under"


def _against(facts: FollowUpFacts) -> str:
    """Distance from the level, or from the close at the firing where the rule has no level."""
    away = _away(facts) if facts.priced else ""
    return f", {away}" if away else ""


def _away(facts: FollowUpFacts, what: str = "") -> str:
    """3.9 % above 103.00."""
    off = _off(facts)
    return f"{off} {what}{_mark_of(facts).lstrip()}" if off else ""


def _off(facts: FollowUpFacts) -> str:
    """3.9 % above; 0.12 points above. "" where there is no mark to be off."""
    mark, points = _mark(facts), facts.in_points
    if mark is None or not (points or mark > 0):
        return ""
    off = facts.event.close - mark if points else facts.event.close / mark - 1
    return f"{numbers.change(abs(off), points=points, sign=False)} {'above' if off >= 0 else 'under'}"


def _fired_at(facts: FollowUpFacts) -> str:
    """The day, or the week, of the alert that this is about."""
    return numbers.bar_day(facts.event.alert.bar, facts.event.alert.timeframe, facts.event.bar)


def _after(facts: FollowUpFacts) -> str:
    """6 sessions after the break of 2 Jan; of a run of records, how many there were."""
    if facts.signal is SignalKind.RECORD and facts.yes_count is not None and facts.yes_count > 1:
        return f"after {facts.yes_count} records since {_fired_at(facts)}"
    bars = bars_of(facts.bars_after, facts.event)
    return f"{bars} after the {facts.signal} of {_fired_at(facts)}"


def _share(facts: FollowUpFacts) -> str:
    rate = facts.failures
    if rate is None or rate.fired < _FEWEST_FOR_SHARE:
        return ""
    span = bars_of(rate.bars, facts.event)
    if not rate.failed:
        return f" None of the {rate.fired} before did within {span}."
    return f" So did {rate.failed} of the {rate.fired} before, within {span}."


def _bar(facts: FollowUpFacts, start: int) -> str:
    return numbers.bar_name(start, facts.event.alert.timeframe)
