"""Good files are read as they are, and bad ones complained of by line."""

import sys
from functools import partial

import numpy as np
import pytest

from bot.market.csv_form.bars import read_csv
from bot.market.model import FetchRequest, Source, SourceError, SourceErrorKind
from bot.market.sources import registry
from bot.problem import ProblemError
from bot.signals.bars import Bars
from bot.signals.timeframe import Timeframe, label, start_of

HEADER = "date,open,high,low,close,volume\n"
GOOD = HEADER + "2024-07-02,10,12,9,11,100\n2024-07-03,11,13,10.5,12.5,\n2024-07-05,12,,11,12.25,90\n"


@pytest.fixture
def file(tmp_path):
    def write(text: str | bytes):
        path = tmp_path / "IWM.csv"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    return write


def complaints(path, sessions) -> list[str]:
    with pytest.raises(ProblemError) as raised:
        read_csv(path, "IWM", sessions)
    return [str(problem).replace(str(path), "IWM.csv") for problem in raised.value.problems]


def test_a_good_file(file, new_york):
    bars = read_csv(file(GOOD), "IWM", new_york).bars
    assert [bars.label(at) for at in range(3)] == ["2024-07-02", "2024-07-03", "2024-07-05"]
    assert bars.end.tolist() == [start_of(f"2024-07-{end}Z") for end in ("02T20:00", "03T17:00", "05T20:00")]
    assert bars.close.tolist() == [11, 12.5, 12.25]
    assert np.isnan(bars.high[2])
    assert np.isnan(bars.volume[1])
    assert bars.open.tolist() == [10, 11, 12]


@pytest.mark.parametrize(
    "variant",
    [
        GOOD.replace("\n", "\r\n"),
        "\ufeff" + GOOD,
        GOOD.replace("date,open,high,low,close,volume", "Date,Open,High,Low,Close,Volume"),
        GOOD.replace("date,open,high,low,close,volume", "date, open, high, low, close, volume"),
        GOOD.replace("\n2024-07-03", "\n\n2024-07-03") + "\n\n",
        '"date","open","high","low","close","volume"\n' + GOOD.split("\n", 1)[1],
        "".join(f"{line},source\n" if n == 0 else f"{line},x\n" for n, line in enumerate(GOOD.splitlines())),
    ],
    ids=["crlf", "bom", "capitals", "blanks in the header", "blank lines", "quotes", "another column"],
)
def test_harmless_variants_say_the_same(file, new_york, variant):
    want = read_csv(file(GOOD), "IWM", new_york).bars
    got = read_csv(file(variant), "IWM", new_york).bars
    for name in ("start", "end", "open", "high", "low", "close", "volume"):
        assert np.array_equal(getattr(want, name), getattr(got, name), equal_nan=True)


def test_a_file_with_closes_only_has_flat_bars(file, everyday):
    bars = read_csv(file("date,close,source\n2024-07-06,5,a\n2024-07-07,6,b\n"), "TOTAL", everyday).bars
    assert bars.open.tolist() == bars.high.tolist() == bars.low.tolist() == bars.close.tolist() == [5, 6]
    assert bars.end.tolist() == [start_of("2024-07-07"), start_of("2024-07-08")]


def test_a_file_with_some_of_the_prices_leaves_the_others_unknown(file, everyday):
    bars = read_csv(file("date,high,close\n2024-07-06,6,5\n"), "X", everyday).bars
    assert bars.high.tolist() == [6]
    assert np.isnan([bars.open[0], bars.low[0]]).all()


def test_a_row_without_a_close_is_no_bar_and_is_said(file, new_york):
    found = read_csv(file(GOOD.replace("10.5,12.5,", "10.5,,")), "IWM", new_york)
    assert [found.bars.label(at) for at in range(len(found.bars))] == ["2024-07-02", "2024-07-05"]
    assert found.doubts[0].endswith("IWM.csv:3: 2024-07-03: without a close, left out (1 row)")


