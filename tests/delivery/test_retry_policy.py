"""Retry policy: what each failure means, how long something is tried, and that every failure leads on."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.delivery.retry_policy import (
    MAX_AGE_SECONDS,
    MAX_AGE_SECONDS_HIGH,
    REFUSED_ATTEMPTS,
    REFUSED_SECONDS,
    Decision,
    Drop,
    Migrate,
    PauseAll,
    PauseChat,
    Retry,
    SwitchOff,
    Upload,
    WithoutMarkup,
    WithoutPhoto,
    ambiguous_backoff,
    backoff,
    decide,
    global_pause,
    refused_backoff,
)
from bot.delivery.transport import Failure, FailureKind
from bot.severity import Severity
from bot.store.outbox.claim import ClaimedDelivery, MessageContent
from bot.subscriber import Preferences

K = FailureKind
NOW = 1_700_000_000.0


def claimed(**facts: Any) -> ClaimedDelivery:
    """A delivery to a private chat, queued ten seconds ago."""
    usual = {"id": 1, "subscriber": 1, "chat_id": 1, "thread_id": 0, "reply_to": None, "attempts": 0, "unclear": 0}
    usual |= {"severity": Severity.NORMAL, "created": int(NOW) - 10, "silent": False, "plain": False, "bare": False}
    usual |= {"refusals": 0, "refused_since": None, "preferences": Preferences()}
    return ClaimedDelivery(MessageContent(1, "text", None, ()), **(usual | facts))


def decided(failure: Failure, photo: bytes | str | None = None, jitter: float = 0.0, **facts: Any) -> Decision:
    return decide(failure, claimed(**facts), photo, NOW, jitter)


@pytest.mark.parametrize(
    ("failure", "form", "decision"),
    [
        (Failure(K.FLOOD, "429", retry_after=37), {}, PauseChat(37)),
        (Failure(K.FLOOD, "429", retry_after=0), {}, PauseChat(1)),
        (Failure(K.FLOOD, "429"), {}, PauseAll(1, "Telegram asks for a pause")),
        (Failure(K.TOKEN, "401"), {}, PauseAll(60, "Telegram refuses the token: 401")),
        (Failure(K.BLOCKED, "x"), {}, SwitchOff("blocked")),
        (Failure(K.GONE, "x"), {}, Retry(30, refused=True)),
        (Failure(K.TOPIC_GONE, "x"), {}, SwitchOff("topic gone", topic_only=True)),
        (Failure(K.MIGRATED, "x", new_chat_id=-100), {}, Migrate(-100)),
        (Failure(K.MIGRATED, "where to?"), {}, Drop("migrated: where to?")),
        (Failure(K.BAD_MARKUP, "x"), {}, WithoutMarkup()),
        (Failure(K.BAD_MARKUP, "x"), {"plain": True}, Drop("bad markup: x")),
        (Failure(K.BAD_REQUEST, "x"), {}, Drop("bad request: x")),
        (Failure(K.BAD_REQUEST, "x"), {"photo": b"png"}, WithoutPhoto()),
        (Failure(K.NO_RIGHTS, "x"), {"photo": "id"}, WithoutPhoto()),
        (Failure(K.STALE_PHOTO, "x"), {"photo": "id"}, Upload()),
        (Failure(K.STALE_PHOTO, "x"), {"photo": "id", "attempts": 10}, WithoutPhoto()),
        (Failure(K.STALE_PHOTO, "x"), {"photo": b"png"}, WithoutPhoto()),
        (Failure(K.STALE_PHOTO, "x"), {}, Drop("stale photo: x")),
        (Failure(K.NO_RIGHTS, "x"), {}, Retry(30, refused=True)),
        (Failure(K.NOT_SENT, "x"), {}, Retry(1)),
        (Failure(K.AMBIGUOUS, "x"), {"photo": b"png"}, Retry(1, unclear=True)),
    ],
)
def test_first_failure(failure: Failure, form: dict[str, Any], decision: object) -> None:
    assert decided(failure, **form) == decision


@pytest.mark.parametrize("kind", [K.NOT_SENT, K.AMBIGUOUS])
@pytest.mark.parametrize(
    ("severity", "age"), [(Severity.NORMAL, MAX_AGE_SECONDS), (Severity.HIGH, MAX_AGE_SECONDS_HIGH)]
)
def test_what_is_too_old_is_given_up(kind: FailureKind, severity: Severity, age: float) -> None:
    for unclear in (0, 3, 500):
        facts = {"attempts": 500, "unclear": unclear, "severity": severity}
        assert isinstance(decided(Failure(kind, "x"), created=int(NOW - age), **facts), Retry)
        assert decided(Failure(kind, "x"), created=int(NOW - age) - 1, **facts) == Drop("too late")


@pytest.mark.parametrize(
    ("kind", "end"), [(K.GONE, SwitchOff("gone")), (K.NO_RIGHTS, Drop("no rights: x", refused=True))]
)
def test_a_refusal_is_believed_after_several_attempts_and_hours(kind: FailureKind, end: Decision) -> None:
    long_ago, enough = int(NOW - REFUSED_SECONDS), REFUSED_ATTEMPTS - 1
    assert decided(Failure(kind, "x"), refusals=enough, refused_since=long_ago) == end
    assert isinstance(decided(Failure(kind, "x"), refusals=enough - 1, refused_since=long_ago), Retry)
    assert isinstance(decided(Failure(kind, "x"), refusals=50, refused_since=long_ago + 60), Retry)


def test_backoff_doubles_up_to_a_quarter_of_an_hour() -> None:
    assert [backoff(n, 0.0) for n in range(11)] == [1, 2, 4, 8, 16, 32, 64, 128, 256, 450, 450]
    assert backoff(3, 0.5) == 12
    assert backoff(10_000, 0.0) == 450


def test_what_may_have_arrived_is_tried_ever_more_seldom() -> None:
    assert [ambiguous_backoff(n, 0.0) for n in range(8)] == [1, 4, 16, 64, 256, 1_024, 3_600, 3_600]
    assert ambiguous_backoff(10_000, 0.5) == 5_400
    assert [refused_backoff(n, 0.0) for n in range(6)] == [30, 120, 480, 1_920, 3_600, 3_600]


def test_one_bad_chat_never_brakes() -> None:
    assert [global_pause(n) for n in (0, 1, 4, 5, 6, 9, 10, 5_000)] == [0, 0, 0, 2, 4, 32, 60, 60]


failures = st.builds(
    Failure,
    st.sampled_from(FailureKind),
    st.just("detail"),
    st.none() | st.floats(0, 1e4),
    st.none() | st.integers(-(10**13), -1),
)
photos = st.sampled_from([None, b"png", "id"])
ages = st.integers(0, 10**7)
forms = st.fixed_dictionaries(
    {
        "plain": st.booleans(),
        "unclear": st.integers(0, 500),
        "attempts": st.integers(0, 500),
        "refusals": st.integers(0, 500),
        "created": ages.map(lambda age: int(NOW) - age),
        "refused_since": st.none() | ages.map(lambda age: int(NOW) - age),
        "severity": st.sampled_from(Severity),
    }
)


@given(failures, photos, st.floats(0, 1, exclude_max=True), forms)
def test_every_failure_leads_on(failure: Failure, photo: Any, jitter: float, form: dict[str, Any]) -> None:
    decision = decided(failure, photo, jitter, **form)
    if isinstance(decision, Upload):
        assert isinstance(photo, str), "or it would go round for ever"
    if isinstance(decision, WithoutMarkup):
        assert not form["plain"], "or it would go round for ever"
    if isinstance(decision, WithoutPhoto):
        assert photo is not None, "or it would go round for ever"
    if isinstance(decision, Retry):
        assert 1 <= decision.after <= (7_200 if decision.unclear or decision.refused else 900)
        assert decision.refused or NOW - form["created"] <= MAX_AGE_SECONDS_HIGH
    if isinstance(decision, PauseAll | PauseChat):
        assert decision.seconds >= 1
        assert failure.kind in {K.FLOOD, K.TOKEN}


@pytest.mark.parametrize(
    ("decision", "words"),
    [
        (Retry(2.4), "again in 2 s"),
        (Retry(8, unclear=True), "again in 8 s, though it may have arrived"),
        (Drop("too late"), "given up (too late)"),
        (SwitchOff("blocked"), "nothing more to this chat"),
        (SwitchOff("topic gone", topic_only=True), "nothing more to this topic"),
        (Migrate(-100), "again, to chat -100"),
        (WithoutMarkup(), "again without markup"),
        (WithoutPhoto(), "again without its picture"),
        (Upload(), "again with the picture itself"),
        (PauseChat(37), "nothing to this chat for 37 s"),
        (PauseAll(60, "x"), "nothing to anybody for 60 s"),
    ],
)
def test_a_log_line_says_what_is_done_next(decision: Decision, words: str) -> None:
    assert str(decision) == words
