"""Text of a story: all alerts that one chat gets of one close, as the caption of one picture.

The news stands in the first line, the other alerts of the day under it, then how the signal went before and how crypto
does. It takes 14 lines of a phone at most; what is left is folded, and ends with where the figures come from.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bot.signals.replay.event import EventKind
from bot.signals.timeframe import Timeframe
from bot.views.alerts.claims import claims_line, short_claim
from bot.views.alerts.context_lines import correlation_line, hindsight_line, risk_line
from bot.views.alerts.facts import AlertFacts, Direction, StoryFacts
from bot.views.alerts.late import late_line
from bot.views.alerts.spans import bars_of, since_last_close
from bot.views.alerts.track_record import failure_sentence, history_sentence
from bot.views.formatting import html, numbers
from bot.views.markets.crypto import crypto_rows, remarks
from bot.views.markets.liquidity import liquidity_line

LIMIT = html.CAPTION_LIMIT - html.BANNER_ROOM

PHONE_LINES = 14
"""Lines of a phone that a story takes at most before it is unfolded."""

_ALSO_SHOWN = 3
"""Other alerts of the day that are named in sight."""

_WHY_LIMIT = 400
_CAVEATS_LIMIT = 240
"""UTF-16 units that each may take at most."""

_LONG_AGO_BARS = 20
"""Bars since the last close so high, from which on that is told."""

_FOLDED = (
    "record before",
    "others",
    "claim",
    "more claims",
    "risk",
    "liquidity",
    "hindsight",
    "correlation",
    "why",
    "caveats",
    "more caveats",
    "source",
)
"""Parts that are folded, in their order."""

_LINES_GIVE_WAY = ("rank", "next level", "history", "follows", "failures", "crypto")
"""What is left out, in this order, where a story would take too many of a phone's lines."""

_UNITS_GIVE_WAY = (
    "more caveats",
    "hindsight",
    "correlation",
    "more claims",
    "liquidity",
    "risk",
    "caveats",
    "claim",
    "others",
    "record before",
    "next level",
    "rank",
    "follows",
    "history",
    "failures",
    "crypto",
)
"""What is left out, in this order, where a story would be too long. `why` goes before all of these."""

_MISSING_LIMIT = 160
"""Characters for what is missing: two markets' sessions."""

_ICONS = {Direction.UP: "📈", Direction.DOWN: "📉", Direction.NONE: "🔔"}


def render_story(facts: StoryFacts) -> str:
    """The whole story as Telegram HTML that fits a photo's caption."""
    parts = _phone_sized(_parts(facts))
    text = html.fit(lambda left_out: _joined(parts, left_out), _UNITS_GIVE_WAY, LIMIT)
    why = html.sentences(facts.lead.why, _WHY_LIMIT)
    room = LIMIT - html.visible_length(text) - 1
    if not why or html.units(why) > room or text != _joined(parts, frozenset()):
        return text  # half of it would be the half that speaks for the signal
    return _joined({**parts, "why": html.escape(why)}, frozenset())


def headline(alert: AlertFacts) -> str:
    """The alert's own news in one line of plain text."""
    return html.clip(alert.headline.strip() or alert.rule_title, 240)


def _claims_so_far(lead: AlertFacts) -> str:
    """How the rule's claims stand by what came since they were made; "" where none can be decided."""
    line = claims_line(claim.state for claim in lead.claims if claim.state is not None)
    return f"{line} (/claims)" if line else ""


