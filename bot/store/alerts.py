"""Alerts and their events: what each rule has said so far, and the deliveries of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from bot.alert import AlertRow, Buttons
from bot.severity import Severity
from bot.signals.replay.event import Event, EventKind
from bot.signals.timeframe import Instant
from bot.store.database import immediate
from bot.store.enqueue import enqueue
from bot.store.sqlite import Database

OPENING = ", ".join(f"'{kind.value}'" for kind in EventKind if kind.opens)
"""The kinds of events that open a message, as SQL lists them."""


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event with the message that tells of it.

    `digest` is that of the rule that made it. Where `deliver` is false the event is kept and nobody is told:
    the very first start alerts on nothing old.
    """

    event: Event
    digest: str
    severity: Severity
    tags: tuple[str, ...]
    html: str
    photo: bytes | None = None
    buttons: Buttons = ()
    late: bool = False
    deliver: bool = True


@dataclass(frozen=True, slots=True)
class Watermark:
    """The last bar (its start) that a rule was evaluated at, and the digest of the rule that it was then."""

    bar: Instant
    digest: str


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event that was recorded: its alert's bar, its own, and the digest of the rule that made it."""

    kind: EventKind
    alert_bar: Instant
    bar: Instant
    digest: str


def record(
    db: Database,
    rule: str,
    market: str,
    timeframe: str,
    events: Sequence[NewEvent],
    upto: Instant,
    digest: str,
    now: Instant,
) -> int:
    """Keep `events`, queue their deliveries and move the rule's watermark, all in one transaction.

    An event that is known already changes nothing. A firing goes to every active subscriber that wants it
    and has not muted it; what follows goes to those who have, or will have, the alert itself. A late event
    passes over those who subscribed after it. Returns how many deliveries were queued.
    """
    queued = 0
    with immediate(db):
        for new in events:
            event = _insert_event(db, new, now)
            if event is not None and new.deliver:
                queued += _queue(db, event, new, now)
        set_watermark(db, rule, market, timeframe, Watermark(upto, digest), now)
    return queued


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
    rows = db.execute(
        """
        SELECT a.rule, a.market, a.timeframe, a.bar, min(e.at), e.close, e.level, a.severity, a.created,
               (SELECT count(*) FROM events v JOIN deliveries d ON d.event = v.id
                WHERE v.alert = a.id AND d.state = 'sent'),
               (SELECT count(*) FROM events v JOIN deliveries d ON d.event = v.id
                WHERE v.alert = a.id AND d.state = 'dropped'),
               (SELECT json_group_array(kind) FROM (SELECT kind FROM events WHERE alert = a.id ORDER BY id))
        FROM alerts a JOIN events e ON e.alert = a.id
        WHERE ?1 IS NULL OR a.rule = ?1
        GROUP BY a.id ORDER BY a.bar DESC, a.id DESC LIMIT ?2
        """,
        [rule, limit],
    ).fetchall()
    return [AlertRow(*(*facts, tuple(json.loads(kinds)))) for *facts, kinds in rows]


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
        "SELECT e.kind, a.bar, e.bar, e.digest FROM events e JOIN alerts a ON a.id = e.alert"
        " WHERE a.rule = ? AND a.bar >= ? ORDER BY e.bar, e.id",
        [rule, since],
    ).fetchall()
    return [StoredEvent(EventKind(kind), *rest) for kind, *rest in rows]


def _insert_event(db: Database, new: NewEvent, now: Instant) -> int | None:
    """Id of the event; None where it was known already."""
    identity = (new.event.alert.rule, new.event.alert.market, new.event.alert.timeframe.value, new.event.alert.bar)
    db.conn.execute(
        "INSERT INTO alerts (rule, market, timeframe, bar, severity, created) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT DO NOTHING",
        [*identity, new.severity.word, now],
    )
    (alert,) = db.conn.execute(
        "SELECT id FROM alerts WHERE rule = ? AND market = ? AND timeframe = ? AND bar = ?", identity
    ).fetchone()
    event = new.event
    row = db.conn.execute(
        "INSERT INTO events (alert, kind, bar, at, close, level, digest, html, photo, buttons, late, created)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING id",
        [
            *(alert, event.kind.value, event.bar, event.at, event.close, event.level, new.digest),
            *(new.html, new.photo, json.dumps(new.buttons), new.late, now),
        ],
    ).fetchone()
    return int(row[0]) if row else None


def _queue(db: Database, event: int, new: NewEvent, now: Instant) -> int:
    # One alert has one severity, that of its first event: else a follow-up could overtake what it answers.
    alert, word = db.conn.execute(
        "SELECT a.id, a.severity FROM alerts a JOIN events e ON e.alert = a.id WHERE e.id = ?", [event]
    ).fetchone()
    severity = Severity.from_word(word)
    facts = {"alert": alert, "rule": new.event.alert.rule, "late": new.late, "at": new.event.at}
    if not new.event.kind.opens:
        return enqueue(db, event, severity, now, to=_WHO_HAVE_IT, facts=facts)
    wanted = [("all", ""), ("rule", new.event.alert.rule), *(("tag", tag) for tag in new.tags)]
    wanted += [("severity", least.word) for least in Severity if least <= new.severity]
    return enqueue(db, event, severity, now, to=_WHO_WANT_IT, facts=facts | {"wanted": json.dumps(wanted)})


_WHO_LISTEN = """
    s.state = 'active' AND (NOT :late OR s.since <= :at)
    AND NOT EXISTS (SELECT 1 FROM mutes m WHERE m.subscriber = s.id AND m.rule IN ('', :rule) AND m.until > :now)
"""

_WHO_WANT_IT = f"""
    {_WHO_LISTEN} AND :rank >= s.least AND EXISTS (
        SELECT 1 FROM subscriptions p WHERE p.subscriber = s.id AND (p.kind, p.value) IN (
            SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each(:wanted)
        )
    )
"""

_WHO_HAVE_IT = f"""
    {_WHO_LISTEN} AND EXISTS (
        SELECT 1 FROM events earlier JOIN deliveries d ON d.event = earlier.id AND d.subscriber = s.id
        WHERE earlier.alert = :alert AND earlier.kind IN ({OPENING}) AND d.state <> 'dropped'
    )
"""
