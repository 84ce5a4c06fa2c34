"""How are the rooms of the house put together?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bot.app.edges import CHART, Edges
from bot.app.livebook import LiveBook
from bot.market.feed import Feed
from bot.market.spec import Market
from bot.settings import Settings
from bot.signals.timeframe import Timeframe, midnight
from bot.store.writer import Store
from bot.watch.announce import Announcer, Picture
from bot.watch.calendars import Calendars
from bot.watch.gather import Gatherer, Health
from bot.watch.library import Library
from bot.watch.lookup import Lookup
from bot.watch.plan import Schedule
from bot.watch.scan import Listeners, Outlook, Watch


@dataclass(frozen=True)
class House:
    """The loop's steps, and what answers questions out of the same bars."""

    watch: Watch
    lookup: Lookup
    feed: Feed


def build_house(
    settings: Settings,
    markets: Mapping[str, Market],
    store: Store,
    edges: Edges,
    book: LiveBook,
    *,
    banner: str = "",
    wake: Callable[[], None] = lambda: None,
) -> House:
    """The house over these settings, these markets (the settings' own, or simulated), store and edges.

    `banner` is written into every picture; where there is one, the market is a simulated one. `wake` is called when
    deliveries have been queued.
    """
    schedule = Schedule(settings.schedule.settle, settings.schedule.retry, settings.schedule.live)
    closures = frozenset(midnight(day) for day in settings.schedule.closures)
    library = Library(store, markets)
    calendars = Calendars(store, edges.sessions, closures)
    feed = Feed(edges.fetch)
    gatherer = Gatherer(store, library, feed, calendars, markets, schedule)

    def source_of(name: str, timeframe: Timeframe) -> str:
        return gatherer.health.get((name, timeframe), Health()).source

    async def draw(picture: Picture) -> bytes | None:
        shown = (picture.bars, picture.title, picture.level, picture.fired, False, picture.source, banner)
        return await edges.draw(CHART, *shown)

    announcer = Announcer(library, markets, settings.crypto, draw, source_of)
    outlook = Outlook(markets, settings.crypto, schedule, settings.catch_up, bool(banner))
    listeners = Listeners(expecting=edges.warm, queued=wake)
    watch = Watch(outlook, store, library, gatherer, calendars, announcer, book.book, listeners)
    return House(watch, Lookup(library, markets, settings.crypto, source_of), feed)
