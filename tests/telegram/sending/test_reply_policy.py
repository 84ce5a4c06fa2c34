"""What a failed attempt to send a reply leads to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.delivery.retry_policy import Drop, Migrate, PauseChat, Retry, SwitchOff, WithoutMarkup, WithoutPhoto
from bot.delivery.transport import Failure, FailureKind, OutgoingMessage
from bot.telegram.sending.reply_policy import WithoutReply, decide_reply

KIND = FailureKind
HELLO = {"chat_id": 5, "html": "hello"}


@pytest.mark.parametrize(
    ("kind", "facts", "message", "decision"),
    [
        (KIND.MIGRATED, {"new_chat_id": 7}, {}, Migrate(7)),
        (KIND.FLOOD, {"retry_after": 35.0}, {}, PauseChat(35.0)),
        (KIND.FLOOD, {}, {}, Retry(2.0)),
        (KIND.NOT_SENT, {}, {}, Retry(2.0)),
        (KIND.TOPIC_GONE, {}, {"thread_id": 4}, SwitchOff("topic gone", topic_only=True)),
        (KIND.BLOCKED, {}, {}, SwitchOff("blocked")),
        (KIND.BLOCKED, {}, {"thread_id": 4}, Drop("blocked")),
        (KIND.BAD_MARKUP, {}, {}, WithoutMarkup()),
        (KIND.BAD_MARKUP, {}, {"plain": True}, Drop("bad markup")),
        (KIND.BAD_REQUEST, {}, {"reply_to": 3, "photo": b"x"}, WithoutReply()),
        (KIND.BAD_REQUEST, {}, {"photo": b"x"}, WithoutPhoto()),
        (KIND.NO_RIGHTS, {}, {"photo": b"x"}, WithoutPhoto()),
        (KIND.NO_RIGHTS, {}, {}, Drop("no rights")),
        (KIND.AMBIGUOUS, {}, {}, Drop("ambiguous")),
        (KIND.GONE, {}, {}, Drop("gone")),
        (KIND.TOKEN, {}, {}, Drop("token")),
    ],
)
def test_decisions(kind, facts, message, decision):
    assert (
        decide_reply(Failure(kind, "as the test wants it", **facts), OutgoingMessage(**HELLO, **message), 2) == decision
    )


@given(st.sampled_from(list(KIND)), st.booleans(), st.booleans(), st.sampled_from([None, b"x"]))
def test_what_was_refused_is_never_sent_again_as_it_was(kind, plain, answers, photo):
    message = OutgoingMessage(**HELLO, plain=plain, reply_to=3 if answers else None, photo=photo)
    match decide_reply(Failure(kind, ""), message, 1):
        case WithoutMarkup():
            assert not plain
        case WithoutReply():
            assert answers
        case WithoutPhoto():
            assert photo is not None
        case Retry():
            assert kind in {KIND.FLOOD, KIND.NOT_SENT}
