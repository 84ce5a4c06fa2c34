"""A bot to be killed: records alerts and sends them, each message being a line in a file.

Run: python crashing.py DATABASE SENT ALERTS CHATS LIMIT   (it ends by itself when all is delivered)
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from pathlib import Path

from bot.delivery.rate_limit import RateLimiter
from bot.delivery.transport import OutgoingMessage, Sent
from bot.delivery.worker import OutboxWorker
from bot.severity import Severity
from bot.signals.replay.event import AlertId, Event, EventKind
from bot.signals.timeframe import DAY, Timeframe
from bot.store.alerts import Watermark, watermark
from bot.store.database import immediate
from bot.store.outbox.queue import queue_depth
from bot.store.sqlite import Database
from bot.store.store import Store
from bot.store.stories import NewEvent, NewMessage, RuleMark, record_story
from bot.store.subscribers.subscribers import subscribe
from bot.subscriber import Chat


class LineWriter:
    """What is written here has arrived, whatever becomes of the process."""

    def __init__(self, path: Path) -> None:
        self.file = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND)

    async def send(self, message: OutgoingMessage) -> Sent:
        await asyncio.sleep(0.002)
        os.write(self.file, f"{message.chat_id} {message.html}\n".encode())
        await asyncio.sleep(0.002)
        return Sent(1)


def subscribe_all(db: Database, chats: int) -> None:
    with immediate(db):
        for chat_id in range(1, chats + 1):
            subscribe(db, Chat(chat_id, 0, "private", ""), 1)


def record_next(db: Database, alerts: int) -> bool:
    """Record the alert after the watermark, as a scan does; False where none is left."""
    mark = watermark(db, "r")
    bar = 0 if mark is None else mark.bar + DAY
    if bar >= alerts * DAY:
        return False
    event = Event(AlertId("r", "IWM", Timeframe.D1, bar), EventKind.FIRED, bar, bar + DAY, 1.0)
    marks = [RuleMark("r", "IWM", "1d", Watermark(bar, "d"))]
    message = NewMessage(f"alert-{bar // DAY}")
    record_story(db, [NewEvent(event, "d", Severity.HIGH)], lambda _: message, marks, int(time.time()))
    return True


async def main(database: str, sent: str, alerts: str, chats: str, limit: str) -> None:
    store, stop = Store(Path(database)), asyncio.Event()
    await store.run(subscribe_all, int(chats))
    pace = RateLimiter(5_000, in_flight=int(limit))
    pace.wait_chat = lambda chat_id, now: 0.0  # type: ignore[method-assign]  # else a chat takes a second an alert
    worker = OutboxWorker(store, LineWriter(Path(sent)), pace, time.time)
    running = asyncio.create_task(worker.run(stop))
    while await store.run(record_next, int(alerts)):
        worker.wake()
        await asyncio.sleep(0.02)
    while (left := await store.run(queue_depth)).queued or left.sending:
        await asyncio.sleep(0.01)
    stop.set()
    await running
    await store.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
