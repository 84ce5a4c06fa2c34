"""Services that commands use: store, rules, markets, pictures, status."""

from __future__ import annotations

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
from bot.subscriptions.permissions import Access
from bot.telegram.throttle import APPROVAL, Buckets
from bot.views.operator.admin import UNCHANGED, ConfigChange
from bot.views.operator.health import ProcessHealth
from bot.views.operator.status_facts import StatusFacts

MAX_TROUBLES_KEPT = 20


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that went wrong on the way to or from Telegram; holds no token."""

    at: Instant
    what: str


class Troubles:
    """The last few things that went wrong, and how many there were since the start."""

    def __init__(self, kept: int = MAX_TROUBLES_KEPT) -> None:
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


async def _unchanged() -> ConfigChange:
    return UNCHANGED


@dataclass(frozen=True, slots=True)
class Services:
    """Everything that the commands know of the rest of the bot.

    `market_data` knows markets and what rules say of them. `draw` has a worker draw a chart; None where that
    failed, it never raises. `rule_folders` hold the rule files, and `reload` takes them up; `config_change` says
    what of the config only a restart would take up. `wake` tells the outbox that something was queued, `reachable`
    that Telegram answers again, and `recall` that a chat, or all of them (None), may want something else now of what
    is about to be sent. `waits` says what a rule is waiting for, empty where for nothing. `banner` stands before every
    reply ("SIMULATED"); empty where there is none. `rate_limiter` is that of the alerts too, kept on a monotonic
    `clock`: together they stay within what Telegram allows. `approvals` bounds how often one person has the operators
    asked.
    """

    store: Store
    rulebook: Callable[[], Rulebook]
    rule_folders: tuple[Path, ...]
    reload: Callable[[], Awaitable[object]]
    waits: Callable[[str], str]
    market_data: MarketData
    draw: Draw
    status: Callable[[], Awaitable[StatusFacts]]
    process_health: Callable[[], Awaitable[ProcessHealth]]
    now: Callable[[], Instant]
    access: Access
    wake: Callable[[], None]
    recall: Callable[[int | None], None]
    rate_limiter: RateLimiter
    clock: Callable[[], float]
    config_change: Callable[[], Awaitable[ConfigChange]] = _unchanged
    banner: str = ""
    reachable: Callable[[], None] = lambda: None
    troubles: Troubles = field(default_factory=Troubles)
    approvals: Buckets = field(default_factory=lambda: Buckets(APPROVAL))
