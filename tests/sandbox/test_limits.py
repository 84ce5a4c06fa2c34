"""Telegram's rates: what passes is never more than allowed in any window, and what waits as told passes."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.sandbox.limits import Limits, SendLimits
from bot.sandbox.server import Sandbox
from tests.sandbox.conftest import ADA, GROUP, Call

steps = st.lists(st.tuples(st.sampled_from([1, 2, 3, -7]), st.floats(0, 2)), max_size=120)


@settings(max_examples=60, deadline=None)
@given(steps)
def test_no_window_holds_more_than_the_limits(walk: list[tuple[int, float]]) -> None:
    gate, now, passed = SendLimits(Limits(overall=5, chat=1, burst=2, group=4)), 0.0, list[tuple[int, float]]()
    for chat, pause in walk:
        now += pause
        if gate.enter(chat, now) is None:
            passed.append((chat, now))
    for index, (_, start) in enumerate(passed):
        later = passed[index:]
        for count, (_, end) in enumerate(later, 1):
            assert count <= 5 + 5 * (end - start) + 1e-6
    for chat in (1, 2, 3, -7):
        times = [at for whose, at in passed if whose == chat]
        for index, start in enumerate(times):
            for count, end in enumerate(times[index:], 1):
                assert count <= 2 + (end - start) + 1e-6
    group = [at for whose, at in passed if whose == -7]
    assert all(sum(start <= at < start + 60 for at in group) <= 4 for start in group)


@settings(max_examples=60, deadline=None)
@given(steps)
def test_whoever_waits_as_told_passes(walk: list[tuple[int, float]]) -> None:
    gate, now = SendLimits(Limits()), 0.0
    for chat, pause in walk:
        now += pause
        wait = gate.enter(chat, now)
        if wait is not None:
            now += wait
            assert gate.enter(chat, now) is None


async def test_the_server_enforces_them_when_asked(sandbox: Sandbox, call: Call) -> None:
    assert [(await call("sendMessage", chat_id=ADA, text="x"))[0] for _ in range(6)] == [200] * 6
    sandbox.limit(burst=2)
    answers = [await call("sendMessage", chat_id=ADA, text="x") for _ in range(3)]
    assert [status for status, _ in answers] == [200, 200, 429]
    assert answers[2][1]["parameters"] == {"retry_after": 1}
    assert (await call("sendChatAction", chat_id=ADA, action="typing"))[0] == 200
    sandbox.limit(on=False)
    assert (await call("sendMessage", chat_id=ADA, text="x"))[0] == 200


async def test_a_group_has_twenty_a_minute(sandbox: Sandbox, call: Call) -> None:
    sandbox.limit(chat=1000, burst=1000)
    answers = [await call("sendMessage", chat_id=GROUP, text="x") for _ in range(21)]
    assert [status for status, _ in answers] == [200] * 20 + [429]
    assert 55 <= answers[20][1]["parameters"]["retry_after"] <= 60


def test_paid_broadcasts_have_a_gate_of_their_own() -> None:
    gate = SendLimits(Limits(overall=1))
    assert gate.enter(1, 0.0) is None
    assert gate.enter(2, 0.0) == 1
    assert [gate.enter(chat, 0.0, paid=True) for chat in range(3, 1003)] == [None] * 1000
    assert gate.enter(2000, 0.0, paid=True) == 1
