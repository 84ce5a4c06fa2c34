"""Backoff grows, is bounded, and is spread by jitter."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.retry import exponential


def test_it_doubles_from_the_first_pause_to_the_longest():
    assert [exponential(n, 0.0, first=2.0, longest=12.0) for n in range(5)] == [1.0, 2.0, 4.0, 6.0, 6.0]
    assert exponential(1, 0.5, first=2.0, longest=900.0, factor=4.0) == 6.0


@given(st.integers(0, 10**6), st.floats(0, 1, exclude_max=True), st.floats(0.01, 100), st.floats(1, 4))
def test_it_never_overflows_and_stays_within_its_bounds(attempt, jitter, first, factor):
    pause = exponential(attempt, jitter, first=first, longest=900.0, factor=factor)
    assert min(first, 900.0) / 2 <= pause <= 900.0
    assert pause <= exponential(attempt + 1, jitter, first=first, longest=900.0, factor=factor)
