"""The operator is told of each trouble once, and once when it is over."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from bot.scan.recording.notices import KnownTroubles, operator_update
from bot.scan.status import ScanSnapshot
from bot.views.operator.status_facts import MarketState, MarketStatus

FINE = ScanSnapshot("1", (MarketStatus("RUT", MarketState.FRESH, "2020-11-13"),), None, 9, (), (), simulated=False)
STALE = replace(FINE, markets=(MarketStatus("RUT", MarketState.STALE, "2020-11-12", error="yahoo: timeout"),))
BROKEN = replace(FINE, broken=("rules/a.yaml:4:15: when: unknown function",), stale=("a",))


def course(*snapshots: ScanSnapshot) -> list[list[str]]:
    told, messages = KnownTroubles(), []
    for snapshot in snapshots:
        found = operator_update(snapshot, told)
        told = found.known
        messages.append([text.partition(":")[0].partition(".")[0] for text in found.messages])
    return messages


def test_an_outage_is_told_once_and_its_end_once() -> None:
    assert course(FINE, STALE, STALE, FINE, FINE, STALE) == [
        [],
        ["🟡 <b>No fresh data</b>"],
        [],
        ["🟢 <b>Fresh data again</b>"],
        [],
        ["🟡 <b>No fresh data</b>"],
    ]


def test_the_outage_names_its_reason() -> None:
    (text,) = operator_update(STALE, KnownTroubles()).messages
    assert "RUT" in text
    assert "last bar 2020-11-12. yahoo: timeout" in text


def test_a_broken_rule_is_told_at_the_second_look_and_when_it_is_mended() -> None:
    assert course(BROKEN, BROKEN, BROKEN, FINE, FINE) == [
        [],
        ["📝 <b>A rule file is not taken up</b>"],
        [],
        ["📝 <b>The rule files are fine again</b>"],
        [],
    ]


def test_a_file_caught_half_saved_is_not_spoken_of() -> None:
    assert course(FINE, BROKEN, FINE) == [[], [], []]


def test_a_market_that_was_never_fetched_is_no_outage() -> None:
    never = replace(FINE, markets=(MarketStatus("RUT", MarketState.NEVER),))
    assert course(never, FINE) == [[], []]


@given(st.lists(st.sampled_from([FINE, STALE, BROKEN])))
def test_nothing_is_said_twice_in_a_row(snapshots: list[ScanSnapshot]) -> None:
    said = [text for texts in course(*snapshots) for text in texts if "data" in text]
    assert all(one != other for one, other in pairwise(said))
