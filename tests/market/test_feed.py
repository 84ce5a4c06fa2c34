"""Sources are asked in order, left alone when ill, and their errors kept."""

import asyncio
import dataclasses

import numpy as np
import pytest

from bot.market.feed import Feed, NoSource
from bot.market.model import FetchAnswer, Market, MarketKind, Source, SourceError
from bot.market.model import SourceErrorKind as Kind
from bot.signals.bars import Bars
from bot.signals.sessions import Sessions
from bot.signals.timeframe import DAY, Timeframe
from bot.worker.client import Worker, WorkerDied, WorkerTimeout
from tests.market.vendors import flat

SESSIONS = Sessions.round_the_clock(0, 10 * DAY)
SOURCES = tuple(Source("exchange", name, "BTC/USDT") for name in ("binance", "kraken"))
BTC = Market("BTC", "Bitcoin", MarketKind.CRYPTO, "24/7", SOURCES)
THREE = dataclasses.replace(BTC, sources=(*SOURCES, Source("exchange", "coinbase", "BTC/USD")))
ETH = dataclasses.replace(BTC, name="ETH")


class Vendors:
    """What each source does when asked: an answer, or an exception."""

    def __init__(self, **says: Exception | None) -> None:
        self.says = says
        self.takes: dict[str, float] = {}
        self.asked: list[str] = []
        self.busy = self.most = 0

    async def __call__(self, request):
        self.asked.append(request.source.name)
        self.busy += 1
        self.most = max(self.most, self.busy)
        await asyncio.sleep(self.takes.get(request.source.name, 0.0))
        self.busy -= 1
        error = self.says.get(request.source.name)
        if error:
            raise error
        one = np.array([1.0])
        bars = Bars(request.market, request.timeframe, np.array([0]), np.array([DAY]), one, one, one, one, one)
        return FetchAnswer(bars, Bars.empty(request.market, request.timeframe), request.source.name, ("odd",))


def ill(kind: Kind, name: str = "binance") -> SourceError:
    return SourceError(kind, name, "BTC/USDT: told so")


async def fetch(feed: Feed, now: int = 2 * DAY, market: Market = BTC) -> FetchAnswer:
    (answer,) = await feed.fetch(market, Timeframe.D1, SESSIONS, 0, now)
    return answer


async def test_the_first_source_is_enough():
    vendors = Vendors()
    answer = await fetch(Feed(vendors))
    assert (answer.source, vendors.asked, answer.problems) == ("binance", ["binance"], ("odd",))


async def test_the_next_source_is_asked_and_the_error_is_kept():
    vendors = Vendors(binance=ill(Kind.REFUSED))
    answer = await fetch(Feed(vendors))
    assert answer.source == "kraken"
    assert answer.problems == ("binance: refused: BTC/USDT: told so", "odd")


async def test_who_has_been_asked_is_not_asked_again():
    vendors = Vendors()
    span = (Timeframe.D1, SESSIONS, 0, 2 * DAY)
    (answer,) = await Feed(vendors).fetch(BTC, *span, want=2, asked=["binance"])
    assert (answer.source, vendors.asked) == ("kraken", ["kraken"])
    with pytest.raises(NoSource) as raised:
        await Feed(vendors).fetch(BTC, *span, asked=["binance", "kraken"])
    assert (raised.value.errors, vendors.asked) == ((), ["kraken"])


@pytest.mark.parametrize(("at_once", "most"), [({}, 1), ({"exchange": 2}, 2), ({"exchange": 3}, 3), ({"yahoo": 3}, 1)])
async def test_a_source_is_asked_as_many_things_at_once_as_its_kind_bears(at_once: dict[str, int], most: int):
    vendors = Vendors()
    vendors.takes["binance"] = 0.01
    feed = Feed(vendors, at_once=at_once)
    await asyncio.gather(*(fetch(feed, market=dataclasses.replace(BTC, name=name)) for name in "ABCD"))
    assert vendors.most == most


async def test_several_are_asked_side_by_side_and_answer_in_the_order_of_the_config():
    vendors = Vendors()
    vendors.takes = {"binance": 0.05}
    answers = await Feed(vendors).fetch(THREE, Timeframe.D1, SESSIONS, 0, 2 * DAY, want=2)
    assert [each.source for each in answers] == ["binance", "kraken"]
    assert vendors.asked == ["binance", "kraken"]
    assert vendors.most == 2


async def test_another_is_asked_in_the_place_of_one_that_fails():
    vendors = Vendors(binance=ill(Kind.REFUSED))
    answers = await Feed(vendors).fetch(THREE, Timeframe.D1, SESSIONS, 0, 2 * DAY, want=2)
    assert [each.source for each in answers] == ["kraken", "coinbase"]
    assert answers[0].problems[0] == "binance: refused: BTC/USDT: told so"


