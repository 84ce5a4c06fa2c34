"""Price alerts: a chat is told once when a market reaches a price."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from bot.signals.bars import Bars
from bot.signals.timeframe import Instant
from bot.store.store import Store
from bot.store.subscribers.price_alerts import (
    PriceAlert,
    add_price_alert,
    delete_price_alert,
    fulfil_price_alert,
    open_price_alerts,
    price_alerts_of,
)
from bot.subscriber import Chat

MAX_PRICE_ALERTS = 20
"""That a chat may have at once."""


class AddOutcome(StrEnum):
    """What came of asking for a price alert."""

    ADDED = "added"
    ALREADY = "already"
    REACHED = "reached"  # the price is there now
    TOO_MANY = "too many"


@dataclass(frozen=True, slots=True)
class ReachedPrice:
    """The first bar that reached a price: its start, its close, and how far it went."""

    alert: PriceAlert
    bar: Instant
    close: float
    extreme: float


async def ask_price_alert(
    store: Store, chat: Chat, market: str, price: float, close: float, now: Instant
) -> AddOutcome:
    """Ask for one word when `market`, which last closed at `close`, reaches `price`."""
    if price == close:
        return AddOutcome.REACHED
    if len(await store.run(price_alerts_of, chat.chat_id, chat.thread_id)) >= MAX_PRICE_ALERTS:
        return AddOutcome.TOO_MANY
    new = await store.run(add_price_alert, chat, market, price, above=price > close, now=now)
    return AddOutcome.ADDED if new else AddOutcome.ALREADY


async def price_alerts_in(store: Store, chat: Chat) -> list[PriceAlert]:
    """What a chat waits for."""
    return await store.run(price_alerts_of, chat.chat_id, chat.thread_id)


async def forget_price_alert(store: Store, chat: Chat, alert_id: int) -> bool:
    """Delete one. Returns whether the chat had it."""
    return await store.run(delete_price_alert, chat.chat_id, chat.thread_id, alert_id)


async def tell_reached_prices(
    store: Store,
    bars_of: Callable[[str], Awaitable[Bars]],
    word: Callable[[ReachedPrice], str],
    now: Instant,
) -> int:
    """Queue a word for every price that was reached since it was asked for. Returns how many."""
    told = 0
    waiting = await store.run(open_price_alerts)
    for market in dict.fromkeys(alert.market for alert in waiting):
        bars = await bars_of(market)
        for alert in near_enough([each for each in waiting if each.market == market], bars):
            reached = first_reach(alert, bars)
            if reached is not None:
                told += await store.run(fulfil_price_alert, alert.id, word(reached), now)
    return told


def near_enough(alerts: Sequence[PriceAlert], bars: Bars) -> list[PriceAlert]:
    """Those whose price lies within what the market has seen since the bar in which they were asked for, the bar too.

    `first_reach` looks at one after the other, bar by bar; of thousands at every look hardly any is left for it.
    """
    since = np.searchsorted(bars.end, [each.created for each in alerts], side="right")
    highest = np.append(np.fmax.accumulate(np.fmax(bars.high, bars.close)[::-1])[::-1], -np.inf)[since]
    lowest = np.append(np.fmin.accumulate(np.fmin(bars.low, bars.close)[::-1])[::-1], np.inf)[since]
    price, above = np.array([(each.price, each.above) for each in alerts]).reshape(-1, 2).T
    return [alerts[at] for at in np.flatnonzero(np.where(above == 1, highest >= price, lowest <= price)).tolist()]


def first_reach(alert: PriceAlert, bars: Bars) -> ReachedPrice | None:
    """The first closed bar that reached the price; None where there is none yet.

    Of the bar in which it was asked for only the close counts: where the price went before that is nobody's news.
    """
    after = bars.end > alert.created
    within = after & (bars.start <= alert.created)
    extremes = np.where(within, bars.close, bars.high if alert.above else bars.low)
    hit = after & (extremes >= alert.price if alert.above else extremes <= alert.price)
    found = np.flatnonzero(hit)
    if not len(found):
        return None
    at = int(found[0])
    return ReachedPrice(alert, int(bars.start[at]), float(bars.close[at]), float(extremes[at]))
