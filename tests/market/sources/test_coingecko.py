"""What CoinGecko says of the whole market comes as snapshots and bars, what it does wrong as an error."""

import json
from datetime import UTC, datetime

import pytest

from bot.market.model import SourceErrorKind as Kind
from bot.market.sources import coingecko
from bot.market.sources.coingecko import global_snapshot
from bot.market.vendor_snapshots import GlobalSnapshot
from bot.signals.timeframe import DAY, Timeframe, start_of
from bot.worker.client import Worker
from tests.market.vendors import Vendor, labels
from tests.replay.world import HTML_ERROR

GLOBAL = "/api/v3/global"
MIDNIGHT = start_of("2026-11-20")


def body(at: int, total=3e12, btc=58.0, eth=12.0) -> dict:
    return {
        "total_market_cap": {"btc": 3e7, "usd": total},
        "market_cap_percentage": {"btc": btc, "eth": eth},
        "updated_at": at,
    }


@pytest.fixture
def gecko(server, everyday):
    server.world.reset()
    coingecko.recent_snapshots.clear()
    return server


def vendor(server, everyday, symbol) -> Vendor:
    return Vendor(server, "coingecko", "coingecko", symbol, everyday)


def snapshot(server, now: int) -> GlobalSnapshot:
    return global_snapshot({"base_url": server.url}, now)


def iso(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat()


def test_the_whole_market(gecko):
    gecko.world.crypto = body(MIDNIGHT + 60)
    found = snapshot(gecko, MIDNIGHT + 100)
    assert found == GlobalSnapshot(MIDNIGHT + 60, 3e12, 58.0, 12.0)
    assert found.alt_usd == pytest.approx(1.26e12)
    assert found.values == {"total": 3e12, "alt": found.alt_usd, "btc_dominance": 58.0, "eth_dominance": 12.0}


def test_one_answer_serves_two_minutes(gecko):
    gecko.world.crypto = body(MIDNIGHT)
    snapshot(gecko, MIDNIGHT)
    gecko.world.crypto = body(MIDNIGHT + 60, total=4e12)
    assert snapshot(gecko, MIDNIGHT + 119).total_usd == 3e12
    assert snapshot(gecko, MIDNIGHT + 120).total_usd == 4e12
    assert snapshot(gecko, MIDNIGHT + 60).at <= MIDNIGHT + 60
    assert len(gecko.world.requests) == 3


@pytest.mark.parametrize(
    ("symbol", "value"), [("total", 3e12), ("alt", 1.26e12), ("btc_dominance", 58.0), ("eth_dominance", 12.0)]
)
@pytest.mark.parametrize("updated", [-1_800, -60, 600, 7_200])
def test_soon_after_midnight_the_day_before_is_a_closed_bar(gecko, everyday, symbol, value, updated):
    gecko.world.crypto = body(MIDNIGHT + updated)
    answer = vendor(gecko, everyday, symbol).ask("2026-11-10", iso(MIDNIGHT + max(updated, 0) + 300))
    assert labels(answer.bars) == ["2026-11-19"]
    assert answer.bars.end.tolist() == [MIDNIGHT]
    for name in ("open", "high", "low", "close"):
        assert getattr(answer.bars, name)[0] == pytest.approx(value)
    assert labels(answer.forming) == ["2026-11-20"]
    assert answer.problems == ()


@pytest.mark.parametrize(("updated", "now"), [(-1_801, 300), (7_201, 7_400), (DAY - 60, DAY - 1)])
def test_at_any_other_time_the_day_before_is_unknown(gecko, everyday, updated, now):
    gecko.world.crypto = body(MIDNIGHT + updated)
    answer = vendor(gecko, everyday, "total").ask("2026-11-10", iso(MIDNIGHT + now))
    assert len(answer.bars) == 0
    assert labels(answer.forming) == ["2026-11-20"]
    assert answer.problems == ("coingecko: total: how 2026-11-19 closed is no longer told",)


def test_who_asks_for_today_only_misses_nothing(gecko, everyday):
    gecko.world.crypto = body(MIDNIGHT + 600)
    answer = vendor(gecko, everyday, "total").ask("2026-11-20", iso(MIDNIGHT + 600))
    assert (len(answer.bars), answer.problems) == (0, ())


def test_no_other_symbol_and_no_other_timeframe(gecko, everyday):
    assert vendor(gecko, everyday, "doge").kind("2026-11-10", "2026-11-20") is Kind.UNKNOWN_SYMBOL
    error = vendor(gecko, everyday, "total").error("2026-11-10", "2026-11-20", Timeframe.H1)
    assert str(error) == (
        "coingecko: unknown symbol: total 1h: allowed: total, alt, btc_dominance, eth_dominance in daily bars"
    )


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ({"status": 429, "body": "{}"}, Kind.RATE_LIMITED),
        ({"status": 403, "body": "error code: 1020"}, Kind.REFUSED),
        ({"status": 503, "body": HTML_ERROR}, Kind.UNREACHABLE),
        ({"body": HTML_ERROR}, Kind.BROKEN),
        ({"body": "[]"}, Kind.BROKEN),
        ({"body": '{"data": {"total_market_cap": {}}}'}, Kind.BROKEN),
        ({"body": json.dumps({"data": body(MIDNIGHT, total=0)})}, Kind.BROKEN),
        ({"body": json.dumps({"data": body(MIDNIGHT, btc=95.0)})}, Kind.BROKEN),
        ({"body": json.dumps({"data": body(MIDNIGHT - 3_700)})}, Kind.NO_DATA),
        ({"drop": True}, Kind.UNREACHABLE),
    ],
)
def test_what_can_go_wrong(gecko, everyday, fault, expected):
    gecko.world.fail(GLOBAL, **fault)
    assert vendor(gecko, everyday, "total").kind("2026-11-10", iso(MIDNIGHT)) is expected
    gecko.world.crypto = body(MIDNIGHT)
    assert vendor(gecko, everyday, "total").ask("2026-11-10", iso(MIDNIGHT)).bars.close.tolist() == [3e12]


