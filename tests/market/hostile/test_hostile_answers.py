"""A hostile or broken answer is an error like others, and takes no memory to speak of: `-rP` prints how much."""

import pytest

from bot.worker.client import Worker, WorkerDied
from tests.market.hostile import clients
from tests.market.hostile.server import BODIES, Hostile, HostileServer

MOST_MB = 400
"""Twice what the libraries themselves take."""

PACKED, PLAIN, NESTED, OBJECTS, LISTS, NUMBER, ERROR, REDIRECT = BODIES
TOO_LARGE = "an answer of more than"


@pytest.fixture(scope="module")
def hostile():
    with HostileServer() as server:
        yield server


@pytest.fixture
async def worker(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    made = Worker("data")
    yield made
    await made.close()


@pytest.mark.parametrize(
    ("body", "client", "said"),
    [
        (PACKED, "yahoo", TOO_LARGE),
        (PACKED, "exchange", TOO_LARGE),
        (PACKED, "fund_snapshot", TOO_LARGE),
        (PACKED, "telegram", TOO_LARGE),
        (PLAIN, "coingecko", TOO_LARGE),
        (PLAIN, "fred", TOO_LARGE),
        (PLAIN, "telegram", TOO_LARGE),
        (ERROR, "yahoo", TOO_LARGE),
        (ERROR, "coingecko", "HTTP status 500"),
        (REDIRECT, "exchange", TOO_LARGE),
        (REDIRECT, "tiingo", "HTTP status 302"),
        (REDIRECT, "telegram", "a redirect (302)"),
        (NESTED, "exchange", "candles in one answer"),
        (NESTED, "coingecko", "not JSON"),
        (NESTED, "telegram", "Invalid server response"),
        (OBJECTS, "exchange", "candles in one answer"),
        (OBJECTS, "coingecko", "list indices must be integers"),
        (NUMBER, "coingecko", "not JSON"),
        (NUMBER, "yahoo", "yahoo"),
    ],
    ids=lambda each: getattr(each, "name", each),
)
async def test_a_hostile_answer_is_an_error_and_small(hostile, worker, body, client, said):
    hostile.answer_with(body)
    told, before, most = await worker.call(f"{clients.__name__}:asked", client, hostile.url, timeout=60)
    print(f"{body.name}, {client}: {before} -> {most} MB: {told[:100]}")
    assert said in told
    assert not told.startswith("told")
    assert told.isprintable()
    assert len(told) < 1_000
    assert most < MOST_MB


@pytest.mark.parametrize("client", ["tiingo", "twelvedata", "coingecko"])
def test_a_redirect_takes_a_source_s_key_to_no_other_host(hostile, client):
    with HostileServer() as elsewhere:
        elsewhere.answer_with(Hostile("never asked for", 0, head=b"[]"))
        hostile.answer_with(Hostile("away", 0, status=307, headers={"Location": f"{elsewhere.url}/x"}))
        assert "HTTP status 307" in clients.said(client, hostile.url)
        assert elsewhere.asked == []


async def test_what_unpacks_to_millions_of_objects_costs_the_worker_its_life_and_is_said(hostile):
    worker = Worker("data", most_memory=500_000_000)
    hostile.answer_with(LISTS)
    with pytest.raises(WorkerDied, match="it took more than the 500 MB that it may have"):
        await worker.call(f"{clients.__name__}:asked", "exchange", hostile.url, timeout=60)
    hostile.answer_with(PACKED)
    told, *_ = await worker.call(f"{clients.__name__}:asked", "coingecko", hostile.url, timeout=60)
    assert "not JSON" in told
    await worker.close()
