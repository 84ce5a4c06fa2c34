"""The activity log: one line for each thing that happened, none where nothing did."""

from __future__ import annotations

import logging

import pytest

from bot.app.activity_log import ActivityLog, DeliveryCounter
from bot.delivery.transport import Failure, FailureKind, OutgoingMessage, Sent
from bot.scan.fetching.answers import Fetched
from bot.scan.scanner import Scan
from bot.signals.timeframe import Timeframe
from bot.views.operator.status_facts import MarketState, MarketStatus, StatusFacts

NOTHING = Scan((), 0, 0, {})


def facts(state: MarketState = MarketState.FRESH, broken: tuple[str, ...] = ()) -> StatusFacts:
    return StatusFacts(0, "1", (MarketStatus("RUT", state, source="yahoo", error="no answer"),), broken=broken)


@pytest.fixture(autouse=True)
def _from_info_on(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "bot.app.activity_log")


def test_a_look_that_found_nothing_to_do_says_nothing(caplog: pytest.LogCaptureFixture) -> None:
    log = ActivityLog()
    log.look(NOTHING, 0.1, facts())
    log.look(Scan((Fetched(("RUT", Timeframe.D1), 0, ()),), 0, 0, {}), 0.1, facts())
    log.deliveries({})
    assert caplog.messages == []


def test_a_look_tells_what_it_did_in_one_line(caplog: pytest.LogCaptureFixture) -> None:
    came = tuple(Fetched((name, Timeframe.D1), 1, ()) for name in ("RUT", "IWM"))
    ActivityLog().look(Scan(came, 12, 1, {"a-rule": "IWN is missing"}), 1.25, facts())
    assert caplog.messages == [
        "look: 2 new bars (RUT, IWM), 12 messages queued, 1 notice to the operators, 1 rule waits, 1.2 s"
    ]


def test_a_market_that_dies_and_comes_back_is_told_once_each(caplog: pytest.LogCaptureFixture) -> None:
    log = ActivityLog()
    for state in (MarketState.FRESH, MarketState.STALE, MarketState.STALE, MarketState.DEAD, MarketState.FRESH):
        log.look(NOTHING, 0.1, facts(state))
    assert caplog.messages == [
        "market RUT is stale: no answer",
        "market RUT is dead: no answer",
        "market RUT is fresh again, by yahoo",
    ]


def test_a_refused_rule_is_told_once_and_once_that_it_is_mended(caplog: pytest.LogCaptureFixture) -> None:
    log = ActivityLog()
    for broken in (("a.yaml:1:2: x",), ("a.yaml:1:2: x",), ()):
        log.look(NOTHING, 0.1, facts(broken=broken))
    assert caplog.messages == ["rule refused: a.yaml:1:2: x", "every rule file can be read again"]


class Alternating:
    """A transport of which every second message fails."""

    def __init__(self) -> None:
        self.asked = 0

    async def send(self, message: OutgoingMessage) -> Sent | Failure:
        self.asked += 1
        return Sent(self.asked) if self.asked % 2 else Failure(FailureKind.FLOOD, message.html)


async def test_deliveries_are_summed_up_by_what_came_of_them(caplog: pytest.LogCaptureFixture) -> None:
    counter, log = DeliveryCounter(Alternating()), ActivityLog()
    outcomes = [await counter.send(OutgoingMessage(1, "hello")) for _ in range(5)]
    assert isinstance(outcomes[0], Sent)
    log.deliveries(counter.take())
    log.deliveries(counter.take())
    assert caplog.messages == ["deliveries: 2 flood, 3 sent"]
