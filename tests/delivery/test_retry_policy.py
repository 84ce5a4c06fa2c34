"""What does a failed attempt mean?"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.delivery.retry_policy import (
    MAX_AGE,
    MAX_AGE_HIGH,
    Drop,
    Migrate,
    Retry,
    StopAll,
    SwitchOff,
    Upload,
    WithoutMarkup,
    WithoutPhoto,
    ambiguous_backoff,
    backoff,
    decide,
    global_pause,
)
from bot.delivery.transport import Failure, FailureKind

K = FailureKind


@pytest.mark.parametrize(
    ("failure", "form", "decision"),
    [
        (Failure(K.FLOOD, "429", retry_after=37), {}, StopAll(37, "Telegram asks for a pause")),
        (Failure(K.FLOOD, "429", retry_after=0), {}, StopAll(1, "Telegram asks for a pause")),
        (Failure(K.FLOOD, "429"), {}, StopAll(1, "Telegram asks for a pause")),
        (Failure(K.TOKEN, "401"), {}, StopAll(60, "Telegram refuses the token: 401")),
        (Failure(K.BLOCKED, "x"), {}, SwitchOff("blocked")),
        (Failure(K.GONE, "x"), {}, SwitchOff("gone")),
        (Failure(K.TOPIC_GONE, "x"), {}, SwitchOff("topic gone", topic_only=True)),
        (Failure(K.MIGRATED, "x", new_chat_id=-100), {}, Migrate(-100)),
        (Failure(K.MIGRATED, "where to?"), {}, Drop("migrated: where to?")),
        (Failure(K.BAD_MARKUP, "x"), {}, WithoutMarkup()),
        (Failure(K.BAD_MARKUP, "x"), {"plain": True}, Drop("bad markup: x")),
        (Failure(K.BAD_REQUEST, "x"), {}, Drop("bad request: x")),
        (Failure(K.BAD_REQUEST, "x"), {"photo": b"png"}, WithoutPhoto()),
        (Failure(K.NO_RIGHTS, "x"), {"photo": "id"}, WithoutPhoto()),
        (Failure(K.STALE_PHOTO, "x"), {"photo": "id"}, Upload()),
        (Failure(K.STALE_PHOTO, "x"), {"photo": b"png"}, WithoutPhoto()),
        (Failure(K.STALE_PHOTO, "x"), {}, Drop("stale photo: x")),
        (Failure(K.NO_RIGHTS, "x"), {}, Drop("no rights: x")),
        (Failure(K.NOT_SENT, "x"), {}, Retry(1)),
        (Failure(K.AMBIGUOUS, "x"), {"photo": b"png"}, Retry(1, unclear=True)),
    ],
)
def test_first_failure(failure: Failure, form: dict[str, Any], decision: object) -> None:
    assert decide(failure, 0, 10.0, 0.0, **form) == decision


@pytest.mark.parametrize("kind", [K.NOT_SENT, K.AMBIGUOUS])
@pytest.mark.parametrize("patience", [MAX_AGE, MAX_AGE_HIGH])
def test_patience_ends(kind: FailureKind, patience: float) -> None:
    assert isinstance(decide(Failure(kind, "x"), 3, patience, 0.5, patience=patience), Retry)
    assert decide(Failure(kind, "x"), 3, patience + 1, 0.5, patience=patience) == Drop("too late")


def test_backoff_doubles_up_to_a_quarter_of_an_hour() -> None:
    assert [backoff(n, 0.0) for n in range(11)] == [1, 2, 4, 8, 16, 32, 64, 128, 256, 450, 450]
    assert backoff(3, 0.5) == 12
    assert backoff(10_000, 0.0) == 450


def test_what_may_have_arrived_is_tried_eight_times_over_hours() -> None:
    decisions = [decide(Failure(K.AMBIGUOUS, "x"), 3, 10.0, 0.0, unclear=n) for n in range(9)]
    assert decisions[:7] == [Retry(4.0**n, unclear=True) for n in range(7)]
    assert decisions[7:] == [Drop("no clear answer")] * 2
    assert ambiguous_backoff(6, 0.999) < 8_192
    assert ambiguous_backoff(10_000, 0.5) > 0


def test_one_bad_chat_never_brakes() -> None:
    assert [global_pause(n) for n in (0, 1, 4, 5, 6, 9, 10, 5_000)] == [0, 0, 0, 2, 4, 32, 60, 60]


failures = st.builds(
    Failure,
    st.sampled_from(FailureKind),
    st.just("detail"),
    st.none() | st.floats(0, 1e4),
    st.none() | st.integers(-(10**13), -1),
)


forms = st.fixed_dictionaries(
    {"plain": st.booleans(), "photo": st.sampled_from([None, b"png", "id"]), "unclear": st.integers(0, 500)}
)


@given(failures, st.integers(0, 500), st.floats(0, 1e7), st.floats(0, 1, exclude_max=True), forms)
def test_every_failure_leads_on(failure: Failure, attempts: int, age: float, jitter: float, form: dict[str, Any]):
    decision = decide(failure, attempts, age, jitter, **form)
    if isinstance(decision, Upload):
        assert isinstance(form["photo"], str), "or it would go round for ever"
    if isinstance(decision, WithoutMarkup):
        assert not form["plain"], "or it would go round for ever"
    if isinstance(decision, WithoutPhoto):
        assert form["photo"] is not None, "or it would go round for ever"
    if isinstance(decision, Retry):
        assert 1 <= decision.after <= (8_192 if decision.unclear else 900)
        assert age <= MAX_AGE
    if isinstance(decision, StopAll):
        assert decision.seconds >= 1
        assert failure.kind in {K.FLOOD, K.TOKEN}
