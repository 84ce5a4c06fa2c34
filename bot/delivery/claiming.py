"""Claiming: which deliveries go now, which wait until somebody's quiet hours end, and which a mute forbids."""

from __future__ import annotations

from dataclasses import dataclass

from bot.delivery.quiet_hours import waits_until
from bot.store.database import immediate
from bot.store.outbox.claim import ClaimedDelivery, claim
from bot.store.outbox.outcomes import hold, mark_dropped
from bot.store.outbox.queue import any_queued
from bot.store.sqlite import Database
from bot.store.subscribers.mutes import MUTED, muted_meanwhile

_MOST_HELD = 400  # deliveries held or dropped in one transaction, so that nothing else waits long for the file


@dataclass(frozen=True, slots=True)
class Claims:
    """Deliveries to send now. `more`: there may be more at once; `left`: some are queued, due or not."""

    ready: list[ClaimedDelivery]
    more: bool
    left: bool


def claim_due(db: Database, now: float, limit: int) -> Claims:
    """Up to `limit` deliveries to send now.

    Quiet hours are heeded here, not when a message is queued: what was delayed does not ring at night either, and
    other settings hold at once. What is held keeps its place, so that its answers come after it. An alert whose turn
    comes in a mute that has begun since it was queued is dropped; `/alerts` and the digest still tell of it.
    """
    ready: list[ClaimedDelivery] = []
    looked_at = 0
    with immediate(db):
        while True:
            claimed = claim(db, now, limit - len(ready))
            until = {each.id: waits_until(int(now), each.severity, each.preferences) for each in claimed}
            held = [(delivery, float(at)) for delivery, at in until.items() if at is not None]
            hold(db, held)
            muted = muted_meanwhile(db, [delivery for delivery, at in until.items() if at is None], now)
            for delivery in muted:
                mark_dropped(db, delivery, MUTED, now)
            ready += [each for each in claimed if until[each.id] is None and each.id not in muted]
            passed_over = len(held) + len(muted)
            looked_at += passed_over
            if not passed_over or len(ready) >= limit or looked_at >= _MOST_HELD:
                left = any_queued(db)
                return Claims(ready, bool(claimed) and left, left)
