"""The worker keeps its time limit, its stream and its word, with real processes."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from bot.worker import process
from bot.worker.client import Worker, WorkerDied, WorkerError, WorkerTimeout
from tests.worker import errands

LIMIT = 20.0


def there(name: str) -> str:
    return f"{errands.__name__}:{name}"


@pytest.fixture
async def worker():
    made = Worker("test")
    yield made
    await made.close()


def runs(pid: int) -> bool:
    """Whether the process lives; one that ended but was not waited for does not."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


async def until(fact: Callable[[], object]) -> None:
    async with asyncio.timeout(LIMIT):
        while not fact():
            await asyncio.sleep(0.01)


async def until_gone(pid: int) -> None:
    await until(lambda: not runs(pid))


async def test_it_starts_at_the_first_call_only_and_keeps_its_process(worker):
    assert worker.pid is None
    assert await worker.call(there("add"), 1, 2, timeout=LIMIT) == 3
    first = worker.pid
    assert await worker.call(there("pid"), timeout=LIMIT) == first


async def test_a_call_that_never_ends_is_killed_and_the_next_one_gets_a_new_process(worker):
    before = await worker.call(there("pid"), timeout=LIMIT)
    with pytest.raises(WorkerTimeout, match=r"test: tests.worker.errands:sleep: no answer within 0.3 s"):
        await worker.call(there("sleep"), 3600, timeout=0.3)
    assert await worker.call(there("pid"), timeout=LIMIT) != before
    await until_gone(before)


async def test_a_call_that_kills_the_process_says_its_last_words(worker):
    with pytest.raises(WorkerDied, match="ended with code 7: the last words"):
        await worker.call(there("crash"), timeout=LIMIT)
    assert await worker.call(there("add"), 1, 1, timeout=LIMIT) == 2


async def test_what_vendors_print_does_not_reach_the_stream(worker):
    assert await worker.call(there("chatter"), timeout=LIMIT) == "clean"
    assert await worker.call(there("reads_stdin"), timeout=LIMIT) == ""
    assert await worker.call(there("add"), 1, 1, timeout=LIMIT) == 2


async def test_five_megabytes_come_back_whole(worker):
    assert np.array_equal(await worker.call(there("big"), timeout=LIMIT), np.arange(655_360))
    assert np.array_equal(await worker.call(there("add"), errands.big(), 1, timeout=LIMIT), np.arange(655_360) + 1)


async def test_known_exceptions_come_back_as_themselves(worker):
    with pytest.raises(errands.HouseError) as raised:
        await worker.call(there("own_error"), timeout=LIMIT)
    assert (raised.value.where, raised.value.number) == ("here", 3)
    with pytest.raises(LookupError, match="nothing there"):
        await worker.call(there("builtin_error"), timeout=LIMIT)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("foreign_error", "ExpatError: not for the bot to import"),
        ("unpicklable_error", "UnpicklableError: needed 1"),
        ("unpicklable_value", "the value can't cross to the bot"),
    ],
)
async def test_what_cannot_cross_comes_as_text_and_costs_no_process(worker, name, text):
    before = await worker.call(there("pid"), timeout=LIMIT)
    with pytest.raises(WorkerDied, match=text):
        await worker.call(there(name), timeout=LIMIT)
    assert await worker.call(there("pid"), timeout=LIMIT) == before


async def test_an_unknown_function_is_said(worker):
    with pytest.raises(ModuleNotFoundError, match="nowhere"):
        await worker.call("nowhere.at_all:fetch", timeout=LIMIT)
    with pytest.raises(AttributeError, match="no_such"):
        await worker.call(there("no_such"), timeout=LIMIT)


async def test_calls_wait_for_each_other_and_the_limit_counts_from_the_turn(worker):
    await worker.call(there("pid"), timeout=LIMIT)
    calls = [worker.call(there("sleep"), 0.15, timeout=0.4) for _ in range(4)]
    assert await asyncio.gather(*calls) == [0.15] * 4


