"""Stories: the events of one close, written down with the messages that tell of them and whom these go to.

Which alerts a chat gets depends on what it asked for and muted, so chats are grouped by what they get, and each group
has a message of its own. What became of an alert goes, as an answer, to those who have the message that told of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.alert import Buttons
from bot.severity import Severity
from bot.signals.replay.event import Event
from bot.signals.timeframe import Instant
from bot.store.alerts import OPENING, Watermark, set_watermark
from bot.store.database import immediate
from bot.store.enqueue import enqueue, insert_message
from bot.store.sqlite import Database


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event to be kept. `digest` is that of the rule that made it, `severity` that of the rule.

    `urgency` is how much the event itself matters, None: as much as its rule. `minor`: it makes no message of its own,
    and stands in one that tells the same chat of other events of the same message. Where `deliver` is false the event
    is kept and nobody is told: the very first start alerts on nothing old.
    """

    event: Event
    digest: str
    severity: Severity
    tags: tuple[str, ...] = ()
    urgency: Severity | None = None
    minor: bool = False
    late: bool = False
    deliver: bool = True

    @property
    def rank(self) -> Severity:
        """How much the event itself matters: as much as its rule, or less."""
        return self.severity if self.urgency is None else self.urgency


@dataclass(frozen=True, slots=True)
class NewMessage:
    """What a chat reads of some events of a story; `dark_photo` is the one for who wants dark pictures, if any."""

    html: str
    photo: bytes | None = None
    buttons: Buttons = ()
    dark_photo: bytes | None = None


@dataclass(frozen=True, slots=True)
class RuleMark:
    """How far a rule has been evaluated."""

    rule: str
    market: str
    timeframe: str
    mark: Watermark


Compose = Callable[[Sequence[int]], NewMessage]
"""The message for who gets these events, by their numbers: all of them open a message, or none does. Pure."""


def record_story(
    db: Database, events: Sequence[NewEvent], compose: Compose, marks: Sequence[RuleMark], now: Instant
) -> int:
    """Keep the events of one close, queue their messages and move the rules' watermarks, all in one transaction.

    An event that is known already changes nothing. A firing goes to every active subscriber that wants it and has
    not muted it; what follows goes to those who have, or will have, the alert itself. A late event passes over those
    who subscribed after it. Returns how many deliveries were queued.
    """
    queued = 0
    with immediate(db):
        ids = {number: id_ for number, new in enumerate(events) if (id_ := _insert_event(db, new, now)) is not None}
        told = [number for number in ids if events[number].deliver]
        _clear_readers(db)
        opening = [number for number in told if events[number].event.kind.opens]
        for number in opening:
            _read_by_who_want_it(db, events[number], number, now)
        queued += _queue_sets(db, events, ids, opening, compose, now)
        for number in told:
            if not events[number].event.kind.opens:
                _read_by_who_have_it(db, events[number], ids[number], number, now)
        queued += _queue_answers(db, events, ids, compose, now)
        for each in marks:
            set_watermark(db, each.rule, each.market, each.timeframe, each.mark, now)
    return queued


def leading(db: Database, events: Sequence[NewEvent], now: Instant) -> list[int]:
    """Numbers of the events, of those that open a message, that are the first for some subscriber.

    The first of all is among them though nobody should want it: a sample may be shown.
    """
    opening = [number for number, new in enumerate(events) if new.deliver and new.event.kind.opens]
    if len(opening) < 2:
        return opening
    with immediate(db):
        _clear_readers(db)
        for number in opening:
            _read_by_who_want_it(db, events[number], number, now)
        rows = db.conn.execute("SELECT DISTINCT min(number) FROM temp.readers GROUP BY subscriber").fetchall()
        _clear_readers(db)
    return sorted({opening[0], *(row[0] for row in rows)})


def wants_dark_pictures(db: Database) -> bool:
    """Whether anybody who gets alerts wants their pictures dark."""
    (found,) = db.execute("SELECT EXISTS (SELECT 1 FROM subscribers WHERE dark AND state = 'active')").fetchone()
    return bool(found)


