"""Lies of vendors: what each does to the rows of one symbol, or to the answer as a whole."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.replay.world import HTML_ERROR

Rows = list[list[float | None]]
"""Timestamp, open, high, low, close, volume of each bar, oldest first."""

Change = Callable[[Rows, float], Rows]
"""From the true rows and a factor to what the vendor tells; the last row is that of the day."""

OPEN, HIGH, LOW, CLOSE, VOLUME = 1, 2, 3, 4, 5
HOUR, DAY = 3_600, 86_400

UP = (1.03, 1.3, 10.0)
DOWN = (0.97, 0.7, 0.1)
BOTH = (1.05, 0.6, 100.0)
DAYS_BACK = (1.0, 2.0, 3.0)
AS_IT_IS = (1.0, 2.0, 3.0)
"""Where there is nothing to be large or small: three histories in the place of three sizes."""


@dataclass(frozen=True)
class Lie:
    """`sizes` are the factors to try; `harmless` ones must be seen through at once, as if nothing had been said."""

    name: str
    change: Change
    sizes: tuple[float, ...] = UP
    harmless: bool = False


@dataclass(frozen=True)
class Failure:
    """An answer that is none: `fault` is what the server does in its place."""

    name: str
    fault: dict[str, Any]


def _times(*fields: int, at: int = -1) -> Change:
    """Some fields of one row times the factor; high and low are stretched so that they hold a false close."""

    def change(rows: Rows, factor: float) -> Rows:
        row = list(rows[at])
        for field in fields:
            row[field] = _number(row[field]) * factor
        if CLOSE in fields:
            row[HIGH] = max(_number(row[HIGH]), _number(row[CLOSE]), _number(row[OPEN]))
            row[LOW] = min(_number(row[LOW]), _number(row[CLOSE]), _number(row[OPEN]))
        return _with(rows, at, row)

    return change


def _bare(*fields: int) -> Change:
    """Some fields of the last row times the factor, and nothing else, whatever the other prices say."""

    def change(rows: Rows, factor: float) -> Rows:
        return _with(rows, -1, [_number(each) * factor if at in fields else each for at, each in enumerate(rows[-1])])

    return change


def _set(value: float | None, *fields: int) -> Change:
    def change(rows: Rows, back: float) -> Rows:
        at = -int(back)
        return _with(rows, at, [value if field in fields else each for field, each in enumerate(rows[at])])

    return change


def _whole(rows: Rows, factor: float) -> Rows:
    return [[row[0], *(_number(each) * factor for each in row[1:5]), row[5]] for row in rows]


def _last_two(rows: Rows, factor: float) -> Rows:
    return [*rows[:-2], *_whole(rows[-2:], factor)]


def _with(rows: Rows, at: int, row: list[float | None]) -> Rows:
    changed = [list(each) for each in rows]
    changed[at] = row
    return changed


def _number(value: float | None) -> float:
    assert value is not None
    return value


def _repeated(rows: Rows, back: float) -> Rows:
    """The bar before once more, under the day's date, on as many days as it is back."""
    count = int(back)
    return [*rows[:-count], *([row[0], *rows[-count - 1][1:]] for row in rows[-count:])]


def _frozen(rows: Rows, back: float) -> Rows:
    """The close of before under new dates, with nothing traded."""
    count = int(back)
    close = rows[-count - 1][CLOSE]
    return [*rows[:-count], *([row[0], close, close, close, close, 0.0] for row in rows[-count:])]


def _without(rows: Rows, back: float) -> Rows:
    at = len(rows) - int(back)
    return rows[:at] + rows[at + 1 :]


def _without_all(rows: Rows, back: float) -> Rows:
    return rows[: len(rows) - int(back)]


def _later_row(offset: float, factor: float) -> Change:
    """One more row of the day, later than the first."""

    def change(rows: Rows, size: float) -> Rows:
        row = rows[-1]
        prices = [_number(each) * (size if factor else 1.0) for each in row[1:5]]
        return [*rows, [_number(row[0]) + offset, *prices, row[5]]]

    return change


def _earlier_row(rows: Rows, size: float) -> Rows:
    """The day twice, the false row first."""
    row = rows[-2]
    return [*rows[:-2], [_number(row[0]) - HOUR, *(_number(each) * size for each in row[1:5]), row[5]], *rows[-2:]]


