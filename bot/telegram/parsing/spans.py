"""Spans of time beside what they are asked of: a name, a span and a look in one line; the answer to an odd span."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.queries.span_words import TimeSpan, split_span
from bot.signals.timeframe import Instant
from bot.telegram.command import Reply
from bot.telegram.keyboard import button_row
from bot.telegram.parsing.look import split_look
from bot.views.markets.spans import no_such_span

_POLITE = re.compile(r"[\s,]+(?:please|pls|plz|thanks|thx)[\s!.]*$", re.IGNORECASE)
_MOST_PROPOSED = 4


@dataclass(frozen=True, slots=True)
class AskedPicture:
    """What is to be shown, and how: the words that are left, a span, and whether dark; None where it was not said."""

    rest: str
    span: TimeSpan | None = None
    dark: bool | None = None

    @property
    def more(self) -> str:
        """The words for its span and look, to stand behind another name."""
        look = {None: "", True: "dark", False: "light"}[self.dark]
        return " ".join(filter(None, (self.span.word if self.span is not None else "", look)))


def asked_of(said: str, now: Instant, known: Callable[[str], bool]) -> AskedPicture:
    """A span and a look that stand beside a name; what is `known` as a whole is only that name: Russell 2000."""
    if known(said):
        return AskedPicture(said.strip())
    said = without_please(said)
    bare, dark = split_look(said)
    if dark is not None and known(bare):
        return AskedPicture(bare.strip(), dark=dark)
    rest, span = split_span(bare, datetime.fromtimestamp(now, UTC).date())
    return AskedPicture(rest, span, dark)


def without_please(said: str) -> str:
    """What was said without a word of courtesy at its end."""
    return _POLITE.sub("", said)


def no_such_span_reply(span: TimeSpan, command: str, name: str = "", example: str = "") -> Reply:
    """Why an odd span can't be shown; `name` is what stands before it, in the text else `example`, without buttons."""
    assert span.odd is not None, "a sound span is shown"
    before = f"{command} {name or example}".rstrip()
    words = span.instead[:_MOST_PROPOSED] if name or not example else ()
    return Reply(
        no_such_span(span.odd, span.name, before, span.instead[:_MOST_PROPOSED]),
        button_row(*((word, command, f"{name} {word}".lstrip()) for word in words)),
    )
