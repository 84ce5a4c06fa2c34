"""Policy of replies: what a failed attempt to send one leads to, in the decisions that the outbox's policy knows, too.

A reply is not worth what an alert is: nobody waits for it for long, and it is never doubled for safety.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.delivery.retry_policy import Drop, Migrate, PauseChat, Retry, SwitchOff, WithoutMarkup, WithoutPhoto
from bot.delivery.transport import Failure, FailureKind, OutgoingMessage

FIRST_WAIT_SECONDS = 1.0

_PERHAPS_THE_PICTURE = frozenset({FailureKind.BAD_REQUEST, FailureKind.NO_RIGHTS, FailureKind.STALE_PHOTO})


@dataclass(frozen=True, slots=True)
class WithoutReply:
    """Send it again at once, as an answer to no message."""


ReplyDecision = Retry | Drop | SwitchOff | Migrate | WithoutMarkup | WithoutPhoto | WithoutReply | PauseChat


def decide_reply(failure: Failure, message: OutgoingMessage, attempts: int) -> ReplyDecision:
    """What to do after `failure`, when `attempts` attempts have failed, this one included."""
    match failure.kind:
        case FailureKind.MIGRATED if failure.new_chat_id is not None:
            return Migrate(failure.new_chat_id)
        case FailureKind.FLOOD if failure.retry_after is not None:
            return PauseChat(failure.retry_after)
        case FailureKind.FLOOD | FailureKind.NOT_SENT:
            return Retry(FIRST_WAIT_SECONDS * attempts)
        case FailureKind.TOPIC_GONE:
            return SwitchOff(failure.kind.value, topic_only=True)
        case FailureKind.BLOCKED if message.thread_id is None:
            return SwitchOff(failure.kind.value)
    return _form_left(failure, message)


def in_another_form(message: OutgoingMessage, decision: WithoutMarkup | WithoutPhoto | WithoutReply) -> OutgoingMessage:
    """The message as it is to be sent instead."""
    match decision:
        case WithoutMarkup():
            return replace(message, plain=True)
        case WithoutReply():
            return replace(message, reply_to=None)
        case WithoutPhoto():
            return replace(message, photo=None, document=None)


def _form_left(failure: Failure, message: OutgoingMessage) -> WithoutMarkup | WithoutPhoto | WithoutReply | Drop:
    """The message without what Telegram may have refused about it, as long as something of that is left."""
    if failure.kind is FailureKind.BAD_MARKUP and not message.plain:
        return WithoutMarkup()
    if failure.kind is FailureKind.BAD_REQUEST and message.reply_to is not None:
        return WithoutReply()
    if failure.kind in _PERHAPS_THE_PICTURE and message.captioned and message.html:
        return WithoutPhoto()
    return Drop(failure.kind.value)
