"""Messages that a chat with all rules gets: one for the alerts of a close, one for each message that news answer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from bot.scan.stories import DIGEST_ONLY, MINOR
from bot.signals.replay.event import AlertId, Event
from bot.signals.timeframe import Instant, day_of


class Message(NamedTuple):
    """The close that it comes of, and the close of what it answers; the same for one that answers nothing."""

    at: Instant
    root: Instant

    @property
    def year(self) -> int:
        return day_of(self.at - 1).year


def messages(events: Iterable[Event]) -> list[Message]:
    """All of them in order."""
    roots: dict[AlertId, Instant] = {}
    found: set[Message] = set()
    for event in sorted(events, key=lambda each: (each.at, not each.kind.opens)):
        if event.kind.opens:
            roots[event.alert] = event.at
        if event.kind not in DIGEST_ONLY | MINOR:
            found.add(Message(event.at, roots[event.alert]))
    return sorted(found)