def test_a_date_without_a_session_is_kept_and_said(file, new_york):
    found = read_csv(file(GOOD.replace("2024-07-03", "2024-07-04")), "IWM", new_york)
    assert len(found.bars) == 3
    assert "IWM.csv:3: 2024-07-04: no session of XNYS (1 row)" in found.doubts[0]
    assert int(found.bars.end[1]) == start_of("2024-07-04T21:00Z")


def test_all_mistakes_are_said_at_once_with_their_lines(file, new_york):
    text = GOOD.replace("07-02", "02-30").replace("12.5", "soon").replace("12.25", "12,25")
    assert complaints(file(text), new_york) == [
        "IWM.csv:2:1: date: not a date (got '2024-02-30'); allowed: 2020-01-31",
        "IWM.csv:3:1: close: not a number (got 'soon'); allowed: a finite number, or a blank cell where it is unknown",
        (
            "IWM.csv:4:1: 7 cells under a header of 6; if numbers have commas, put them in quotes or separate the cells"
            " by semicolons"
        ),
    ]
    text = (
        GOOD.replace("2024-07-02", "2024-02-30")
        .replace("12.5", "1.2.3")
        .replace("12.25", "0x1")
        .replace(",9,", ",inf,")
    )
    assert complaints(file(text), new_york) == [
        "IWM.csv:2:1: date: not a date (got '2024-02-30'); allowed: 2020-01-31",
        "IWM.csv:2:1: low: not a number (got 'inf'); allowed: a finite number, or a blank cell where it is unknown",
        "IWM.csv:3:1: close: not a number (got '1.2.3'); allowed: a finite number, or a blank cell where it is unknown",
        "IWM.csv:4:1: close: not a number (got '0x1'); allowed: a finite number, or a blank cell where it is unknown",
    ]


def test_order_and_repetition(file, new_york):
    rows = GOOD.splitlines(keepends=True)
    other = rows[3].replace("12.25", "12.5")
    assert complaints(file(rows[0] + rows[2] + rows[1] + rows[3] + other), new_york) == [
        "IWM.csv:5:1: date: 2024-07-05 stands twice (also on line 4); leave one of them out",
    ]
    unreadable = rows[2].replace("2024-07-03", "soon")
    assert complaints(file(rows[0] + rows[3] + unreadable + rows[1]), new_york) == [
        "IWM.csv:3:1: date: not a date (got 'soon'); allowed: 2020-01-31",
    ]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "IWM.csv:1:1: the file is empty; expected a header such as date,open"),
        ("date,dividend\n2024-07-02,1\n", "IWM.csv:1:1: column 'close' is missing (got date, dividend)"),
        ("day,close\n2024-07-02,1\n", "IWM.csv:1:1: one column must be called date or datetime (got day, close)"),
        ("date,close,Close\n2024-07-02,1,1\n", "IWM.csv:1:1: column 'close' stands twice"),
        (b"date,close\n2024-07-02,\xff\n", "IWM.csv:2:1: close: not a number (got 'ÿ')"),
        ("date,close\n2024-07-02,1\n2024-07-03\n", "IWM.csv:3:1: 1 cells under a header of 2"),
    ],
)
def test_files_that_are_no_files_of_bars(file, new_york, text, complaint):
    assert complaints(file(text), new_york)[0].startswith(complaint)


def test_a_header_alone_is_a_file_without_bars(file, new_york):
    found = read_csv(file(HEADER), "IWM", new_york)
    assert len(found.bars) == 0
    assert [each.partition(": ")[2] for each in found.doubts] == ["no rows below its header"]


def test_a_missing_file_is_said(tmp_path, new_york):
    assert "no such file" in complaints(tmp_path / "none.csv", new_york)[0]


def test_a_thousand_mistakes_are_not_a_thousand_lines(file, new_york):
    found = complaints(file("date,close\n" + "x,1\n" * 1000), new_york)
    assert len(found) == 3
    assert found[-1].endswith("; allowed: 2020-01-31 … and 997 more like it")