def _parts(facts: StoryFacts) -> dict[str, str]:
    lead = facts.lead
    claims = [html.escape(line) for line in map(short_claim, lead.claims) if line]
    return {
        "headline": f"{_icon(lead)} {html.bold(html.escape(headline(lead)))}",
        "late": late_line(lead.event, lead.sessions_ago) if lead.late else "",
        "happened": _happened(lead),
        "missing": _missing(lead),
        "rank": _rank(lead),
        "next level": _next_level(lead),
        "follows": _follows(lead),
        "also": "\n".join(_also(facts)),
        "failures": html.escape(_failures(lead)),
        "history": html.escape(history_sentence(lead.history)) if lead.history else "",
        "crypto": _crypto(facts),
        "record before": _record_before(lead),
        "others": "\n".join(_others(facts)),
        "claim": claims[0] if claims else "",
        "more claims": "\n".join(filter(None, [*claims[1:3], _claims_so_far(lead)])),
        "risk": "" if facts.risk is None else html.escape(risk_line(facts.risk, facts.at)),
        "liquidity": html.escape(liquidity_line(facts.liquidity, facts.missing_liquidity)),
        "hindsight": html.escape(hindsight_line(facts.crypto)),
        "correlation": "" if facts.correlation is None else html.escape(correlation_line(facts.correlation)),
        "why": "",
        "caveats": _caveats(lead.caveats[:1]),
        "more caveats": _caveats(lead.caveats[1:]),
        "source": _source(facts),
    }


_BLOCKS = (
    ("headline", "late"),
    ("happened", "missing", "rank", "next level", "follows"),
    ("also",),
    ("failures", "history"),
    ("crypto",),
)


def _phone_sized(parts: Mapping[str, str]) -> dict[str, str]:
    """The parts without those that would make a phone scroll before anything is unfolded."""
    for count in range(len(_LINES_GIVE_WAY) + 1):
        left_out = frozenset(_LINES_GIVE_WAY[:count])
        if html.phone_lines(_joined(parts, left_out | frozenset(_FOLDED))) <= PHONE_LINES:
            break
    return {name: part for name, part in parts.items() if name not in left_out}


def _joined(parts: Mapping[str, str], left_out: frozenset[str]) -> str:
    """The parts in order: sentences of one block run on, the blocks about the past and crypto stand apart."""
    kept = {name: part for name, part in parts.items() if part and name not in left_out}
    news, happened, also, before, crypto = ([kept[name] for name in block if name in kept] for block in _BLOCKS)
    lines = "\n".join([*news, *filter(None, [" ".join(happened)]), *also])
    folded = [html.folded("\n".join(kept[name] for name in _FOLDED if name in kept))] if "source" in kept else []
    return "\n\n".join(filter(None, [lines, "\n".join(before), "\n".join([*crypto, *folded])]))


def _icon(alert: AlertFacts) -> str:
    if alert.event.kind is EventKind.PROVISIONAL:
        return "⏳"
    return _ICONS[alert.direction]


def _timeframe(alert: AlertFacts) -> Timeframe:
    return alert.event.alert.timeframe


def _happened(alert: AlertFacts) -> str:
    """The close, unless the headline says it, and the change that it is."""
    close = numbers.price(alert.event.close)
    spelled = (close, f"{alert.event.close:.2f}", f"{alert.event.close:,.0f}")
    told = not alert.priced or any(form in alert.headline for form in spelled)
    change = (
        ""
        if alert.change is None
        else f"{numbers.change(alert.change, points=alert.in_points)} {since_last_close(alert.event, late=alert.late)}"
    )
    if alert.event.kind is EventKind.PROVISIONAL:
        so_far = ", ".join(filter(None, [f"{close} so far" if alert.priced else "", change]))
        return f"Provisional, the bar is still forming{f': {so_far}' if so_far else ''}."
    if told:
        return f"{change}." if change else ""
    return f"It closed at {close}{f' ({change})' if change else ''}."


def _rank(alert: AlertFacts) -> str:
    """How long it has been since a close this high; nothing where that is no news, or where the headline says it."""
    rank = alert.rank
    if rank is None or "first record" in alert.headline.lower():
        return ""
    record = rank.is_record(alert.event.close)
    mark = rank.record if record else rank.last_higher
    if mark is None or mark.bars_ago < _LONG_AGO_BARS:
        return ""
    ago = numbers.long_span(alert.event.bar - mark.start)
    since = f"since {numbers.bar_day(mark.start, _timeframe(alert), alert.event.bar)} ({ago})"
    if alert.event.kind is EventKind.PROVISIONAL:  # nothing has closed yet
        return f"A close here would be {f'the first record in {ago}' if record else f'the highest {since}'}."
    return f"The first record {_close(alert)} in {ago}." if record else f"The highest {_close(alert)} {since}."


