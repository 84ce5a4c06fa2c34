"""What does a failed attempt mean for the message, for its chat, and for all others?"""

from __future__ import annotations

from dataclasses import dataclass

from bot.delivery.transport import Failure, FailureKind
from bot.store.outbox import TOO_LATE

UNCLEAR = "no clear answer"

MAX_AGE = 24 * 3_600.0
"""Seconds after which an alert is of no use any more."""

MAX_AGE_HIGH = 72 * 3_600.0
"""The same for one of high severity."""

MOST_UNCLEAR = 8
"""Attempts that may have arrived, unknown to us, after which a message is given up: each may be a double."""

_TOKEN_PAUSE = 60.0  # a revoked token is mended by a person, if at all
_LONGEST = 900.0
_PERHAPS_THE_PICTURE = frozenset({FailureKind.STALE_PHOTO, FailureKind.BAD_REQUEST, FailureKind.NO_RIGHTS})


@dataclass(frozen=True, slots=True)
class Retry:
    """Try this message again after so many seconds. `unclear`: it may have arrived."""

    after: float
    unclear: bool = False


@dataclass(frozen=True, slots=True)
class Drop:
    """Give this message up."""

    reason: str


@dataclass(frozen=True, slots=True)
class SwitchOff:
    """Send nothing more to this chat, or to this topic of it only, until it subscribes again."""

    reason: str
    topic_only: bool = False


@dataclass(frozen=True, slots=True)
class Migrate:
    """The chat has another id now; send it there at once."""

    new: int


@dataclass(frozen=True, slots=True)
class WithoutMarkup:
    """Send it again at once, without markup."""


@dataclass(frozen=True, slots=True)
class WithoutPhoto:
    """Send it again at once, without its picture."""


@dataclass(frozen=True, slots=True)
class Upload:
    """Send it again at once, with the picture itself in place of an id that Telegram does not know."""


@dataclass(frozen=True, slots=True)
class StopAll:
    """Send nothing to anybody for so many seconds; this message then goes again."""

    seconds: float
    reason: str


Decision = Retry | Drop | SwitchOff | Migrate | WithoutMarkup | WithoutPhoto | Upload | StopAll


def decide(
    failure: Failure,
    attempts: int,
    age: float,
    jitter: float,
    *,
    unclear: int = 0,
    plain: bool = False,
    photo: bytes | str | None = None,
    patience: float = MAX_AGE,
) -> Decision:
    """What to do after `failure`, when `attempts` had failed before it and the message is `age` seconds old.

    `unclear` of those may have arrived. `jitter` is a random number in [0, 1). `plain` and `photo` (its bytes or its
    id) say how it was sent this time.
    """
    match failure.kind:
        case FailureKind.FLOOD | FailureKind.TOKEN:
            return _stop_all(failure, attempts, jitter)
        case FailureKind.NOT_SENT:
            return Drop(TOO_LATE) if age > patience else Retry(backoff(attempts, jitter))
        case FailureKind.AMBIGUOUS:
            return _perhaps(unclear, age, jitter, patience)
        case FailureKind.BLOCKED | FailureKind.GONE | FailureKind.TOPIC_GONE:
            return SwitchOff(failure.kind.value, topic_only=failure.kind is FailureKind.TOPIC_GONE)
        case FailureKind.MIGRATED if failure.new_chat_id is not None:
            return Migrate(failure.new_chat_id)
    return _in_another_form(failure, plain=plain, photo=photo)


def _perhaps(unclear: int, age: float, jitter: float, patience: float) -> Retry | Drop:
    """Few attempts, ever further apart: an outage of hours is outlasted, and no chat reads the same all day long."""
    if unclear + 1 >= MOST_UNCLEAR:
        return Drop(UNCLEAR)
    return Drop(TOO_LATE) if age > patience else Retry(ambiguous_backoff(unclear, jitter), unclear=True)


def _in_another_form(
    failure: Failure, *, plain: bool, photo: bytes | str | None
) -> WithoutMarkup | WithoutPhoto | Upload | Drop:
    """What Telegram refuses is never sent again as it was."""
    if failure.kind is FailureKind.BAD_MARKUP and not plain:
        return WithoutMarkup()
    if failure.kind is FailureKind.STALE_PHOTO and isinstance(photo, str):
        return Upload()
    if failure.kind in _PERHAPS_THE_PICTURE and photo is not None:
        return WithoutPhoto()  # the words matter more than the picture that may be what is refused
    return Drop(f"{failure.kind.value}: {failure.detail}")


def backoff(attempts: int, jitter: float) -> float:
    """Seconds to wait after `attempts` + 1 failures: 2, 4, 8 … 900, of each at least half."""
    return min(_LONGEST, 2.0 * 2.0 ** min(attempts, 16)) * (0.5 + jitter / 2)


def ambiguous_backoff(unclear: int, jitter: float) -> float:
    """Seconds to wait after `unclear` + 1 attempts that may have arrived: 2, 8, 32 … 8,192, of each at least half."""
    return 2.0 * 4.0 ** min(unclear, MOST_UNCLEAR) * (0.5 + jitter / 2)


def global_pause(chats: int) -> float:
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
