"""Events of alerts: their kinds, the identity of an alert, one event at a bar."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.signals.timeframe import Instant, Timeframe, label


class EventKind(StrEnum):
    """What replay can yield at a bar."""

    FIRED = "fired"
    PROVISIONAL = "provisional"  # fired on a forming bar
    WITHDRAWN = "withdrawn"  # a provisional firing that the close did not bear out
    CONFIRMED = "confirmed"
    HELD = "held"
    FAILED = "failed"
    RESUMED = "resumed"  # after a failure the rule is yes again
    MILESTONE = "milestone"  # a further step from the level
    ENDED = "ended"  # it is followed no longer
    RETRACTED = "retracted"  # a correction of the data undid the firing
    CORRECTED = "corrected"  # a close that was told was another, and the firing stands

    @property
    def opens(self) -> bool:
        """Whether it opens a message of its own; every other kind answers the one that did."""
        return self in {EventKind.FIRED, EventKind.PROVISIONAL}

    @property
    def is_of_forming(self) -> bool:
        """Whether it comes of a bar that was looked at before it had closed: nothing of the history of closes."""
        return self in {EventKind.PROVISIONAL, EventKind.WITHDRAWN}


@dataclass(frozen=True, slots=True)
class AlertId:
    """Identity of one firing: rule, market, and the start of the bar it fired at."""

    rule: str
    market: str
    timeframe: Timeframe
    bar: Instant

    def __str__(self) -> str:
        return f"{self.rule}/{self.market}/{label(self.bar, self.timeframe)}"


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened to one alert, at the bar that starts at `bar` and closes at `at`.

    Where a bar was looked at hour by hour, a provisional one has the end of its hour for `at`. `close` is that bar's
    close. `level` is the rule's level as it was at the firing; None where the rule has none or it was unknown. `told`
    is the close that was told before, of a correction.
    """

    alert: AlertId
    kind: EventKind
    bar: Instant
    at: Instant
    close: float
    level: float | None = None
    told: float | None = None

    @property
    def label(self) -> str:
        """Name of the bar at which it happened."""
        return label(self.bar, self.alert.timeframe)
