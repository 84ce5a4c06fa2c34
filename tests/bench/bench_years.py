"""The store's answers after ten years of 1,000 readers: all that runs in the loop or answers a command.

Run: python -m tests.bench.bench_years

A file of 5,000,000 deliveries is made first, which takes most of the time; it lies in the system's cache then. Figures
are the processor's time. What changes something is undone, and its commit is not counted.
"""

from __future__ import annotations

import contextlib
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from bot.delivery.claiming import claim_due
from bot.delivery.digests import due_digests
from bot.scan.status import read_status
from bot.severity import Severity
from bot.signals.replay.event import AlertId, Event, EventKind
from bot.signals.timeframe import DAY, Timeframe
from bot.store.alerts import alert_events, events_of, last_fired, recent_alerts, watermark
from bot.store.bars import last_bar
from bot.store.database import immediate
from bot.store.enqueue import forget_pictures
from bot.store.meta import PAUSED, set_value
from bot.store.notices import newest_alert, notice, requeue_notices
from bot.store.outbox import (
    drop_too_late,
    dropped_since,
    mark_dropped,
    mark_sent,
    next_due,
    queue_depth,
    requeue_interrupted,
    retry_now,
)
from bot.store.pruning import prune
from bot.store.runs import finish_run, last_error, last_runs, start_run
from bot.store.sqlite import Database
from bot.store.stories import NewEvent, NewMessage, leading, record_story
from bot.store.subscribers.lists import newest_active, unreachable
from bot.store.subscribers.mutes import mute
from bot.store.subscribers.price_alerts import open_price_alerts
from bot.store.subscribers.reactions import count_reactions, keep_reaction, newest_cards
from bot.store.subscribers.refusals import count_refused, refused_chats
from bot.store.subscribers.subscribers import (
    chats_in,
    count_subscribers,
    mark_unreachable,
    migrate_chat,
    set_operators,
    subscriber,
    unsubscribe,
)
from tests.bench.figures import Figure, of_rounds, tell, timed
from tests.bench.old_file import NEWCOMER, NOW, READERS, RULES, SPAN, STORIES, bar_of, old_file

GOAL = 20.0
ROUNDS = 3
READER = 5_000_000_007


class _UndoneError(Exception):
    """Raised to undo what was timed."""


def questions(db: Database) -> Mapping[str, Callable[[], object]]:
    """What commands and the loop ask, by name."""
    firing = [_event(EventKind.FIRED)]
    return {
        "/alerts, the newest 10": lambda: recent_alerts(db, 10),
        "/alerts of one rule": lambda: recent_alerts(db, 10, "rule-7"),
        "/scorecard, the newest 200 alerts": lambda: recent_alerts(db, 200),
        "/scorecard, reactions": lambda: count_reactions(db),
        "/status": lambda: read_status(db, NOW),
        "/rules, last firings": lambda: last_fired(db),
        "/settings": lambda: subscriber(db, READER, 0),
        "/subscribers": lambda: (
            count_subscribers(db),
            newest_active(db, 20),
            unreachable(db, 20),
            refused_chats(db, 20),
            count_refused(db),
        ),
        "/approve, who waits": lambda: chats_in(db, "pending"),
        "/test, the newest alert": lambda: newest_alert(db),
        "inline, the newest cards": lambda: newest_cards(db, 50),
        "digest, who is due": lambda: due_digests(db, NOW),
        "digest, events of a week": lambda: alert_events(db, NOW - 7 * DAY, NOW),
        "look, a rule's mark": lambda: watermark(db, "rule-7"),
        "look, a rule's events": lambda: events_of(db, "rule-7", NOW - 365 * DAY),
        "look, who leads": lambda: leading(db, firing, NOW),
        "look, a market's last bar": lambda: last_bar(db, "C3", Timeframe.H1),
        "look, price alerts": lambda: open_price_alerts(db),
        "look, runs": lambda: (last_runs(db, 1, "scan"), last_error(db)),
        "outbox, next due": lambda: next_due(db),
        "outbox, depth": lambda: queue_depth(db),
        "outbox, dropped of a day": lambda: dropped_since(db, NOW - DAY),
    }


