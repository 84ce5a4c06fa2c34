"""What operators decide: who is let in, and whether alerts wait."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.signals.timeframe import Instant
from bot.store.meta import HELD_BACK, PAUSED, delete_value, get_value, set_value
from bot.store.outbox.queue import queue_depth
from bot.store.outbox.requeue import retry_now
from bot.store.sqlite import Database
from bot.store.store import Store
from bot.store.subscribers.subscribers import approve


@dataclass(frozen=True, slots=True)
class Resumed:
    """Whether alerts were paused, and how many wait."""

    was_paused: bool
    waiting: int


async def approve_chat(store: Store, chat_id: int, thread_id: int, now: Instant) -> bool:
    """Let a waiting chat in. Returns whether it waited."""
    return await store.run(approve, chat_id, thread_id, now)


async def pause_alerts(store: Store, now: Instant) -> bool:
    """Let alerts wait in the outbox. Returns whether they did already."""
    already = await store.run(get_value, PAUSED) is not None
    if not already:
        await store.run(set_value, PAUSED, str(now), now)
    return already


async def resume_alerts(store: Store, wake: Callable[[], None]) -> Resumed:
    """Let them go."""
    # What was refused does not wait for its next turn. While alerts are held back none of it goes: a crash before they
    # are let go changes nothing that anybody sees, and the next /resume does it all again.
    if await store.run(get_value, HELD_BACK) is not None:
        await store.run_in_parts(retry_now, 0.0, every=True)
    let_go = await store.run(_let_go)
    waiting = (await store.run(queue_depth)).queued
    wake()
    return Resumed(bool(let_go), waiting)


def _let_go(db: Database) -> list[str]:
    """What kept alerts waiting: that they were paused, or held back since many chats were refused; now they are not."""
    keys = [key for key in (PAUSED, HELD_BACK) if get_value(db, key) is not None]
    for key in keys:
        delete_value(db, key)
    return keys
