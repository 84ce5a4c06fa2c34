"""The alert that goes on at a bar, against the events told up to it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.signals.formula import Frame
from bot.signals.replay.replay import replay
from bot.signals.replay.running import running_at
from tests.signals.price_walks import flat
from tests.signals.replay.slow_replay import ENDED, FAILED, RESUMED, rule_of, rules, told, walks


@settings(max_examples=60, deadline=None)
@given(walks, rules, st.integers(0, 69))
def test_it_goes_on_from_its_firing_to_its_end_as_far_as_was_known(bars, rule, position):
    if position >= len(bars):
        return
    done = replay(rule, Frame(bars))
    found = running_at(done, position)
    fired = [at for at in done.fires.tolist() if at <= position]
    kinds = [kind for at, alert, kind in told(done) if fired and alert == fired[-1] and at <= position]
    decisive = [kind for kind in kinds if kind in {FAILED, RESUMED}]
    failed = decisive[-1:] == [FAILED]
    assert (found is None) == (not fired or ENDED in kinds or (failed and not rule.follow.resumed))
    if found is not None:
        assert (found.since, found.failed) == (bars.start[fired[-1]], failed)
        assert found.count == np.count_nonzero(done.truth[fired[-1] : position + 1] == 1)
    known = bars.prefix(position + 1)
    assert repr(running_at(replay(rule, Frame(known)), position)) == repr(found)


def test_a_run_by_hand():
    rule = rule_of("close > highest(close, 2)[1]", quiet=5, follow=(None, None, None, "close < 99", True))
    done = replay(rule, Frame(flat([100, 100, 101, 98, 103, 104])))
    assert running_at(done, 1) is None
    failed, now = running_at(done, 3), running_at(done, 5)
    assert (failed.count, failed.failed) == (1, True)
    assert (now.count, now.failed, now.change) == (3, False, pytest.approx(104 / 101 - 1))
