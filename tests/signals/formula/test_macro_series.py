"""Macro series in formulas: by their release, never by the day that they speak of, and only while they stand."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.market.releases import RELEASES, release_calendar, with_validity
from bot.signals.bars import Bars
from bot.signals.formula import Frame, Scope, compile_formula, evaluate
from bot.signals.timeframe import DAY, Instant, Timeframe, start_of

FIRST, LAST = start_of("2022-01-03"), start_of("2024-06-28")
SCOPE = Scope(frozenset({"IWM", "NFCI"}))
FORMULAS = ("NFCI.close", "change(NFCI.close, 13)", "highest(NFCI.close, 5)[1]", "close > NFCI.close")


def sessions_of_iwm() -> Bars:
    days = np.arange(FIRST, LAST, DAY)
    start = days[(days // DAY + 3) % 7 < 5]
    close = 100 + np.sin(np.arange(len(start)))
    return Bars("IWM", Timeframe.D1, start, start + 21 * 3_600, close, close, close, close, close)


def series(seed: int, calendar: str = "releases/nfci") -> Bars:
    figures = release_calendar(calendar, FIRST, LAST)
    value = np.random.default_rng(seed).normal(size=len(figures)).cumsum()
    unknown = np.full(len(value), np.nan)
    bars = Bars("NFCI", Timeframe.D1, figures.start, figures.closes, value, value, value, value, unknown)
    return with_validity(bars, calendar)


def asked(text: str, iwm: Bars, macro: Bars) -> np.ndarray:
    return np.asarray(evaluate(compile_formula(text, SCOPE), Frame(iwm, {"NFCI": macro})))


def newest_by_hand(macro: Bars, at: Instant) -> float:
    """A slow look through all figures for the last that was public, and still stood, at an instant."""
    found = [n for n in range(len(macro)) if macro.end[n] <= at and at - macro.end[n] <= (macro.valid_for or 0)]
    return float(macro.close[found[-1]]) if found else float("nan")


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(sorted(RELEASES)))
def test_each_session_knows_the_last_figure_that_was_public_at_its_close(seed, calendar):
    iwm, macro = sessions_of_iwm(), series(seed, calendar)
    by_hand = [newest_by_hand(macro, int(end)) for end in iwm.end]
    np.testing.assert_array_equal(asked("NFCI.close", iwm, macro), by_hand)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.lists(st.integers(FIRST + 400 * DAY, LAST), min_size=8, max_size=8))
def test_no_figure_counts_before_its_release(seed, instants):
    """At 200 random instants all that was said until then stays as it was, whatever comes out later."""
    iwm, macro = sessions_of_iwm(), series(seed)
    for text in FORMULAS:
        whole = asked(text, iwm, macro)
        for now in instants:
            then = iwm.known_at(now)
            np.testing.assert_array_equal(asked(text, then, macro.known_at(now)), whole[: len(then)])


def test_a_figure_without_a_successor_is_unknown_after_a_while():
    iwm, macro = sessions_of_iwm(), series(1).prefix(20)
    known = np.isfinite(asked("NFCI.close", iwm, macro))
    last = int(macro.end[-1])
    np.testing.assert_array_equal(known, (iwm.end >= macro.end[0]) & (iwm.end <= last + 16 * DAY))