def _stray(offset: float) -> Change:
    """A row on a date without a session, or of the future."""

    def change(rows: Rows, size: float) -> Rows:
        row = rows[-1]
        return [*rows, [_number(row[0]) + offset, *(_number(each) * 1.2 * size for each in row[1:5]), row[5]]]

    return change


def _swapped(rows: Rows, back: float) -> Rows:
    at = -int(back)
    row = rows[at]
    return _with(rows, at, [row[0], row[OPEN], row[LOW], row[HIGH], row[CLOSE], row[VOLUME]])


def _adjusted(*fields: int) -> Change:
    """Some fields of all rows before the day's times the factor, as a dividend or a split of that day has it."""

    def change(rows: Rows, factor: float) -> Rows:
        before = [
            [_number(each) * factor if at in fields else each for at, each in enumerate(row)] for row in rows[:-1]
        ]
        return [*before, rows[-1]]

    return change


def _shifted(rows: Rows, back: float) -> Rows:
    """Each bar under the date of a later session."""
    return [[dated[0], *row[1:]] for dated, row in zip(rows[int(back) :], rows, strict=False)]


def _early(rows: Rows, back: float) -> Rows:
    """Each bar under the date of an earlier session; the newest dates are missing."""
    return [[dated[0], *row[1:]] for dated, row in zip(rows, rows[int(back) :], strict=False)]


def _moved(seconds: float) -> Change:
    return lambda rows, size: [[_number(row[0]) + size * seconds, *row[1:]] for row in rows]


def _stale(*fields: int) -> Change:
    """Some fields of the bar before under the day's date, with a volume of its own."""

    def change(rows: Rows, back: float) -> Rows:
        at = -int(back)
        return _with(
            rows, at, [rows[at - 1][field] if field in fields else each for field, each in enumerate(rows[at])]
        )

    return change


def _flat(rows: Rows, back: float) -> Rows:
    """All of the past at one price."""
    price = rows[-int(back)][CLOSE]
    return [[row[0], price, price, price, price, row[VOLUME]] for row in rows]


PRICES = (OPEN, HIGH, LOW, CLOSE)

