"""How are the rooms of the house put together?"""

from __future__ import annotations

from collections.abc import Mapping

from bot.app.edges import Edges
from bot.app.livebook import LiveBook
from bot.market.feed import Feed
from bot.market.spec import Market
from bot.settings import Settings
from bot.signals.timeframe import Timeframe, midnight
from bot.store.writer import Store
from bot.watch.announce import Announcer
from bot.watch.calendars import Calendars
from bot.watch.gather import Gatherer, Health
from bot.watch.library import Library
from bot.watch.plan import Schedule
from bot.watch.scan import Outlook, Watch


def build_watch(
    settings: Settings,
    markets: Mapping[str, Market],
    store: Store,
    edges: Edges,
    book: LiveBook,
    *,
    simulated: bool = False,
) -> Watch:
    """The loop's steps over these settings, these markets (the settings' own, or simulated), store and edges."""
    schedule = Schedule(settings.schedule.settle, settings.schedule.retry, settings.schedule.live)
    closures = frozenset(midnight(day) for day in settings.schedule.closures)
    library = Library(store, markets)
    calendars = Calendars(store, edges.sessions, closures)
    gatherer = Gatherer(store, library, Feed(edges.fetch), calendars, markets, schedule)

    def source_of(name: str, timeframe: Timeframe) -> str:
        return gatherer.health.get((name, timeframe), Health()).source

    announcer = Announcer(library, markets, settings.crypto, edges.draw, source_of)
    outlook = Outlook(markets, settings.crypto, schedule, settings.catch_up, simulated)
    return Watch(outlook, store, library, gatherer, calendars, announcer, book.book)