def test_it_says_for_how_long_to_leave_it_alone(gecko, everyday):
    gecko.world.fail(GLOBAL, status=429, body="{}", headers={"Retry-After": "119"})
    assert vendor(gecko, everyday, "total").error("2026-11-10", "2026-11-20").retry_after == 119.0


def test_a_server_that_hangs_and_one_that_is_not_there(gecko, everyday, monkeypatch):
    monkeypatch.setattr("bot.market.http_client.REQUEST_TIMEOUT_S", 0.2)
    gecko.world.fail(GLOBAL, delay=0.6)
    assert vendor(gecko, everyday, "total").kind("2026-11-10", "2026-11-20") is Kind.TIMEOUT
    nobody = vendor(gecko, everyday, "total")
    nobody.source.options["base_url"] = "http://127.0.0.1:9"
    assert nobody.kind("2026-11-10", "2026-11-20") is Kind.UNREACHABLE


async def test_through_a_worker_the_snapshot_comes_whole(gecko):
    gecko.world.crypto = body(MIDNIGHT)
    worker = Worker("facts")
    try:
        found = await worker.call(
            "bot.market.sources.coingecko:global_snapshot", {"base_url": gecko.url}, MIDNIGHT, timeout=60
        )
    finally:
        await worker.close()
    assert found == GlobalSnapshot(MIDNIGHT, 3e12, 58.0, 12.0)


def test_a_body_that_coingecko_really_sent(gecko, shared):
    recorded = json.loads((shared / "payloads/other/coingecko/dot-market-monitor-global.json").read_text())
    gecko.world.crypto = recorded["data"]
    found = snapshot(gecko, recorded["data"]["updated_at"] + 5)
    assert found.total_usd == recorded["data"]["total_market_cap"]["usd"]
    assert found.alt_usd == pytest.approx(found.total_usd * (1 - 0.5817938979734104))


def test_a_refusal_that_coingecko_really_sent(gecko, shared, everyday):
    (recorded,) = json.loads((shared / "payloads/other/coingecko/errors.json").read_text())
    gecko.world.fail(GLOBAL, status=recorded["status"], body=recorded["body"], headers=recorded["headers"])
    error = vendor(gecko, everyday, "total").error("2026-11-10", "2026-11-20")
    assert (error.kind, error.retry_after) == (Kind.RATE_LIMITED, 119.0)
