"""Capitalisations as Coin Metrics tells them, the basket of then, and what goes wrong, over HTTP on loopback."""

from __future__ import annotations

import pytest

from bot.market.model import SourceErrorKind as Kind
from bot.market.releases import release_calendar
from bot.market.sources.macro import coinmetrics
from bot.signals.timeframe import DAY, day_of, start_of
from tests.market.vendors import Vendor, labels, told_too_early
from tests.replay.world import HTML_ERROR

PATH = "/v4/timeseries/asset-metrics"
SINCE, NOW = "2022-05-01", "2022-07-01"


def rows(caps: dict[str, dict[str, float | None]]) -> list[dict[str, str]]:
    """As they are told: every number a text, times with nanoseconds, a null where there is none."""
    return [
        {"asset": coin, "time": f"{day}T00:00:00.000000000Z", "CapMrktEstUSD": None if cap is None else str(cap)}
        for day, of_day in sorted(caps.items())
        for coin, cap in of_day.items()
    ]


@pytest.fixture
def world(server, monkeypatch):
    monkeypatch.setattr(coinmetrics, "REQUEST_PAUSE_S", 0.0)
    server.world.reset()
    return server.world


def vendor(server, symbol: str, **options: object) -> Vendor:
    sessions = release_calendar("releases/day-end", start_of("2012-01-01"), start_of("2027-01-01"))
    return Vendor(server, "coinmetrics", "coinmetrics", symbol, sessions, **options)


def may(day: int) -> str:
    return day_of(start_of("2022-05-01") + (day - 1) * DAY).isoformat()


def test_the_sum_of_the_coins_that_are_covered_with_their_number(server, world):
    caps = {may(day): {"eth": 300e9, "luna": 30e9 / day, "ada": 20e9} for day in range(1, 11)}
    del caps[may(3)]["ada"]
    caps[may(4)]["ada"] = None
    caps[may(9)] = {"eth": 1.0}
    world.figures[PATH] = rows(caps)
    found = vendor(server, "altcoin_cap").ask(SINCE, NOW).bars
    assert labels(found)[:3] == ["2022-05-01", "2022-05-02", "2022-05-03"]
    assert found.close.tolist()[:4] == pytest.approx([350e9, 335e9, 330e9, 327.5e9])  # ada's last figure stands
    assert found.volume.tolist()[:4] == [3.0] * 4
    assert (found.end - found.start).tolist()[0] == DAY


def test_members_are_those_of_the_month_s_beginning_and_the_dead_stay_in(server, world):
    """At the end of April luna is large; by the end of May it is not, and is no member in June."""
    caps = {"2022-04-30": {"eth": 300.0, "luna": 90.0, "ada": 20.0, "sol": 10.0}}
    for day in range(1, 32):
        caps[may(day)] = {"eth": 300.0, "luna": 90.0 if day < 10 else 90.0 / 1000, "ada": 20.0, "sol": 10.0 + day}
    for day in range(32, 41):
        caps[may(day)] = {"eth": 300.0 * 1.1, "luna": 50.0, "ada": 20.0, "sol": 41.0}
    world.figures[PATH] = rows(caps)
    found = vendor(server, "largest_returns", coins=3).ask(SINCE, NOW).bars
    told = dict(zip(labels(found), found.close.tolist(), strict=True))
    assert told["2022-05-02"] == pytest.approx(0.0)  # sol rose, and was not among the three
    assert told["2022-05-10"] == pytest.approx((0 - 0.999 + 0) / 3)
    assert told["2022-06-01"] == pytest.approx((0.1 + 0.0 + 0.0) / 3)  # eth, ada and sol now; luna's leap is not theirs
    assert set(found.volume.tolist()) == {3.0}


def test_a_leap_that_no_price_makes_is_no_return(server, world):
    caps = {may(day): {"eth": 300.0, "ada": 20.0, "sol": 10.0, "xrp": 5.0} for day in range(1, 8)}
    caps |= {"2022-04-30": {"eth": 300.0, "ada": 20.0, "sol": 10.0, "xrp": 5.0}}
    for day in range(5, 8):
        caps[may(day)]["sol"] = 100.0
    world.figures[PATH] = rows(caps)
    found = vendor(server, "largest_returns", coins=4).ask(SINCE, NOW).bars
    assert found.close.tolist() == pytest.approx([0.0] * 7)
    assert found.volume.tolist() == [4.0, 4.0, 4.0, 4.0, 3.0, 4.0, 4.0]


def test_a_later_question_tells_the_same_as_the_first_one(server, world):
    caps = {
        may(day): {
            coin: 100.0 * (at + 1) + 13.0 * ((day * (at + 3)) % 7)
            for at, coin in enumerate(("eth", "ada", "sol", "xrp"))
        }
        for day in range(-9, 60)
    }
    world.figures[PATH] = rows(caps)
    for symbol in ("altcoin_cap", "largest_returns"):
        here = vendor(server, symbol, coins=3)
        whole, part = here.ask("2022-04-25", NOW).bars, here.ask("2022-06-10", NOW).bars
        assert len(part) > 5
        known = whole.slice(len(whole) - len(part), len(whole))
        assert (known.start.tolist(), known.close.tolist()) == (part.start.tolist(), pytest.approx(part.close.tolist()))


@pytest.mark.parametrize("symbol", ["altcoin_cap", "largest_returns"])
def test_nothing_is_told_before_its_day_has_ended(server, world, symbol):
    world.figures[PATH] = rows(
        {
            may(day): {coin: 100.0 * at + day % 5 + 1 for at, coin in enumerate(("eth", "ada", "sol"))}
            for day in range(-9, 50)
        }
    )
    assert not told_too_early(vendor(server, symbol), SINCE, NOW)


def test_pages_are_followed_and_what_takes_too_long_is_left_to_the_next_question(server, world, monkeypatch):
    world.figures[PATH] = rows({may(day): {"eth": 3.0, "ada": 2.0, "sol": 1.0} for day in range(1, 31)})
    monkeypatch.setattr(coinmetrics, "_ROWS", 20)
    here = vendor(server, "altcoin_cap")
    assert len(here.ask(SINCE, NOW).bars) == 30
    assert len(world.requests) == 5
    assert world.requests[0][1]["paging_from"] == "start"
    monkeypatch.setattr(coinmetrics, "BUDGET_S", -1.0)
    assert labels(here.ask(SINCE, NOW).bars)[-1] == may(6)  # the seventh day's page was cut


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ({"status": 504, "body": HTML_ERROR}, Kind.UNREACHABLE),
        ({"status": 429, "body": '{"error": {"type": "too_many_requests"}}'}, Kind.RATE_LIMITED),
        ({"status": 403, "body": '{"error": {"type": "forbidden"}}'}, Kind.REFUSED),
        ({"status": 200, "body": HTML_ERROR}, Kind.BROKEN),
        ({"status": 200, "body": '{"error": {"type": "bad_parameter"}}'}, Kind.BROKEN),
        ({"status": 200, "body": '{"data": [{"asset": "eth"}]}'}, Kind.NO_DATA),
        ({"status": 200, "body": '{"data": [{"asset": "eth", "time": "x", "CapMrktEstUSD": "1"}]}'}, Kind.BROKEN),
        ({"status": 200, "body": '{"data": []}'}, Kind.NO_DATA),
        ({"drop": True}, Kind.UNREACHABLE),
    ],
)
def test_what_coin_metrics_does_wrong_is_an_error_with_its_kind(server, world, fault, kind):
    world.fail(PATH, **fault)
    assert vendor(server, "altcoin_cap").kind(SINCE, NOW) is kind