LIES = (
    Lie("all before adjusted for a dividend", _adjusted(*PRICES), (0.985, 0.95, 0.7)),
    Lie("all closes before adjusted for a dividend", _adjusted(CLOSE), (0.985, 0.95, 0.7)),
    Lie("whole answer rescaled, no split told", _whole, (0.5, 2.0, 1.5)),
    Lie("whole answer in another currency", _whole, (0.92, 1.08, 0.79)),
    Lie("dates a session late", _shifted, DAYS_BACK),
    Lie("dates a session early", _early, DAYS_BACK),
    Lie("stamps some hours off", _moved(HOUR), (-1.0, 1.0, 2.0)),
    Lie("dates of another year", _moved(364 * DAY), (-1.0, 1.0, 2.0)),
    Lie("yesterday's prices with a volume of their own", _stale(*PRICES), DAYS_BACK),
    Lie("yesterday's close", _stale(CLOSE), DAYS_BACK),
    Lie("all of the past at one price", _flat, DAYS_BACK),
    Lie("nothing but the newest rows", lambda rows, count: rows[-int(count) :], DAYS_BACK),
    Lie("a year missing long ago", lambda rows, size: rows[:10] + rows[-int(20 * size) :], DAYS_BACK, harmless=True),
    Lie("a huge close", _bare(CLOSE), (1e6, 1e12, 1e18)),
    Lie("a huge bar", _times(*PRICES), (1e6, 1e12, 1e18)),
    Lie("negative close", _set(-5.0, CLOSE), DAYS_BACK),
    Lie("negative bar", _times(*PRICES), (-1.0, -0.5, -2.0)),
    Lie("a half day's volume", _bare(VOLUME), (0.4, 0.01, 0.0), harmless=True),
    Lie("negative volume", _set(-1.0, VOLUME), DAYS_BACK, harmless=True),
    Lie("close alone up", _bare(CLOSE), UP),
    Lie("close alone down", _bare(CLOSE), DOWN),
    Lie("close and what holds it, up", _times(CLOSE), UP),
    Lie("close and what holds it, down", _times(CLOSE), DOWN),
    Lie("open and close up", _times(OPEN, CLOSE), UP),
    Lie("open and close down", _times(OPEN, CLOSE), DOWN),
    Lie("close of the day before up", _times(CLOSE, at=-2), UP),
    Lie("close of the day before down", _times(CLOSE, at=-2), DOWN),
    Lie("whole bar up", _times(OPEN, HIGH, LOW, CLOSE), UP),
    Lie("whole bar down", _times(OPEN, HIGH, LOW, CLOSE), DOWN),
    Lie("last two bars up", _last_two, UP),
    Lie("last two bars down", _last_two, DOWN),
    Lie("whole answer in another unit", _whole, (0.01, 100.0, 1000.0)),
    Lie("high up", _bare(HIGH), UP),
    Lie("high below the rest", _bare(HIGH), DOWN),
    Lie("low down", _bare(LOW), DOWN),
    Lie("low above the rest", _bare(LOW), UP),
    Lie("open up", _bare(OPEN), UP),
    Lie("open down", _bare(OPEN), DOWN),
    Lie("open and high up", _bare(OPEN, HIGH), UP),
    Lie("open and low down", _bare(OPEN, LOW), DOWN),
    Lie("high and low far out", lambda rows, size: _bare(LOW)(_bare(HIGH)(rows, size), 1 / size), UP),
    Lie("high and low changed over", _swapped, DAYS_BACK),
    Lie("zero open", _set(0.0, OPEN), DAYS_BACK),
    Lie("zero high", _set(0.0, HIGH), DAYS_BACK),
    Lie("zero low", _set(0.0, LOW), DAYS_BACK),
    Lie("zero close", _set(0.0, CLOSE), DAYS_BACK),
    Lie("all zero", _set(0.0, OPEN, HIGH, LOW, CLOSE, VOLUME), DAYS_BACK),
    Lie("zeros but the close", _set(0.0, OPEN, HIGH, LOW), DAYS_BACK),
    Lie("negative low", _set(-5.0, LOW), DAYS_BACK),
    Lie("null open", _set(None, OPEN), DAYS_BACK),
    Lie("null high and low", _set(None, HIGH, LOW), DAYS_BACK),
    Lie("null close", _set(None, CLOSE), DAYS_BACK),
    Lie("null bar", _set(None, OPEN, HIGH, LOW, CLOSE, VOLUME), DAYS_BACK),
    Lie("null volume", _set(None, VOLUME), DAYS_BACK, harmless=True),
    Lie("the bar before once more", _repeated, DAYS_BACK),
    Lie("frozen price", _frozen, DAYS_BACK),
    Lie("a session missing, later ones there", _without, (2.0, 3.0, 4.0)),
    Lie("the newest missing", _without_all, DAYS_BACK),
    Lie("the day twice, the same", _later_row(HOUR, 0.0), AS_IT_IS, harmless=True),
    Lie("the day twice, another close", _later_row(HOUR, 1.0), BOTH),
    Lie("the day before twice, another close", _earlier_row, BOTH),
    Lie("a row on a Saturday", _stray(DAY), AS_IT_IS, harmless=True),
    Lie("a row of the future", _stray(10 * DAY), AS_IT_IS, harmless=True),
)

_TEXTS = (
    '{"chart": {"result": [{"meta": {"currency": "USD", "symbol": "X", "exchangeTimezoneName": "America/New_York",'
    ' "dataGranularity": "1d", "validRanges": ["1d"]}, "timestamp": [1795185000], "indicators": {"quote": [{"open":'
    ' ["2.440,00"], "high": ["2.470,00"], "low": ["2.435,00"], "close": ["2.467,70"], "volume": ["4.000"]}]}}]}}'
)

FAILURES = (
    Failure("429 as text", {"status": 429, "body": "Too Many Requests\r\n"}),
    Failure("500 as a page", {"status": 500, "body": HTML_ERROR}),
    Failure("an empty 200", {"body": ""}),
    Failure("a page with 200", {"body": HTML_ERROR}),
    Failure("broken JSON", {"body": '{"chart": {"result": [{"meta"'}),
    Failure("no result", {"body": '{"chart": {"result": null, "error": null}}'}),
    Failure("an empty result", {"body": '{"chart": {"result": [], "error": null}}'}),
    Failure("a result of null", {"body": '{"chart": {"result": [null], "error": null}}'}),
    Failure("prices as texts with a decimal comma", {"body": _TEXTS}),
    Failure("NaN where the answer should be", {"body": '{"chart": NaN}'}),
    Failure("451 by country", {"status": 451, "body": "Unavailable For Legal Reasons"}),
    Failure("a connection that is dropped", {"drop": True}),
)
