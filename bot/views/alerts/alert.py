"""Text of an alert, as the caption of its chart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from bot.evidence.record_rank import record_rank
from bot.signals.replay.event import EventKind
from bot.views.alerts.claims import short_claim
from bot.views.alerts.context_lines import correlation_line, risk_line
from bot.views.alerts.facts import AlertFacts
from bot.views.alerts.follow_up import render_followup
from bot.views.alerts.track_record import history_lines
from bot.views.formatting import html, numbers
from bot.views.markets.crypto import render_crypto

LIMIT = html.CAPTION_LIMIT - html.BANNER_ROOM

LEFT_OUT_FIRST = (
    "more caveats",
    "correlation",
    "more claims",
    "source",
    "standing",
    "risk",
    "caveats",
    "claim",
    "history",
    "crypto",
)
"""What gives way, in this order, where a caption would be too long. `why` goes before all of these, by sentences."""

_WHY = 320
_CAVEATS = 240
"""Units that each may take at most."""

_EVIDENCE = 6
"""Lines for what came after, claims and risk together."""

_NOTABLE = 20
"""A close is called the highest in so many bars from here on; below, it is no news."""


def render_alert(facts: AlertFacts) -> str:
    """One event as Telegram HTML that fits a photo's caption: a firing in full, a later event in short."""
    if not facts.event.kind.opens:
        return render_followup(facts)
    parts = {
        "headline": _headline(facts),
        "late": _late(facts),
        "happened": _happened(facts),
        "standing": _standing(facts),
        "crypto": _apart(render_crypto(facts.crypto, facts.missing, facts.event.at)),
        **_evidence(facts),
        "why": "",
        "caveats": _apart(_caveats(facts.caveats[:1])),
        "more caveats": _caveats(facts.caveats[1:]),
        "source": _apart(_origin(facts)),
    }
    bare = html.fit(lambda left_out: _joined(parts, left_out), LEFT_OUT_FIRST, LIMIT)
    why = html.sentences(facts.why, min(_WHY, LIMIT - html.visible_length(bare) - 2))
    if not why or bare != _joined(parts, frozenset()):
        return bare
    return _joined({**parts, "why": _apart(html.folded(html.escape(why)))}, frozenset())


def _joined(parts: Mapping[str, str], left_out: frozenset[str]) -> str:
    return "\n".join(part for name, part in parts.items() if part and name not in left_out)


def _evidence(facts: AlertFacts) -> dict[str, str]:
    """What came after, what others say of it, and the appetite for risk: one block of a few lines."""
    history = "" if facts.history is None else "\n".join(history_lines(facts.history))
    claims = [html.escape(line) for line in map(short_claim, facts.claims) if line]
    lines = {
        "history": history,
        "claim": claims[0] if claims else "",
        "more claims": claims[1] if len(claims) > 1 else "",
        "risk": "" if facts.risk is None else html.escape(risk_line(facts.risk)),
        "correlation": "" if facts.correlation is None else html.escape(correlation_line(facts.correlation)),
    }
    if sum(line.count("\n") + 1 for line in lines.values() if line) > _EVIDENCE:
        lines["correlation"] = ""
    first = next((name for name, line in lines.items() if line), None)
    return {name: _apart(line) if name == first else line for name, line in lines.items()}


def _headline(facts: AlertFacts) -> str:
    text = html.bold(html.escape(html.clip(facts.headline.strip() or facts.title, 240)))
    return f"{_icon(facts)} {text}"


def _icon(facts: AlertFacts) -> str:
    if facts.event.kind is EventKind.PROVISIONAL:
        return "⏳"
    if facts.severity == "low":
        return "👀"
    return _direction(facts)


