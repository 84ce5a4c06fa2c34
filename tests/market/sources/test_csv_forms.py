"""Files as vendors and spreadsheets write them: read where they have one reading, else refused."""

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.market.csv_form.bars import read_csv
from bot.market.csv_form.numbers import AmbiguousNumbersError, decimal_mark, number_cells, numbers
from bot.market.csv_form.times import AmbiguousDatesError, times_of
from bot.problem import ProblemError
from bot.signals.bars import COLUMNS
from bot.signals.timeframe import Timeframe, start_of
from tests.market.sources.csv_forms import DAYS, FULL, HEAD, READ, ROWS, comma, day, rows, unix
from tests.market.sources.csv_forms_of_terminals import CLOSES, TERMINALS

ROOT = Path(__file__).parents[3]


def written(tmp_path, text, encoding="utf-8"):
    path = tmp_path / "IWM.csv"
    path.write_bytes(text.encode(encoding))
    return path


@pytest.fixture
def calendar(request, new_york, everyday):
    """Coins go by UTC days, all else by New York."""
    return everyday if request.node.callspec.id in COINS else new_york


COINS = {
    "Kraken, no header",
    "Binance, no header",
    "Binance, a header",
    "CoinMarketCap",
    "an address and several times",
    "Coinbase, its own order",
}


@pytest.mark.parametrize(("text", "form"), (READ | TERMINALS).values(), ids=(READ | TERMINALS).keys())
def test_a_form_that_is_read(tmp_path, calendar, text, form):
    found = read_csv(written(tmp_path, text), "IWM", calendar)
    assert [found.bars.label(at) for at in range(len(found.bars))] == list(DAYS)
    for at, name in enumerate(COLUMNS):
        assert getattr(found.bars, name).tolist() == [values[at] for values in ROWS], name
    assert found.form.startswith(form)
    assert bool(found.form) == bool(form)


@pytest.mark.parametrize(("text", "form"), CLOSES.values(), ids=CLOSES.keys())
def test_a_file_of_closes(tmp_path, new_york, text, form):
    found = read_csv(written(tmp_path, text), "IWM", new_york)
    assert [found.bars.label(at) for at in range(len(found.bars))] == list(DAYS)
    assert found.bars.close.tolist() == found.bars.high.tolist() == [values[3] for values in ROWS]
    assert found.form == form


@pytest.mark.parametrize(
    "name",
    [
        *("Adj Close", "Adjusted Price", "Previous Close", "Open", "Day High", "IWM Volume", "Dividends", "Bid Price"),
        *("Target Price", "Return", "RSI", "log close", "SPY", "Average Price", "Shares", "Open Price"),
    ],
)
def test_another_figure_is_no_close(tmp_path, new_york, name):
    with pytest.raises(ProblemError, match="column 'close' is missing"):
        read_csv(written(tmp_path, f"Date,{name}\n" + rows("{date},{c}")), "IWM", new_york)


def test_a_price_that_is_nowhere_is_named(tmp_path, new_york):
    found = read_csv(
        written(tmp_path, "Date,Beginn,High,Low,Close\n" + rows("{date},{o},{h},{l},{c}")), "IWM", new_york
    )
    assert found.form == "no open (not read: Beginn)"
    assert np.isnan(found.bars.open).all()


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_encodings(tmp_path, new_york, encoding):
    text = READ["Investing.com, German"][0]
    found = read_csv(written(tmp_path, text, encoding), "IWM", new_york)
    assert found.bars.close.tolist() == [values[3] for values in ROWS]


def test_each_form_that_the_readme_names_is_among_these():
    told = (ROOT / "README.md").read_text("utf-8").split("says which: files of ")[1].split(" and spreadsheets")[0]
    named = re.sub(r"\([^)]*\)", "", told).replace("\n", " ").split(", ")
    known = "; ".join((*READ, *TERMINALS, *CLOSES))
    assert [name for name in named if name.strip() not in known] == []


def test_several_volumes_are_none(tmp_path, everyday):
    text = "unix,open,high,low,close,Volume BTC,Volume USD\n" + rows("{date},{o},{h},{l},{c},{v},5", date=unix(1))
    found = read_csv(written(tmp_path, text), "BTC", everyday)
    assert np.isnan(found.bars.volume).all()
    assert "no volume (it may be any of Volume BTC, Volume USD)" in found.form


def monthly(step):
    first = datetime(2023, 1, 31, tzinfo=UTC)
    return "".join(f"{first + timedelta(days=step * n):%Y-%m-%d},1,2,1,{n + 1},5\n" for n in range(6))


