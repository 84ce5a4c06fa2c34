"""Pause of all sending, kept so that it holds over a restart and can be told."""

from __future__ import annotations

import json
from dataclasses import dataclass

from bot.store.meta import delete_value, get_value, set_value
from bot.store.sqlite import Database

_KEY = "sending paused"


@dataclass(frozen=True, slots=True)
class SendingPause:
    """Nothing is sent before `until`, seconds since 1970, and why."""

    until: float
    reason: str


def save_pause(db: Database, until: float, reason: str, now: float) -> None:
    """Remember that nothing is sent before `until`; over where that is past."""
    if until <= now:
        delete_value(db, _KEY)
    else:
        set_value(db, _KEY, json.dumps([until, until - now, reason]), int(now))


def sending_pause(db: Database, now: float) -> SendingPause | None:
    """The pause that holds at `now`, None where there is none.

    It never takes longer than it did when it began, however far the clock was set back meanwhile.
    """
    kept = get_value(db, _KEY)
    if kept is None:
        return None
    until, seconds, reason = json.loads(kept)
    return SendingPause(min(until, now + seconds), reason) if until > now else None
