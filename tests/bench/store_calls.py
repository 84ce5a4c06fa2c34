"""All that the bot asks of its database and changes in it, in a file of ten years, by what it is for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from bot.app.jobs import alive
from bot.delivery.claiming import claim_due
from bot.delivery.digests import due_digests
from bot.delivery.housekeeping import hold_alerts_back
from bot.delivery.recording import Attempt, record
from bot.delivery.transport import Sent
from bot.queries.risk import noted_flows, noted_losers
from bot.scan.hours.kept import kept_hours, save_kept_hours
from bot.scan.recording.notices import tell_operators
from bot.scan.snapshots import CRYPTO
from bot.scan.status import ScanSnapshot, read_status, save_process_state, save_scan_snapshot
from bot.severity import Severity
from bot.signals.bars import Bars
from bot.signals.replay.event import AlertId, Event, EventKind
from bot.signals.timeframe import DAY, Timeframe
from bot.store.alerts import (
    Watermark,
    alert_events,
    events_of,
    last_fired,
    recent_alerts,
    set_watermark,
    watermark,
)
from bot.store.bars import (
    forget_bars,
    last_bar,
    load_bars,
    load_sessions,
    save_all,
    save_bars,
    save_sessions,
    stored_span,
)
from bot.store.enqueue import enqueue, forget_photo_id, forget_pictures, insert_message, set_photo_id
from bot.store.meta import PAUSED, delete_value, get_value, save_pause, sending_pause, set_value
from bot.store.notices import SampleAlert, newest_alert, notice, queue_sample, requeue_notices
from bot.store.outbox.claim import claim
from bot.store.outbox.expiry import drop_too_late
from bot.store.outbox.outcomes import hold, mark_dropped, mark_retry, mark_sent, release
from bot.store.outbox.queue import any_queued, dropped_since, next_due, queue_depth
from bot.store.outbox.requeue import release_all, requeue_interrupted, retry_after_restart, retry_now
from bot.store.pruning import prune
from bot.store.rule_versions import accepted_texts, accepted_versions, keep_rules
from bot.store.runs import count_look, finish_run, last_error, last_runs, start_run, tally
from bot.store.snapshots import Snapshot, keep_snapshots, latest_snapshots, load_snapshots
from bot.store.sqlite import Database
from bot.store.stories import NewEvent, NewMessage, leading, record_story, wants_dark_pictures
from bot.store.subscribers.digest_schedules import digest_schedules, queue_digest, subscribers_due
from bot.store.subscribers.lists import newest_active, unreachable
from bot.store.subscribers.mutes import mute, muted_meanwhile, mutes_ahead_of, mutes_of, requeue_muted, unmute
from bot.store.subscribers.preferences import save_preferences, wants_dark
from bot.store.subscribers.price_alerts import (
    add_price_alert,
    delete_price_alert,
    fulfil_price_alert,
    open_price_alerts,
    price_alerts_of,
)
from bot.store.subscribers.reactions import count_reactions, keep_reaction, keep_reaction_counts, newest_cards
from bot.store.subscribers.refusals import count_refused, forget_refusals, note_refusal, refused_chats
from bot.store.subscribers.subscribers import (
    approve,
    chats_in,
    count_subscribers,
    mark_unreachable,
    migrate_chat,
    remove_subscription,
    set_operators,
    subscribe,
    subscriber,
    unsubscribe,
)
from bot.subscriber import Chat, Preferences
from bot.views.operator.status_facts import ProcessState
from tests.bench.aged_database import NEWCOMER, NOW, READERS, RULES, SPAN, STORIES, bar_of

Calls = Mapping[str, Callable[[], object]]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A change for which something has to be in the file that is not there."""

    before: Callable[[], object]
    act: Callable[[], object]

    def __call__(self) -> object:
        return self.act()


NOT_ASKED = {
    "refuse_incomplete": "reads the schema only, for `db backup` and `db restore`",
    "damage": "reads every page, for `db check` and `db restore` only",
    "drop_orphans_of_chat": "a part of giving one up, which is asked",
    "drop_orphans_of_messages": "a part of what is too late, which is asked",
    "forget_pages": "asks the file for nothing",
    "message_events": "of `replay`, whose file is a new one",
}
"""Functions that take the database and are not in the lists, and why."""

