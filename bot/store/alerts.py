"""Alerts and their events: what each rule has said so far, and how far it was evaluated."""

from __future__ import annotations

import json
from dataclasses import dataclass
from math import nan

from bot.alert import AlertEvent, AlertRow
from bot.signals.replay.event import EventKind
from bot.signals.timeframe import Instant
from bot.store.sqlite import Database

OPENING = ", ".join(f"'{kind.value}'" for kind in EventKind if kind.opens)
"""The kinds of events that open a message, as SQL lists them."""


@dataclass(frozen=True, slots=True)
class Watermark:
    """The last bar (its start) that a rule was evaluated at, and the digest of the rule that it was then."""

    bar: Instant
    digest: str


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event that was recorded: its alert's bar, its own, and the digest of the rule that made it.

    `close` is the one that it told, NaN where it was kept without one.
    """

    kind: EventKind
    alert_bar: Instant
    bar: Instant
    digest: str
    close: float = nan
    level: float | None = None


def watermark(db: Database, rule: str) -> Watermark | None:
    """How far `rule` has been evaluated; None where it never was."""
    row = db.execute("SELECT bar, digest FROM watermarks WHERE rule = ?", [rule]).fetchone()
    return Watermark(*row) if row else None


def set_watermark(db: Database, rule: str, market: str, timeframe: str, mark: Watermark, now: Instant) -> None:
    """Note how far `rule` has been evaluated."""
    db.conn.execute(
        "INSERT OR REPLACE INTO watermarks VALUES (?, ?, ?, ?, ?, ?)",
        [rule, market, timeframe, mark.bar, mark.digest, now],
    )


def recent_alerts(db: Database, limit: int, rule: str | None = None) -> list[AlertRow]:
    """The newest alerts first, those of `rule` only where it is given."""
    rows = db.execute(_RECENT, [rule, limit]).fetchall()
    return [AlertRow(*(*facts, bool(reached), tuple(json.loads(kinds)))) for *facts, reached, kinds in rows]


def alert_events(db: Database, since: Instant, until: Instant) -> list[AlertEvent]:
    """What was recorded after `since` and not after `until`, in order."""
    rows = db.execute(
        "SELECT a.rule, a.market, a.timeframe, a.bar, e.kind, e.bar, e.created"
        " FROM events e JOIN alerts a ON a.id = e.alert WHERE e.created > ? AND e.created <= ? ORDER BY e.id",
        [since, until],
    ).fetchall()
    return [AlertEvent(*row) for row in rows]


def last_fired(db: Database) -> dict[str, Instant]:
    """The bar (its start) at which each rule last fired; a rule that never did is missing."""
    return dict(
        db.execute(
            "SELECT a.rule, max(a.bar) FROM alerts a WHERE EXISTS ("
            " SELECT 1 FROM events e WHERE e.alert = a.id AND e.kind = 'fired') GROUP BY a.rule"
        ).fetchall()
    )


def events_of(db: Database, rule: str, since: Instant) -> list[StoredEvent]:
    """The events of `rule` whose alert's bar starts at or after `since`, in the order of their bars."""
    rows = db.execute(
        "SELECT e.kind, a.bar, e.bar, e.digest, ifnull(e.close, 'nan'), e.level"
        " FROM events e JOIN alerts a ON a.id = e.alert WHERE a.rule = ? AND a.bar >= ? ORDER BY e.bar, e.id",
        [rule, since],
    ).fetchall()
    return [
        StoredEvent(EventKind(kind), alert, bar, digest, float(close), level)
        for kind, alert, bar, digest, close, level in rows
    ]


# The limit comes first: what is told of an alert is looked up for the few that are listed.
_RECENT = """
    SELECT a.rule, a.market, a.timeframe, a.bar, e.at,
           coalesce((SELECT close FROM events WHERE alert = a.id AND kind = 'corrected' AND bar = a.bar), e.close),
           e.level, a.severity, a.created,
           EXISTS (SELECT 1 FROM events v JOIN message_events told ON told.event = v.id
                   JOIN deliveries d ON d.message = told.message WHERE v.alert = a.id AND d.state = 'sent'),
           (SELECT json_group_array(kind) FROM (SELECT kind FROM events WHERE alert = a.id ORDER BY id))
    FROM (SELECT * FROM alerts WHERE ?1 IS NULL OR rule = ?1 ORDER BY bar DESC, id DESC LIMIT ?2) a
    JOIN events e ON e.id = (SELECT id FROM events WHERE alert = a.id ORDER BY at, id LIMIT 1)
    ORDER BY a.bar DESC, a.id DESC
"""
