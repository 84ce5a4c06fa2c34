"""Macro series as their sources tell them, and what those do wrong, over HTTP on loopback."""

from __future__ import annotations

import json

import pytest

from bot.market.model import FetchRequest
from bot.market.model import SourceErrorKind as Kind
from bot.market.releases import release_calendar
from bot.market.sources import registry
from bot.market.sources.macro import fred
from bot.signals.timeframe import DAY, Timeframe, start_of
from tests.market.vendors import Vendor, labels, told_too_early
from tests.replay.world import HTML_ERROR

SINCE, NOW = "2023-01-01", "2024-02-01"


@pytest.fixture
def world(server):
    server.world.reset()
    server.world.figures = {
        "fredgraph.csv WALCL": [("2023-12-27", 7_700_000), ("2024-01-03", 7_600_000), ("2024-01-10", "")],
        "fredgraph.csv WTREGEN": [("2023-12-27", 700_000), ("2024-01-03", 750_000), ("2024-01-10", 740_000)],
        "fredgraph.csv RRPONTSYD": [("2023-12-27", 800.0), ("2024-01-01", ""), ("2024-01-02", 700.5)],
        "fredgraph.csv NFCI": [("2023-12-29", -0.52), ("2024-01-05", -0.5)],
    }
    return server.world


def vendor(
    server, kind: str, symbol: str, calendar: str, sessions_from: str = "2020-01-01", **options: object
) -> Vendor:
    sessions = release_calendar(calendar, start_of(sessions_from), start_of("2027-01-01"))
    return Vendor(server, kind, kind, symbol, sessions, **options)


def fed(server, symbol: str = "NET_LIQUIDITY", **options: object) -> Vendor:
    return vendor(server, "fred", symbol, fred.calendar_of(symbol), **options)


@pytest.fixture(autouse=True)
def hurried(monkeypatch):
    monkeypatch.setattr("bot.market.sources.macro.fred.REQUEST_PAUSE_S", 0.0)
    monkeypatch.setattr("bot.market.sources.macro.binance_funding.REQUEST_PAUSE_S", 0.0)


@pytest.mark.usefixtures("world")
def test_net_liquidity_minds_the_units_and_takes_the_last_reverse_repo_before_the_day(server):
    found = fed(server).ask(SINCE, NOW)
    assert labels(found.bars) == ["2023-12-27", "2024-01-03"]
    assert found.bars.close.tolist() == [6_200.0, 6_149.5]
    assert found.bars.valid_for == 16 * DAY


def test_before_reverse_repos_were_daily_a_week_without_any_has_none_outstanding(server, world):
    world.figures |= {
        "fredgraph.csv WALCL": [("2013-09-11", 3_600_000), ("2013-09-25", 3_700_000), ("2013-10-09", 3_700_000)],
        "fredgraph.csv WTREGEN": [("2013-09-11", 50_000), ("2013-09-25", 60_000), ("2013-10-09", 60_000)],
        "fredgraph.csv RRPONTSYD": [("2013-09-24", 10.0)],
    }
    here = vendor(server, "fred", "NET_LIQUIDITY", "releases/h41", sessions_from="2013-01-01")
    found = here.ask("2013-01-01", NOW)
    assert dict(zip(labels(found.bars), found.bars.close.tolist(), strict=True)) == {
        "2013-09-11": 3_550.0,
        "2013-09-25": 3_630.0,
    }


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize(("after", "count"), [(0, 0), (2 * DAY + 22 * 3_600 - 1, 0), (2 * DAY + 22 * 3_600, 1)])
def test_a_figure_is_known_from_its_release_on_and_not_from_the_day_that_it_speaks_of(server, after, count):
    here = fed(server, "WALCL")
    now = start_of("2023-12-27") + after
    request = FetchRequest("WALCL", Timeframe.D1, here.source, here.sessions, start_of(SINCE), now)
    assert len(registry.fetch(request).bars) == count


def test_a_month_end_on_a_weekend_moves_no_other_release(server, world):
    world.figures["fredgraph.csv BAMLH0A0HYM2"] = [("2024-03-29", 3.1), ("2024-03-30", 3.1), ("2024-04-01", 3.2)]
    found = fed(server, "BAMLH0A0HYM2").ask(SINCE, "2024-05-01").bars
    assert labels(found) == ["2024-03-29", "2024-04-01"]
    assert (found.end - found.start).tolist() == [4 * DAY + 14 * 3_600] * 2


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize("symbol", ["NET_LIQUIDITY", "WALCL", "RRPONTSYD", "NFCI"])
def test_no_figure_is_told_before_its_release(server, symbol):
    assert not told_too_early(fed(server, symbol), SINCE, NOW)


def test_with_a_key_the_first_release_counts_with_its_own_day(server, world):
    world.figures["observations NFCI"] = [
        {"date": "2023-12-29", "realtime_start": "2024-01-03", "realtime_end": "2024-01-03", "value": "-0.433"},
        {"date": "2024-01-05", "realtime_start": "2024-01-10", "realtime_end": "2024-01-10", "value": "."},
    ]
    found = fed(server, "NFCI", key="0" * 32).ask(SINCE, NOW)
    assert found.bars.close.tolist() == [-0.433]
    assert found.bars.end.tolist() == [start_of("2024-01-04")]
    assert "output_type" in dict(world.requests[-1][1])