async def test_a_cancelled_call_leaves_no_answer_to_the_next_one(worker):
    before = await worker.call(there("pid"), timeout=LIMIT)
    cancelled = asyncio.create_task(worker.call(there("sleep"), 0.2, timeout=LIMIT))
    await asyncio.sleep(0.05)
    cancelled.cancel()
    with pytest.raises(asyncio.CancelledError):
        await cancelled
    assert await worker.call(there("add"), 20, 3, timeout=LIMIT) == 23
    await until_gone(before)


async def test_a_call_cancelled_while_it_waits_costs_nothing(worker):
    before = await worker.call(there("pid"), timeout=LIMIT)
    running = asyncio.create_task(worker.call(there("sleep"), 0.2, timeout=LIMIT))
    waiting = asyncio.create_task(worker.call(there("add"), 1, 1, timeout=LIMIT))
    await asyncio.sleep(0.05)
    waiting.cancel()
    assert await running == 0.2
    assert await worker.call(there("pid"), timeout=LIMIT) == before


async def test_a_process_killed_between_two_calls_is_replaced(worker):
    before = await worker.call(there("pid"), timeout=LIMIT)
    os.kill(before, signal.SIGKILL)
    await until_gone(before)
    await asyncio.sleep(0.05)
    assert await worker.call(there("pid"), timeout=LIMIT) != before


async def test_it_is_recycled_after_so_many_calls():
    worker = Worker("test", recycle_after=2)
    pids = [await worker.call(there("pid"), timeout=LIMIT) for _ in range(5)]
    await worker.close()
    assert pids[0] == pids[1] != pids[2] == pids[3] != pids[4]
    await until_gone(pids[0])


async def test_an_idle_process_goes_and_a_busy_one_stays():
    worker = Worker("test", idle_after=0.2)
    before = await worker.call(there("pid"), timeout=LIMIT)
    assert await worker.call(there("sleep"), 0.4, timeout=LIMIT) == 0.4
    assert worker.pid == before
    await until_gone(before)
    assert worker.pid is None
    assert await worker.call(there("add"), 1, 1, timeout=LIMIT) == 2
    await worker.close()


async def test_closing_ends_a_running_call_and_refuses_later_ones(worker):
    await worker.call(there("pid"), timeout=LIMIT)
    pid = worker.pid
    running = asyncio.create_task(worker.call(there("sleep"), 3600, timeout=LIMIT))
    await asyncio.sleep(0.05)
    await worker.close()
    with pytest.raises(WorkerDied):
        await running
    with pytest.raises(WorkerError, match="closed"):
        await worker.call(there("add"), 1, 1, timeout=LIMIT)
    assert not runs(pid)


MARK = "a-marked-secret-8fQ2"


@pytest.mark.parametrize(
    "name",
    [
        "TELEGRAM_TOKEN",
        "BELLWETHER_TELEGRAM",
        "BELLWETHER_KEYS__TIINGO",
        "TIINGO_API_KEY",
        "AWS_SECRET_ACCESS_KEY",
        "DATABASE_URL",
        "NOTIFY_SOCKET",
        "OTHER_VARIABLE",
        "PYTHONSTARTUP",
        "path",
    ],
)
async def test_nothing_of_the_environment_but_what_is_listed_reaches_it(worker, monkeypatch, name):
    monkeypatch.setenv(name, MARK)
    environment, command = await worker.call(there("environment"), timeout=LIMIT)
    assert MARK not in str(environment) + command


async def test_a_listed_variable_that_holds_the_token_does_not_reach_it(worker, monkeypatch):
    monkeypatch.setenv("LC_ALL", "12345678:AAHfiqksKZ8WmR2zSjiQ7_v4TMAKdiHm9T0")
    environment, _ = await worker.call(there("environment"), timeout=LIMIT)
    assert "AAHfiqks" not in str(environment)


async def test_proxies_certificates_and_paths_reach_it(worker, monkeypatch):
    given = {
        "HTTPS_PROXY": "http://me:word@proxy.example:3128",
        "no_proxy": "localhost",
        "SSL_CERT_FILE": "/etc/ssl/own.pem",
        "XDG_CACHE_HOME": "/var/cache/bellwether",
        "TZ": "Europe/Berlin",
    }
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    environment, _ = await worker.call(there("environment"), timeout=LIMIT)
    assert given.items() <= environment.items()


