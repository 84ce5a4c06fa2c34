"""Zones by name in files of bars, dates of six digits, and rows in any order: read where they mean one thing."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.market.csv_form.bars import read_csv
from bot.market.csv_form.times import AmbiguousDatesError, times_of
from bot.market.csv_form.zones import ZoneError
from bot.problem import ProblemError
from bot.signals.timeframe import Timeframe, label
from tests.market.sources.csv_forms import FULL, HEAD, rows

NEW_YORK = ZoneInfo("America/New_York")
OPEN = datetime(2024, 3, 7, 9, 30, tzinfo=NEW_YORK)  # a Thursday; the clock changes on Sunday


def hourly(tmp_path: Path, written, header: str = "time") -> Path:
    """Two sessions, on both sides of the change of the clock, with times as `written`."""
    lines = [f"{header},open,high,low,close,volume"]
    for day in (0, 4):
        for hour in range(7):
            at = (OPEN + timedelta(days=day)).replace(hour=9 + hour)
            lines.append(f"{written(at)},10,11,9,10,100")
    path = tmp_path / "IWM.1h.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def clock(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"


READ = {
    "IANA": (lambda at: f"{clock(at)} America/New_York", "time", "in America/New_York"),
    "an old IANA name": (lambda at: f"{clock(at)} US/Eastern", "time", "in US/Eastern"),
    "abbreviations of both seasons": (lambda at: f"{clock(at)} {at.tzname()}", "time", "in EST and EDT"),
    "one for both": (lambda at: f"{clock(at)} ET", "time", "in ET"),
    "AM and PM": (lambda at: f"{at:%Y-%m-%d %I:%M %p} ET", "time", "in ET"),
    "in brackets behind an offset": (lambda at: f"{at.isoformat()}[America/New_York]", "time", "times like"),
    "in the header": (clock, "time (America/New_York)", "in America/New_York"),
    "in the header, briefly": (clock, "Datetime (ET)", "in ET"),
    "an offset": (lambda at: at.isoformat(), "time", "times like"),
    "an offset under a header of a zone": (lambda at: at.isoformat(), "time (America/New_York)", "times like"),
    "UTC": (lambda at: f"{clock(at.astimezone(ZoneInfo('UTC')))} UTC", "time", "times like"),
    "Z": (lambda at: at.astimezone(ZoneInfo("UTC")).strftime("%Y-%m-%dT%H:%MZ"), "time", ""),
    "UTC in the header": (lambda at: clock(at.astimezone(ZoneInfo("UTC"))), "time (UTC)", "in UTC"),
}


@pytest.mark.parametrize(("written", "header", "form"), READ.values(), ids=READ.keys())
def test_a_zone_that_is_understood(tmp_path, new_york, written, header, form):
    found = read_csv(hourly(tmp_path, written, header), "IWM", new_york, Timeframe.H1)
    starts = [label(int(at), Timeframe.H1) for at in found.bars.start]
    assert starts[0] == "2024-03-07T14:30Z"
    assert starts[7] == "2024-03-11T13:30Z", "in summer an hour earlier"
    assert len(starts) == 14
    assert form in found.form


REFUSED = {
    "one season's all year": (lambda at: f"{clock(at)} EST", "time", "has another time on that day, so EST may mean"),
    "the same in the header": (clock, "time (EST)", "has another time on that day, so EST may mean"),
    "several places'": (lambda at: f"{clock(at)} CST", "time", "'CST' may be the time of several places"),
    "none": (lambda at: f"{clock(at)} America/Gotham", "time", "no such zone (got 'America/Gotham')"),
    "a file of the disk": (lambda at: f"{clock(at)} etc/passwd", "time", "no such zone (got 'etc/passwd')"),
    "missing": (lambda at: f"{clock(at)}{' ET' if at.day == 7 else ''}", "time", "not a date"),
}


@pytest.mark.parametrize(("written", "header", "why"), REFUSED.values(), ids=REFUSED.keys())
def test_a_zone_that_is_not(tmp_path, new_york, written, header, why):
    with pytest.raises(ProblemError) as told:
        read_csv(hourly(tmp_path, written, header), "IWM", new_york, Timeframe.H1)
    first = told.value.problems[0]
    assert why in first.message
    assert first.line > 1
    assert "allowed: " in first.message


def test_an_hour_that_a_night_has_twice_is_two_and_one_that_it_leaves_out_is_none() -> None:
    night = [f"2024-11-03 {hour}:00 America/New_York" for hour in ("00", "01", "01", "02")]
    for cells in (night, night[::-1]):
        steps = sorted(times_of(cells).instants.tolist())
        assert [after - before for before, after in pairwise(steps)] == [3_600] * 3
    with pytest.raises(ZoneError, match="twice that night"):
        times_of([night[0], night[1], night[3]])
    with pytest.raises(ZoneError, match="leaves out that night"):
        times_of(["2024-03-10 01:30 America/New_York", "2024-03-10 02:30 America/New_York"])


@given(st.lists(st.integers(0, 35_000_000), min_size=1, max_size=30, unique=True))
def test_any_time_of_a_zone_is_the_instant_that_python_says(minutes):
    local = [datetime.fromtimestamp(60 * at, UTC).replace(tzinfo=NEW_YORK) for at in sorted(minutes)]
    utc = [at.astimezone(ZoneInfo("UTC")) for at in local]
    sure = [(at, then) for at, then in zip(local, utc, strict=True) if _plain(at)]
    if not sure:
        return
    read = times_of([f"{at:%Y-%m-%d %H:%M} America/New_York" for at, _ in sure])
    assert read.instants.tolist() == [int(then.timestamp()) for _, then in sure] or not read.clock.any()


def _plain(at: datetime) -> bool:
    return at.replace(fold=0).utcoffset() == at.replace(fold=1).utcoffset()


@pytest.mark.parametrize("form", ["%y%m%d", "%d%m%y", "%m%d%y"])
def test_dates_of_six_digits_are_read_where_all_of_them_allow_one_reading(form):
    days = [date(2023, 11, 20) + timedelta(days=at) for at in range(60)]
    found = times_of([day.strftime(form) for day in days])
    assert [label(int(at), Timeframe.D1) for at in found.day] == [f"{day:%Y-%m-%d}" for day in days]
    assert "dates like" in found.form


@pytest.mark.parametrize("cells", [["010203"], ["010203", "010204"], ["240101", "240101"], ["999999", "240101"]])
def test_those_that_allow_several_or_none_are_refused(cells):
    with pytest.raises(AmbiguousDatesError):
        times_of(cells)


def test_rows_in_any_order_are_sorted_and_it_is_said(tmp_path, new_york):
    lines = rows(FULL).splitlines(keepends=True)
    path = tmp_path / "IWM.csv"
    path.write_text(HEAD + "".join(lines))
    sorted_bars = read_csv(path, "IWM", new_york).bars
    for seed in range(20):
        shuffled = Random(seed).sample(lines, len(lines))
        path.write_text(HEAD + "".join(shuffled))
        found = read_csv(path, "IWM", new_york)
        assert found.bars.start.tolist() == sorted_bars.start.tolist()
        assert found.bars.close.tolist() == sorted_bars.close.tolist()
        assert ("rows sorted by date" in found.form) == (shuffled not in (lines, lines[::-1]))


def test_twins_are_complained_of_wherever_they_stand(tmp_path, new_york):
    lines = rows(FULL).splitlines(keepends=True)
    path = tmp_path / "IWM.csv"
    path.write_text(HEAD + "".join([*lines, lines[0].replace("\n", "1\n")]))
    with pytest.raises(ProblemError, match=rf"IWM.csv:{len(lines) + 2}:1: date: .* stands twice \(also on line 2\)"):
        read_csv(path, "IWM", new_york)