REFUSED = {
    "months": (HEAD + monthly(30), "IWM.csv: rows are 30 days apart, as bars of a week or a month are"),
    "weeks": (HEAD + monthly(7), "IWM.csv: rows are 7 days apart"),
    "weeks of Stooq": (
        "<TICKER>,<PER>,<DATE>,<OPEN>,<HIGH>,<LOW>,<CLOSE>\n"
        + rows("IWM,W,{date},{o},{h},{l},{c}", date=day("%Y%m%d")),
        "IWM.csv: holds bars of a week or a month (got period W)",
    ),
    "day or month": (
        "Date,Open,High,Low,Close,Volume\n01/02/2024,1,2,1,2,3\n01/03/2024,1,2,1,2,3\n01/04/2024,1,2,1,2,3\n",
        (
            "IWM.csv: date: 01/02/2024 may be a day and a month or a month and a day, and no row tells which;"
            " write dates as 2020-01-31"
        ),
    ),
    "years of two digits": (
        HEAD + "02/01/24,1,2,1,2,3\n02/02/24,1,2,1,2,3\n",
        "IWM.csv: date: 02/01/24 may be a day and a month",
    ),
    "two months": (HEAD + "2024-01-31,1,2,1,2,3\n2024-02-29,1,2,1,2,3\n", "IWM.csv: rows are 29 days apart"),
    "days of a spreadsheet": (
        HEAD + "45321,1,2,1,2,3\n45322,1,2,1,2,3\n",
        "IWM.csv:2:1: date: not a date (got '45321'); allowed: 2020-01-31; it is a spreadsheet's number of a day",
    ),
    "rounded unix time": ("time,close\n1.70657E+09,1\n", "IWM.csv:2:1: time: not a date (got '1.70657E+09')"),
    "thousands or decimals": (
        "date;close\n2024-01-30;1.234\n2024-01-31;1.235\n",
        (
            "IWM.csv: 1.234 may be thousands or decimals, and no number tells which;"
            " write 1234.5 without a sign between thousands"
        ),
    ),
    "thousands or decimals, quoted": (
        'date,close\n2024-01-30,"1,234"\n',
        "IWM.csv: 1,234 may be thousands or decimals",
    ),
    "both signs": (
        'date,close\n2024-01-30,"1,234.5"\n2024-01-31,"1.234,5"\n2024-02-01,"1,234.5"\n',
        "IWM.csv:3:1: close: not a number (got '1.234,5')",
    ),
    "decimal commas between commas": (
        HEAD + rows(FULL, number=comma),
        "IWM.csv:2:1: 9 cells under a header of 6; if numbers have commas",
    ),
    "several symbols": (
        "date,symbol,close\n2024-01-30,IWM,1\n2024-01-30,SPY,2\n",
        "IWM.csv:1:1: rows of 2 symbols (IWM, SPY)",
    ),
    "several symbols of yfinance": (
        "Price,Close,Close\nTicker,IWM,SPY\nDate,,\n2024-01-30,1,2\n",
        "IWM.csv:1:1: rows of 2 symbols (IWM, SPY)",
    ),
    "columns of times that differ": (
        "unix,date,close\n" + rows("{date},2024-03-01,{c}", date=unix(1)),
        "IWM.csv:2:1: columns unix and date tell different days",
    ),
    "no header": (
        rows(FULL),
        "IWM.csv:1:1: no header, so nobody can tell which number is the close (got 2024-01-30,1754.5",
    ),
    "no header, six figures": (rows(FULL, date=unix(1)), "IWM.csv:1:1: no header"),
    "no separator": (
        "Date/Open/High/Low/Close\n" + rows("{date}/{o}/{h}/{l}/{c}"),
        "IWM.csv:1:1: columns are not separated by commas, semicolons or tabs",
    ),
    "blanks that are no separators": (
        "Date Open High Low Close\n" + rows("{date} {o} {h} {l} {c}", date=day("%b %d, %Y")),
        "IWM.csv:2:1: 7 cells under a header of 5",
    ),
    "prices of an instant": (
        "snapped_at,price,market_cap,total_volume\n" + rows("{date} 00:00:00 UTC,{c},1,2"),
        "IWM.csv:1:1: prices of the instant at which each day begins, not closes of days",
    ),
    "prices of two symbols": (
        "Date,IWM.Close,SPY.Close\n" + rows("{date},{o},{c}"),
        "IWM.csv:1:1: rows of 2 symbols (iwm, spy)",
    ),
    "one figure of another name": (
        "S&P Dow Jones Indices\n,,\nEffective date ,S&P 500\n" + rows("{date},{c}"),
        (
            "IWM.csv:3:1: column 'close' is missing (got Effective date, S&P 500);"
            " allowed: a header such as date,close, if S&P 500 is the close"
        ),
    ),
    "a close twice": ("date,close,Close\n" + rows("{date},{c},{o}"), "IWM.csv:1:1: column 'close' stands twice; leave"),
    "another order, no header": (
        rows("{date},{c},{h},{l},{o},{v}", date=day("%Y.%m.%d")),
        "IWM.csv:1:1: no header, so nobody can tell which number is the close",
    ),
    "a zone of several places": (
        HEAD + rows(FULL, date="{} 09:30:00 CST".format),
        "IWM.csv:2:1: date: 'CST' may be the time of several places; allowed: an offset, as",
    ),
    "a zone that is none": (
        HEAD + rows(FULL, date="{} 09:30:00 America/Gotham".format),
        "IWM.csv:2:1: date: no such zone (got 'America/Gotham'); allowed: an offset, as",
    ),
    "an error of a spreadsheet": (
        HEAD + "2024-01-30,1,2,1,#REF!,3\n",
        "IWM.csv:2:1: close: not a number (got '#REF!')",
    ),
    "adjusted closes only": (
        "Date,Adj Close\n2024-01-30,5\n",
        "IWM.csv:1:1: column 'close' is missing (got Date, Adj Close)",
    ),
    "a page": (
        "<!DOCTYPE html>\n<html><body>Close, date</body></html>\n",
        "IWM.csv:1:1: not CSV (got <!DOCTYPE html>)",
    ),
    "JSON": ('{"t": 1706572800, "close": 5}\n', "IWM.csv:1:1: not CSV (got {"),
    "a date twice": (HEAD + rows(FULL) + "2024-02-02,1,2,1,2,3\n", "IWM.csv:6:1: date: 2024-02-02 stands twice"),
    "half a row": (HEAD + rows(FULL) + "2024-02-05,1,2\n", "IWM.csv:6:1: 3 cells under a header of 6"),
    "an option of no number": (
        HEAD + rows(FULL) + "2024-02-05,1,2,1,12%,3\n",
        "IWM.csv:6:1: close: not a number (got '12%')",
    ),
    "zero bytes": ("date,close\n2024-01-30,1\0\0\n", "IWM.csv:"),
}


