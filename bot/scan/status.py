"""Status of the bot: what a scan leaves in the store, and how another process reads it."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Mapping
from typing import Any

from bot.market.releases import RELEASES
from bot.scan.completeness import holes
from bot.scan.fetching.fetch_plan import Schedule
from bot.scan.fetching.health import Health
from bot.scan.hours.kept import KeptHours, kept_hours
from bot.signals.bars import Bars
from bot.signals.sessions import Sessions
from bot.signals.timeframe import DAY, Instant, Timeframe, label
from bot.store.meta import HELD_BACK, PAUSED, get_value, sending_pause, set_value
from bot.store.outbox.queue import dropped_since, queue_depth
from bot.store.runs import last_error, last_runs
from bot.store.sqlite import Database
from bot.store.subscribers.mutes import MUTED
from bot.store.subscribers.refusals import count_refused
from bot.store.subscribers.subscribers import count_subscribers
from bot.views.alerts.runs import RunFacts
from bot.views.operator.status_facts import HoursStatus, MarketState, MarketStatus, ProcessState, StatusFacts

SCAN = "scan"
"""Name of the scan's runs in the store."""

HEARTBEAT = "heartbeat"
_PROCESS = "process"
_SNAPSHOT = "status"

_GRACE = 3_600
"""Seconds that a bar may be late before its market is called stale."""

_DROPPED_SECONDS = 7 * DAY
_UNWANTED = frozenset({MUTED, "unsubscribed", "sent to the new chat"})  # reasons that nobody has to look after

_DEAD = 5
"""Sessions without a bar after which a market is called dead."""


@dataclasses.dataclass(frozen=True, slots=True)
class ScanSnapshot:
    """What only the running bot knows, as of its last scan."""

    version: str
    markets: tuple[MarketStatus, ...]
    next_scan: Instant | None
    rules: int
    broken: tuple[str, ...]
    stale: tuple[str, ...]
    simulated: bool
    runs: tuple[RunFacts, ...] = ()
    waiting: Mapping[str, str] = dataclasses.field(default_factory=dict)


def market_status(bars: Bars, sessions: Sessions, health: Health, now: Instant, schedule: Schedule) -> MarketStatus:
    """One market's state from its newest bar and its sources' health."""
    if not len(bars):
        return MarketStatus(bars.market, MarketState.NEVER, error=health.trouble)
    expected = sessions.closed_between(int(bars.end[-1]), now - schedule.settle - _GRACE)
    state = MarketState.FRESH if not len(expected) else MarketState.STALE
    if len(expected) > _DEAD:
        state = MarketState.DEAD
    elif any(start >= int(bars.start[-1]) for start in health.odd):
        state = MarketState.SUSPECT
    if bars.valid_for is not None:  # a macro figure is late as its publisher likes
        state = MarketState.FRESH if now - int(bars.end[-1]) <= bars.valid_for else MarketState.STALE
    lacking = holes(bars, sessions, now)
    trouble = health.trouble
    if len(lacking) and state is MarketState.FRESH:
        state = MarketState.HOLED
        told = f"{', '.join(label(each, bars.timeframe) for each in lacking[-3:].tolist())} missing"
        trouble = trouble or told
    closed = int(bars.end[-1])
    return MarketStatus(bars.market, state, bars.label(len(bars) - 1), closed, health.source, trouble)


def next_look(calendars: Iterable[Sessions], now: Instant, schedule: Schedule) -> Instant | None:
    """When the next daily bar is asked for."""
    traded = (sessions for sessions in calendars if sessions.calendar not in RELEASES)
    closes = (sessions.next_close(now - schedule.settle) for sessions in traded)
    return min((close + schedule.settle for close in closes if close is not None), default=None)


def save_scan_snapshot(db: Database, snapshot: ScanSnapshot, now: Instant) -> None:
    """Keep what the bot knows of itself."""
    set_value(db, _SNAPSHOT, json.dumps(dataclasses.asdict(snapshot)), now)


def save_process_state(db: Database, state: ProcessState, now: Instant) -> None:
    """Keep what the process says of itself from now on."""
    set_value(db, _PROCESS, json.dumps({"state": state.value, "since": now}), now)


def read_status(db: Database, now: Instant, trouble: tuple[str, Instant] | None = None) -> StatusFacts:
    """All that /status tells, from the store; `trouble` is the newest one that the store does not know."""
    known, process = _document(db, _SNAPSHOT), _document(db, _PROCESS)
    waiting = queue_depth(db)
    wrong, at = _last_trouble(db, trouble)
    scans = last_runs(db, 1, SCAN)
    beat = get_value(db, HEARTBEAT)
    return StatusFacts(
        now=now,
        version=known.get("version", ""),
        markets=tuple(
            MarketStatus(**{**each, "state": MarketState(each["state"])}) for each in known.get("markets", ())
        ),
        heartbeat=int(beat) if beat else None,
        process=ProcessState(process.get("state", ProcessState.RUNNING)),
        process_since=process.get("since"),
        last_scan=scans[0].finished if scans else None,
        next_scan=known.get("next_scan"),
        rules=known.get("rules", 0),
        broken=tuple(known.get("broken", ())),
        stale=tuple(known.get("stale", ())),
        waiting=known.get("waiting", {}),
        subscribers=count_subscribers(db),
        queued=waiting.queued,
        sending=waiting.sending,
        oldest=waiting.oldest,
        last_error=wrong,
        last_error_at=at,
        paused=get_value(db, PAUSED) is not None,
        sending_pause=_sending_pause(db, now),
        dropped={
            reason: many
            for reason, many in dropped_since(db, now - _DROPPED_SECONDS).items()
            if reason not in _UNWANTED
        },
        refused=count_refused(db),
        simulated=known.get("simulated", False),
        runs=tuple(RunFacts(**each) for each in known.get("runs", ())),
        hours=tuple(_hours_status(each) for each in kept_hours(db).values()),
    )


def _hours_status(known: KeptHours) -> HoursStatus:
    first, last = (None if at is None else label(at - at % DAY, Timeframe.D1) for at in (known.first, known.last))
    return HoursStatus(known.market, first, last, known.trouble)


def _sending_pause(db: Database, now: Instant) -> tuple[Instant, str] | None:
    """Until when nothing is sent, or no alerts, and why; None where all goes."""
    if pause := sending_pause(db, now):
        return int(pause.until), pause.reason
    held = get_value(db, HELD_BACK)
    return None if held is None else (int(held), "Telegram says of many chats that they are not there")


def _document(db: Database, key: str) -> Mapping[str, Any]:
    kept = get_value(db, key)
    known: Mapping[str, Any] = json.loads(kept) if kept else {}
    return known


def _last_trouble(db: Database, trouble: tuple[str, Instant] | None) -> tuple[str, Instant | None]:
    run = last_error(db)
    if run is not None and (trouble is None or (run.finished or run.started) > trouble[1]):
        return run.detail, run.finished
    return trouble or ("", None)