async def test_a_call_that_takes_too_much_memory_is_an_error_and_the_next_one_gets_a_new_process():
    worker = Worker("test", most_memory=150_000_000)
    before = await worker.call(there("pid"), timeout=LIMIT)
    with pytest.raises(WorkerDied, match="takes_at_once: needs more memory than the 150 MB it may have"):
        await worker.call(there("takes_at_once"), 2_000_000_000, timeout=LIMIT)
    between = await worker.call(there("pid"), timeout=LIMIT)
    with pytest.raises(WorkerDied, match=r"takes_bit_by_bit: .*it took more than the 150 MB that it may have"):
        await worker.call(there("takes_bit_by_bit"), 400_000_000, timeout=LIMIT)
    assert len({before, between, await worker.call(there("pid"), timeout=LIMIT)}) == 3
    await worker.close()


async def test_a_call_within_its_memory_goes_on():
    worker = Worker("test", most_memory=150_000_000)
    assert await worker.call(there("takes_at_once"), 60_000_000, timeout=LIMIT) == 60_000_000
    await worker.close()


async def test_an_answer_that_is_too_long_or_no_answer_is_an_error(worker, monkeypatch):
    monkeypatch.setattr(process, "MOST_ANSWER_BYTES", 1_000_000)
    with pytest.raises(WorkerDied, match=r"an answer of 5,[0-9,]+ bytes; allowed: 1,000,000"):
        await worker.call(there("big"), timeout=LIMIT)
    with pytest.raises(WorkerDied, match="its answer can't be read: ValueError"):
        await worker.call(there("exploding"), timeout=LIMIT)
    assert await worker.call(there("add"), 1, 1, timeout=LIMIT) == 2


async def test_nothing_heavy_is_loaded_before_it_is_asked_for(worker):
    modules = await worker.call("sys:exc_info", timeout=LIMIT) and await worker.call(there("loaded"), timeout=LIMIT)
    assert not {"pandas", "yfinance", "ccxt", "exchange_calendars", "PIL"} & set(modules)


ORPHAN = """
import asyncio, sys
from bot.worker import process
from bot.worker.client import Worker
async def main():
    await Worker("orphan").call("tests.worker.errands:sleep", 3600, sys.argv[1], timeout=3600)
asyncio.run(main())
"""


async def test_it_ends_when_the_bot_is_killed_in_the_middle_of_a_hung_call(tmp_path):
    mark = tmp_path / "pid"
    bot = await asyncio.create_subprocess_exec(sys.executable, "-c", ORPHAN, str(mark))
    try:
        await until(lambda: mark.exists() and mark.read_text())
        child = int(mark.read_text())
        assert runs(child)
    finally:
        bot.kill()
        await bot.wait()
    await until_gone(child)


@pytest.fixture
async def many():
    made = Worker("many", at_once=4)
    yield made
    await made.close()


async def test_calls_run_side_by_side_in_one_process(many):
    first = await many.call(there("pid"), timeout=LIMIT)
    order: list[str] = []

    async def call(name: str, seconds: float) -> None:
        await many.call(there("sleep"), seconds, timeout=LIMIT)
        order.append(name)

    await asyncio.gather(call("slow", 1.0), call("quick", 0.0), call("middle", 0.3))
    assert order == ["quick", "middle", "slow"]
    assert await many.call(there("pid"), timeout=LIMIT) == first


async def test_a_call_that_overruns_costs_its_neighbours_nothing(many):
    before = await many.call(there("pid"), timeout=LIMIT)
    neighbour = asyncio.create_task(many.call(there("sleep"), 1.0, timeout=LIMIT))
    await asyncio.sleep(0.05)
    with pytest.raises(WorkerTimeout):
        await many.call(there("sleep"), 3600, timeout=0.2)
    assert runs(before)
    assert await many.call(there("pid"), timeout=LIMIT) != before
    assert await neighbour == 1.0
    await until_gone(before)


async def test_no_more_calls_than_places(many):
    calls = [asyncio.create_task(many.call(there("running"), 0.1, timeout=LIMIT)) for _ in range(9)]
    assert max(await asyncio.gather(*calls)) <= 4
