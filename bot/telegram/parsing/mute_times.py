"""For how long a person wants something muted, and what is wrong with what was said of it."""

from __future__ import annotations

import re
from zoneinfo import ZoneInfo

from bot.rulebook.book import Rulebook
from bot.signals.timeframe import DAY, Instant
from bot.telegram.parsing.durations import Duration, split_duration
from bot.telegram.parsing.resolve import exactly
from bot.telegram.parsing.until import Until, split_named_time, split_until
from bot.telegram.parsing.windows import Recurring, Window, find_recurring, split_window
from bot.views.chats import mutes as texts

_MAX_SECONDS = 100 * 365 * DAY
_BARE_NUMBER = re.compile(r"^\d+(?:[.,]\d+)?(?!\S|\s*(?:s|secs?|seconds?)\b)|(?<!\S)\d+(?:[.,]\d+)?$")
_ODD_LENGTH = re.compile(
    r"(?<!\S)[-−‐‑‒–—+~<>]?\s?\d[\d.,]*(?:\s?[-–—]\s?\d[\d.,]*)?(?:\s?(?:s|secs?|seconds?)|[a-z]*)(?!\S)", re.IGNORECASE
)

_TIME_BEFORE_EXCEPT = re.compile(
    r"(?P<all>all|everything)\s+(?P<time>(?!rules\b|alerts\b).+?)\s+(?P<spared>(?:except|but|besides|without)\s.+)",
    re.IGNORECASE,
)


def split_time(
    book: Rulebook, said: str, now: Instant, zone: ZoneInfo
) -> tuple[str, Duration | Until | Window | Recurring | None]:
    """What is to be muted, and for how long or from when to when; the name of a rule may look like a time itself."""
    if any(exactly(said, rule, written.title) for rule, written in book.rules.items()):
        return said, None
    if (but := _TIME_BEFORE_EXCEPT.fullmatch(said)) is not None:
        said = f"{but['all']} {but['spared']} {but['time']}"
    often = find_recurring(said)
    if often is not None:
        return "", often
    rest, window = split_window(said, now, zone)
    if window is not None:
        return rest, _begun(window, now)
    rest, until = split_until(said, now, zone)
    return (rest, until) if until is not None else split_duration(said)


def _begun(window: Window, now: Instant) -> Window | Until:
    """One that begins at once is an until."""
    if len(window.readings) == 1 and window.readings[0][0] <= now:
        return Until(window.said, (window.readings[0][1],), whole_day=window.whole_day)
    return window


def no_time(span: Duration | Until | None, said: str) -> str | None:
    """Why nothing can be muted for that long; None where it can."""
    if isinstance(span, Until) and not span.instants:
        return texts.over_already(span.said) if span.past else texts.no_end(span.said)
    if isinstance(span, Duration) and span.seconds == 0:
        return texts.no_length(said)
    if isinstance(span, Duration) and span.several:
        return texts.several_lengths(said)
    if isinstance(span, Duration) and span.seconds is not None and span.seconds >= _MAX_SECONDS:
        return texts.too_long(said)
    return None


def odd_time(said: str, rest: str, span: Duration | Until | Window | None, now: Instant, zone: ZoneInfo) -> str | None:
    """What is wrong with words that name no rule, where it is not their name: times that are none, or too many."""
    times = (split_until(rest, now, zone), split_duration(rest), split_named_time(rest, now, zone))
    if span is not None and any(time is not None for _, time in times):
        return texts.several_lengths(said)
    if (number := _BARE_NUMBER.search(rest)) is not None and span is None:
        return texts.no_unit(number[0].strip())
    odd = _ODD_LENGTH.search(rest)
    return texts.no_such_length(odd[0].strip()) if odd is not None else None
