"""What is known of the bot's state, for /status, /health and the shell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from bot.signals.timeframe import Instant
from bot.views.alerts.runs import RunFacts


class MarketState(StrEnum):
    """How far a market's bars can be trusted now."""

    FRESH = "fresh"
    STALE = "stale"  # the last session that should be there is not
    HOLED = "holed"  # a session behind the newest one is missing
    SUSPECT = "suspect"  # the gate holds its newest bar
    DEAD = "dead"  # no source has given bars for long
    NEVER = "never"  # nothing was ever fetched


class ProcessState(StrEnum):
    """What the bot's process said of itself last; one that was killed still says "running"."""

    STARTING = "starting"  # its first look is not over
    RUNNING = "running"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class MarketStatus:
    """One market: the label of its last bar and when that closed; None where there is none."""

    name: str
    state: MarketState
    last_bar: str | None = None
    closed_at: Instant | None = None
    source: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class HoursStatus:
    """The hours by which one market's past days are looked at: their first day and their last."""

    name: str
    first: str | None = None
    last: str | None = None
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class StatusFacts:
    """All that /status and `status --json` tell. Instants are None where nothing is known.

    `rules` counts those that run, `broken` are the complaints about rule files with their place, `stale`
    the ids of rules that run on their last good version; `waiting` says by id what a rule waits for, `runs` are the
    signals that go on. `heartbeat` is the loop's last sign of life; `process` is what it said of itself, and since
    when.
    `subscribers` are counts by state ("active", "off", …); `oldest` is when the oldest queued delivery was made.
    """

    now: Instant
    version: str
    markets: tuple[MarketStatus, ...] = ()
    heartbeat: Instant | None = None
    process: ProcessState = ProcessState.RUNNING
    process_since: Instant | None = None
    last_scan: Instant | None = None
    next_scan: Instant | None = None
    rules: int = 0
    broken: tuple[str, ...] = ()
    stale: tuple[str, ...] = ()
    waiting: Mapping[str, str] = field(default_factory=dict)
    subscribers: Mapping[str, int] = field(default_factory=dict)
    queued: int = 0
    sending: int = 0
    oldest: Instant | None = None
    last_error: str = ""
    last_error_at: Instant | None = None
    paused: bool = False
    sending_pause: tuple[Instant, str] | None = None
    dropped: Mapping[str, int] = field(default_factory=dict)
    refused: int = 0
    database: str = ""
    simulated: bool = False
    runs: tuple[RunFacts, ...] = ()
    hours: tuple[HoursStatus, ...] = ()

    @property
    def never_ran(self) -> bool:
        """Whether no bot has left a word: a database that only has histories, as `data fetch` makes it."""
        return not self.version and self.heartbeat is None and self.process_since is None

    @property
    def stale_markets(self) -> tuple[str, ...]:
        """Markets that were not fresh at the last look."""
        return tuple(market.name for market in self.markets if market.state is not MarketState.FRESH)