async def test_a_source_that_hangs_is_not_waited_for_where_another_answers():
    vendors = Vendors()
    vendors.takes = {"binance": 3600.0}
    feed = Feed(vendors, hedge=0.05)
    answers = await feed.fetch(BTC, Timeframe.D1, SESSIONS, 0, 2 * DAY, want=2)
    assert [each.source for each in answers] == ["kraken"]
    (answer,) = await feed.fetch(BTC, Timeframe.D1, SESSIONS, 0, 2 * DAY)
    assert answer.source == "kraken"
    await feed.close()


async def test_in_the_place_of_one_that_hangs_one_more_is_asked_to_bear_an_answer_out():
    vendors = Vendors()
    vendors.takes = {"binance": 30.0}
    feed = Feed(vendors, hedge=0.05)
    answers = await feed.fetch(THREE, Timeframe.D1, SESSIONS, 0, 2 * DAY, want=2)
    assert [answer.source for answer in answers] == ["kraken", "coinbase"]
    vendors.takes = {"binance": 30.0, "coinbase": 30.0}
    (alone,) = await feed.fetch(THREE, Timeframe.D1, SESSIONS, 0, 2 * DAY, want=2)
    assert alone.source == "kraken"
    await feed.close()


async def test_an_answer_is_waited_for_no_longer_because_others_come_and_go():
    vendors = Vendors(coinbase=ill(Kind.BROKEN, "coinbase"))
    vendors.takes = {"binance": 3600.0, "kraken": 0.15, "coinbase": 0.1}
    feed = Feed(vendors, hedge=0.1)
    began = asyncio.get_running_loop().time()
    (answer,) = await feed.fetch(THREE, Timeframe.D1, SESSIONS, 0, 2 * DAY, want=2)
    waited = asyncio.get_running_loop().time() - began
    assert (answer.source, vendors.asked) == ("kraken", ["binance", "kraken", "coinbase"])
    assert waited >= 0.2
    await feed.close()


async def test_who_waits_for_the_turn_of_a_source_at_work_does_not_take_it_for_one_that_hangs():
    vendors = Vendors()
    vendors.takes = {"binance": 0.1}
    feed = Feed(vendors, hedge=0.25)
    answers = await asyncio.gather(*(fetch(feed, market=dataclasses.replace(BTC, name=name)) for name in "ABCD"))
    assert [answer.source for answer in answers] == ["binance"] * 4
    assert vendors.asked == ["binance"] * 4


async def test_where_a_source_keeps_many_waiting_the_next_one_is_asked_all_the_same():
    vendors = Vendors()
    vendors.takes = {"binance": 0.1}
    feed = Feed(vendors, hedge=0.15)
    await asyncio.gather(*(fetch(feed, market=dataclasses.replace(BTC, name=name)) for name in "ABCDEFGH"))
    assert "kraken" in vendors.asked
    await feed.close()


@pytest.mark.parametrize("kind", [Kind.UNREACHABLE, Kind.BROKEN])
async def test_prices_are_asked_for_once_more_where_the_fault_may_have_passed(kind: Kind):
    vendors = Vendors(binance=ill(kind), kraken=ill(kind, "kraken"))
    feed = Feed(vendors, second_try=0.05)
    asking = asyncio.create_task(fetch(feed))
    while len(vendors.asked) < 2 or vendors.busy:
        await asyncio.sleep(0)
    vendors.says = {}
    assert (await asking).source == "binance"


@pytest.mark.parametrize("kind", [Kind.TIMEOUT, Kind.RATE_LIMITED, Kind.REFUSED, Kind.UNKNOWN_SYMBOL, Kind.NO_DATA])
async def test_who_is_slow_or_says_no_is_not_asked_again(kind: Kind):
    vendors = Vendors(binance=ill(kind), kraken=ill(kind, "kraken"))
    with pytest.raises(NoSource):
        await fetch(Feed(vendors, second_try=0.0))
    assert vendors.asked == ["binance", "kraken"]


async def test_figures_are_in_no_hurry():
    vendors = Vendors(binance=ill(Kind.BROKEN), kraken=ill(Kind.BROKEN, "kraken"))
    with pytest.raises(NoSource):
        await fetch(Feed(vendors, second_try=0.0), market=dataclasses.replace(BTC, kind=MarketKind.MACRO))
    assert vendors.asked == ["binance", "kraken"]


async def test_a_source_that_is_left_alone_was_not_asked():
    vendors = Vendors(binance=ill(Kind.RATE_LIMITED))
    feed = Feed(vendors, second_try=0.0)
    one = dataclasses.replace(BTC, sources=BTC.sources[:1])
    for asked in (True, False):
        with pytest.raises(NoSource) as raised:
            await fetch(feed, market=one)
        assert raised.value.asked is asked
    assert vendors.asked == ["binance"]


async def test_a_source_is_asked_one_thing_at_a_time():
    vendors = Vendors()
    vendors.takes = {"binance": 0.01}
    feed = Feed(vendors)
    await asyncio.gather(*[fetch(feed, market=dataclasses.replace(BTC, name=name)) for name in "ABCD"])
    assert (vendors.asked, vendors.most) == (["binance"] * 4, 1)


