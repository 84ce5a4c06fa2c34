"""Rate limit: how soon the next message may go, how many may be under way, and pauses."""

from __future__ import annotations

import tracemalloc
from bisect import bisect_right
from collections import deque

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.delivery.rate_limit import MOST_IN_FLIGHT, RateLimiter, in_flight_for
from bot.delivery.sliding_window import Departure


def run(pace: RateLimiter, chats: list[int], delays: list[float]) -> list[tuple[float, int]]:
    """Send to each chat as soon as the pace lets it, each time late by a little."""
    now, sent = 1_000.0, []
    for chat_id, delay in zip(chats, delays, strict=True):
        now += delay
        while (wait := pace.wait(chat_id, now)) > 0:
            now += wait + 1e-9
        pace.record(chat_id, now)
        sent.append((now, chat_id))
    return sent


def most_within(times: list[float], seconds: float) -> int:
    return max(i - bisect_right(times, at - seconds) + 1 for i, at in enumerate(times))


@settings(max_examples=60, deadline=None)
@given(st.sampled_from([1.0, 30.0, 1_000.0]), st.lists(st.sampled_from([0.0, 0.001, 0.05, 0.4, 3.0]), max_size=150))
def test_never_more_than_the_rate_within_any_second(rate: float, delays: list[float]) -> None:
    sent = run(RateLimiter(rate), list(range(1, len(delays) + 1)), delays)
    if sent:
        assert most_within([at for at, _ in sent], 1.0) <= rate


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from([1, 2, -3]), st.sampled_from([0.0, 0.3, 5.0])), max_size=120))
def test_one_a_second_to_a_chat_and_twenty_a_minute_to_a_group(steps: list[tuple[int, float]]) -> None:
    sent = run(RateLimiter(1_000), [chat_id for chat_id, _ in steps], [delay for _, delay in steps])
    for chat_id in (1, 2, -3):
        times = [at for at, to in sent if to == chat_id]
        if times:
            assert most_within(times, 1.0) == 1
            assert chat_id > 0 or most_within(times, 60.0) <= 20


@pytest.mark.parametrize("rate", [1.0, 30.0, 1_000.0])
def test_nearly_all_of_the_rate_is_used(rate: float) -> None:
    count = int(rate * 10)
    sent = run(RateLimiter(rate), list(range(1, count + 1)), [0.0] * count)
    assert (count - 1) / (sent[-1][0] - sent[0][0]) >= 0.99 * rate


@pytest.mark.parametrize(("late", "lost"), [(0.02, 0.0), (0.18, 0.0), (0.33, 0.13)])
def test_what_is_late_is_caught_up_with_but_not_more(late: float, lost: float) -> None:
    def took(delays: list[float]) -> float:
        sent = run(RateLimiter(1_000), list(range(1, 3_001)), delays)
        assert most_within([at for at, _ in sent], 1.0) <= 1_000
        return sent[-1][0] - sent[0][0]

    stalled = [0.0] * 1_500 + [late] + [0.0] * 1_499
    assert took(stalled) - took([0.0] * 3_000) == pytest.approx(lost, abs=0.002)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.sampled_from([0.0, 0.02, 0.3]), st.booleans()), min_size=60, max_size=150))
def test_a_place_that_is_taken_ahead_counts_when_it_is_used(steps: list[tuple[float, bool]]) -> None:
    """As an answer does: it takes the next place and waits for it, while alerts go on."""
    pace, now, times = RateLimiter(30.0), 1_000.0, list[float]()
    for chat_id, (late, ahead) in enumerate(steps, 1):
        now += late
        at = now + pace.wait_global(now)
        pace.record(chat_id, at)
        times.append(at)
        now = now if ahead else at
    assert most_within(sorted(times), 1.0) <= 30


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from([0.0, 0.03, 0.2]), min_size=40, max_size=150))
def test_what_leaves_later_than_it_was_let_go_counts_when_it_leaves(lags: list[float]) -> None:
    """As where the machine is busy with something else meanwhile."""
    pace, now, left = RateLimiter(30.0), 1_000.0, list[float]()
    for chat_id, lag in enumerate(lags, 1):
        while (wait := pace.wait_global(now)) > 0:
            now += wait
        departure = pace.record(chat_id, now)
        now += lag
        departure.left(now)
        left.append(now)
    assert most_within(left, 1.0) <= 30


