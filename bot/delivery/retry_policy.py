"""Retry policy: what a failed attempt means for the message, for its chat, and for all others."""

from __future__ import annotations

from dataclasses import dataclass

from bot.delivery.transport import Failure, FailureKind
from bot.retry import exponential
from bot.severity import Severity
from bot.store.outbox.claim import ClaimedDelivery
from bot.store.outbox.expiry import TOO_LATE

MAX_AGE_SECONDS = 24 * 3_600.0
"""Age at which an alert is of no use any more."""

MAX_AGE_SECONDS_HIGH = 72 * 3_600.0
"""The same for one of high severity."""

REFUSED_SECONDS = 6 * 3_600.0
"""How long a chat that Telegram refuses, perhaps by mistake, is tried before it is given up."""

REFUSED_ATTEMPTS = 4
"""How often at least, in that time."""

MOST_ATTEMPTS_BY_ID = 10
"""Failed attempts of a delivery after which a picture whose id Telegram does not know is left out."""

SILENT_CHATS = 5
"""Different chats in a row without a clear answer from which on it is Telegram that can't be reached."""

_TOKEN_PAUSE_SECONDS = 60.0  # a revoked token is mended by a person, if at all
_LONGEST_BRAKE_SECONDS = 60.0
_PERHAPS_THE_PICTURE = frozenset({FailureKind.STALE_PHOTO, FailureKind.BAD_REQUEST, FailureKind.NO_RIGHTS})


@dataclass(frozen=True, slots=True)
class Retry:
    """Try this message again after so many seconds. `unclear`: it may have arrived; `refused`: the chat was refused."""

    after: float
    unclear: bool = False
    refused: bool = False

    def __str__(self) -> str:
        return f"again in {self.after:.0f} s{', though it may have arrived' if self.unclear else ''}"


@dataclass(frozen=True, slots=True)
class Drop:
    """Give this message up. `refused`: because the chat was refused."""

    reason: str
    refused: bool = False

    def __str__(self) -> str:
        return f"given up ({self.reason})"


@dataclass(frozen=True, slots=True)
class SwitchOff:
    """Send nothing more to this chat, or to this topic of it only, until it subscribes again."""

    reason: str
    topic_only: bool = False

    def __str__(self) -> str:
        return f"nothing more to this {'topic' if self.topic_only else 'chat'}"


@dataclass(frozen=True, slots=True)
class Migrate:
    """The chat has another id now; send it there at once."""

    new: int

    def __str__(self) -> str:
        return f"again, to chat {self.new}"


@dataclass(frozen=True, slots=True)
class WithoutMarkup:
    """Send it again at once, without markup."""

    def __str__(self) -> str:
        return "again without markup"


@dataclass(frozen=True, slots=True)
class WithoutPhoto:
    """Send it again at once, without its picture."""

    def __str__(self) -> str:
        return "again without its picture"


@dataclass(frozen=True, slots=True)
class Upload:
    """Send it again at once, with the picture itself in place of an id that Telegram does not know."""

    def __str__(self) -> str:
        return "again with the picture itself"


@dataclass(frozen=True, slots=True)
class PauseChat:
    """Send nothing to this chat for so many seconds; this message then goes again."""

    seconds: float

    def __str__(self) -> str:
        return f"nothing to this chat for {self.seconds:.0f} s"


@dataclass(frozen=True, slots=True)
class PauseAll:
    """Send nothing to anybody for so many seconds; this message then goes again."""

    seconds: float
    reason: str

    def __str__(self) -> str:
        return f"nothing to anybody for {self.seconds:.0f} s"


Decision = Retry | Drop | SwitchOff | Migrate | WithoutMarkup | WithoutPhoto | Upload | PauseChat | PauseAll


def decide(
    failure: Failure, claimed: ClaimedDelivery, photo: bytes | str | None, now: float, jitter: float
) -> Decision:
    """What to do after `failure` of sending `claimed` at `now`.

    `photo` (its bytes or its id) is what it was sent with this time. `jitter` is a random number in [0, 1).
    """
    match failure.kind:
        case FailureKind.FLOOD | FailureKind.TOKEN:
            return _paused(failure, claimed, jitter)
        case FailureKind.NOT_SENT | FailureKind.AMBIGUOUS:
            return _again(failure.kind, claimed, now, jitter)
        case FailureKind.BLOCKED | FailureKind.TOPIC_GONE | FailureKind.GONE:
            lasting = failure.kind is not FailureKind.GONE or _long_refused(claimed, now)
            off = SwitchOff(failure.kind.value, topic_only=failure.kind is FailureKind.TOPIC_GONE)
            return off if lasting else _later(claimed, jitter)
        case FailureKind.MIGRATED if failure.new_chat_id is not None:
            return Migrate(failure.new_chat_id)
    other = _in_another_form(failure, claimed, photo)
    passing = isinstance(other, Drop) and other.refused and not _long_refused(claimed, now)
    return _later(claimed, jitter) if passing else other  # a topic is opened again, a right is given back