def changes(db: Database) -> Mapping[str, Callable[[], object]]:
    """What the loop and commands change, by name; each is undone."""
    return {
        "look, a run": lambda: finish_run(db, start_run(db, "scan", NOW), NOW, ok=True),
        "look, an alert to all": lambda: _record(db, EventKind.FIRED, STORIES + 1),
        "look, what follows an old alert": lambda: _record(db, EventKind.MILESTONE, STORIES - 9),
        "outbox, claim 400 while 100,000 wait": lambda: claim_due(db, NOW, 400),
        "outbox, claim and send 100 in the morning": lambda: _send(db, 100),
        "outbox, claim and drop one": lambda: _drop(db),
        "outbox, a turn while the operator paused it": lambda: _paused(db),
        "outbox, too late": lambda: drop_too_late(db, NOW, DAY, 3 * DAY),
        "outbox, after a crash": lambda: requeue_interrupted(db, NOW),
        "outbox, after an outage": lambda: retry_now(db, NOW),
        "outbox, pictures": lambda: forget_pictures(db, NOW - 7 * DAY),
        "pruning, a portion": lambda: prune(db, NOW),
        "pruning, nothing to do": lambda: prune(db, NOW - SPAN),
        "/mute": lambda: mute(db, READER, 0, NOW + DAY, NOW),
        "/stop": lambda: unsubscribe(db, READER, 0, NOW),
        "a chat that is gone": lambda: mark_unreachable(db, READER, "gone", NOW),
        "a group that moved": lambda: migrate_chat(db, NEWCOMER, -100_123, NOW),
        "a reaction": lambda: keep_reaction(db, READER, 2 * STORIES - 3, READER, "👍", NOW),
        "operators of the config": lambda: set_operators(db, [READER], NOW),
        "a notice to operators": lambda: notice(db, "ill", "operators", NOW),
        "an operator's notices again": lambda: requeue_notices(db, 5_000_000_001, NOW),
    }


def _event(kind: EventKind, number: int = STORIES + 1) -> NewEvent:
    """An event of the alert of that number: a new one, or one that is there."""
    alert = AlertId(f"rule-{number % RULES}", "IWM" if number % 2 else "RUT", Timeframe.D1, bar_of(number))
    return NewEvent(Event(alert, kind, NOW, NOW, 250.5, 248.25), "d", Severity.HIGH)


def _record(db: Database, kind: EventKind, number: int) -> None:
    queued = record_story(db, [_event(kind, number)], lambda _: NewMessage("<b>x</b>", b"png"), (), NOW)
    assert queued > READERS / 2


def _send(db: Database, count: int) -> None:
    claimed = claim_due(db, NOW + DAY, count).ready
    assert len(claimed) == count
    mark_sent(db, {each.id: each.id for each in claimed}, NOW)


def _drop(db: Database) -> None:
    (claimed,) = claim_due(db, NOW + DAY, 1).ready
    mark_dropped(db, claimed.id, "blocked", NOW)


def _paused(db: Database) -> None:
    set_value(db, PAUSED, "1", NOW)
    claim_due(db, NOW, 400)
    next_due(db)


def undone(db: Database, name: str, act: Callable[[], object]) -> Figure:
    """Time a change without its commit, and take it back."""
    taken = []
    for _ in range(ROUNDS):
        with contextlib.suppress(_UndoneError), immediate(db):
            began = time.process_time()
            act()
            taken.append(1000 * (time.process_time() - began))
            raise _UndoneError
    return of_rounds(name, taken, "ms", GOAL)


def main() -> int:
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "old.db"
        with contextlib.closing(old_file(path)) as db:
            (rows,) = db.execute("SELECT count(*) FROM deliveries").fetchone()
            print(
                f"{rows:,} deliveries, {path.stat().st_size / 1e6:,.0f} MB, made in {time.perf_counter() - began:.0f} s"
            )
            figures = [timed(name, ask, ROUNDS, GOAL, clock=time.process_time) for name, ask in questions(db).items()]
            figures += [undone(db, name, act) for name, act in changes(db).items()]
    return tell(figures)


if __name__ == "__main__":
    sys.exit(main())