@pytest.mark.parametrize(("text", "complaint"), REFUSED.values(), ids=REFUSED.keys())
def test_a_form_that_is_refused(tmp_path, new_york, text, complaint):
    path = written(tmp_path, text)
    with pytest.raises(ProblemError) as raised:
        read_csv(path, "IWM", new_york)
    said = [str(problem).replace(str(path), "IWM.csv") for problem in raised.value.problems]
    assert said[0].startswith(complaint), said


def test_days_of_another_zone_are_no_utc_days(tmp_path, everyday):
    path = written(tmp_path, "t,o,h,l,c,v\n" + rows(FULL, date=unix(1, 5)))
    with pytest.raises(ProblemError, match="days that begin at 05:00 UTC; allowed: UTC days"):
        read_csv(path, "BTC", everyday)


HOURS = ("2024-01-30T{}:30:00", (14, 15, 16, 17, 18, 19))


@pytest.mark.parametrize(
    ("zone", "shift", "header"),
    [("Z", 0, "datetime"), ("-05:00", -5, "date"), ("+0000", 0, "time"), ("", 0, "timestamp")],
)
def test_bars_within_a_day_in_their_zones(tmp_path, new_york, zone, shift, header):
    lines = [f"{HOURS[0].format(f'{hour + shift:02d}')}{zone},{hour}" for hour in HOURS[1]]
    found = read_csv(written(tmp_path, f"{header},close\n" + "\n".join(lines)), "IWM", new_york, Timeframe.H1)
    assert found.bars.close.tolist() == list(HOURS[1])
    assert int(found.bars.start[0]) == start_of("2024-01-30T14:30Z")


def test_local_times_without_a_zone_are_not_taken_for_utc(tmp_path, new_york):
    lines = [f"{HOURS[0].format(f'{hour - 5:02d}')},{hour}" for hour in HOURS[1]]
    with pytest.raises(ProblemError, match="times without a zone, and as UTC 83% of them lie in no session of XNYS"):
        read_csv(written(tmp_path, "datetime,close\n" + "\n".join(lines)), "IWM", new_york, Timeframe.H1)


def test_bars_of_another_length_are_not_taken_for_these(tmp_path, new_york):
    lines = [f"2024-01-30T15:{minute:02d}:00Z,5" for minute in (0, 15, 30, 45)]
    found = read_csv(written(tmp_path, "datetime,close\n" + "\n".join(lines)), "IWM", new_york, Timeframe.H1)
    assert len(found.bars) == 0
    assert found.doubts[0].endswith("holds bars of 15 minutes, not 1h")


@given(st.dates(min_value=date(1990, 1, 1), max_value=date(2030, 1, 1)), st.integers(1, 40), st.booleans())
def test_days_and_months_are_never_swapped(first, count, american):
    days = [first + timedelta(days=n) for n in range(count)]
    cells = [f"{each:%m/%d/%Y}" if american else f"{each:%d/%m/%Y}" for each in days]
    try:
        found = times_of(cells)
    except AmbiguousDatesError:
        assert all(each.day <= 12 for each in days)
        return
    assert [start_of(each.isoformat()) for each in days] == found.day.tolist()
    assert not found.wrong


@given(st.lists(st.floats(0.01, 1e6).map(lambda n: round(n, 3)), min_size=1), st.sampled_from(".,"), st.booleans())
def test_thousands_are_never_taken_for_decimals(values, mark, grouped):
    cells = [f"{value:,}" if grouped else f"{value}" for value in values]
    if mark == ",":
        cells = [cell.translate(str.maketrans(".,", ",.")) for cell in cells]
    bare = number_cells(cells)
    try:
        found = numbers(bare, decimal_mark([bare], likely=""))
    except AmbiguousNumbersError:
        return
    assert found.tolist() == values
