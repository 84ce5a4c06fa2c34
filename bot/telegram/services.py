"""What may a command use to find its answer?"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

from bot.charts.request import Draw
from bot.delivery.rate_limit import RateLimiter
from bot.queries.market_data import MarketData
from bot.rulebook.book import Rulebook
from bot.signals.timeframe import Instant
from bot.store.store import Store
from bot.telegram.permissions import Access
from bot.views.operator.health import ProcessHealth
from bot.views.operator.status import StatusFacts


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that went wrong on the way to or from Telegram; holds no token."""

    at: Instant
    what: str


class Troubles:
    """The last few things that went wrong, and how many there were since the start."""

    def __init__(self, kept: int = 20) -> None:
        self.recent: deque[Trouble] = deque(maxlen=kept)
        self.count = 0

    @property
    def last(self) -> Trouble | None:
        """The newest one."""
        return self.recent[-1] if self.recent else None

    def note(self, at: Instant, what: str) -> None:
        """Remember one more."""
        self.recent.append(Trouble(at, what))
        self.count += 1


@dataclass(frozen=True, slots=True)
class Services:
    """Everything that the commands know of the rest of the house.

    `banner` stands before every answer ("SIMULATED"); empty where there is none. `pace` is that of the alerts too,
    kept on `clock` (seconds): together they stay within what Telegram allows.

    What follows is None, or does nothing, where there is no such thing behind the desk. `market_data` knows markets and
    what rules say of them. `draw` has a worker draw a chart. `rules_folder` holds the rule files, and
    `reload` takes them up. `wake` tells the outbox that something was queued. `waits` says what a rule is waiting
    for, empty where for nothing.
    """

    store: Store
    rulebook: Callable[[], Rulebook]
    status: Callable[[], Awaitable[StatusFacts]]
    now: Callable[[], Instant]
    access: Access
    banner: str = ""
    pace: RateLimiter = field(default_factory=RateLimiter)
    clock: Callable[[], float] = time.time
    troubles: Troubles = field(default_factory=Troubles)
    market_data: MarketData | None = None
    draw: Draw | None = None
    rules_folder: Path | None = None
    reload: Callable[[], Awaitable[object]] | None = None
    process_health: Callable[[], Awaitable[ProcessHealth]] | None = None
    wake: Callable[[], None] = lambda: None
    waits: Callable[[str], str] = lambda _rule: ""

    @property
    def facts(self) -> MarketData:
        """The lookup. Raises RuntimeError where there is none."""
        if self.market_data is None:
            raise RuntimeError("nobody behind this desk knows the markets")
        return self.market_data
