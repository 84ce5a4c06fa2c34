"""The shipped rules over a history that is made here: what they must do in any market, on a fresh clone too."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from bot.rulebook.book import Rulebook, load_book
from bot.signals.bars import Bars, FloatArray
from bot.signals.formula import Frame, evaluate
from bot.signals.replay.event import Event, EventKind
from bot.signals.replay.ruleset import replay_all
from bot.signals.timeframe import DAY, Timeframe, start_of
from tests.rulebook.books import MARKETS, ROUND_THE_CLOCK, RULES
from tests.rulebook.messages import messages

SESSIONS = 2_600
FIRST = "2014-01-01"
Past = dict[tuple[str, Timeframe], Bars]

STORY = [
    *(240 - 0.5 * np.abs(np.arange(-30, 1))),  # up to a first top of 240
    *np.linspace(239, 225, 20),
    *np.linspace(226, 240, 20),  # a second top there
    *np.linspace(239, 228, 25),
    *np.linspace(229, 238, 10),
    244.0,  # the break
    243.0,
    *(240.0, 236.0, 233.0),  # and its failure
    *(236.0, 240.0, 244.0),  # the second attempt
    *np.linspace(245, 252, 10),
]
"""The last closes of IWM."""

BREAK = SESSIONS - len(STORY) + STORY.index(244.0)


def walk(seed: int, count: int, drift: float, spread: float = 0.011) -> FloatArray:
    """Closes of a market that wanders and rises."""
    steps = np.random.default_rng(seed).normal(drift, spread, count)
    return 100 * np.exp(np.cumsum(steps))


def bars(market: str, closes: Sequence[float] | FloatArray) -> Bars:
    """Daily bars with these closes: of weekdays, or of all days for what trades round the clock."""
    close = np.asarray(closes, dtype=np.float64)
    opens = np.concatenate([close[:1], close[:-1]])
    first = np.datetime64(FIRST)
    days = np.arange(len(close))
    if market not in ROUND_THE_CLOCK:
        start = np.busday_offset(first, days, roll="forward").astype("M8[s]").astype(np.int64)
    else:
        start = start_of(FIRST) + DAY * days
    reach = 0.004 * close
    prices = {"open": opens, "high": np.fmax(opens, close) + reach, "low": np.fmin(opens, close) - reach}
    end = start + (DAY if market in ROUND_THE_CLOCK else 21 * 3_600)
    return Bars(market, Timeframe.D1, start, end, **prices, close=close, volume=np.full(len(close), 1e6))


@pytest.fixture(scope="module")
def book() -> Rulebook:
    return load_book(RULES, MARKETS)


@pytest.fixture(scope="module")
def past() -> Past:
    iwm = walk(3, SESSIONS, 0.0004)
    head = iwm[: SESSIONS - len(STORY)]
    closes: dict[str, FloatArray] = {
        "RUT": walk(5, SESSIONS, 0.0005),
        "IWM": np.concatenate([head * STORY[0] / head[-1] * 0.99, STORY]),
        "IWN": walk(7, SESSIONS, 0.0005),
        "SPY": walk(11, SESSIONS, 0.0003),
        "VIX": walk(13, SESSIONS, 0.0),
        "BTC": walk(17, SESSIONS * 7 // 5, 0.0015, 0.03),
        "ETH": walk(19, SESSIONS * 7 // 5, 0.0015, 0.03),
        "ALTS": walk(23, SESSIONS * 7 // 5, 0.001, 0.03),
    }
    return {(market, Timeframe.D1): bars(market, values) for market, values in closes.items()}


@pytest.fixture(scope="module")
def told(book: Rulebook, past: Past) -> dict[str, tuple[Event, ...]]:
    running = [written.rule for written in book.rules.values() if written.enabled]
    return {rule: each.events for rule, each in replay_all(running, past).items()}


def fired(events: tuple[Event, ...]) -> dict[str, Event]:
    return {event.label: event for event in events if event.kind is EventKind.FIRED}


@pytest.mark.parametrize(
    ("rule", "market"), [("russell-2000-all-time-high", "RUT"), ("russell-2000-value-all-time-high", "IWN")]
)
def test_records_are_found_by_a_slow_loop_too(
    told: dict[str, tuple[Event, ...]], past: Past, rule: str, market: str
) -> None:
    series = past[market, Timeframe.D1]
    closes = series.close.tolist()
    found, best, since = [], max(closes[:252]), 10_000
    for position in range(252, len(closes)):
        if closes[position] > best:
            if since >= 60:
                found.append(series.label(position))
            best, since = closes[position], 0
        else:
            since += 1
    assert found
    assert list(fired(told[rule])) == found


def test_a_break_its_failure_and_the_second_attempt_are_told(told: dict[str, tuple[Event, ...]], past: Past) -> None:
    series = past["IWM", Timeframe.D1]
    alert = fired(told["iwm-resistance-break"])[series.label(BREAK)]
    assert alert.level is not None
    assert 240 <= alert.level < 244
    follows = [event for event in told["iwm-resistance-break"] if event.alert == alert.alert]
    kinds = [event.kind for event in follows]
    failed, resumed = kinds.index(EventKind.FAILED), kinds.index(EventKind.RESUMED)
    assert failed < resumed
    assert follows[failed].close < alert.level < follows[resumed].close


def test_every_rule_speaks_and_none_chatters(told: dict[str, tuple[Event, ...]], past: Past, book: Rulebook) -> None:
    for rule, events in told.items():
        years = len(past[book.rules[rule].rule.market, Timeframe.D1]) / 252
        assert 1 <= len(fired(events)) < 5 * years, rule


def test_a_chat_with_all_rules_is_not_flooded(told: dict[str, tuple[Event, ...]], past: Past) -> None:
    years = SESSIONS / 252
    everything = messages(event for events in told.values() for event in events)
    assert len(everything) < 45 * years
    of_breaks = told["iwm-resistance-break"]
    borne_out = [event for event in of_breaks if event.kind in {EventKind.CONFIRMED, EventKind.HELD}]
    assert borne_out, "which are events"
    decisive = {(event.at, event.alert) for event in of_breaks if event.kind in DECISIVE}
    assert len(messages(of_breaks)) <= len(decisive), "and no messages"


DECISIVE = {EventKind.FIRED, EventKind.FAILED, EventKind.RESUMED, EventKind.MILESTONE}


def test_a_headline_has_every_value_when_its_rule_fires(
    book: Rulebook, told: dict[str, tuple[Event, ...]], past: Past
) -> None:
    others = {market: each for (market, _), each in past.items()}
    for rule, events in told.items():
        written, event = book.rules[rule], list(fired(events).values())[-1]
        series = past[written.rule.market, Timeframe.D1]
        level = np.full(len(series), np.nan if event.level is None else event.level)
        frame = Frame(series, others, {}, {"level": level})
        position = series.position(event.bar)
        assert position is not None
        line = written.headline.render(lambda formula, f=frame, p=position: float(evaluate(formula, f)[p]))
        assert "–" not in line, rule


def test_a_spike_that_the_close_takes_back_is_a_52_week_high_and_no_record(book: Rulebook) -> None:
    calm = bars("IWM", [100.0] * 300)
    high = calm.high.copy()
    high[290] = 120.0
    spiked = Bars("IWM", Timeframe.D1, calm.start, calm.end, calm.open, high, calm.low, calm.close, calm.volume)
    replays = replay_all([book.rules["iwm-52-week-high"].rule], {("IWM", Timeframe.D1): spiked})
    assert list(fired(replays["iwm-52-week-high"].events)) == [calm.label(290)]
    as_index = Bars("RUT", Timeframe.D1, calm.start, calm.end, calm.open, high, calm.low, calm.close, calm.volume)
    record = replay_all([book.rules["russell-2000-all-time-high"].rule], {("RUT", Timeframe.D1): as_index})
    assert not record["russell-2000-all-time-high"].events


def test_the_headline_of_a_record_says_where_it_closed(book: Rulebook) -> None:
    series = bars("RUT", [*np.linspace(100, 110, 300), *[105.0] * 40, 111.0])
    frame, last = Frame(series), len(series) - 1
    line = book.rules["russell-2000-all-time-high"].headline.render(lambda f: float(evaluate(f, frame)[last]))
    assert line.startswith("Russell 2000")
    assert "111.00" in line
