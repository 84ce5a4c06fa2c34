"""A chat that asks too fast is told once, then left alone for a while."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from bot.telegram.throttle import (
    CHAT,
    COST_OF_PRESS,
    PERSON,
    SILENCE_SECONDS,
    Bucket,
    Buckets,
    CommandThrottle,
    Throttle,
    take,
)

INSTANTS = st.lists(st.floats(0, 600, allow_nan=False), min_size=1, max_size=120).map(sorted)


def paces(instants):
    bucket, seen = None, []
    for now in instants:
        bucket, pace = take(bucket, now)
        seen.append(pace)
    return seen


def test_a_burst_is_answered_then_warned_of_once_then_met_with_silence():
    assert paces([0.0] * 12) == [Throttle.ANSWER] * 8 + [Throttle.WARN] + [Throttle.SILENCE] * 3


def test_after_the_silence_questions_are_answered_again():
    assert paces([0.0] * 9 + [SILENCE_SECONDS - 0.1, SILENCE_SECONDS])[-2:] == [Throttle.SILENCE, Throttle.ANSWER]


def test_asking_meanwhile_does_not_prolong_the_silence():
    nagging = [0.0] * 9 + [second / 2 for second in range(int(2 * SILENCE_SECONDS))] + [SILENCE_SECONDS]
    assert paces(nagging)[-1] is Throttle.ANSWER


def test_who_asks_at_the_pace_of_the_refill_is_always_answered():
    assert set(paces([index * CHAT.seconds_per_token for index in range(200)])) == {Throttle.ANSWER}


@given(INSTANTS)
def test_no_more_answers_than_tokens(instants):
    answered = [now for now, pace in zip(instants, paces(instants), strict=True) if pace is Throttle.ANSWER]
    for first in range(len(answered)):
        for last in range(first, len(answered)):
            allowed = CHAT.capacity + (answered[last] - answered[first]) / CHAT.seconds_per_token
            assert last - first + 1 <= allowed + 1e-6


@given(INSTANTS)
def test_warnings_are_at_least_a_silence_apart(instants):
    warned = [now for now, pace in zip(instants, paces(instants), strict=True) if pace is Throttle.WARN]
    assert all(later - earlier >= SILENCE_SECONDS for earlier, later in pairwise(warned))


@given(st.floats(0, CHAT.capacity), st.floats(0, 1e6), st.floats(-100, 100))
def test_a_clock_that_steps_back_gives_no_tokens(tokens, at, step):
    bucket, _ = take(Bucket(tokens, at), at + min(step, 0.0))
    assert bucket.tokens <= tokens


def test_chats_do_not_pay_for_each_other():
    gate = Buckets(CHAT)
    for _ in range(20):
        gate.ask(1, 0.0)
    assert gate.ask(2, 0.0) is Throttle.ANSWER


def test_the_gate_forgets_quiet_chats_and_stays_small():
    gate = Buckets(CHAT, kept=50)
    for chat in range(500):
        gate.ask(chat, float(chat))
        assert len(gate) <= 50


def test_a_silenced_chat_is_not_forgotten_while_there_is_room():
    gate = Buckets(CHAT, kept=50)
    for _ in range(10):
        gate.ask(-1, 0.0)
    for chat in range(40):
        gate.ask(chat, 1.0)
    assert gate.ask(-1, 2.0) is Throttle.SILENCE


def test_a_press_costs_less_than_a_question():
    gate = Buckets(CHAT)
    seen = [gate.ask(1, 0.0, COST_OF_PRESS) for _ in range(40)]
    assert seen.count(Throttle.ANSWER) == CHAT.capacity / COST_OF_PRESS
    assert seen[int(CHAT.capacity / COST_OF_PRESS)] is Throttle.WARN


def test_a_person_has_one_measure_for_all_groups():
    throttle = CommandThrottle()
    seen = [throttle.ask(-group, 7, 0.0) for group in range(60)]
    assert seen.count(Throttle.ANSWER) == PERSON.capacity
    assert seen.count(Throttle.WARN) == 1
    assert throttle.silenced(-99, 7, 1.0)
    assert throttle.ask(-99, 8, 1.0) is Throttle.ANSWER


def test_operators_are_answered_in_a_flooded_group():
    throttle = CommandThrottle()
    for person in range(20):
        throttle.ask(-1, person + 100, 0.0)
    assert throttle.ask(-1, 200, 0.0) is Throttle.SILENCE
    assert throttle.ask(-1, 1, 0.0, operator=True) is Throttle.ANSWER
