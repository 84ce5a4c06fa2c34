"""Every known lie, in three sizes, through the real clients: held or seen through, never believed, never lost."""

from __future__ import annotations

import pytest

from tests.market.lies.kinds import FAILURES, LIES, Failure, Lie
from tests.market.lies.round import SYMBOLS, begin

CASES = [(lie, size) for lie in LIES for size in lie.sizes]
TWICE = 13 * 3_600
"""Seconds after the close at which the bot looks again by itself."""


@pytest.fixture
async def bot(tmp_path, server, new_york, everyday):
    made = await begin(tmp_path, server, {"XNYS": new_york, "24/7": everyday})
    yield made
    await made.store.close()


def test_the_table_is_large_enough():
    assert len(LIES) >= 40
    assert all(len(lie.sizes) == 3 for lie in LIES)


@pytest.mark.parametrize("name", SYMBOLS)
@pytest.mark.parametrize(("lie", "size"), CASES, ids=[f"{lie.name} {size:g}" for lie, size in CASES])
async def test_a_lie_is_never_believed_and_the_truth_is_taken_when_it_comes(bot, name: str, lie: Lie, size: float):
    bot.tell(name, lie.change(bot.true_rows(name), size))
    await bot.look(name)
    assert bot.wrong(name) == []
    if lie.harmless:
        assert bot.missing(name) == 0
    bot.tell(name, bot.true_rows(name))
    await bot.look(name, TWICE)
    assert (bot.wrong(name), bot.missing(name)) == ([], 0)


@pytest.mark.parametrize("factor", [0.5, 2.0])
async def test_a_split_that_the_vendor_reports_is_taken_at_once_with_all_history(bot, factor: float):
    rows, before = bot.true_rows("IWM"), bot.truth["IWM"].close[-1]
    split = [[row[0], *(price * factor for price in row[1:5]), row[5]] for row in rows]
    bot.server.world.splits["IWM"] = {split[-2][0]: 1 / factor}
    bot.tell("IWM", split)
    for hours in (0, 1):
        await bot.look("IWM", hours * 3_600 + 960)
    assert bot.known("IWM").close[-1] == pytest.approx(before * factor)
    assert bot.known("IWM").close[0] == pytest.approx(bot.truth["IWM"].close[0] * factor)


@pytest.mark.parametrize("name", SYMBOLS)
@pytest.mark.parametrize("failure", FAILURES, ids=[failure.name for failure in FAILURES])
async def test_an_answer_that_is_none_costs_nothing_but_time(bot, name: str, failure: Failure):
    path = "klines" if name == "BTC" else "/chart/"
    bot.server.world.fail(path, times=99, **failure.fault)
    await bot.look(name)
    assert bot.wrong(name) == []
    bot.server.world.faults.clear()
    for hours in (1, 13):
        await bot.look(name, hours * 3_600 + 60)
    assert (bot.wrong(name), bot.missing(name)) == ([], 0)