def _queue_sets(
    db: Database,
    events: Sequence[NewEvent],
    ids: dict[int, int],
    opening: Sequence[int],
    compose: Compose,
    now: Instant,
) -> int:
    """A message for each set of alerts that some subscriber gets; for all of them where nobody does."""
    if not opening:
        return 0
    sets = _sets(db, answers=False)
    queued = 0
    for _, mask in sets or [(0, sum(1 << number for number in opening))]:
        own = [number for number in opening if mask >> number & 1]
        rank = max(events[number].severity for number in own)
        for variant, whose in _by_theme(db, compose(own), mask):
            message = _insert(db, [ids[number] for number in own], rank, variant, now)
            queued += enqueue(db, message, rank, now, to=whose, facts={"root": 0, "mask": mask})
    return queued


def _by_theme(db: Database, new: NewMessage, mask: int) -> list[tuple[NewMessage, str]]:
    """The message as each of a set's readers gets it, and whose it is: with a dark picture, who wants these."""
    if new.dark_photo is None or db.conn.execute(_DARK_READER, [mask]).fetchone() is None:
        return [(new, _WHOSE_SET)]
    return [(new, f"{_WHOSE_SET} AND NOT s.dark"), (replace(new, photo=new.dark_photo), f"{_WHOSE_SET} AND s.dark")]


def _queue_answers(
    db: Database, events: Sequence[NewEvent], ids: dict[int, int], compose: Compose, now: Instant
) -> int:
    """A message for each set of follow-ups and the message that they answer, but for sets that only hold minor ones.

    A chat hears one sound of a close: that of its story, else of the answer that matters most.
    """
    queued = 0
    sets = [(root, mask, [number for number in ids if mask >> number & 1]) for root, mask in _sets(db, answers=True)]
    for root, mask, own in sorted(sets, key=lambda each: -max(events[number].rank for number in each[2])):
        if all(events[number].minor for number in own):
            continue
        (first,) = db.conn.execute("SELECT rank FROM messages WHERE id = ?", [root]).fetchone()
        rank = Severity(first)  # one for the whole thread: else a part of it could overtake another
        message = _insert(db, [ids[number] for number in own], rank, compose(own), now)
        facts = {"root": root, "mask": mask, "urgency": int(max(events[number].rank for number in own))}
        queued += enqueue(db, message, rank, now, to=_WHOSE_SET, facts=facts, silent=_SILENT)
        db.conn.execute(_HEARD, {"root": root, "mask": mask})
    return queued


def _insert(db: Database, events: Sequence[int], rank: Severity, new: NewMessage, now: Instant) -> int:
    message = insert_message(db, "alert", new.html, now, new.photo, new.buttons, rank)
    db.conn.executemany("INSERT INTO message_events VALUES (?, ?)", [(message, event) for event in events])
    return message


_CORRECTED_AGAIN = (
    "(alert, kind, bar) DO UPDATE SET close = excluded.close, created = excluded.created"
    " WHERE kind = 'corrected' AND close IS NOT excluded.close"
)
"""Of one bar a vendor may think twice: its correction then tells another close, and is news. All else is told once."""


def _insert_event(db: Database, new: NewEvent, now: Instant) -> int | None:
    """Id of the event; None where it was known already."""
    event = new.event
    identity = (event.alert.rule, event.alert.market, event.alert.timeframe.value, event.alert.bar)
    db.conn.execute(
        "INSERT INTO alerts (rule, market, timeframe, bar, severity, created) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT DO NOTHING",
        [*identity, new.severity.word, now],
    )
    (alert,) = db.conn.execute(
        "SELECT id FROM alerts WHERE rule = ? AND market = ? AND timeframe = ? AND bar = ?", identity
    ).fetchone()
    row = db.conn.execute(
        "INSERT INTO events (alert, kind, bar, at, close, level, digest, late, created)"
        f" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT {_CORRECTED_AGAIN} RETURNING id",
        [alert, event.kind.value, event.bar, event.at, event.close, event.level, new.digest, new.late, now],
    ).fetchone()
    return int(row[0]) if row else None


