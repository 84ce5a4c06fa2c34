"""What a failure to fetch updates leads to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken, NetworkError, TelegramError, TimedOut

from bot.telegram.backoff import LONGEST_WAIT, YOUNG, End, Fault, Record, Wait, failed, fault_of, succeeded

TWO_POLLERS = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
HOOKED = "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        (InvalidToken("the token `1:abc` was rejected"), Fault.TOKEN),
        (Conflict(TWO_POLLERS), Fault.ANOTHER_COPY),
        (Conflict(HOOKED), Fault.WEBHOOK),
        (TimedOut(), Fault.TIMEOUT),
        (NetworkError("dead"), Fault.NETWORK),
        (BadRequest("odd"), Fault.NETWORK),
        (Forbidden("odd"), Fault.NETWORK),
        (TelegramError("Invalid server response"), Fault.NETWORK),
    ],
)
def test_errors_are_told_apart(error, fault):
    assert fault_of(error) == (fault, 0.0)


def steps(faults, *, started=0.0, connected=False, now=float):
    record, seen = Record(started, connected=connected), []
    for index, fault in enumerate(faults):
        record, step = failed(record, fault, 0.0, now(index), 0.5)
        seen.append(step)
    return seen


def test_waits_grow_and_end_at_half_a_minute():
    waits = [step.seconds for step in steps([Fault.NETWORK] * 8)]
    assert waits == [0.75, 1.5, 3.0, 6.0, 12.0, 22.5, 22.5, 22.5]


def test_a_token_that_never_worked_ends_at_once():
    assert steps([Fault.TOKEN]) == [End.TOKEN]


def test_a_token_that_has_worked_is_believed_twice():
    assert steps([Fault.TOKEN] * 3, connected=True)[2] is End.TOKEN
    assert all(isinstance(step, Wait) for step in steps([Fault.TOKEN] * 3, connected=True)[:2])


def test_refusals_count_only_in_a_row():
    record = Record(0.0, connected=True)
    for _ in range(5):
        record, step = failed(record, Fault.TOKEN, 0.0, 1.0, 0.0)
        assert isinstance(step, Wait)
        record = succeeded(record)


def test_the_younger_copy_stops_at_its_second_conflict():
    record, step = failed(Record(0.0), Fault.ANOTHER_COPY, 0.0, 5.0, 0.5)
    assert isinstance(step, Wait)
    record, step = failed(succeeded(record), Fault.ANOTHER_COPY, 0.0, 9.0, 0.5)
    assert step is End.ANOTHER_COPY


def test_the_older_copy_never_stops_for_a_younger_one():
    old = steps([Fault.ANOTHER_COPY] * 50, now=lambda index: YOUNG + index)
    assert all(isinstance(step, Wait) for step in old)


def test_of_two_copies_that_poll_in_turn_exactly_one_goes_on():
    """Whoever asks ends the other's request, as Telegram does it."""
    for second_starts in (0.5, 30.0, 59.0, 61.0, 5000.0):
        ended = _duel(second_starts)
        assert len(ended) == 1
        if second_starts > YOUNG:
            assert ended == ["second"]


def _duel(second_starts):
    copies = {"first": Record(0.0), "second": Record(second_starts)}
    asks_at = {"second": second_starts}
    polling, ended = "first", []
    for _ in range(30):
        name = min(asks_at, key=asks_at.get)
        now = asks_at.pop(name)
        if polling is not None:
            copies[polling], step = failed(copies[polling], Fault.ANOTHER_COPY, 0.0, now, 0.5)
            if isinstance(step, End):
                ended.append(polling)
            else:
                asks_at[polling] = now + step.seconds
        polling = name
        if not asks_at:
            break
    return ended


def test_a_webhook_is_taken_away_first():
    (step,) = steps([Fault.WEBHOOK])
    assert step.reconnect


@given(st.floats(0, 3600), st.floats(0, 1, exclude_max=True))
def test_a_flood_waits_at_least_as_long_as_asked(asked, jitter):
    _, step = failed(Record(0.0), Fault.FLOOD, asked, 1.0, jitter)
    assert step.seconds >= asked


@given(st.lists(st.sampled_from(list(Fault)), max_size=40), st.floats(0, 1, exclude_max=True))
def test_every_wait_is_bounded_and_never_none(faults, jitter):
    record = Record(0.0, connected=True)
    for index, fault in enumerate(faults):
        record, step = failed(record, fault, 0.0, 100.0 + index, jitter)
        if isinstance(step, Wait):
            assert 0.5 <= step.seconds <= LONGEST_WAIT


def test_success_forgets_the_failures():
    record, _ = failed(Record(0.0), Fault.NETWORK, 0.0, 1.0, 0.5)
    assert succeeded(record) == Record(0.0, connected=True)
