"""What may a command use to find its answer?"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

from bot.delivery.pace import Pace
from bot.messages.status import StatusFacts
from bot.messages.vitals import Vitals
from bot.rulebook.book import Rulebook
from bot.signals.timeframe import Instant
from bot.store.writer import Store
from bot.telegram.access import Access
from bot.watch.lookup import Lookup


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


Draw = Callable[..., Awaitable[bytes | None]]


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything that the commands know of the rest of the house.

    `banner` stands before every answer ("SIMULATED"); empty where there is none. `pace` is that of the alerts too,
    kept on `clock` (seconds): together they stay within what Telegram allows.

    What follows is None, or does nothing, where there is no such thing behind the desk. `lookup` knows markets and
    what rules say of them. `draw` is given a function ("package.module:function") and its arguments, has a worker
    call it, and gives the PNG, or None where that failed; it never raises. `rules_folder` holds the rule files, and
    `reload` takes them up. `wake` tells the outbox that something was queued. `waits` says what a rule is waiting
    for, empty where for nothing.
    """

    store: Store
    rulebook: Callable[[], Rulebook]
    status: Callable[[], Awaitable[StatusFacts]]
    now: Callable[[], Instant]
    access: Access
    banner: str = ""
    pace: Pace = field(default_factory=Pace)
    clock: Callable[[], float] = time.time
    troubles: Troubles = field(default_factory=Troubles)
    lookup: Lookup | None = None
    draw: Draw | None = None
    rules_folder: Path | None = None
    reload: Callable[[], Awaitable[object]] | None = None
    vitals: Callable[[], Awaitable[Vitals]] | None = None
    wake: Callable[[], None] = lambda: None
    waits: Callable[[str], str] = lambda _rule: ""

    @property
    def facts(self) -> Lookup:
        """The lookup. Raises RuntimeError where there is none."""
        if self.lookup is None:
            raise RuntimeError("nobody behind this desk knows the markets")
        return self.lookup