def _record_before(alert: AlertFacts) -> str:
    """Which record a record has topped, and of when that was."""
    rank = alert.rank
    if rank is None or rank.record is None or not rank.is_record(alert.event.close):
        return ""
    when = "so far" if alert.event.kind is EventKind.PROVISIONAL else "before"
    named = numbers.bar_day(rank.record.start, _timeframe(alert))
    return f"The record {_close(alert)} {when}: {numbers.price(rank.record.close)}, {named}."


def _close(alert: AlertFacts) -> str:
    return "weekly close" if _timeframe(alert) is Timeframe.W1 else "close"


def _next_level(alert: AlertFacts) -> str:
    level = alert.next_level
    close, points = alert.event.close, alert.in_points
    if level is None or not (points or close > 0):
        return ""
    away = numbers.change(abs(level.price - close if points else level.price / close - 1), points=points, sign=False)
    side, name = ("under", "support") if alert.direction is Direction.DOWN else ("above", "resistance")
    return f"Next {name}: {numbers.price(level.price)}, {away} {side} it."


def _follows(alert: AlertFacts) -> str:
    if alert.follows is None:
        return ""
    title = html.escape(html.clip(alert.follows.title, 60))
    return f"After: {title}, {numbers.near_day(alert.follows.bar, alert.event.bar)}."


def _also(facts: StoryFacts) -> Iterator[str]:
    others = facts.alerts[1:]
    if not others:
        return
    shown = [html.escape(html.clip(alert.rule_title, 60)) for alert in others[:_ALSO_SHOWN]]
    more = f"; and {len(others) - _ALSO_SHOWN} more" if len(others) > _ALSO_SHOWN else ""
    yield f"Also {_today(facts.lead)}: {'; '.join(shown)}{more}."


def _today(alert: AlertFacts) -> str:
    return "today" if _timeframe(alert).has_dates and not alert.late else "then"


def _others(facts: StoryFacts) -> Iterator[str]:
    """What the other alerts of the day have to say for themselves."""
    for alert in facts.alerts[1:]:
        yield f"{_icon(alert)} {html.escape(f'{headline(alert)}. {_failures(alert)}')} {_follows(alert)}".rstrip()


def _failures(alert: AlertFacts) -> str:
    if alert.failures is None:
        return ""
    return failure_sentence(alert.failures, alert.signal, bars_of(alert.failures.bars, alert.event))


def _crypto(facts: StoryFacts) -> str:
    rows = [html.pre(crypto_rows(facts.crypto))] if facts.crypto else []
    return "\n".join([*rows, *remarks(facts.crypto, facts.missing, facts.at)])


def _missing(alert: AlertFacts) -> str:
    told = html.clip(alert.across_missing, _MISSING_LIMIT)
    return html.escape(f"It looks back across missing sessions: {told}.") if told else ""


def _caveats(caveats: tuple[str, ...]) -> str:
    text = html.sentences(" ".join(caveats), _CAVEATS_LIMIT)
    return html.italic(html.escape(text)) if text else ""


def _source(facts: StoryFacts) -> str:
    """Whose bars, of when, from where; and how old the crypto figures are."""
    lead = facts.lead
    state = "forming until" if lead.event.kind is EventKind.PROVISIONAL else "closed"
    bar = numbers.bar_name(lead.event.bar, _timeframe(lead))
    told = f"{html.escape(html.clip(lead.market, 40))}: bar of {bar}, {state} "
    told += html.instant(facts.at, numbers.clock(facts.at))
    told += f", {html.escape(html.clip(lead.source, 40))}" if lead.source else ""
    if not facts.crypto:
        return told
    newest = max(line.performance.as_of for line in facts.crypto)
    return f"{told} · crypto at {html.instant(newest, numbers.moment(newest), 'wdt')}"
