"""After asking Telegram for updates went wrong: wait how long, or stop for good?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError, TimedOut

YOUNG = 60.0
LONGEST_WAIT = 30.0
CONFLICTS_WHILE_YOUNG = 2
REFUSALS = 3


class PollError(StrEnum):
    """What went wrong, in words that hold no token and no address."""

    ANOTHER_COPY = "another program fetches this bot's updates"
    WEBHOOK = "a webhook is set for this bot"
    TOKEN = "Telegram does not accept the token"  # noqa: S105
    FLOOD = "Telegram asks to slow down"
    TIMEOUT = "no answer from Telegram in time"
    NETWORK = "Telegram can't be reached or answers with an error"


class StopReason(StrEnum):
    """Why fetching stopped for good."""

    ANOTHER_COPY = "another copy of this bot is running with the same token"
    TOKEN = "Telegram does not accept the token"  # noqa: S105


@dataclass(frozen=True, slots=True)
class Wait:
    """Ask again after so many seconds; where `reconnect`, take the webhook away first."""

    seconds: float
    reconnect: bool = False


@dataclass(frozen=True, slots=True)
class PollState:
    """How fetching has gone since the instant `started`: failures in a row, conflicts in its youth."""

    started: float
    connected: bool = False
    failures: int = 0
    refusals: int = 0
    conflicts: int = 0


def classify_poll_error(error: TelegramError) -> tuple[PollError, float]:
    """Its kind, and for a flood the seconds that Telegram asks for (else 0)."""
    match error:
        case InvalidToken():
            return PollError.TOKEN, 0.0
        case Conflict():
            return (PollError.WEBHOOK if "webhook" in error.message.lower() else PollError.ANOTHER_COPY), 0.0
        case RetryAfter():
            asked = error.retry_after
            return PollError.FLOOD, float(asked) if isinstance(asked, int) else asked.total_seconds()
        case TimedOut():
            return PollError.TIMEOUT, 0.0
        case _:
            return PollError.NETWORK, 0.0


def after_success(record: PollState) -> PollState:
    """Telegram answered. Conflicts are not forgotten: two copies that poll in turn both get answers between them."""
    return replace(record, connected=True, failures=0, refusals=0)


def after_failure(
    record: PollState, fault: PollError, asked: float, now: float, jitter: float
) -> tuple[PollState, Wait | StopReason]:
    """The record with this failure in it, and what to do. `jitter` is a random number in [0, 1).

    Telegram answers a conflict to the copy that asked first; so the older copy must survive one, and the
    younger one stops at its second. A token that has worked is believed to be wrong after three refusals.
    """
    record = replace(record, failures=record.failures + 1)
    pause = min(LONGEST_WAIT, 2.0 ** min(record.failures - 1, 10)) * (0.5 + jitter / 2)
    match fault:
        case PollError.TOKEN:
            record = replace(record, refusals=record.refusals + 1)
            return record, (StopReason.TOKEN if not record.connected or record.refusals >= REFUSALS else Wait(pause))
        case PollError.ANOTHER_COPY:
            young = now - record.started < YOUNG
            record = replace(record, conflicts=record.conflicts + 1 if young else 0)
            return record, (StopReason.ANOTHER_COPY if record.conflicts >= CONFLICTS_WHILE_YOUNG else Wait(pause))
        case PollError.WEBHOOK:
            return record, Wait(pause, reconnect=True)
        case PollError.FLOOD:
            return record, Wait(max(asked, 0.0) + pause)
        case _:
            return record, Wait(pause)