READER = 5_000_000_007
OPERATOR = 5_000_000_001
DIGEST = "p4995"
NOON = NOW + DAY // 2
"""Nobody has quiet hours then, as they have at NOW, which is midnight."""


def questions(db: Database) -> Calls:
    """What commands and the loop ask, by name."""
    firing = [_event(EventKind.FIRED), _event(EventKind.FIRED, STORIES + 2)]
    schedule = digest_schedules(db)[0]
    return {
        "/alerts, the newest 10": lambda: recent_alerts(db, 10),
        "/alerts of one rule": lambda: recent_alerts(db, 10, "rule-7"),
        "/scorecard, the newest 200 alerts": lambda: recent_alerts(db, 200),
        "/scorecard, reactions": lambda: count_reactions(db),
        "/status": lambda: read_status(db, NOW),
        "/rules, last firings": lambda: last_fired(db),
        "/settings": lambda: (subscriber(db, READER, 0), wants_dark(db, READER, 0), mutes_of(db, READER, 0, NOW)),
        "/mute, ahead": lambda: mutes_ahead_of(db, READER, 0, NOW),
        "claims that a mute forbids": lambda: muted_meanwhile(db, list(range(1, 101)), NOW),
        "/settings, price alerts": lambda: price_alerts_of(db, READER, 0),
        "/subscribers": lambda: (
            count_subscribers(db),
            newest_active(db, 20),
            unreachable(db, 20),
            refused_chats(db, 20),
            count_refused(db),
        ),
        "/approve, who waits": lambda: chats_in(db, "pending"),
        "/test, the newest alert": lambda: newest_alert(db),
        "/crypto, the newest figures": lambda: latest_snapshots(db, CRYPTO, NOW),
        "/risk, flows of the funds": lambda: noted_flows(db, NOW),
        "/risk, companies that lose money": lambda: noted_losers(db, NOW),
        "rules diff, versions": lambda: (accepted_versions(db, "rule-7"), accepted_texts(db)),
        "inline, the newest cards": lambda: newest_cards(db, 50),
        "digest, who is due": lambda: due_digests(db, NOW),
        "digest, who has had none": lambda: subscribers_due(db, schedule, DIGEST, NOW, NOW),
        "digest, events of a week": lambda: alert_events(db, NOW - 7 * DAY, NOW),
        "digest, looks of a week": lambda: (alive(db, NOW - 7 * DAY, NOW), tally(db, NOW - 7 * DAY, NOW)),
        "look, a rule's mark": lambda: watermark(db, "rule-7"),
        "look, a rule's events": lambda: events_of(db, "rule-7", NOW - 365 * DAY),
        "look, who leads of two alerts": lambda: leading(db, firing, NOW),
        "look, dark pictures": lambda: wants_dark_pictures(db),
        "look, a market's last bar": lambda: last_bar(db, "C3", Timeframe.H1),
        "look, price alerts": lambda: open_price_alerts(db),
        "look, runs": lambda: (last_runs(db, 1, "scan"), last_error(db)),
        "night, hours in the store": lambda: stored_span(db, "C3", Timeframe.H1),
        "night, what is known of hours": lambda: kept_hours(db),
        "look, small facts": lambda: (get_value(db, "status"), sending_pause(db, NOW)),
        "first look, days of a market": lambda: load_bars(db, "M3", Timeframe.D1),
        "first look, hours of a coin, a portion": lambda: load_bars(db, "C3", Timeframe.H1, at_most=10_000),
        "first look, sessions": lambda: load_sessions(db, "XNYS"),
        "a fund's figures of all years": lambda: load_snapshots(db, "IWM", "nav"),
        "outbox, next due": lambda: (next_due(db), any_queued(db)),
        "outbox, depth": lambda: queue_depth(db),
        "outbox, dropped of a day": lambda: dropped_since(db, NOW - DAY),
    }


