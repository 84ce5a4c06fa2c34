"""What the running bot knows of the hours that it fetches at night, market by market."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Self

from bot.signals.timeframe import Instant
from bot.store.meta import get_value, set_value
from bot.store.sqlite import Database

_HOURS = "hours"


@dataclass(frozen=True, slots=True)
class KeptHours:
    """The hourly bars of one market in the store, the first and the last by their starts.

    `asked_since` is how far back they were asked for, `tried` when last; `trouble` is what was wrong then.
    """

    market: str
    first: Instant | None = None
    last: Instant | None = None
    asked_since: Instant | None = None
    tried: Instant | None = None
    trouble: str = ""

    def with_span(self, span: tuple[Instant, Instant] | None) -> Self:
        """The same with what the store holds now, from the first bar to the last; None where it holds none."""
        first, last = span or (None, None)
        return replace(self, first=first, last=last)


def kept_hours(db: Database) -> dict[str, KeptHours]:
    """By market; those whose hours the bot fetches."""
    kept = get_value(db, _HOURS)
    return {each["market"]: KeptHours(**each) for each in json.loads(kept)} if kept else {}


def save_kept_hours(db: Database, known: Mapping[str, KeptHours], now: Instant) -> None:
    """Remember this of all markets."""
    set_value(db, _HOURS, json.dumps([asdict(each) for each in known.values()]), now)
