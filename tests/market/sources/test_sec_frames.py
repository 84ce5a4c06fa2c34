"""Losing companies as frames of their reports tell it, and what frames do wrong, over HTTP on loopback."""

from __future__ import annotations

import pytest

from bot.market.model import SourceErrorKind as Kind
from bot.market.releases import release_calendar
from bot.market.sources.macro import sec_frames
from bot.signals.timeframe import DAY, start_of
from tests.market.vendors import Vendor, labels, told_too_early
from tests.replay.world import HTML_ERROR

FRAMES = "/api/xbrl/frames"
QUARTERS = {1: ("01-01", "03-31"), 2: ("04-01", "06-30"), 3: ("07-01", "09-30")}
SIZE = 10


def frame(rows: list[dict[str, object]]) -> dict[str, object]:
    return {"pts": len(rows), "data": rows}


def floats(year: int, ciks: range) -> dict[str, object]:
    """The public floats of companies, the larger the lower the number."""
    rows = [{"cik": cik, "end": f"{year}-06-30", "val": 10_000 - cik} for cik in ciks]
    return {f"{FRAMES}/dei/EntityPublicFloat/USD/CY{year}Q2I.json": frame(rows)}


def incomes(year: int, quarter: int, values: dict[int, float]) -> dict[str, object]:
    first, last = QUARTERS[quarter]
    rows = [
        {"cik": cik, "start": f"{year}-{first}", "end": f"{year}-{last}", "val": val} for cik, val in values.items()
    ]
    return {f"{FRAMES}/us-gaap/NetIncomeLoss/USD/CY{year}Q{quarter}.json": frame(rows)}


def years(year: int, values: dict[int, float], first: str = "01-01", last: str = "12-31") -> dict[str, object]:
    rows = [
        {"cik": cik, "start": f"{year}-{first}", "end": f"{year}-{last}", "val": val} for cik, val in values.items()
    ]
    return {f"{FRAMES}/us-gaap/NetIncomeLoss/USD/CY{year}.json": frame(rows)}


@pytest.fixture
def reports(server, monkeypatch):
    """Companies 1 to 5 are the large ones, 6 to 15 the ten that are counted; three of ten lose in each quarter."""
    monkeypatch.setattr("bot.market.edgar.REQUEST_PAUSE_S", 0.0)
    for name, value in (("LARGER", 5), ("COUNTED", SIZE), ("FEWEST", 4)):
        monkeypatch.setattr(sec_frames, name, value)
    server.world.reset()
    values = {cik: -5.0 if cik in (1, 2, 7, 8, 9) else 5.0 for cik in range(1, 21)}
    whole = {cik: (-100.0 if cik in (7, 8, 9, 10) else 4 * values[cik]) for cik in values}
    server.world.figures = {
        **floats(2023, range(1, 21)),
        **incomes(2024, 1, values),
        **incomes(2024, 2, {cik: each for cik, each in values.items() if cik != 15}),
        **incomes(2024, 3, {cik: -each for cik, each in values.items()}),
        **years(2024, whole),
    }
    sessions = release_calendar("releases/quarterly", start_of("2010-01-01"), start_of("2027-01-01"))
    return Vendor(server, "sec_frames", "sec", "losing_companies", sessions, contact="Somebody somebody@example.org")


SINCE, NOW = "2024-01-01", "2025-12-01"


def test_the_share_of_the_smaller_companies_whose_result_is_known(reports):
    found = reports.ask(SINCE, NOW).bars
    assert labels(found) == ["2024-01-01", "2024-04-01", "2024-07-01", "2024-10-01"]
    assert found.close.tolist()[:3] == pytest.approx([30.0, 100 * 3 / 9, 70.0])
    assert found.volume.tolist() == [10.0, 9.0, 10.0, 9.0]
    assert found.valid_for == 150 * DAY


def test_the_fourth_quarter_is_the_year_less_the_other_three(reports):
    """Company 10 earned 5, 5 and -5, and lost 100 in the year; company 15 lacks a quarter."""
    assert reports.ask(SINCE, NOW).bars.close.tolist()[3] == pytest.approx(100 * 4 / 9)


def test_a_year_that_is_not_the_calendar_s_makes_no_fourth_quarter(reports, server):
    server.world.figures |= years(2024, dict.fromkeys(range(1, 21), 1.0), first="02-01", last="12-31")
    assert labels(reports.ask(SINCE, NOW).bars)[-1] == "2024-07-01"
    server.world.figures |= years(2024, dict.fromkeys(range(1, 21), 1.0), last="11-30")
    assert labels(reports.ask(SINCE, NOW).bars)[-1] == "2024-07-01"


def test_a_quarter_is_public_when_its_reports_are_due(reports):
    due = start_of("2024-01-01") + 205 * DAY
    assert reports.kind(SINCE, "2024-07-23") is Kind.NO_DATA
    found = reports.ask(SINCE, "2024-07-25").bars
    assert (labels(found), found.end.tolist()) == (["2024-01-01"], [due])


def test_nothing_is_told_before_it_was_due(reports):
    assert not told_too_early(reports, SINCE, NOW)


def test_too_few_companies_are_no_figure(reports, server, monkeypatch):
    monkeypatch.setattr(sec_frames, "FEWEST", 10)
    assert labels(reports.ask(SINCE, NOW).bars) == ["2024-01-01", "2024-07-01"]
    server.world.figures = {}
    assert reports.kind(SINCE, NOW) is Kind.NO_DATA


def test_a_question_for_the_newest_asks_for_what_it_needs_only(reports, server):
    reports.ask("2024-07-01", "2025-03-01")
    assert [path.rpartition("/")[2] for path, _ in server.world.requests] == ["CY2023Q2I.json", "CY2024Q3.json"]
    assert all("somebody@example.org" in query["agent"] for _, query in server.world.requests)


def test_what_takes_too_long_is_left_to_the_next_question(reports, server, monkeypatch):
    server.world.figures |= floats(2024, range(1, 21)) | incomes(2025, 1, dict.fromkeys(range(1, 21), 1.0))
    assert labels(reports.ask(SINCE, NOW).bars)[-1] == "2025-01-01"
    monkeypatch.setattr(sec_frames, "BUDGET_S", -1.0)
    assert reports.kind(SINCE, NOW) is Kind.NO_DATA


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ({"status": 504, "body": HTML_ERROR}, Kind.UNREACHABLE),
        ({"status": 429, "body": "slow down", "headers": {"Retry-After": "600"}}, Kind.RATE_LIMITED),
        ({"status": 403, "body": HTML_ERROR}, Kind.REFUSED),
        ({"status": 200, "body": HTML_ERROR}, Kind.BROKEN),
        ({"status": 200, "body": '{"data": [{"cik": 1}]}'}, Kind.BROKEN),
        ({"status": 200, "body": '{"data": [{"cik": 1, "end": "soon", "val": 1}]}'}, Kind.BROKEN),
        ({"status": 200, "body": "[]"}, Kind.BROKEN),
    ],
)
def test_what_the_sec_does_wrong_is_an_error_with_its_kind(reports, server, fault, kind):
    server.world.fail("EntityPublicFloat", **fault)
    assert reports.kind(SINCE, NOW) is kind


def test_years_that_were_read_before_an_error_stay_and_the_error_is_said(reports, server):
    server.world.figures |= floats(2024, range(1, 21))
    server.world.fail("CY2025Q1", status=504, body=HTML_ERROR)
    found = reports.ask(SINCE, NOW)
    assert labels(found.bars)[-1] == "2024-10-01"
    assert found.problems == ("sec: unreachable: HTTP status 504",)
