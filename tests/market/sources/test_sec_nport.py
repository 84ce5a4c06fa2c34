"""Funds' flows as their filings tell them, and what filings do wrong, over HTTP on loopback."""

from __future__ import annotations

import re

import pytest

from bot.market.edgar import with_contact
from bot.market.model import FetchRequest
from bot.market.model import SourceErrorKind as Kind
from bot.market.releases import release_calendar
from bot.market.source_type import Accounts
from bot.market.sources import registry
from bot.market.sources.macro import sec_nport
from bot.signals.timeframe import DAY, Timeframe, start_of
from tests.market.vendors import Vendor, labels, told_too_early
from tests.replay.edgar import filing
from tests.replay.world import HTML_ERROR

SERIES = "S000004344"
SINCE, NOW = "2019-01-01", "2026-06-01"
MINUS = [(100e6, -350e6), (500e6, -100e6), (0, 0)]
PLUS = [(2e9, 1.5e9), ("N/A", "N/A"), (1e9, 1e9)]


@pytest.fixture
def fund(server, monkeypatch):
    monkeypatch.setattr("bot.market.edgar.REQUEST_PAUSE_S", 0.0)
    monkeypatch.setattr("bot.market.sources.macro.sec_nport.funds_by_server", {})
    server.world.reset()
    server.world.figures = {
        "funds": {"IWM": SERIES, "VB": "S000002848"},
        f"filings {SERIES}": [
            ("2026-02-26", "000-26-02"),
            ("2025-11-28", "000-25-11"),
            ("2025-12-30", "000-25-12", "NPORT-P/A"),
        ],
        "filing 000-25-11": filing(SERIES, "2025-09-30", MINUS),
        "filing 000-26-02": filing(SERIES, "2025-12-31", PLUS),
    }
    sessions = release_calendar("releases/nport", start_of("2018-01-01"), start_of("2027-01-01"))
    return Vendor(server, "sec_nport", "sec", "IWM", sessions, contact="Somebody somebody@example.org")


def test_sales_less_redemptions_by_month_whatever_sign_the_filer_gives_them(fund):
    found = fund.ask(SINCE, NOW).bars
    assert dict(zip(labels(found), found.close.tolist(), strict=True)) == {
        "2025-07-01": pytest.approx(-0.25),
        "2025-08-01": pytest.approx(0.4),
        "2025-09-01": 0.0,
        "2025-10-01": pytest.approx(0.5),
        "2025-12-01": 0.0,
    }
    assert found.valid_for == 130 * DAY


def test_a_month_is_public_with_its_filing_and_not_an_hour_earlier(fund):
    filed = start_of("2025-11-28") + DAY + 6 * 3_600
    assert fund.ask(SINCE, NOW).bars.end.tolist()[:3] == [filed, filed + 1, filed + 2]
    for now, count in ((filed - 1, 0), (filed + 2, 3)):
        request = FetchRequest("MARKET", Timeframe.D1, fund.source, fund.sessions, start_of(SINCE), now)
        assert len(registry.fetch(request).bars) == count


def test_nothing_is_told_before_it_was_filed(fund):
    assert not told_too_early(fund, SINCE, NOW)


def test_later_only_the_new_filings_are_read_and_the_list_of_funds_is_not_asked_for_again(fund, server):
    fund.ask(SINCE, NOW)
    server.world.requests.clear()
    assert labels(fund.ask("2025-12-01", NOW).bars) == ["2025-12-01"]
    assert [path.rpartition("/")[2] for path, _ in server.world.requests] == ["browse-edgar", "primary_doc.xml"]
    assert all(
        re.fullmatch(r"bellwether/\S+ Somebody somebody@example.org", query["agent"])
        for _, query in server.world.requests
    )


@pytest.mark.parametrize("contact", ["Łukasz łukasz@example.org", "Some\r\nBody: x@example.org", " a  b@example.org "])
def test_any_contact_is_one_line_of_plain_letters(fund, server, contact):
    fund.source.options["contact"] = contact
    assert len(fund.ask(SINCE, NOW).bars) == 5
    assert all(re.fullmatch(r"bellwether/[ -~]+@example.org", query["agent"]) for _, query in server.world.requests)


