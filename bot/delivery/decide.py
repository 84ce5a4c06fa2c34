"""What does a failed attempt mean for the message, for its chat, and for all others?"""

from __future__ import annotations

from dataclasses import dataclass

from bot.delivery.outcome import Failure, FailureKind
from bot.store.outbox import TOO_LATE

PATIENCE = 24 * 3_600.0
"""Seconds after which an alert is of no use any more."""

PATIENCE_HIGH = 72 * 3_600.0
"""The same for one of high severity."""

_TOKEN_PAUSE = 60.0  # a revoked token is mended by a person, if at all
_LONGEST = 900.0


@dataclass(frozen=True, slots=True)
class Retry:
    """Try this message again after so many seconds."""

    after: float


@dataclass(frozen=True, slots=True)
class Drop:
    """Give this message up."""

    reason: str


@dataclass(frozen=True, slots=True)
class SwitchOff:
    """Send nothing more to this chat until it subscribes again."""

    reason: str


@dataclass(frozen=True, slots=True)
class Migrate:
    """The chat has another id now; send it there at once."""

    new: int


@dataclass(frozen=True, slots=True)
class Plain:
    """Send it again at once, without markup."""


@dataclass(frozen=True, slots=True)
class Bare:
    """Send it again at once, without its picture."""


@dataclass(frozen=True, slots=True)
class StopAll:
    """Send nothing to anybody for so many seconds; this message then goes again."""

    seconds: float
    reason: str


Decision = Retry | Drop | SwitchOff | Migrate | Plain | Bare | StopAll


def decide(
    failure: Failure,
    attempts: int,
    age: float,
    jitter: float,
    *,
    plain: bool = False,
    photo: bool = False,
    patience: float = PATIENCE,
) -> Decision:
    """What to do after `failure`, when `attempts` had failed before it and the message is `age` seconds old.

    `jitter` is a random number in [0, 1). `plain` and `photo` say how it was sent this time.
    """
    match failure.kind:
        case FailureKind.FLOOD | FailureKind.TOKEN:
            return _stop_all(failure, attempts, jitter)
        case FailureKind.NOT_SENT | FailureKind.AMBIGUOUS:
            return Drop(TOO_LATE) if age > patience else Retry(backoff(attempts, jitter))
        case FailureKind.BLOCKED | FailureKind.GONE:
            return SwitchOff(failure.kind.value)
        case FailureKind.MIGRATED if failure.new_chat_id is not None:
            return Migrate(failure.new_chat_id)
    return _in_another_form(failure, plain=plain, photo=photo)


def _in_another_form(failure: Failure, *, plain: bool, photo: bool) -> Plain | Bare | Drop:
    """What Telegram refuses is never sent again as it was."""
    if failure.kind is FailureKind.BAD_MARKUP and not plain:
        return Plain()
    if failure.kind in {FailureKind.BAD_REQUEST, FailureKind.NO_RIGHTS} and photo:
        return Bare()  # the words matter more than the picture that may be what is refused
    return Drop(f"{failure.kind.value}: {failure.detail}")


def backoff(attempts: int, jitter: float) -> float:
    """Seconds to wait after `attempts` + 1 failures: 2, 4, 8 … 900, of each at least half."""
    return min(_LONGEST, 2.0 * 2.0 ** min(attempts, 16)) * (0.5 + jitter / 2)


def brake(chats: int) -> float:
    """Seconds to stop all sending, when so many different chats in a row gave no clear answer.

    One bad chat says nothing about the others; five of them say that Telegram can't be reached, and that
    wearing out everybody's attempts is useless.
    """
    return 0.0 if chats < 5 else min(60.0, 2.0 ** min(chats - 4, 10))


def _stop_all(failure: Failure, attempts: int, jitter: float) -> StopAll:
    if failure.kind is FailureKind.TOKEN:
        return StopAll(_TOKEN_PAUSE, f"Telegram refuses the token: {failure.detail}")
    asked = backoff(attempts, jitter) if failure.retry_after is None else failure.retry_after
    return StopAll(max(1.0, asked), "Telegram asks for a pause")
