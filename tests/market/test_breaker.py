"""An ill source is left alone for long enough, and never for ever."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.market.breaker import Breaker, failed, succeeded
from bot.market.model import SourceErrorKind as Kind

ILL = [kind for kind in Kind if kind not in {Kind.NO_DATA, Kind.UNKNOWN_SYMBOL}]
CHANCE = st.floats(0, 1, exclude_max=True)


def after(kinds, now=1000.0, chance=0.5) -> Breaker:
    breaker = Breaker()
    for kind in kinds:
        breaker = failed(breaker, kind, "why", now, chance)
    return breaker


@pytest.mark.parametrize(
    ("kinds", "pause"),
    [
        ([], 0),
        ([Kind.TIMEOUT] * 2, 0),
        ([Kind.TIMEOUT] * 3, 30),
        ([Kind.TIMEOUT] * 4, 60),
        ([Kind.TIMEOUT] * 30, 900),
        ([Kind.RATE_LIMITED], 30),
        ([Kind.RATE_LIMITED] * 2, 60),
        ([Kind.REFUSED], 6 * 3600),
        ([Kind.TIMEOUT] * 2 + [Kind.NO_DATA], 0),
        ([Kind.TIMEOUT] * 2 + [Kind.UNKNOWN_SYMBOL] + [Kind.BROKEN] * 2, 0),
    ],
)
def test_pauses(kinds, pause):
    breaker = after(kinds)
    assert max(breaker.shut_until - 1000.0, 0) == pytest.approx(pause * 0.75)


@given(st.lists(st.tuples(st.sampled_from(list(Kind)), CHANCE, st.floats(0, 1e4), st.none() | st.floats(0, 1e6))))
def test_it_always_opens_again_and_an_answer_heals_it(history):
    breaker, now = Breaker(), 0.0
    for kind, chance, passes, retry_after in history:
        now += passes
        breaker = failed(breaker, kind, "why", now, chance, retry_after)
        assert breaker.shut_until - now <= 6 * 3600 + 1e-6
        assert breaker.allows(max(breaker.shut_until, now))
        assert breaker.state(now) in {"open", "half open", "closed"}
        assert (breaker.state(now) == "open") == (not breaker.allows(now))
    assert succeeded(breaker) == Breaker()


@given(st.sampled_from(ILL), st.integers(1, 12), CHANCE, CHANCE)
def test_more_failures_never_mean_a_shorter_pause_and_chance_only_spreads_it(kind, count, chance, other):
    fewer, more = after([kind] * count, chance=chance), after([kind] * (count + 1), chance=chance)
    assert more.shut_until >= fewer.shut_until
    if fewer.shut_until:
        ratio = (after([kind] * count, chance=other).shut_until - 1000) / (fewer.shut_until - 1000)
        assert 0.5 <= ratio <= 2


@given(st.floats(1, 3600), CHANCE)
def test_what_the_source_asks_for_is_the_least(retry_after, chance):
    breaker = failed(Breaker(), Kind.RATE_LIMITED, "why", 0.0, chance, retry_after)
    assert breaker.shut_until >= retry_after


def test_states():
    assert after([]).state(1000) == "closed"
    assert after([Kind.BROKEN]).state(1000) == "closed"
    ill = after([Kind.BROKEN] * 3)
    assert (ill.state(1000), ill.state(2000), ill.last_error) == ("open", "half open", "why")


def test_a_clock_that_was_set_back_leaves_no_source_alone_for_long() -> None:
    """Failures of a time that lies ahead, as after a wrong clock at the start, are none."""
    breaker = Breaker()
    for _ in range(5):
        breaker = failed(breaker, Kind.TIMEOUT, "why", 9 * 86_400.0, 0.5)
    assert not breaker.allows(9 * 86_400.0 + 1)
    assert breaker.allows(1_000.0)
    assert not failed(breaker, Kind.TIMEOUT, "why", 1_000.0, 0.5).allows(1_001.0)