def _direction(facts: AlertFacts) -> str:
    """Down for a support that broke, up for what was passed at least in the course of the bar, else neither."""
    at = facts.bars.position(facts.event.bar)
    before = facts.bars.close[:at][np.isfinite(facts.bars.close[:at])][-1:]
    close, level = facts.event.close, facts.event.level
    if level is None:
        return "🔔" if before.size and close < before[0] else "📈"
    came_from = before if before.size or at is None else facts.bars.open[at : at + 1]
    if close < level and np.any(came_from > level):
        return "📉"
    reached = close if at is None else np.fmax(close, facts.bars.high[at])
    return "📈" if reached >= level else "🔔"


def _late(facts: AlertFacts) -> str:
    if not facts.late:
        return ""
    ago = f", {numbers.bars_of(facts.sessions_ago, facts.event.alert.timeframe)} ago" if facts.sessions_ago > 0 else ""
    return f"⏰ Late: this is the bar of {_near(facts)}{ago}."


def _near(facts: AlertFacts) -> str:
    return numbers.bar_name(facts.event.bar, facts.event.alert.timeframe)


def _happened(facts: AlertFacts) -> str:
    event = facts.event
    where = html.escape(html.clip(facts.market, 40))
    if event.kind is EventKind.PROVISIONAL:
        lead = f"Provisional, the bar is still forming: {where} at {numbers.price(event.close)}"
    else:
        lead = f"{where} closed at {numbers.price(event.close)}"
    against = _against_level(facts)
    return f"{lead}, {against}." if against else f"{lead}."


def _against_level(facts: AlertFacts) -> str:
    """How far the close is from the level; from the record where that is the level, or where there is none."""
    level = facts.event.level
    if level is None or _is_record(facts, level):
        return _against_record(facts)
    return f"{_apart_from(facts.event.close, level)} the level of {numbers.price(level)}" if level > 0 else ""


def _is_record(facts: AlertFacts, level: float) -> bool:
    """Whether a level reads the same as the record close before the bar."""
    mark = record_rank(facts.bars, facts.event.bar, facts.event.close).record
    return mark is not None and numbers.price(mark.close) == numbers.price(level)


def _against_record(facts: AlertFacts) -> str:
    mark = record_rank(facts.bars, facts.event.bar, facts.event.close).record
    if mark is None or not mark.close > 0:
        return ""
    record = f"the record close of {numbers.day(mark.start)} ({numbers.price(mark.close)})"
    return f"{_apart_from(facts.event.close, mark.close)} {record}"


def _apart_from(close: float, mark: float) -> str:
    if close == mark:
        return "level with"
    return f"{numbers.percent(abs(close / mark - 1), sign=False)} {'above' if close > mark else 'under'}"


def _standing(facts: AlertFacts) -> str:
    level = facts.event.level
    against = "" if level is None or _is_record(facts, level) else _against_record(facts)
    sentence = f"{against[0].upper()}{against[1:]}." if against else ""
    return " ".join(filter(None, [_rank(facts), sentence]))


def _rank(facts: AlertFacts) -> str:
    """How long it has been since a close this high; nothing where the headline has said so."""
    place = record_rank(facts.bars, facts.event.bar, facts.event.close)
    record = place.is_record(facts.event.close)
    mark = place.record if record else place.last_higher
    if mark is None or mark.bars_ago < _NOTABLE:
        return ""
    span = numbers.bars_of(mark.bars_ago, facts.event.alert.timeframe)
    if span in facts.headline:
        return ""
    return f"First record close in {span}." if record else f"Highest close since {numbers.day(mark.start)} ({span})."


def _caveats(caveats: Sequence[str]) -> str:
    text = html.sentences(" ".join(caveats), _CAVEATS)
    return html.italic(html.escape(text)) if text else ""


def _origin(facts: AlertFacts) -> str:
    event = facts.event
    state = "forming until" if event.kind is EventKind.PROVISIONAL else "closed"
    text = f"{html.escape(html.clip(facts.title, 80))} · bar of {_near(facts)}, {state} "
    text += html.instant(event.at, numbers.clock(event.at))
    return f"{text} · {html.escape(html.clip(facts.source, 40))}" if facts.source else text


def _apart(block: str) -> str:
    return f"\n{block}" if block else ""