def _clear_readers(db: Database) -> None:
    """Who gets which event: the number of the event, and the message that it answers (0: none)."""
    db.conn.execute(
        "CREATE TEMP TABLE IF NOT EXISTS readers (subscriber INTEGER NOT NULL, root INTEGER NOT NULL,"
        " number INTEGER NOT NULL)"
    )
    db.conn.execute(
        "CREATE TEMP TABLE IF NOT EXISTS reader_sets (subscriber INTEGER NOT NULL, root INTEGER NOT NULL,"
        " mask INTEGER NOT NULL, PRIMARY KEY (root, mask, subscriber)) WITHOUT ROWID"
    )
    db.conn.execute("DELETE FROM temp.readers")
    db.conn.execute("DELETE FROM temp.reader_sets")


def _sets(db: Database, *, answers: bool) -> list[tuple[int, int]]:
    """Which sets of events subscribers get, with the message that they answer; who gets which is in reader_sets."""
    db.conn.execute(
        "INSERT INTO temp.reader_sets SELECT subscriber, root, sum(1 << number) FROM temp.readers"
        " WHERE (root > 0) = ? GROUP BY subscriber, root",
        [answers],
    )
    rows = db.conn.execute(
        "SELECT DISTINCT root, mask FROM temp.reader_sets WHERE (root > 0) = ? ORDER BY root, mask", [answers]
    )
    return [(int(root), int(mask)) for root, mask in rows.fetchall()]


def _read_by_who_want_it(db: Database, new: NewEvent, number: int, now: Instant) -> None:
    wanted = [("all", ""), ("rule", new.event.alert.rule), *(("tag", tag) for tag in new.tags)]
    wanted += [("severity", least.word) for least in Severity if least <= new.severity]
    asked = " OR ".join("(p.kind = ? AND p.value = ?)" for _ in wanted)
    db.conn.execute(
        _WHO_WANT_IT % (asked, _LISTENS),
        [number, int(new.severity), *(word for pair in wanted for word in pair), *_listens(new, now)],
    )


def _read_by_who_have_it(db: Database, new: NewEvent, event: int, number: int, now: Instant) -> None:
    db.conn.execute(_WHO_HAVE_IT % _LISTENS, [number, event, *_listens(new, now)])


def _listens(new: NewEvent, now: Instant) -> list[Any]:
    return [not new.late, new.event.at, new.event.alert.rule, now]


_LISTENS = """
    s.state = 'active' AND (? OR s.since <= ?)
    AND NOT EXISTS (SELECT 1 FROM mutes m
        WHERE m.subscriber = s.id AND m.rule IN ('', ?) AND ? BETWEEN m.begins AND m.until - 1)
"""

_WHO_WANT_IT = """
    INSERT INTO temp.readers SELECT s.id, 0, ? FROM subscribers s
    WHERE ? >= s.least AND EXISTS (SELECT 1 FROM subscriptions p WHERE p.subscriber = s.id AND (%s)) AND %s
"""

_WHO_HAVE_IT = f"""
    INSERT INTO temp.readers SELECT s.id, min(d.message), ?
    FROM events own JOIN events earlier ON earlier.alert = own.alert AND earlier.kind IN ({OPENING})
    JOIN message_events told ON told.event = earlier.id
    JOIN deliveries d ON d.message = told.message AND d.state <> 'dropped'
    JOIN subscribers s ON s.id = d.subscriber
    WHERE own.id = ? AND %s
    GROUP BY s.id
"""

_WHOSE_SET = "s.id IN (SELECT subscriber FROM temp.reader_sets WHERE root = :root AND mask = :mask)"

_DARK_READER = """
    SELECT 1 FROM temp.reader_sets r JOIN subscribers s ON s.id = r.subscriber
    WHERE r.root = 0 AND r.mask = ? AND s.dark LIMIT 1
"""

# What the chat's settings ask for; and another message of the same close has made the sound already.
_SILENT = """
    :urgency < s.silent_below OR s.id IN (SELECT subscriber FROM temp.reader_sets WHERE root = 0)
"""

_HEARD = """
    INSERT OR IGNORE INTO temp.reader_sets
    SELECT subscriber, 0, 0 FROM temp.reader_sets WHERE root = :root AND mask = :mask
"""
