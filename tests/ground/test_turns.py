"""A place is lost to the next by whoever hangs, never lost for good, and given first to who was quick."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.turns import HANGS_S, KEEPS_PLACE_S, MOST_BESIDE, Turns
from tests.market.test_feed_deadlines import _run

LONG = 20.0


class _Asking:
    """Notes when each begins, and how many are asked side by side."""

    def __init__(self, turns: Turns) -> None:
        self.turns = turns
        self.began: dict[str, float] = {}
        self.order: list[str] = []
        self.busy = self.most = 0

    def ask(self, topic: str, seconds: float) -> asyncio.Task[None]:
        return asyncio.create_task(self._ask(topic, seconds))

    async def _ask(self, topic: str, seconds: float) -> None:
        async with self.turns.turn(topic):
            self.began[topic] = asyncio.get_running_loop().time()
            self.order.append(topic)
            self.busy += 1
            self.most = max(self.most, self.busy)
            await asyncio.sleep(seconds)
            self.busy -= 1


async def _all(asking: _Asking, **seconds: float) -> None:
    await asyncio.gather(*(asking.ask(topic, each) for topic, each in seconds.items()))


def _after(turns: Turns, body: Any) -> _Asking:
    asking = _Asking(turns)
    _run(body(asking))
    return asking


def test_who_hangs_gives_the_place_to_the_next() -> None:
    asking = _after(Turns(1), lambda asking: _all(asking, a=LONG, b=0.1, c=0.1))
    assert (asking.began["b"], asking.began["c"]) == (KEEPS_PLACE_S, KEEPS_PLACE_S + 0.1)


def test_a_strict_turn_is_kept_to_its_end() -> None:
    asking = _after(Turns(1, strict=True), lambda asking: _all(asking, a=LONG, b=0.1))
    assert (asking.began["b"], asking.most) == (LONG, 1)


def test_who_was_quick_the_last_time_comes_first() -> None:
    async def twice(asking: _Asking) -> None:
        await _all(asking, hung=HANGS_S, slow=KEEPS_PLACE_S, quick=0.1)
        asking.order.clear()
        await _all(asking, first=0.1, hung=0.1, slow=0.1, quick=0.1)
        await _all(asking, first=0.1, hung=0.1, slow=0.1, quick=0.1)

    order = _after(Turns(1), twice).order
    assert order == ["first", "quick", "slow", "hung", "first", "hung", "slow", "quick"]


def test_a_question_that_was_not_put_makes_nobody_quick() -> None:
    async def looks(asking: _Asking) -> None:
        await _all(asking, hung=HANGS_S)
        async with asking.turns.turn("hung") as turn:
            turn.tells = False
        asking.order.clear()
        await _all(asking, first=0.1, hung=0.1, new=0.1)

    assert _after(Turns(1), looks).order == ["first", "new", "hung"]


def test_of_those_that_hang_no_more_are_asked_again_than_there_are_places() -> None:
    hanging = {f"h{at}": LONG for at in range(9)}

    async def twice(asking: _Asking) -> None:
        await _all(asking, **hanging)
        asking.most = 0
        await _all(asking, **hanging)

    assert _after(Turns(2), twice).most == 2


def test_beside_all_that_hang_no_more_than_so_many_are_asked() -> None:
    assert _after(Turns(2), lambda asking: _all(asking, **{f"h{at}": LONG for at in range(50)})).most == 2 * MOST_BESIDE


@given(
    st.lists(st.tuples(st.sampled_from("abcdefgh"), st.sampled_from([0.0, 0.1, 0.6, 3.5, LONG]), st.booleans())),
    st.integers(1, 3),
    st.sampled_from([Turns, partial(Turns, strict=True)]),
)
def test_no_place_is_lost_whoever_is_called_off(
    questions: list[tuple[str, float, bool]], places: int, made: Callable[[int], Turns]
) -> None:
    async def some_called_off(asking: _Asking) -> None:
        tasks = [asking.ask(topic, seconds) for topic, seconds, _ in questions]
        await asyncio.sleep(0.3)
        for task, (_, _, called_off) in zip(tasks, questions, strict=True):
            if called_off:
                task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        asking.busy = asking.most = 0
        await _all(asking, **{f"new {at}": 0.1 for at in range(2 * places)})

    assert _after(made(places), some_called_off).most == places
