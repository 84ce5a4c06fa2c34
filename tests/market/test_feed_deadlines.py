"""Whatever sources do, one that answers is heard in time: on a clock that jumps to when something happens next."""

from __future__ import annotations

import asyncio
import contextlib
import selectors
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.market.feed import HEDGE_S, LONGEST_HEDGES, SECOND_TRY_S, Feed, NoSource
from bot.market.model import FetchAnswer, FetchRequest, Market, MarketKind, Source, SourceError, SourceErrorKind
from bot.signals.bars import Bars
from bot.signals.sessions import Sessions
from bot.signals.timeframe import DAY, Timeframe
from bot.turns import KEEPS_PLACE_S

FOREVER = 1e6
TIME_LIMIT_S = 60.0
LONGEST_S = LONGEST_HEDGES * HEDGE_S
NOBODY_WAITS_LONGER = LONGEST_S + SECOND_TRY_S


class _JumpingSelector(selectors.DefaultSelector):
    """Waits for nothing: the time that it would take has passed."""

    now = 0.0

    def select(self, timeout: float | None = None) -> Any:
        self.now += timeout or 0.0
        return super().select(0)


def _run(coroutine: Any) -> tuple[Any, float]:
    """What comes of it, and the seconds that it takes by a clock that jumps."""
    selector = _JumpingSelector()
    loop = asyncio.SelectorEventLoop(selector)
    loop.time = lambda: selector.now  # type: ignore[method-assign]
    try:
        return loop.run_until_complete(coroutine), selector.now
    finally:
        loop.close()


@dataclass(frozen=True)
class Behaviour:
    """What a source does with each question: after so many seconds it answers, or fails in this way."""

    seconds: float
    error: SourceErrorKind | None = None


async def _told(behaviours: Sequence[Behaviour], want: int, markets: int) -> tuple[list[str], float]:
    """Who had told something when the last of so many markets was told, and when that was."""

    async def call(request: FetchRequest) -> FetchAnswer:
        behaviour = behaviours[int(request.source.name)]
        try:
            await asyncio.wait_for(asyncio.sleep(behaviour.seconds), TIME_LIMIT_S)
        except TimeoutError:
            raise SourceError(SourceErrorKind.TIMEOUT, request.source.name, "nothing") from None
        if behaviour.error is not None:
            raise SourceError(behaviour.error, request.source.name, "no")
        none = Bars.empty(request.market, request.timeframe)
        one = np.array([1.0])
        bars = Bars(request.market, request.timeframe, np.array([0]), np.array([DAY]), one, one, one, one, one)
        return FetchAnswer(bars, none, request.source.name)

    sources = tuple(Source("csv", str(at), "X") for at in range(len(behaviours)))
    feed = Feed(call, jitter=lambda: 0.0, second_try=SECOND_TRY_S)
    days = Sessions.round_the_clock(0, 10 * DAY)
    asked = [Market(f"M{at}", "M", MarketKind.INDEX, "24/7", sources) for at in range(markets)]
    told = await asyncio.gather(
        *(feed.fetch(market, Timeframe.D1, days, 0, 2 * DAY, want=want) for market in asked), return_exceptions=True
    )
    at = asyncio.get_running_loop().time()
    await feed.close()
    errors = [each for each in told if isinstance(each, BaseException)]
    assert all(isinstance(each, NoSource) for each in errors), errors
    return [answer.source for each in told if isinstance(each, list) for answer in each], at


