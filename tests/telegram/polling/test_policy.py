"""What a failure to fetch updates leads to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken, NetworkError, TelegramError, TimedOut

from bot.telegram.polling.policy import (
    MAX_WAIT_SECONDS,
    REFUSAL_PATIENCE_SECONDS,
    YOUNG_SECONDS,
    PollError,
    PollState,
    StopReason,
    Wait,
    after_failure,
    after_success,
    classify_poll_error,
)

TWO_POLLERS = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
HOOKED = "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        (InvalidToken("the token `1:abc` was rejected"), PollError.TOKEN),
        (Conflict(TWO_POLLERS), PollError.ANOTHER_COPY),
        (Conflict(HOOKED), PollError.WEBHOOK),
        (TimedOut(), PollError.TIMEOUT),
        (NetworkError("dead"), PollError.NETWORK),
        (BadRequest("odd"), PollError.NETWORK),
        (Forbidden("odd"), PollError.NETWORK),
        (TelegramError("Invalid server response"), PollError.NETWORK),
    ],
)
def test_errors_are_told_apart(error, fault):
    assert classify_poll_error(error) == (fault, 0.0)


def steps(faults, *, started=0.0, connected=False, now=float):
    record, seen = PollState(started, connected=connected), []
    for index, fault in enumerate(faults):
        record, step = after_failure(record, fault, 0.0, now(index), 0.5)
        seen.append(step)
    return seen


def test_waits_grow_and_end_at_half_a_minute():
    waits = [step.seconds for step in steps([PollError.NETWORK] * 8)]
    assert waits == [0.75, 1.5, 3.0, 6.0, 12.0, 22.5, 22.5, 22.5]


def test_a_token_that_never_worked_ends_at_once():
    assert steps([PollError.TOKEN]) == [StopReason.TOKEN]


def test_a_token_that_has_worked_is_tried_for_minutes():
    seen = steps([PollError.TOKEN] * 30, connected=True, now=lambda index: 30.0 * index)
    assert [isinstance(step, Wait) for step in seen[:20]] == [True] * 20
    assert REFUSAL_PATIENCE_SECONDS == 30.0 * 20
    assert seen[20] is StopReason.TOKEN


def test_refusals_count_only_in_a_row():
    record = PollState(0.0, connected=True)
    for _ in range(5):
        record, step = after_failure(record, PollError.TOKEN, 0.0, 1.0, 0.0)
        assert isinstance(step, Wait)
        record = after_success(record)


def test_the_younger_copy_stops_at_its_second_conflict():
    record, step = after_failure(PollState(0.0), PollError.ANOTHER_COPY, 0.0, 5.0, 0.5)
    assert isinstance(step, Wait)
    record, step = after_failure(after_success(record), PollError.ANOTHER_COPY, 0.0, 9.0, 0.5)
    assert step is StopReason.ANOTHER_COPY


def test_the_older_copy_never_stops_for_a_younger_one():
    old = steps([PollError.ANOTHER_COPY] * 50, now=lambda index: YOUNG_SECONDS + index)
    assert all(isinstance(step, Wait) for step in old)


def test_of_two_copies_that_poll_in_turn_exactly_one_goes_on():
    """Whoever asks ends the other's request, as Telegram does it."""
    for second_starts in (0.5, 30.0, 59.0, 61.0, 5000.0):
        ended = _duel(second_starts)
        assert len(ended) == 1
        if second_starts > YOUNG_SECONDS:
            assert ended == ["second"]


def _duel(second_starts):
    copies = {"first": PollState(0.0), "second": PollState(second_starts)}
    asks_at = {"second": second_starts}
    polling, ended = "first", []
    for _ in range(30):
        name = min(asks_at, key=asks_at.get)
        now = asks_at.pop(name)
        if polling is not None:
            copies[polling], step = after_failure(copies[polling], PollError.ANOTHER_COPY, 0.0, now, 0.5)
            if isinstance(step, StopReason):
                ended.append(polling)
            else:
                asks_at[polling] = now + step.seconds
        polling = name
        if not asks_at:
            break
    return ended


def test_a_webhook_is_taken_away_first():
    (step,) = steps([PollError.WEBHOOK])
    assert step.reconnect


@given(st.floats(0, 3600), st.floats(0, 1, exclude_max=True))
def test_a_flood_waits_at_least_as_long_as_asked(asked, jitter):
    _, step = after_failure(PollState(0.0), PollError.FLOOD, asked, 1.0, jitter)
    assert step.seconds >= asked


@given(st.lists(st.sampled_from(list(PollError)), max_size=40), st.floats(0, 1, exclude_max=True))
def test_every_wait_is_bounded_and_never_none(faults, jitter):
    record = PollState(0.0, connected=True)
    for index, fault in enumerate(faults):
        record, step = after_failure(record, fault, 0.0, 100.0 + index, jitter)
        if isinstance(step, Wait):
            assert 0.5 <= step.seconds <= MAX_WAIT_SECONDS


def test_success_forgets_the_failures():
    record, _ = after_failure(PollState(0.0), PollError.NETWORK, 0.0, 1.0, 0.5)
    assert after_success(record) == PollState(0.0, connected=True)
