"""Chats and events to fill a database with."""

from __future__ import annotations

from bot.severity import Severity
from bot.signals.replay.event import AlertId, Event, EventKind
from bot.signals.timeframe import DAY, Timeframe
from bot.store.alerts import NewEvent, record
from bot.store.sqlite import Database
from bot.store.subscribers.subscribers import subscribe
from bot.subscriber import Chat

NOW = 1_700_000_000
BAR = 1_699_920_000


def chat(chat_id: int = 1, thread_id: int = 0, kind: str = "private") -> Chat:
    return Chat(chat_id, thread_id, kind, f"chat {chat_id}")


def event(
    kind: EventKind = EventKind.FIRED,
    *,
    rule: str = "r",
    bar: int = BAR,
    at: int = NOW - 60,
    alert_bar: int = BAR,
    severity: str = "normal",
    tags: tuple[str, ...] = (),
    photo: bytes | None = None,
    late: bool = False,
    deliver: bool = True,
) -> NewEvent:
    alert = AlertId(rule, "IWM", Timeframe.D1, alert_bar)
    happened = Event(alert, kind, bar, at, 250.5, 248.25)
    buttons = ((("Chart", "chart"), ("Mute", "mute")),)
    told = (f"<b>{rule} {kind}</b>", photo, buttons, late, deliver)
    return NewEvent(happened, "d1", Severity.from_word(severity), tags, *told)


def put(db: Database, *events: NewEvent, now: int = NOW, rule: str = "r") -> int:
    return record(db, rule, "IWM", "1d", events, BAR, "d1", now)


def people(db: Database, *chat_ids: int, now: int = NOW - DAY) -> None:
    for chat_id in chat_ids:
        subscribe(db, chat(chat_id), now)


def states(db: Database) -> list[tuple[int, str]]:
    """(chat id, state) of every delivery, event by event."""
    return db.execute(
        "SELECT s.chat_id, d.state FROM deliveries d JOIN subscribers s ON s.id = d.subscriber"
        " ORDER BY d.event, s.chat_id"
    ).fetchall()