class _Symbols:
    """One source of many symbols, each of which has its own way; the others answer after a fifth of a second."""

    def __init__(self, ill: Mapping[str, Behaviour]) -> None:
        self.ill = dict(ill)
        self.asked: list[str] = []
        self.open: set[str] = set()
        self.feed = Feed(self._call, jitter=lambda: 0.0, at_once={"yahoo": PLACES}, second_try=SECOND_TRY_S)

    async def look(self, symbols: Iterable[str], now: int) -> dict[str, float]:
        """The seconds after which each was told; those are left out that hang, or gave nothing."""
        began = asyncio.get_running_loop().time()
        days = Sessions.round_the_clock(0, 10 * DAY)
        told: dict[str, float] = {}

        async def one(symbol: str) -> None:
            market = Market(symbol, symbol, MarketKind.INDEX, "24/7", (Source("yahoo", "yahoo", symbol),))
            with contextlib.suppress(NoSource):
                await self.feed.fetch(market, Timeframe.D1, days, 0, now)
                told[symbol] = asyncio.get_running_loop().time() - began
            self.open.discard(symbol)

        asked = [symbol for symbol in symbols if symbol not in self.open]
        self.open.update(asked)
        tasks = [asyncio.create_task(one(symbol)) for symbol in asked]
        await asyncio.wait(tasks, timeout=GIVEN_UP_S)
        return told

    async def _call(self, request: FetchRequest) -> FetchAnswer:
        self.asked.append(request.source.symbol)
        way = self.ill.get(request.source.symbol, Behaviour(ANSWER_S))
        try:
            await asyncio.wait_for(asyncio.sleep(way.seconds), QUESTION_S)
        except TimeoutError:
            raise SourceError(SourceErrorKind.TIMEOUT, "yahoo", f"{request.source.symbol}: nothing") from None
        if way.error is not None:
            raise SourceError(way.error, "yahoo", "no")
        return FetchAnswer(*[Bars.empty(request.market, request.timeframe)] * 2, "yahoo")


BESIDE_S = 1.0
PLACES, ANSWER_S, QUESTION_S, GIVEN_UP_S = 6, 0.2, 10.0, 60.0
OWN_WAYS = st.builds(
    Behaviour,
    st.sampled_from([0.0, 0.7, 3.1, 9.0, FOREVER]),
    st.sampled_from([SourceErrorKind.TIMEOUT, SourceErrorKind.UNREACHABLE, SourceErrorKind.BROKEN]),
)


@given(st.lists(OWN_WAYS, min_size=3, max_size=PLACES - 1), st.lists(st.integers(0, 900), min_size=3, max_size=9))
def test_symbols_that_fail_shut_their_source_for_no_other(ways: list[Behaviour], gaps: list[int]) -> None:
    """Also where nobody else has been asked for hours, as between two closes."""

    async def looks() -> dict[str, float]:
        source = _Symbols({f"^ILL{at}": way for at, way in enumerate(ways)})
        now = 2 * DAY
        for gap in gaps:
            now += gap
            await source.look(source.ill, now)
        told = await source.look(["^RUT"], now)
        await source.feed.close()
        return told

    told, _ = _run(looks())
    assert told == {"^RUT": pytest.approx(ANSWER_S)}


