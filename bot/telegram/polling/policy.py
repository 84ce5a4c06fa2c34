"""Error policy of polling: how long to wait after a failure, and when to stop for good."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from telegram.error import TelegramError, TimedOut

from bot.delivery.transport import FailureKind
from bot.retry import exponential
from bot.telegram.errors import classify_error

YOUNG_SECONDS = 60.0
MAX_WAIT_SECONDS = 30.0
MAX_CONFLICTS_WHILE_YOUNG = 2
REFUSAL_PATIENCE_SECONDS = 600.0
"""How long a token that has worked is asked with again, before it is believed to be revoked."""


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
    refused_since: float | None = None
    conflicts: int = 0


def classify_poll_error(error: TelegramError) -> tuple[PollError, float]:
    """Its kind, and for a flood the seconds that Telegram asks for (else 0)."""
    failure = classify_error(error)
    words = failure.detail.lower()
    match failure.kind:
        case FailureKind.TOKEN:
            return PollError.TOKEN, 0.0
        case FailureKind.FLOOD:
            return PollError.FLOOD, failure.retry_after or 0.0
        case _ if "webhook" in words:
            return PollError.WEBHOOK, 0.0
        case _ if "conflict" in words or "terminated by other getupdates" in words:
            return PollError.ANOTHER_COPY, 0.0
        case _:
            return (PollError.TIMEOUT if isinstance(error, TimedOut) else PollError.NETWORK), 0.0


def after_success(state: PollState) -> PollState:
    """Telegram answered. Conflicts are not forgotten: two copies that poll in turn both get answers between them."""
    return replace(state, connected=True, failures=0, refused_since=None)


def after_failure(
    state: PollState, fault: PollError, asked: float, now: float, jitter: float
) -> tuple[PollState, Wait | StopReason]:
    """The state with this failure in it, and what to do. `jitter` is a random number in [0, 1).

    Telegram answers a conflict to the copy that asked first; so the older copy must survive one, and the
    younger one stops at its second. A token that has worked is asked with again for REFUSAL_PATIENCE_SECONDS: Telegram
    refuses good ones now and then.
    """
    pause = exponential(state.failures, jitter, first=1.0, longest=MAX_WAIT_SECONDS)
    state = replace(state, failures=state.failures + 1)
    match fault:
        case PollError.TOKEN:
            since = now if state.refused_since is None else state.refused_since
            given_up = not state.connected or now - since >= REFUSAL_PATIENCE_SECONDS
            return replace(state, refused_since=since), StopReason.TOKEN if given_up else Wait(pause)
        case PollError.ANOTHER_COPY:
            young = now - state.started < YOUNG_SECONDS
            state = replace(state, conflicts=state.conflicts + 1 if young else 0)
            given_up = state.conflicts >= MAX_CONFLICTS_WHILE_YOUNG
            return state, StopReason.ANOTHER_COPY if given_up else Wait(pause)
        case PollError.WEBHOOK:
            return state, Wait(pause, reconnect=True)
        case PollError.FLOOD:
            return state, Wait(max(asked, 0.0) + pause)
        case _:
            return state, Wait(pause)
