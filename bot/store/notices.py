"""Notices: messages that are no alert, for the operators or for everybody."""

from __future__ import annotations

from typing import Literal

from bot.severity import Severity
from bot.signals.timeframe import DAY, Instant
from bot.store.database import immediate
from bot.store.enqueue import enqueue, insert_message
from bot.store.sqlite import Database

Audience = Literal["operators", "all"]

KEPT_SECONDS = 30 * DAY
"""Seconds for which a notice is kept for an operator whom it could not reach."""

_TO = {"operators": "s.operator = 1", "all": "s.state = 'active'"}


def notice(db: Database, html: str, audience: Audience, now: Instant, severity: Severity = Severity.NORMAL) -> int:
    """Queue `html` for the operators, or for every active subscriber. Returns how many will get it.

    An operator gets notices even if unsubscribed, or unreachable until now.
    """
    with immediate(db):
        return enqueue(db, insert_message(db, "notice", html, now), severity, now, to=_TO[audience])


def requeue_notices(db: Database, user_id: int, now: Instant) -> int:
    """Queue again what an operator was to be told and could not be, now that they have written. Returns how much."""
    with immediate(db):
        return db.conn.execute(
            "UPDATE deliveries SET state = 'queued', due = :now, attempts = 0, finished = NULL, reason = NULL"
            " WHERE id IN (SELECT d.id FROM deliveries d JOIN messages m ON m.id = d.message"
            " JOIN subscribers s ON s.id = d.subscriber"
            " WHERE (d.state = 'dropped' AND d.finished >= :since OR d.state = 'queued' AND d.due > :now)"
            " AND m.kind = 'notice' AND s.operator = 1 AND s.chat_id = :chat AND s.thread_id = 0)",
            {"now": now, "since": now - KEPT_SECONDS, "chat": user_id},
        ).rowcount