def max_age(severity: Severity) -> float:
    """Seconds after which a message of this severity is of no use any more."""
    return MAX_AGE_SECONDS_HIGH if severity is Severity.HIGH else MAX_AGE_SECONDS


def _paused(failure: Failure, claimed: ClaimedDelivery, jitter: float) -> PauseChat | PauseAll:
    if failure.kind is FailureKind.TOKEN:
        return PauseAll(_TOKEN_PAUSE_SECONDS, f"Telegram refuses the token: {failure.detail}")
    if failure.retry_after is not None:
        return PauseChat(max(1.0, failure.retry_after))
    # a proxy's, which knows of no chat
    return PauseAll(max(1.0, backoff(claimed.attempts, jitter)), "Telegram asks for a pause")


def _again(kind: FailureKind, claimed: ClaimedDelivery, now: float, jitter: float) -> Retry | Drop:
    if now - claimed.created > max_age(claimed.severity):
        return Drop(TOO_LATE)
    if kind is FailureKind.NOT_SENT:
        return Retry(backoff(claimed.attempts, jitter))
    return Retry(ambiguous_backoff(claimed.unclear, jitter), unclear=True)


def _long_refused(claimed: ClaimedDelivery, now: float) -> bool:
    since = claimed.refused_since
    return since is not None and now - since >= REFUSED_SECONDS and claimed.refusals + 1 >= REFUSED_ATTEMPTS


def _later(claimed: ClaimedDelivery, jitter: float) -> Retry:
    return Retry(refused_backoff(claimed.refusals, jitter), refused=True)


def _in_another_form(
    failure: Failure, claimed: ClaimedDelivery, photo: bytes | str | None
) -> WithoutMarkup | WithoutPhoto | Upload | Drop:
    """What Telegram refuses is never sent again as it was."""
    if failure.kind is FailureKind.BAD_MARKUP and not claimed.plain:
        return WithoutMarkup()
    if failure.kind is FailureKind.STALE_PHOTO and isinstance(photo, str) and claimed.attempts < MOST_ATTEMPTS_BY_ID:
        return Upload()
    if failure.kind in _PERHAPS_THE_PICTURE and photo is not None:
        return WithoutPhoto()  # the words matter more than the picture that may be what is refused
    return Drop(f"{failure.kind.value}: {failure.detail}", refused=failure.kind is FailureKind.NO_RIGHTS)


def backoff(attempts: int, jitter: float) -> float:
    """Seconds to wait after `attempts` + 1 failures: 2, 4, 8 … 900, of each at least half."""
    return exponential(attempts, jitter, first=2.0, longest=900.0)


def ambiguous_backoff(unclear: int, jitter: float) -> float:
    """Seconds to wait after `unclear` + 1 attempts that may have arrived: 2, 8, 32 … 7,200, of each at least half.

    Each may be a double: an outage of hours is outlasted by few attempts, and no chat reads the same all day long.
    """
    return exponential(unclear, jitter, first=2.0, factor=4.0, longest=7_200.0)


def refused_backoff(refusals: int, jitter: float) -> float:
    """Seconds to wait after `refusals` + 1 attempts at a chat that was refused: 60, 240 … 7,200, at least half."""
    return exponential(refusals, jitter, first=60.0, factor=4.0, longest=7_200.0)


def global_pause(chats: int) -> float:
    """Seconds to stop all sending, when so many different chats in a row gave no clear answer.

    One bad chat says nothing about the others; five of them say that Telegram can't be reached, and that
    wearing out everybody's attempts is useless.
    """
    if chats < SILENT_CHATS:
        return 0.0
    return exponential(chats - SILENT_CHATS, 1.0, first=2.0, longest=_LONGEST_BRAKE_SECONDS)
