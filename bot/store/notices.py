"""How is a message queued that is no alert?"""

from __future__ import annotations

from typing import Literal

from bot.signals.timeframe import Instant
from bot.store.database import immediate
from bot.store.schema import RANKS
from bot.store.sqlite import Database

Audience = Literal["operators", "all"]


def notice(db: Database, html: str, audience: Audience, now: Instant, severity: str = "normal") -> int:
    """Queue `html` for the operators, or for every active subscriber. Returns how many will get it.

    An operator gets notices even if unsubscribed, or unreachable until now.
    """
    with immediate(db):
        event = db.conn.execute(
            "INSERT INTO events (kind, bar, at, digest, html, created)"
            " VALUES ('notice', 0, ?1, '', ?2, ?1) RETURNING id",
            [now, html],
        ).fetchone()[0]
        return db.conn.execute(
            "INSERT INTO deliveries (event, subscriber, rank, silent, due, created)"
            " SELECT :event, id, :rank, :rank < silent_below, :now, :now FROM subscribers"
            " WHERE CASE :audience WHEN 'operators' THEN operator = 1 ELSE state = 'active' END",
            {"event": event, "rank": RANKS[severity], "audience": audience, "now": now},
        ).rowcount
