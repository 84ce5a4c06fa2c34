"""Tiingo and Twelve Data: daily bars with a key, their limits told apart from their data, nothing without a key."""

import json

import pytest

from bot.market.model import SourceErrorKind as Kind
from bot.market.source_type import Accounts
from bot.market.sources.registry import source_types
from bot.market.sources.twelvedata import MOST_ROWS
from bot.signals.timeframe import Timeframe, start_of
from tests.market.vendors import Vendor, flat, labels
from tests.replay.world import HTML_ERROR

KINDS = ("tiingo", "twelvedata")
PATHS = {"tiingo": "/tiingo/daily/IWM", "twelvedata": "/time_series"}
SINCE, NOW = "2026-11-16", "2026-11-20T22:00Z"
WEEK = ["2026-11-16", "2026-11-17", "2026-11-18", "2026-11-19", "2026-11-20"]


@pytest.fixture
def starts(new_york):
    days = (new_york.start >= start_of("2026-10-01")) & (new_york.start <= start_of("2026-11-20"))
    return new_york.start[days].tolist()


@pytest.fixture
def ask(server, new_york, starts):
    server.world.reset()
    for kind in KINDS:
        server.world.add(f"IWM@{kind}", "1d", flat(starts))

    def vendor(kind: str, symbol: str = "IWM", key: str = "") -> Vendor:
        return Vendor(server, kind, kind, symbol, new_york, key=key or f"a-{kind}-key")

    return vendor


@pytest.mark.parametrize("kind", KINDS)
def test_daily_bars_as_they_are(ask, starts, kind):
    answer = ask(kind).ask(SINCE, NOW)
    assert labels(answer.bars) == WEEK
    last = 100.0 + len(starts) - 1
    assert [float(getattr(answer.bars, name)[-1]) for name in ("open", "high", "low", "close", "volume")] == [
        last, last + 2, last - 2, last, 1000.0,
    ]  # fmt: skip
    assert (answer.source, answer.problems) == (kind, ())


def test_tiingos_prices_before_a_split_are_adjusted_and_its_volumes_too(server, ask, starts):
    server.world.splits["IWM"] = {starts[-2]: 2.0}
    bars = ask("tiingo").ask(SINCE, NOW).bars
    plain = [100.0 + len(starts) - 5 + at for at in range(5)]
    assert bars.close.tolist() == [*(close / 2 for close in plain[:3]), *plain[3:]]
    assert bars.volume.tolist() == [2000.0] * 3 + [1000.0] * 2


@pytest.mark.parametrize("kind", KINDS)
def test_who_may_not_and_what_is_not_there(ask, kind):
    assert ask(kind, key="wrong").kind(SINCE, NOW) is Kind.REFUSED
    assert ask(kind, "NOPE").kind(SINCE, NOW) is Kind.UNKNOWN_SYMBOL
    assert ask(kind).error(SINCE, NOW, Timeframe.H1).kind is Kind.NO_DATA


TWELVE_LIMIT = {"code": 429, "message": "You have run out of API credits for the current minute.", "status": "error"}
NO_DATES = {"code": 400, "message": "No data is available on the specified dates.", "status": "error"}
TIINGO_LIMIT = {"detail": "Error: You have run over your hourly request allocation."}


@pytest.mark.parametrize(
    ("kind", "fault", "expected"),
    [
        ("tiingo", {"status": 429, "body": json.dumps(TIINGO_LIMIT)}, Kind.RATE_LIMITED),
        ("tiingo", {"body": json.dumps(TIINGO_LIMIT)}, Kind.RATE_LIMITED),
        ("tiingo", {"status": 500, "body": '{"detail": "Server Error"}'}, Kind.UNREACHABLE),
        ("tiingo", {"body": "[]"}, Kind.NO_DATA),
        ("tiingo", {"body": HTML_ERROR}, Kind.BROKEN),
        ("tiingo", {"drop": True}, Kind.UNREACHABLE),
        ("twelvedata", {"body": json.dumps(TWELVE_LIMIT)}, Kind.RATE_LIMITED),
        ("twelvedata", {"status": 429, "body": json.dumps(TWELVE_LIMIT)}, Kind.RATE_LIMITED),
        ("twelvedata", {"body": json.dumps({**TWELVE_LIMIT, "code": 403})}, Kind.REFUSED),
        ("twelvedata", {"body": json.dumps(NO_DATES)}, Kind.NO_DATA),
        ("twelvedata", {"body": '{"status": "ok"}'}, Kind.BROKEN),
        ("twelvedata", {"body": '{"values": [], "status": "ok"}'}, Kind.NO_DATA),
        ("twelvedata", {"body": HTML_ERROR}, Kind.BROKEN),
    ],
)  # fmt: skip
def test_what_can_go_wrong(server, ask, kind, fault, expected):
    server.world.fail(PATHS[kind], **fault)
    assert ask(kind).kind(SINCE, NOW) is expected
    assert labels(ask(kind).ask(SINCE, NOW).bars) == WEEK


@pytest.mark.parametrize("kind", KINDS)
def test_the_key_is_in_no_address_and_no_text(server, ask, kind):
    vendor = ask(kind, key="secret-key")
    assert "secret-key" not in str(vendor.error(SINCE, NOW)) + repr(vendor.source)
    asked = [
        {name: value for name, value in query.items() if name != "authorization"} for _, query in server.world.requests
    ]
    assert "secret-key" not in str(asked)


def test_twelvedata_is_asked_for_no_more_than_a_free_key_allows(server, ask):
    ask("twelvedata").ask("2010-01-01", NOW)
    ((_, query),) = server.world.requests
    assert int(query["outputsize"]) == MOST_ROWS


@pytest.mark.parametrize("kind", KINDS)
def test_without_its_key_a_source_is_silently_absent(kind):
    source = source_types()[kind]
    assert source.expand("IWM", {}, Accounts()) == ()
    (made,) = source.expand("IWM", {}, Accounts(keys={kind: "k"}))
    assert (made.kind, made.name, made.symbol, made.options) == (kind, kind, "IWM", {"key": "k"})
    assert source.key.endswith("_API_KEY")
    assert source.with_key
