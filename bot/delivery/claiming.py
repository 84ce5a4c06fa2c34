"""Claiming: which deliveries go now, and which wait until somebody's quiet hours end."""

from __future__ import annotations

from bot.delivery.quiet_hours import waits_until
from bot.store.database import immediate
from bot.store.outbox import ClaimedDelivery, claim, hold
from bot.store.sqlite import Database

_MOST_HELD = 2_000  # deliveries looked at in one transaction, so that nothing else waits long for the file


def claim_due(db: Database, now: float, limit: int) -> tuple[list[ClaimedDelivery], bool]:
    """Up to `limit` deliveries to send now, and whether more may be due.

    Quiet hours are heeded here, not when a message is queued: what was delayed does not ring at night either, and
    other settings hold at once. What is held keeps its place, so that its answers come after it.
    """
    ready: list[ClaimedDelivery] = []
    looked_at = 0
    with immediate(db):
        while True:
            claimed = claim(db, now, limit - len(ready))
            until = {each.id: waits_until(int(now), each.severity, each.preferences) for each in claimed}
            held = [(delivery, float(at)) for delivery, at in until.items() if at is not None]
            hold(db, held)
            ready += [each for each in claimed if until[each.id] is None]
            looked_at += len(held)
            if not held or len(ready) >= limit or looked_at >= _MOST_HELD:
                return ready, bool(claimed)