def test_mistakes_of_several_kinds_are_all_told(file, new_york):
    text = "date,open,close\n" + "x,1,1\n" * 50 + "2020-01-02,y,1\n2020-01-03,1,z\n2020-01-06,1,z,1\n"
    found = complaints(file(text), new_york)
    assert [each.partition(" (got")[0].partition(";")[0].split(":", 1)[1] for each in found] == [
        *(f"{line}:1: date: not a date" for line in (2, 3, 4)),
        "52:1: open: not a number",
        "53:1: close: not a number",
        "54:1: 4 cells under a header of 3",
    ]


def test_bars_within_a_day(file, new_york):
    text = "datetime,close\n2024-07-03T15:30:00Z,1\n2024-07-03T16:30:00Z,2\n2024-07-03T17:30:00Z,3\n"
    found = read_csv(file(text), "IWM", new_york, Timeframe.H1)
    assert [label(int(end), Timeframe.H1) for end in found.bars.end] == ["2024-07-03T16:30Z", "2024-07-03T17:00Z"]
    assert "17:30Z: in no session of XNYS, left out (1 row)" in found.doubts[0]
    assert "holds bars within a day, not 1d" in read_csv(file(text), "IWM", new_york).doubts[0]


def request(path, sessions, since, now):
    source = Source("csv", "csv", str(path))
    return FetchRequest("IWM", Timeframe.D1, source, sessions, start_of(since), start_of(now))


def test_fetch_cuts_by_the_instant_asked_for(file, new_york):
    answer = registry.fetch(request(file(GOOD), new_york, "2024-07-03", "2024-07-05T15:00Z"))
    assert [answer.bars.label(at) for at in range(len(answer.bars))] == ["2024-07-03"]
    assert len(answer.forming) == 0  # the row of the 5th is there, but tells how that day ended
    answer = registry.fetch(request(file(GOOD), new_york, "2024-07-03", "2024-07-03T17:00Z"))
    assert (len(answer.bars), len(answer.forming)) == (1, 0)


def test_fetch_of_a_bad_file_is_a_broken_source(file, new_york):
    with pytest.raises(SourceError, match=r"IWM.csv:3:1: close: not a number") as raised:
        registry.fetch(request(file(GOOD.replace("12.5", "?")), new_york, "2024-07-03", "2024-07-08"))
    assert raised.value.kind is SourceErrorKind.BROKEN


def test_ten_thousand_rows_cost_ten_times_the_calls_of_a_thousand(file, new_york):
    """Calls are counted, since seconds depend on what else the machine does."""
    few, many = (_calls(partial(read_csv, _days(file, count), "IWM", new_york)) for count in (1_000, 10_000))
    assert many < 11 * few


def _days(file, count):
    days = np.datetime_as_string(np.arange("1990-01-01", "2017-05-19", dtype="datetime64[D]"))[:count]
    return file(HEADER + "".join(f"{day},1.5,2.5,0.5,{n}.25,{n}\n" for n, day in enumerate(days)))


def _calls(work) -> int:
    counted = 0

    def count(_frame, event, _argument):
        nonlocal counted
        counted += event == "call"

    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(None)
    return counted


def test_the_shared_history_loads_without_a_complaint(shared, new_york, everyday):
    equities = {"IWM", "IWN", "RUT", "SPY", "VIX", "HYG", "UUP", "DXY"}
    files = [path for path in (shared / "daily").glob("*.csv") if "dividends" not in path.name]
    for path in files or (shared / "data" / "daily").glob("*.csv"):
        if "dividends" not in path.name:
            bars = read_csv(path, path.stem, new_york if path.stem in equities else everyday).bars
            assert isinstance(bars, Bars)
            assert len(bars) == len(path.read_text().splitlines()) - 1
            assert np.isfinite(bars.close).all()
