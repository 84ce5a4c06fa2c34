"""Alerts and digests on the whole last stretch: store, outbox, the real messenger, a chat in the sandbox."""

from __future__ import annotations

import time

from bot.delivery.rate_limit import RateLimiter
from bot.delivery.worker import OutboxWorker
from bot.severity import Severity
from bot.signals.replay.event import AlertId, Event, EventKind
from bot.signals.timeframe import DAY, Timeframe
from bot.store.outbox.queue import next_due
from bot.store.stories import NewEvent, NewMessage, record_story
from bot.telegram.sending.transport import TelegramTransport
from bot.views.alerts.buttons import story_buttons

NOW = 1_700_000_000
BAR = NOW - DAY


async def fire(
    bot, rule="iwm-resistance-break", *, kind=EventKind.FIRED, severity="high", photo=None, at=NOW, levels=()
):
    """Record one event of a rule with its buttons, as the bot does; nothing is sent yet."""
    event = Event(AlertId(rule, "IWM", Timeframe.D1, BAR), kind, BAR, at, 250.0)
    rank = Severity.from_word(severity)
    message = NewMessage(f"<b>{rule} {kind}</b>", photo, story_buttons([(rule, rule)], levels))
    await bot.store.run(record_story, [NewEvent(event, "d", rank, ("iwm",))], lambda _: message, (), at)


async def deliver(bot, now=NOW):
    """Send all that is due at `now`."""
    begun = time.monotonic()
    outbox = OutboxWorker(
        bot.store,
        TelegramTransport(bot.bot),
        RateLimiter(),
        lambda: now + time.monotonic() - begun,
        jitter=lambda: 0.0,
    )
    while True:
        while await outbox.step():
            pass
        due = await bot.store.run(next_due)
        if due is None or due > now + 5:
            return