def test_a_history_that_came_out_at_once_is_kept_in_its_order(server, world):
    """What was there before FRED kept vintages has the day of the first one."""
    world.figures["observations NFCI"] = [
        {"date": f"2023-12-{day}", "realtime_start": "2024-01-03", "value": value}
        for day, value in (("15", "-0.1"), ("22", "-0.2"), ("29", "-0.3"))
    ]
    found = fed(server, "NFCI", key="0" * 32).ask(SINCE, NOW)
    assert found.bars.close.tolist() == [-0.1, -0.2, -0.3]
    public = start_of("2024-01-04")
    assert found.bars.end.tolist() == [public, public + 1, public + 2]


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ({"status": 504, "body": HTML_ERROR}, Kind.UNREACHABLE),
        ({"status": 429, "body": "Too Many Requests", "headers": {"Retry-After": "30"}}, Kind.RATE_LIMITED),
        ({"status": 200, "body": HTML_ERROR}, Kind.BROKEN),
        ({"status": 200, "body": ""}, Kind.BROKEN),
        ({"status": 200, "body": "observation_date,NFCI\n2024-01-05,n/a\n"}, Kind.BROKEN),
        ({"status": 200, "body": "observation_date,NFCI\n"}, Kind.NO_DATA),
        ({"drop": True}, Kind.UNREACHABLE),
    ],
)
def test_what_fred_does_wrong_is_an_error_with_its_kind(server, world, fault, kind):
    world.fail("fredgraph", **fault)
    assert fed(server, "NFCI").kind(SINCE, NOW) is kind


@pytest.mark.parametrize("body", [{"error_code": 400}, {"observations": 3}, []])
def test_an_api_answer_without_observations(server, world, body):
    world.fail("observations", status=200, body=json.dumps(body))
    assert fed(server, "NFCI", key="k").kind(SINCE, NOW) is Kind.BROKEN


@pytest.mark.usefixtures("world")
def test_a_missing_week_is_only_missing(server):
    assert labels(fed(server, "NFCI").ask(SINCE, NOW).bars) == ["2023-12-29", "2024-01-05"]


def stablecoins(server) -> Vendor:
    return vendor(server, "defillama", "stablecoins", "releases/utc-day")


def test_the_supply_of_stablecoins_is_the_sum_of_all_pegs(server, world):
    days = [start_of("2024-01-01"), start_of("2024-01-02"), start_of("2024-01-03")]
    world.figures["/stablecoincharts/all"] = [
        {"date": str(days[0]), "totalCirculatingUSD": {"peggedUSD": 130e9, "peggedEUR": 0.5e9}},
        {"date": days[1], "totalCirculatingUSD": {"peggedUSD": 131e9}},
        {"date": str(days[2]), "totalCirculatingUSD": {}},
    ]
    found = stablecoins(server).ask(SINCE, NOW)
    assert found.bars.close.tolist() == [130.5, 131.0]
    assert found.bars.end.tolist() == [day + DAY + 6 * 3_600 for day in days[:2]]


@pytest.mark.parametrize("body", ["{}", "[{}]", '[{"date": "x", "totalCirculatingUSD": {}}]', "[1]", "not json"])
def test_what_defillama_does_wrong(server, world, body):
    world.fail("stablecoincharts", status=200, body=body)
    assert stablecoins(server).kind(SINCE, NOW) is Kind.BROKEN


def test_fear_and_greed_is_known_in_the_morning_of_its_day(server, world):
    day = start_of("2024-01-02")
    world.figures["/fng/"] = {"data": [{"value": "69", "timestamp": str(day)}, {"value": "71", "timestamp": day - DAY}]}
    here = vendor(server, "alternative_me", "fear_and_greed", "releases/day-start")
    found = here.ask(SINCE, NOW)
    assert found.bars.close.tolist() == [71.0, 69.0]
    assert found.bars.end.tolist() == [day - DAY + 6 * 3_600, day + 6 * 3_600]
    world.figures["/fng/"] = {"data": [{"value": "690", "timestamp": str(day)}]}
    assert here.kind(SINCE, NOW) is Kind.BROKEN


def test_funding_is_summed_by_day_and_the_payment_at_midnight_is_that_of_the_day_before(server, world):
    first = start_of("2024-01-01")
    world.figures["/fapi/v1/fundingRate"] = [
        {"symbol": "BTCUSDT", "fundingTime": (first + n * 28_800) * 1_000 + 15, "fundingRate": f"0.000{n % 3 + 1}"}
        for n in range(10)
    ]
    found = vendor(server, "binance_funding", "BTCUSDT", "releases/utc-day").ask(SINCE, NOW)
    assert labels(found.bars) == ["2024-01-01", "2024-01-02", "2024-01-03"]
    assert found.bars.close.tolist() == pytest.approx([0.0006, 0.0006, 0.0006])


def test_funding_comes_in_pages(server, world):
    first = start_of("2021-01-01")
    world.figures["/fapi/v1/fundingRate"] = [
        {"fundingTime": (first + n * 28_800) * 1_000, "fundingRate": "0.0001"} for n in range(2_500)
    ]
    here = vendor(server, "binance_funding", "BTCUSDT", "releases/utc-day")
    assert len(here.ask("2020-06-01", NOW).bars) == 2_500 // 3
    assert len(world.requests) == 3
