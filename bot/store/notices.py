"""Notices: messages that are no alert, for the operators or for everybody."""

from __future__ import annotations

from typing import Literal

from bot.severity import Severity
from bot.signals.timeframe import Instant
from bot.store.database import immediate
from bot.store.enqueue import enqueue, insert_message
from bot.store.sqlite import Database

Audience = Literal["operators", "all"]

_TO = {"operators": "s.operator = 1", "all": "s.state = 'active'"}


def notice(db: Database, html: str, audience: Audience, now: Instant, severity: Severity = Severity.NORMAL) -> int:
    """Queue `html` for the operators, or for every active subscriber. Returns how many will get it.

    An operator gets notices even if unsubscribed, or unreachable until now.
    """
    with immediate(db):
        return enqueue(db, insert_message(db, "notice", html, now), severity, now, to=_TO[audience])