def changes(db: Database) -> Calls:
    """What the loop and commands change, by name; each is undone."""
    return {
        **_of_a_look(db),
        **_of_the_outbox(db),
        **_of_chats(db),
        "digest, queued for half of all": lambda: queue_digest(db, range(1, READERS, 2), "<b>x</b>", "new", NOW),
        "night, what is known of hours kept": lambda: save_kept_hours(db, {}, NOW),
        "pruning, a portion": lambda: prune(db, NOW),
        "pruning, nothing to do": lambda: prune(db, NOW - SPAN),
        "pruning, a day's hours of the coins": lambda: forget_bars(
            db, [(f"C{coin}", Timeframe.H1) for coin in range(11)], NOW - SPAN + DAY
        ),
    }


def _of_a_look(db: Database) -> Calls:
    days, seen = (
        [(_bars(f"M{market}", Timeframe.D1, DAY, 5), "x") for market in range(22)],
        ScanSnapshot("1", (), NOW, RULES, ("rule-1.yaml:1:1: odd",), (), simulated=False),
    )
    sessions = load_sessions(db, "XNYS")
    return {
        "look, a run": lambda: finish_run(db, start_run(db, "scan", NOW), NOW, ok=True),
        "look, an alert to all": lambda: _record(db, EventKind.FIRED, STORIES + 1),
        "look, what follows an old alert": lambda: _record(db, EventKind.MILESTONE, STORIES - 9),
        "look, a bar of every market": lambda: save_all(db, days, NOW),
        "look, a coin's day of hours": lambda: save_bars(db, _bars("C3", Timeframe.H1, 3_600, 24), "x", NOW),
        "look, a rule's mark moves": lambda: set_watermark(db, "rule-7", "IWM", "1d", Watermark(NOW, "d"), NOW),
        "look, rules as they were": lambda: keep_rules(db, {f"rule-{each}": _TEXT for each in range(RULES)}, NOW),
        "look, all rules new": lambda: keep_rules(db, {f"rule-{each}": "new" for each in range(RULES)}, NOW),
        "look, what is known of it": lambda: (
            save_scan_snapshot(db, seen, NOW),
            save_process_state(db, ProcessState.RUNNING, NOW),
            tell_operators(db, seen, NOW),
            count_look(db, NOW),
        ),
        "sessions renewed": lambda: save_sessions(db, sessions),
        "figures of a day": lambda: keep_snapshots(db, [Snapshot("IWM", "nav", NOW + DAY, 2.5, "x")] * 8),
    }


def _of_the_outbox(db: Database) -> Calls:
    return {
        "outbox, claim 400 while 100,000 wait": lambda: claim_due(db, NOW, 400),
        "outbox, an alert in everybody's quiet hours": Prepared(
            lambda: _record(db, EventKind.FIRED, STORIES + 1), lambda: claim_due(db, NOW, 400)
        ),
        "outbox, claim and send 100 in the morning": lambda: _send(db, 100),
        "outbox, claim and put back 100 in the morning": lambda: _put_back(db, 100),
        "outbox, what came of 100": lambda: _keep_on_record(db, 100),
        "outbox, claim and drop one": lambda: _drop(db),
        "outbox, a turn while the operator paused it": lambda: _paused(db),
        "outbox, too late": lambda: drop_too_late(db, NOW, DAY, 3 * DAY),
        "outbox, all too late, a portion": lambda: drop_too_late(db, NOW + 9 * DAY, DAY, 3 * DAY),
        "outbox, after a crash": lambda: requeue_interrupted(db, NOW),
        "outbox, after a restart, a portion": lambda: retry_after_restart(db, NOW),
        "outbox, after the clock was set back, a portion": lambda: retry_now(db, NOW - DAY, every=True),
        "outbox, after an outage": lambda: retry_now(db, NOW),
        "outbox, a pause of Telegram": lambda: (save_pause(db, NOW + 9, "x", NOW), delete_value(db, "x")),
        "outbox, many chats refused": lambda: hold_alerts_back(db, 900.0, 20, NOW),
        "outbox, a message's picture": lambda: (set_photo_id(db, 7, "id"), forget_photo_id(db, 7, "photo7")),
        "outbox, pictures": lambda: forget_pictures(db, NOW - 7 * DAY),
        "a refused chat": lambda: (note_refusal(db, 7, "x", NOW), forget_refusals(db, 7)),
        "a chat that is gone": lambda: mark_unreachable(db, READER, "gone", NOW),
        "a group that moved": lambda: migrate_chat(db, NEWCOMER, -100_123, NOW),
    }