async def test_without_any_answer_every_error_is_told():
    vendors = Vendors(binance=ill(Kind.TIMEOUT), kraken=ill(Kind.NO_DATA, "kraken"))
    with pytest.raises(NoSource) as raised:
        await fetch(Feed(vendors))
    assert [error.kind for error in raised.value.errors] == [Kind.TIMEOUT, Kind.NO_DATA]
    assert str(raised.value) == "BTC: binance: timeout: BTC/USDT: told so; kraken: no data: BTC/USDT: told so"
    assert not raised.value.shut


async def test_sources_with_nothing_to_say_are_told_apart():
    vendors = Vendors(binance=ill(Kind.NO_DATA), kraken=ill(Kind.NO_DATA, "kraken"))
    with pytest.raises(NoSource) as raised:
        await fetch(Feed(vendors))
    assert raised.value.shut


async def test_a_market_without_sources_says_so():
    with pytest.raises(NoSource, match="BTC: no source is configured"):
        await fetch(Feed(Vendors()), market=dataclasses.replace(BTC, sources=()))


async def test_an_ill_source_is_left_alone_for_all_markets_and_asked_again_later():
    vendors = Vendors(binance=ill(Kind.RATE_LIMITED))
    feed = Feed(vendors, jitter=lambda: 0.0)
    await fetch(feed)
    answer = await fetch(feed, market=ETH)
    assert vendors.asked == ["binance", "kraken", "kraken"]
    assert "left alone after: binance: rate limited" in answer.problems[0]
    assert feed.states()["binance"].state(2 * DAY) == "open"
    vendors.says = {}
    answer = await fetch(feed, now=2 * DAY + 60)
    assert answer.source == "binance"
    assert feed.states()["binance"].state(2 * DAY + 60) == "closed"


async def test_a_symbol_that_one_source_lacks_does_not_make_it_ill():
    vendors = Vendors(binance=ill(Kind.UNKNOWN_SYMBOL))
    feed = Feed(vendors)
    for _ in range(5):
        await fetch(feed)
    assert vendors.asked == ["binance", "kraken"] * 5


@pytest.mark.parametrize(
    ("error", "kind"), [(WorkerTimeout("no answer"), Kind.TIMEOUT), (WorkerDied("code 9"), Kind.BROKEN)]
)
async def test_a_worker_that_fails_is_a_source_that_fails(error, kind):
    with pytest.raises(NoSource) as raised:
        await fetch(Feed(Vendors(binance=error, kraken=error)))
    assert [error.kind for error in raised.value.errors] == [kind, kind]


async def test_through_a_real_worker_the_answer_comes_back_whole_and_frozen():
    worker = Worker("market")

    async def call(request):
        return await worker.call("bot.market.sources.registry:fetch", request, timeout=30)

    simulated = Source("simulated", "simulator", "BTC", {"seed": 1})
    missing = Source("csv", "csv", "/nowhere/BTC.csv")
    market = dataclasses.replace(BTC, sources=(missing, simulated))
    days = Sessions.round_the_clock(1_760_000_000, 1_770_000_000)
    try:
        (answer,) = await Feed(call).fetch(market, Timeframe.D1, days, 1_760_000_000, 1_769_000_000)
    finally:
        await worker.close()
    assert answer.source == "simulator"
    assert "csv: broken answer: /nowhere/BTC.csv: no such file" in answer.problems[0]
    assert len(answer.bars) == 103  # whole days between the two instants
    with pytest.raises(ValueError, match="read-only"):
        answer.bars.close[0] = 1.0


async def test_a_source_that_hangs_costs_its_time_limit_and_the_next_one_answers(server):
    server.world.reset()
    server.world.add("BTCUSD", "1d", flat(range(0, 1_770_000_000, DAY)))
    server.world.add("BTCUSDT", "1d", flat(range(0, 1_770_000_000, DAY)))
    server.world.fail("klines", delay=3.0)
    options = {"base_url": server.url, "timeout": 60_000}
    sources = tuple(
        Source("exchange", name, symbol, options) for name, symbol in (("binance", "BTC/USDT"), ("coinbase", "BTC/USD"))
    )
    worker = Worker("market")

    async def call(request):
        return await worker.call(
            "bot.market.sources.registry:fetch", request, timeout=2.5 if "binance" in str(request) else 60
        )

    feed = Feed(call)
    days = Sessions.round_the_clock(1_768_000_000, 1_770_000_000)
    span = (1_768_000_000, 1_769_000_000)
    try:
        await Feed(call).fetch(dataclasses.replace(BTC, sources=sources[1:]), Timeframe.D1, days, *span)  # imports ccxt
        before = worker.pid
        market = dataclasses.replace(BTC, sources=sources)
        (answer,) = await feed.fetch(market, Timeframe.D1, days, *span)
        assert (answer.source, worker.pid != before) == ("coinbase", True)
    finally:
        await worker.close()
    assert (
        "binance: timeout: BTC/USDT: market: bot.market.sources.registry:fetch: no answer within 2.5 s"
        in answer.problems[0]
    )
    assert len(answer.bars) == 11
