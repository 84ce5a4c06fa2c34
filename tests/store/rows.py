"""Chats and events to fill a database with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.severity import Severity
from bot.signals.replay.event import AlertId, Event, EventKind
from bot.signals.timeframe import DAY, Timeframe
from bot.store.alerts import Watermark
from bot.store.database import immediate
from bot.store.sqlite import Database
from bot.store.stories import NewEvent, NewMessage, RuleMark, record_story
from bot.store.subscribers.subscribers import subscribe
from bot.subscriber import Chat

NOW = 1_700_000_000
BAR = 1_699_920_000


def chat(chat_id: int = 1, thread_id: int = 0, kind: str = "private") -> Chat:
    return Chat(chat_id, thread_id, kind, f"chat {chat_id}")


@dataclass(frozen=True)
class Told:
    """An event and the message that tells of it alone."""

    new: NewEvent
    message: NewMessage


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
    dark_photo: bytes | None = None,
    late: bool = False,
    deliver: bool = True,
    minor: bool = False,
) -> Told:
    alert = AlertId(rule, "IWM", Timeframe.D1, alert_bar)
    happened = Event(alert, kind, bar, at, 250.5, 248.25)
    buttons = ((("Chart", "chart"), ("Mute", "mute")),)
    new = NewEvent(happened, "d1", Severity.from_word(severity), tags, minor=minor, late=late, deliver=deliver)
    return Told(new, NewMessage(f"<b>{rule} {kind}</b>", photo, buttons, dark_photo))


def put(db: Database, *events: Told, now: int = NOW, rule: str = "r") -> int:
    """Record each event as a story of its own, and the rule's watermark."""
    with immediate(db):
        queued = [record_story(db, [told.new], lambda _, told=told: told.message, (), now) for told in events]  # type: ignore[misc]
        record_story(db, (), no_message, [RuleMark(rule, "IWM", "1d", Watermark(BAR, "d1"))], now)
    return sum(queued)


def no_message(numbers: Sequence[int]) -> NewMessage:
    raise AssertionError(numbers)


def together(db: Database, *events: Told, now: int = NOW) -> int:
    """Record the events as one story, whose messages name those that they tell of."""

    def compose(numbers: Sequence[int]) -> NewMessage:
        lead = events[numbers[0]].message
        text = " + ".join(f"{events[each].new.event.alert.rule} {events[each].new.event.kind}" for each in numbers)
        return NewMessage(text, lead.photo, lead.buttons, lead.dark_photo)

    return record_story(db, [each.new for each in events], compose, (), now)


def people(db: Database, *chat_ids: int, now: int = NOW - DAY) -> None:
    for chat_id in chat_ids:
        subscribe(db, chat(chat_id), now)


def states(db: Database) -> list[tuple[int, str]]:
    """(chat id, state) of every delivery, in the order in which they were queued."""
    return db.execute(
        "SELECT s.chat_id, d.state FROM deliveries d JOIN subscribers s ON s.id = d.subscriber ORDER BY d.id"
    ).fetchall()