@settings(max_examples=150, deadline=None)
@given(
    ways=st.lists(st.sampled_from([0.0, 0.005, 0.03, 0.07]), min_size=40, max_size=150),
    answering=st.sampled_from([0.0, 0.4, 0.9]),
)
def test_what_was_longer_on_its_way_counts_when_it_was_there(ways: list[float], answering: float) -> None:
    """The quickest way takes no time at all; the server takes `answering` seconds for each."""
    pace, now, there, answers = RateLimiter(30.0), 1_000.0, list[float](), deque[tuple[float, float, Departure]]()
    pace.answered(answering)
    for chat_id, way in enumerate(ways, 1):
        while (wait := pace.wait_global(now)) > 0:
            now += min(wait, 0.01)
            for at, took, departure in [each for each in answers if each[0] <= now]:
                pace.answered(took, departure)
                answers.remove((at, took, departure))
        there.append(now + way)
        answers.append((now + way + answering, way + answering, pace.record(chat_id, now)))
    assert most_within(sorted(there), 1.0) <= 30
    assert there[-1] - there[0] <= len(ways) / 30 * 1.08 + 0.1


def test_a_stop_holds_for_everybody() -> None:
    pace = RateLimiter()
    pace.pause(50.0)
    pace.pause(40.0)
    assert pace.wait(1, 20.0) == 30
    assert pace.wait_chat(1, 20.0) == 0
    assert pace.wait(1, 50.0) == 0


def test_a_chat_that_waits_holds_up_no_other() -> None:
    pace = RateLimiter(1_000)
    pace.record(1, 10.0)
    assert pace.wait(1, 10.5) == pytest.approx(0.52)
    assert pace.wait(2, 10.5) == 0


def test_the_twenty_first_of_a_group_waits_for_the_minute() -> None:
    pace = RateLimiter()
    for i in range(20):
        assert pace.wait(-1, 2.0 * i) == 0
        pace.record(-1, 2.0 * i)
    assert pace.wait(-1, 40.0) == pytest.approx(20.02)


def test_chats_are_forgotten_after_a_minute() -> None:
    pace = RateLimiter(1_000)
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for chat_id in range(20_000):
        pace.record(chat_id, chat_id * 1.0)
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert grown < 300_000, "the last second, and the chats of the last minute"


def test_a_place_that_lies_ahead_lets_nobody_forget_who_was_sent_to_just_now() -> None:
    pace = RateLimiter(1_000)
    pace.record(1, 10.0)
    pace.record(2, 11.5)
    assert pace.wait_chat(1, 10.3) >= 0.7


def test_a_minute_of_the_paid_rate_is_two_megabytes() -> None:
    pace = RateLimiter(1_000)
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for at in range(70_000):
        pace.record(5_000_000_000 + at, at / 1_000)
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert grown < 2_500_000, "50 MB, were all of them remembered for as long as a group has to be"


@pytest.mark.parametrize("rate", [0, -1, float("nan"), float("inf")])
def test_a_rate_that_is_none(rate: float) -> None:
    with pytest.raises(ValueError, match="allowed: messages a second, above 0"):
        RateLimiter(rate)


def test_places_in_flight() -> None:
    assert [in_flight_for(rate) for rate in (1, 30, 200, 1_000)] == [8, 8, 12, 60]


def test_more_are_under_way_where_answers_or_the_disk_are_slow() -> None:
    limiter = RateLimiter(1_000)
    for seconds, places in ((0.01, 60), (0.07, 88), (0.5, 625), (9.0, 750), (0.01, 60)):
        for _ in range(40):
            limiter.recorded([seconds])
        assert limiter.in_flight == places
    free = RateLimiter()
    for _ in range(40):
        free.recorded([9.0])
    assert free.in_flight == MOST_IN_FLIGHT
    fixed = RateLimiter(1_000, in_flight=5)
    fixed.recorded([1.0])
    assert fixed.in_flight == 5
