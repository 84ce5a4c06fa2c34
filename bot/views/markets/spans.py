"""Text about spans of time: what a market did over one, and why one can't be shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from bot.evidence.record_rank import Mark
from bot.signals.timeframe import DAY, Instant
from bot.views.formatting import html, numbers

_CLOSE_ENOUGH = 5 * DAY
"""A weekend with holidays: prices that begin so soon after the beginning of a span are all of it."""


class OddSpan(StrEnum):
    """Why a span that was said can't be shown."""

    SHORT = "hours, minutes, a single day"
    ENDS = "it ends in the past"
    NOTHING = "it has no length, or begins in the future"
    UNKNOWN = "no day stands after since, or one of two"
    SEVERAL = "more than one"
    UNIT = "a number without a unit"


_WHY: Mapping[OddSpan, str] = {
    OddSpan.SHORT: "that is too short, as prices here are closes of days.",
    OddSpan.ENDS: "all that is shown here ends today; only its beginning can be chosen.",
    OddSpan.NOTHING: "that is no time that lies behind us.",
    OddSpan.UNKNOWN: "I don't know which day is meant.",
    OddSpan.SEVERAL: "that is more than one span of time.",
    OddSpan.UNIT: "days, months or years?",
}


@dataclass(frozen=True, slots=True)
class SpanFacts:
    """The closes of a market over a span: the first, from which the change counts, the highest and the lowest.

    `asked` is the instant at which the span begins, None where it has no beginning.
    """

    name: str
    asked: Instant | None
    first: Mark
    last: Mark
    low: Mark
    high: Mark
    in_points: bool = False


def span_lines(facts: SpanFacts) -> Iterator[str]:
    """The change over the span and the closes between which it moved; first, where prices begin later than it."""
    first, last = facts.first, facts.last
    if facts.asked is None or first.start - facts.asked > _CLOSE_ENOUGH:
        yield f"Prices here begin on {numbers.day(first.start)}."
    if last.start == first.start:
        return
    name = "Since then" if facts.asked is None or first.start - facts.asked > _CLOSE_ENOUGH else _capital(facts.name)
    change = _change(first.close, last.close)
    if facts.in_points:
        change = numbers.change(last.close - first.close, points=True)
    yield f"{name}: {change}, from {_mark(first, last.start)}"
    yield f"Lowest close {_mark(facts.low, last.start)}, highest {_mark(facts.high, last.start)}"


def no_such_span(why: OddSpan, said: str, command: str, instead: tuple[str, ...]) -> str:
    """The answer to a span that can't be shown; `command` is what stands before a span, `instead` spans that can be."""
    examples = ", ".join(html.code(f"/{command} {word}") for word in instead[:4])
    return f"{html.quoted(said)}: {_WHY[why]}\nFor example {examples}"


def too_few(name: str, last: Instant) -> str:
    """Under /chart over a span in which there is a single close."""
    return f"{_capital(html.escape(name))}: no close is newer than that of {numbers.day(last)}, so there is no picture."


def one_market(title: str, name: str) -> str:
    """The answer to /crypto with the name of one market."""
    shown = html.bold(html.escape(html.clip(title, 80)))
    chart, levels = html.code(f"/chart {name}"), html.code(f"/levels {name}")
    return f"/crypto is about the coins together. {shown} alone: {chart}, {levels}"


def span_changes(name: str, changes: Mapping[str, tuple[float, Instant | None]]) -> str:
    """What each asset changed over a span, and since when where it begins later: under /crypto with a span."""
    told = [
        f"{html.escape(asset)} {_times(1 + change)}{'' if since is None else f' (from {numbers.month(since)})'}"
        for asset, (change, since) in changes.items()
    ]
    return f"{_capital(html.escape(name))}: {', '.join(told)}" if told else ""


def evidence_has_no_span(name: str) -> str:
    """The answer to /evidence with a span."""
    said = html.escape(html.clip(name, 40))
    return (
        f"“{said}”: evidence counts every signal there is. Of beginnings that one may choose, some would show anything;"
        " the newest ones stand one by one under Details."
    )


def levels_have_no_span(name: str) -> str:
    """Under /levels with a span."""
    said = html.escape(html.clip(name, 40))
    return html.italic(f"“{said}” changes nothing here: these are the levels that stand now.")


def _change(first: float, last: float) -> str:
    """In percent, from ten times on in times."""
    return _times(last / first) if first > 0 else numbers.UNKNOWN


def _times(ratio: float) -> str:
    return f"×{numbers.number(ratio, 0)}" if ratio >= 10 else numbers.percent(ratio - 1)


def _mark(mark: Mark, now: Instant) -> str:
    return f"{numbers.price(mark.close)} ({numbers.near_day(mark.start, now)})"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