def _of_chats(db: Database) -> Calls:
    chat, counts = Chat(READER, 0, "private", "Reader"), {"👍": 7, "🔥": 3}
    everything = Preferences(digest=480)
    return {
        "/subscribe": lambda: subscribe(db, Chat(1, 0, "private", "New"), NOW, ("rule", "rule-7")),
        "/approve": lambda: approve(db, READER, 0, NOW),
        "/unsubscribe from a rule": lambda: remove_subscription(db, READER, 0, ("all", ""), NOW),
        "/mute": lambda: mute(db, READER, 0, NOW + DAY, NOW),
        "/mute a rule": lambda: (mute(db, READER, 0, NOW + DAY, NOW, "rule-7"), unmute(db, READER, 0, "rule-7")),
        "/unmute, what it kept back": lambda: requeue_muted(db, READER, 0, NOW, NOW - 3_600, NOW - DAY, NOW - 3 * DAY),
        "/settings, another hour": lambda: save_preferences(db, READER, 0, everything, NOW),
        "/stop": lambda: unsubscribe(db, READER, 0, NOW),
        "/price": lambda: (
            add_price_alert(db, chat, "IWM", 1.0, above=True, now=NOW),
            delete_price_alert(db, READER, 0, 7),
        ),
        "a price that was reached": lambda: fulfil_price_alert(db, 7, "<b>x</b>", NOW),
        "a reaction": lambda: keep_reaction(db, READER, 2 * STORIES - 3, READER, "👍", NOW),
        "a channel's reactions": lambda: keep_reaction_counts(db, READER, 2 * STORIES - 3, counts, NOW),
        "operators of the config": lambda: set_operators(db, [READER], NOW),
        "a notice to operators": lambda: notice(db, "ill", "operators", NOW),
        "a notice to all": lambda: enqueue(
            db, insert_message(db, "notice", "x", NOW), Severity.LOW, NOW, to="s.state = 'active'"
        ),
        "an operator's notices again": lambda: requeue_notices(db, OPERATOR, NOW),
        "/test": lambda: queue_sample(db, OPERATOR, SampleAlert("<b>x</b>", "photo"), NOW),
    }


_TEXT = "title: as it was"


def _bars(market: str, timeframe: Timeframe, seconds: int, count: int) -> Bars:
    """The last bars that are known, the newest with another close, and a new one."""
    start = NOW // DAY * DAY + seconds * np.arange(1 - count, 1, dtype=np.int64)
    close = np.full(count, 10.5)
    return Bars(market, timeframe, start, start + seconds, close, close + 1, close - 1, close, close * 1e5)


def _event(kind: EventKind, number: int = STORIES + 1) -> NewEvent:
    """An event of the alert of that number: a new one, or one that is there."""
    alert = AlertId(f"rule-{number % RULES}", "IWM" if number % 2 else "RUT", Timeframe.D1, bar_of(number))
    return NewEvent(Event(alert, kind, NOW, NOW, 250.5, 248.25), "d", Severity.HIGH)


def _record(db: Database, kind: EventKind, number: int) -> None:
    queued = record_story(db, [_event(kind, number)], lambda _: NewMessage("<b>x</b>", b"png"), (), NOW)
    assert queued > READERS / 2


def _send(db: Database, count: int) -> None:
    claimed = claim_due(db, NOON, count).ready
    assert len(claimed) == count
    mark_sent(db, {each.id: each.id for each in claimed}, NOW)


def _put_back(db: Database, count: int) -> None:
    claimed = [each.id for each in claim(db, NOON, count)]
    release(db, claimed[: count // 2])
    hold(db, [(each, NOW + DAY) for each in claimed[count // 2 : -1]])
    mark_retry(db, claimed[-1], NOW + DAY, "not sent")
    release_all(db)


def _keep_on_record(db: Database, count: int) -> None:
    claimed = claim(db, NOON, count)
    record(db, [Attempt(each, Sent(each.id, None)) for each in claimed], NOW)


def _drop(db: Database) -> None:
    (claimed,) = claim_due(db, NOON, 1).ready
    mark_dropped(db, claimed.id, "blocked", NOW)


def _paused(db: Database) -> None:
    set_value(db, PAUSED, "1", NOW)
    claim_due(db, NOW, 400)
    next_due(db)
