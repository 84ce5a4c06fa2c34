"""An ill source is left alone for long enough, and never for ever."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.market.breaker import Breaker, failed, succeeded
from bot.market.model import SourceErrorKind as Kind
from bot.signals.timeframe import Timeframe

ILL = [kind for kind in Kind if kind not in {Kind.NO_DATA, Kind.UNKNOWN_SYMBOL}]
TOPIC = ("^RUT", Timeframe.D1)
NOW = 1e7
CHANCE = st.floats(0, 1, exclude_max=True)


def after(kinds, now=NOW, chance=0.5) -> Breaker:
    """Each fails once the pause after the one before is over, the last one at `now`."""
    breaker = Breaker()
    for back, kind in zip(range(len(kinds) - 1, -1, -1), kinds, strict=True):
        breaker = failed(breaker, TOPIC, kind, "why", now - back * 86_400, chance)
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
    assert max(breaker.shut_until - NOW, 0) == pytest.approx(pause * 0.75)


@given(st.lists(st.tuples(st.sampled_from(list(Kind)), CHANCE, st.floats(0, 1e4), st.none() | st.floats(0, 1e6))))
def test_it_always_opens_again_and_an_answer_heals_it(history):
    breaker, now = Breaker(), 0.0
    for kind, chance, passes, retry_after in history:
        now += passes
        breaker = failed(breaker, TOPIC, kind, "why", now, chance, retry_after)
        assert breaker.shut_until - now <= 6 * 3600 + 1e-6
        assert breaker.allows(TOPIC, max(breaker.shut_until, now))
        assert breaker.told_so <= (not breaker.allows(("new", Timeframe.D1), now))
        assert breaker.state(now) in {"open", "half open", "closed"}
        assert (breaker.state(now) == "open") == (not breaker.allows(TOPIC, now))
    assert succeeded(breaker) == Breaker()


@given(st.sampled_from(ILL), st.integers(1, 12), CHANCE, CHANCE)
def test_more_failures_never_mean_a_shorter_pause_and_chance_only_spreads_it(kind, count, chance, other):
    fewer, more = after([kind] * count, chance=chance), after([kind] * (count + 1), chance=chance)
    assert more.shut_until >= fewer.shut_until
    if fewer.shut_until:
        ratio = (after([kind] * count, chance=other).shut_until - NOW) / (fewer.shut_until - NOW)
        assert 0.5 <= ratio <= 2


@given(st.floats(1, 3600), CHANCE)
def test_what_the_source_asks_for_is_the_least(retry_after, chance):
    breaker = failed(Breaker(), TOPIC, Kind.RATE_LIMITED, "why", 0.0, chance, retry_after)
    assert breaker.shut_until >= retry_after


def test_states():
    assert after([]).state(NOW) == "closed"
    assert after([Kind.BROKEN]).state(NOW) == "closed"
    ill = after([Kind.BROKEN] * 3)
    assert (ill.state(NOW), ill.state(NOW + NOW), ill.last_error) == ("open", "half open", "why")


def test_a_clock_that_was_set_back_leaves_no_source_alone_for_long() -> None:
    """Failures of a time that lies ahead, as after a wrong clock at the start, are none."""
    breaker = Breaker()
    for _ in range(5):
        breaker = failed(breaker, TOPIC, Kind.TIMEOUT, "why", 9 * 86_400.0, 0.5)
    assert not breaker.allows(TOPIC, 9 * 86_400.0 + 1)
    assert breaker.allows(TOPIC, 1_000.0)
    assert not failed(breaker, TOPIC, Kind.TIMEOUT, "why", 1_000.0, 0.5).allows(TOPIC, 1_001.0)


OTHER = ("^AAA", Timeframe.D1)


@given(st.lists(st.sampled_from([each for each in ILL if each not in {Kind.RATE_LIMITED, Kind.REFUSED}]), max_size=9))
def test_what_has_not_failed_is_asked_for_all_the_same(kinds):
    """Symbols that hang shut their source for themselves; what was not asked since keeps its turn."""
    ill = after(kinds)
    assert ill.allows(OTHER, NOW)
    assert ill.allows(TOPIC, NOW) == (len(kinds) < 3)


@pytest.mark.parametrize("kind", [Kind.RATE_LIMITED, Kind.REFUSED])
def test_who_says_to_stay_away_is_asked_for_nothing(kind):
    shut = after([kind])
    assert not shut.allows(OTHER, NOW)
    late = failed(shut, OTHER, Kind.TIMEOUT, "hung meanwhile", NOW, 0.5)
    assert (late.shut_until, late.last_error) == (shut.shut_until, "why")
    assert not late.allows(("new", Timeframe.D1), NOW)


def test_a_source_that_is_down_is_left_alone_for_all_that_has_failed_and_for_one_pause() -> None:
    topics = [(f"^{at}", Timeframe.D1) for at in range(20)]
    breaker = Breaker()
    for topic in topics:
        breaker = failed(breaker, topic, Kind.TIMEOUT, "why", NOW, 0.5)
    assert not any(breaker.allows(topic, NOW + 1) for topic in topics)
    assert breaker.shut_until == after([Kind.TIMEOUT] * 3).shut_until


def test_a_failure_while_others_are_answered_counts_only_if_the_source_says_so() -> None:
    breaker = Breaker()
    for _ in range(9):
        breaker = failed(breaker, TOPIC, Kind.TIMEOUT, "why", NOW, 0.5, answers_others=True)
    assert breaker.state(NOW) == "closed"
    told = failed(breaker, TOPIC, Kind.RATE_LIMITED, "why", NOW, 0.5, answers_others=True)
    assert told.state(NOW) == "open"