def test_a_large_document_is_read_up_to_the_flows_only(fund, server, monkeypatch):
    read = []
    monkeypatch.setattr("bot.market.http_client._CHUNK_BYTES", 1_000)
    server.world.figures["filing 000-25-11"] = filing(SERIES, "2025-09-30", MINUS, holdings=20_000)
    original = sec_nport.edgar_text
    monkeypatch.setattr(
        sec_nport, "edgar_text", lambda *given, **more: read.append(original(*given, **more)) or read[-1]
    )
    assert len(fund.ask(SINCE, NOW).bars) == 5
    assert max(map(len, read)) < 3_000


def test_what_takes_too_long_is_left_to_the_next_question(fund, monkeypatch):
    monkeypatch.setattr(sec_nport, "BUDGET_S", -1.0)
    assert labels(fund.ask(SINCE, NOW).bars) == ["2025-07-01", "2025-08-01", "2025-09-01"]


@pytest.mark.parametrize(
    ("path", "fault", "kind"),
    [
        ("company_tickers_mf", {"status": 403, "body": HTML_ERROR}, Kind.REFUSED),
        ("company_tickers_mf", {"body": '{"fields": ["cik"], "data": [[1]]}'}, Kind.BROKEN),
        ("company_tickers_mf", {"body": "[]"}, Kind.BROKEN),
        ("company_tickers_mf", {"body": '{"fields": ["symbol", "seriesId"], "data": []}'}, Kind.UNKNOWN_SYMBOL),
        ("browse-edgar", {"status": 429, "body": "slow down"}, Kind.RATE_LIMITED),
        ("browse-edgar", {"body": HTML_ERROR}, Kind.BROKEN),
        ("browse-edgar", {"body": "<feed></feed>"}, Kind.NO_DATA),
        ("browse-edgar", {"body": "<feed><entry>"}, Kind.NO_DATA),
        ("browse-edgar", {"body": "<feed></entry>"}, Kind.BROKEN),
        ("browse-edgar", {"drop": True}, Kind.UNREACHABLE),
        ("primary_doc", {"status": 504, "body": HTML_ERROR}, Kind.UNREACHABLE),
        ("primary_doc", {"body": HTML_ERROR}, Kind.BROKEN),
        ("primary_doc", {"body": filing("S000000001", "2025-09-30", MINUS)}, Kind.BROKEN),
        ("primary_doc", {"body": filing(SERIES, "soon", MINUS)}, Kind.BROKEN),
    ],
)
def test_what_the_sec_does_wrong_is_an_error_with_its_kind(fund, server, path, fault, kind):
    server.world.fail(path, **fault)
    assert fund.kind(SINCE, NOW) is kind


def test_without_a_contact_there_is_no_source_and_either_key_brings_both():
    expand = with_contact("sec_nport")
    assert expand("IWM", {}, Accounts()) == ()
    (source,) = expand("IWM", {}, Accounts(keys={"sec_frames": "me@example.org"}))
    assert (source.name, source.options["contact"]) == ("sec", "me@example.org")
    assert "example.org" not in repr(source)


@pytest.mark.parametrize("name", ["nport_real_dupree_cut", "nport_real_advancedseries_cut"])
def test_recorded_filings(fund, server, shared, name):
    body = (shared / "payloads" / "more" / "sec" / f"{name}.xml").read_text()
    series = re.findall(r"<seriesId>(S\d+)<", body)[-1]
    server.world.figures |= {
        "funds": {"IWM": series},
        f"filings {series}": [("2023-02-27", "000-23")],
        "filing 000-23": body,
    }
    found = fund.ask(SINCE, NOW).bars
    assert labels(found) == ["2022-10-01", "2022-11-01", "2022-12-01"]
    assert (found.close < 0).all()