@given(st.integers(3, 2 * PLACES), st.integers(4, 12))
def test_a_source_that_is_down_is_left_alone_for_all_that_it_has_failed_with(symbols: int, looks: int) -> None:
    """A look each ten seconds costs nobody its time more often than the pauses end, which grow."""

    async def asked() -> int:
        source = _Symbols({f"^ILL{at}": Behaviour(FOREVER) for at in range(symbols)})
        for at in range(looks):
            await source.look(source.ill, 2 * DAY + 10 * at)
        await source.feed.close()
        return len(source.asked)

    count, _ = _run(asked())
    assert count <= symbols * (2 + looks // 5)


@given(
    st.lists(st.one_of(OWN_WAYS, st.just(Behaviour(FOREVER))), max_size=5 * PLACES),
    st.integers(1, PLACES),
    st.lists(st.sampled_from([4, 12, 70, 600]), min_size=1, max_size=4),
)
def test_symbols_that_answer_are_told_whatever_many_others_of_their_source_do(
    ways: list[Behaviour], well: int, gaps: list[int]
) -> None:
    """The first time, while nobody knows who hangs, behind them all; from then on before them."""

    async def looks() -> list[dict[str, float]]:
        source = _Symbols({f"^ILL{at}": way for at, way in enumerate(ways)})
        now, told = 2 * DAY, []
        symbols = [*source.ill, *(f"^WELL{at}" for at in range(well))]
        for gap in gaps:
            look = asyncio.create_task(source.look(symbols, now))
            await asyncio.sleep(gap)
            told.append(look)
            now += gap
        told = [{name: at for name, at in (await look).items() if "WELL" in name} for look in told]
        await source.feed.close()
        return told

    first, *later = _run(looks())[0]
    turns_before = len(ways) // PLACES + 1
    assert len(first) == well
    assert max(first.values()) <= turns_before * KEEPS_PLACE_S + ANSWER_S + 1e-6 <= LONGEST_S + BESIDE_S
    for look in later:
        assert len(look) == well
        assert max(look.values()) <= 2 * KEEPS_PLACE_S + 2 * ANSWER_S + 1e-6


def test_a_symbol_that_hangs_while_others_are_answered_leaves_the_source_well() -> None:
    async def looks() -> list[str]:
        hang = {f"^ILL{at}": Behaviour(FOREVER) for at in range(3)}
        source, states = _Symbols(hang), []
        for at in range(5):
            await source.look([*hang, "^RUT"], 2 * DAY + 600 * at)
            states.append(source.feed.states()["yahoo"].state(2 * DAY + 600 * at))
        await source.feed.close()
        return states

    assert _run(looks())[0] == ["closed"] * 5


SLOW_OR_ILL = st.builds(
    Behaviour,
    st.sampled_from([0.0, 0.1, 1.4, 1.6, 2.9, 3.1, 9.0, 25.0, FOREVER]),
    st.sampled_from([SourceErrorKind.TIMEOUT, SourceErrorKind.RATE_LIMITED, SourceErrorKind.REFUSED]),
)


@given(
    st.lists(SLOW_OR_ILL, max_size=4),
    st.integers(0, 4),
    st.sampled_from([0.0, 0.2, 0.5]),
    st.integers(1, 3),
    st.integers(1, 4),
)
def test_one_source_that_answers_is_heard_whatever_the_others_do(
    ill: list[Behaviour], place: int, answer: float, want: int, markets: int
) -> None:
    behaviours = [*ill[:place], Behaviour(answer), *ill[place:]]
    (told, seconds), _ = _run(_told(behaviours, want, markets))
    assert told == [str(min(place, len(ill)))] * markets
    assert seconds <= LONGEST_S + markets * answer + 1e-6


@pytest.mark.parametrize("others", [1, 3])
@pytest.mark.parametrize("want", [1, 2])
def test_two_that_answer_bear_each_other_out_where_others_hang(others: int, want: int) -> None:
    behaviours = [*[Behaviour(FOREVER)] * others, Behaviour(0.2), Behaviour(0.2)]
    (told, seconds), _ = _run(_told(behaviours, want, 1))
    assert len(told) >= 1
    assert seconds <= LONGEST_S + 0.2 + 1e-6


def test_a_second_try_begins_no_new_time() -> None:
    """Both fail at once, then one hangs: the other's answer does once the first question is old enough."""
    behaviours = [Behaviour(0.1, SourceErrorKind.UNREACHABLE), Behaviour(0.1, SourceErrorKind.BROKEN)]

    async def change() -> tuple[list[str], float]:
        asking = asyncio.create_task(_told(behaviours, 2, 1))
        await asyncio.sleep(0.5)
        behaviours[:] = [Behaviour(FOREVER), Behaviour(0.2)]
        return await asking

    (told, seconds), _ = _run(change())
    assert (told, seconds) == (["1"], pytest.approx(LONGEST_S))
    assert seconds < NOBODY_WAITS_LONGER
