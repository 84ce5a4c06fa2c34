"""Dates and times as people's files write them; the order of day and month is decided by a whole column."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

import numpy as np

from bot.market.csv_form.complaints import shown
from bot.market.csv_form.model import Times
from bot.market.csv_form.zones import offsets, without_zones
from bot.signals.bars import IntArray
from bot.signals.timeframe import DAY

_MONTHS = {name: at for at, name in enumerate(
    ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1
)}  # fmt: skip
_MONTHS |= {"mär": 3, "mrz": 3, "mai": 5, "okt": 10, "dez": 12}
_EAST_ASIAN = str.maketrans({"年": "-", "月": "-", "日": "", "년": "-", "월": "-", "일": ""})
_EPOCH = date(1970, 1, 1).toordinal()
_OLDEST, _NEWEST = 1800, 2200

_CLOCK = (
    r"(?:(?:[T, ]+(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,]\d+)?)?|[T ]?(?P<digits>\d{4}|\d{6})"
    r"|[T ](?P<full>\d{1,2})(?=-[AaPp][Mm]))(?:[ -]?(?P<half>[AaPp][Mm]))?"
    r"\s*(?P<zone>Z|(?:UTC|GMT)?[+-]\d\d(?::?\d\d)?|UTC|GMT)?)?"
)
_FORMS = {
    "number": re.compile(r"(?P<number>-?\d{1,19})(?:\.0*)?"),
    "year first": re.compile(r"(?P<y>\d{4})(?P<sign>[-/.]?)(?P<m>\d{1,2})(?P=sign)(?P<d>\d{1,2})" + _CLOCK),
    "year last": re.compile(r"(?P<a>\d{1,2})(?P<sign>[-/.])(?P<b>\d{1,2})(?P=sign)(?P<y>\d{4}|\d\d)" + _CLOCK),
    "month first": re.compile(
        r"(?:\w+day,? |\w{3},? )?(?P<name>[^\W\d]{3,9})\.?,?[ -](?P<d>\d{1,2}),?[ -](?P<y>\d{4})" + _CLOCK
    ),
    "day first": re.compile(
        r"(?:\w+day,? |\w{3},? )?(?P<d>\d{1,2})\.?[- ](?P<name>[^\W\d]{3,9})\.?[- ](?P<y>\d{4}|\d\d)" + _CLOCK
    ),
}


class AmbiguousDatesError(Exception):
    """All of a column's dates can be read with the day or with the month first; the text is one of them."""


def times_of(cells: Sequence[str], *, likely: str = "", zone: str = "") -> Times:
    """What a column of times says. `likely` is "month" or "day": the first of both, where nothing else tells.

    `zone` is that of times beside which none stands. Raises AmbiguousDatesError and ZoneError.
    """
    if plain := _plain_dates(cells):
        return plain
    texts = [cell.strip().removeprefix("'").translate(_EAST_ASIAN) for cell in cells]
    for each in (_compact, _unix):
        if found := each(texts):
            return found
    if all(len(text) == len("200131") and text.isdecimal() for text in texts):
        return _short(texts)
    named = without_zones(texts)
    bare = texts if named is None else named.cells
    times = _written(bare, _commonest(bare), likely)
    zones = [each or zone for each in named.zones] if named is not None else [zone] * len(texts)
    return _in_zones(times, zones, texts)


def _in_zones(times: Times, zones: Sequence[str], texts: Sequence[str]) -> Times:
    """The times as their zones tell; what has an offset of its own, or no clock at all, goes by that."""
    if times.zoned or times.wrong or not any(zones) or not times.clock.any():
        return times
    if lacking := tuple(at for at, zone in enumerate(zones) if not zone):
        return times._replace(wrong=lacking)
    told = f"{times.form}, in {' and '.join(dict.fromkeys(zones))}"
    return times._replace(offset=offsets(times.day + times.clock, zones, texts), zoned=True, form=told)


def _short(texts: Sequence[str]) -> Times:
    """Dates such as 200131 where all are: what stands first must be the one thing that it can be in all of them."""
    days = {
        order: [_day_of_short(text, order) for text in texts]
        for order in ("year, month, day", "day, month, year", "month, day, year")
    }
    going = {order: given for order, given in days.items() if _goes_on(given)}
    if len({tuple(given) for given in going.values()}) != 1:
        raise AmbiguousDatesError(texts[0])
    order, given = next(iter(going.items()))
    return _dates(np.array(given, dtype=np.int64), f"dates like {texts[0]}, {order}")


def _day_of_short(text: str, order: str) -> int | None:
    parts = dict(zip(order.split(", "), (text[:2], text[2:4], text[4:]), strict=True))
    return _day(_full_year(parts["year"]), int(parts["month"]), int(parts["day"]))


def no_date(cell: str) -> str:
    """Why a cell is no date or time, and what would be one."""
    allowed = "allowed: 2020-01-31"
    if re.fullmatch(r"[2-6]\d{4}(?:\.\d+)?", cell.strip()):
        allowed = "allowed: 2020-01-31; it is a spreadsheet's number of a day, so format the column as a date"
    elif re.search(r"\d (?:[A-Z]\w+/\w+|[A-Z]{2,4})$", cell.strip()) and not re.search(r"[AP]M$", cell.strip()):
        allowed = "allowed: an offset instead of a zone's name, as 2020-01-31 09:30:00-05:00"
    return f"not a date (got {shown(cell)}); {allowed}"


def _plain_dates(cells: Sequence[str]) -> Times | None:
    """Dates such as 2020-01-31 and nothing else, which most files have."""
    together = "".join(cells)
    if set(map(len, cells)) != {10} or {*together[4::10], *together[7::10]} != {"-"}:
        return None
    digits = together.replace("-", "")
    if len(digits) != 8 * len(cells) or not (digits.isascii() and digits.isdecimal()):
        return None
    try:
        days = np.array(cells, dtype="datetime64[D]").astype(np.int64)
    except ValueError:
        return None
    return _dates(days * DAY, "")


def _dates(day: IntArray, form: str) -> Times:
    none = np.zeros(len(day), dtype=np.int64)
    return Times(day, none, none, zoned=False, wrong=(), form=form)


def _compact(texts: Sequence[str]) -> Times | None:
    """Dates such as 20200131, where all are."""
    if not all(len(text) == len("20200131") and text.isdecimal() for text in texts):
        return None
    days = [_day(int(text[:4]), int(text[4:6]), int(text[6:])) for text in texts]
    if any(day is None for day in days):
        return None
    return _dates(np.array(days, dtype=np.int64), f"dates like {texts[0]}" if texts else "")


def _unix(texts: Sequence[str]) -> Times | None:
    """Seconds since 1970, or thousandths, millionths, thousand millionths of them, by how large each number is."""
    if not texts or not all(_FORMS["number"].fullmatch(text) for text in texts):
        return None
    if all(len(text) in {12, 14} and text.startswith(("19", "20")) for text in texts):
        return None  # 20200131093000
    given = [int(text.partition(".")[0]) for text in texts]
    if max(map(abs, given)) < 10**8:
        return None
    instants = np.array([_seconds(each) for each in given], dtype=np.int64)
    day = instants // DAY * DAY
    units = {_unit(abs(each)) for each in given if abs(each) >= 10**8}
    form = "unix time in " + " and ".join(sorted(units))
    return Times(day, instants - day, np.zeros_like(day), zoned=True, wrong=(), form=form)


_UNITS = ((10**11, 1, "seconds"), (10**14, 10**3, "milliseconds"), (10**17, 10**6, "microseconds"))


def _unit(size: int) -> str:
    return next((name for below, _, name in _UNITS if size < below), "nanoseconds")


def _seconds(number: int) -> int:
    return number // next((parts for below, parts, _ in _UNITS if abs(number) < below), 10**9)


def _commonest(texts: Sequence[str]) -> str:
    """The form that fits the first cell that any fits; "year first" where none does."""
    named = (name for text in texts for name, form in _FORMS.items() if name != "number" and form.fullmatch(text))
    return next(named, "year first")


def _written(texts: Sequence[str], form: str, likely: str) -> Times:
    found = [_FORMS[form].fullmatch(text) for text in texts]
    order = _order(found, likely) if form == "year last" else ""
    days = [_day_of(each, form, order) if each else None for each in found]
    clocks = [_clock(each) if each else None for each in found]
    zones = [(each["zone"] if each else None) for each in found]
    timed = any(each is not None and _has_clock(each) for each in found)
    zoned = any(zones)
    wrong = tuple(
        at
        for at, (match, day, clock, zone) in enumerate(zip(found, days, clocks, zones, strict=True))
        if match is None or day is None or clock is None or (zoned and not zone) or timed != _has_clock(match)
    )
    return Times(
        np.array([day or 0 for day in days], dtype=np.int64),
        np.array([clock or 0 for clock in clocks], dtype=np.int64),
        np.array([_offset(zone) for zone in zones], dtype=np.int64),
        zoned,
        wrong,
        _told(texts, order, wrong),
    )


def _told(texts: Sequence[str], order: str, wrong: Sequence[int]) -> str:
    bad = frozenset(wrong)
    example = next((text for at, text in enumerate(texts) if at not in bad), "")
    plain = re.fullmatch(r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?Z)?", example)
    if not example or plain:
        return ""
    first = f", {order} first" if order else ""
    return f"{'times' if ':' in example else 'dates'} like {example}{first}"


def _order(found: Sequence[re.Match[str] | None], likely: str) -> str:
    """Which of day, month and a year of two digits stands first: all dates must exist, and go on in one direction."""
    dated = [each for each in found if each]
    short = any(len(each["y"]) == 2 for each in dated)
    days = {
        order: [_day_of(each, "year last", order) for each in dated] for order in ("day", "month", "year")[: 2 + short]
    }
    real = [order for order, given in days.items() if None not in given]
    if not real:
        return min(days, key=lambda order: days[order].count(None))
    going = [order for order in real if _goes_on(days[order])] or real
    if all(days[order] == days[going[0]] for order in going):
        return going[0]
    usual = likely or ("day" if all(each["sign"] == "." for each in dated) else "")
    if usual in going and not short:
        return usual
    apart = (each[0] for at, each in enumerate(dated) if len({days[order][at] for order in going}) > 1)
    raise AmbiguousDatesError(next(apart))


def _goes_on(days: Sequence[int | None]) -> bool:
    if any(day is None for day in days):
        return False
    steps = np.diff(np.array(days, dtype=np.int64))
    return bool((steps >= 0).all() or (steps <= 0).all())


def _day_of(match: re.Match[str], form: str, order: str) -> int | None:
    if form == "year last":
        first, second, third = match["a"], match["b"], match["y"]
        parts = {"day": (third, second, first), "month": (third, first, second), "year": (first, second, third)}
        year, month, day = parts[order]
        return _day(_full_year(year), int(month), int(day))
    if form == "year first":
        if not match["sign"] and len(match["m"] + match["d"]) < 4:
            return None
        return _day(int(match["y"]), int(match["m"]), int(match["d"]))
    return _day(_full_year(match["y"]), _MONTHS.get(match["name"][:3].lower(), 0), int(match["d"]))


def _full_year(digits: str) -> int:
    return int(digits) + (0 if len(digits) > 2 else 2000 if int(digits) < 70 else 1900)


def _day(year: int, month: int, day: int) -> int | None:
    if not _OLDEST <= year <= _NEWEST:
        return None
    try:
        return (date(year, month, day).toordinal() - _EPOCH) * DAY
    except ValueError:
        return None


def _has_clock(match: re.Match[str]) -> bool:
    return any(match[name] for name in ("hour", "digits", "full"))


def _clock(match: re.Match[str]) -> int | None:
    """The second of the day; None where there is no such time."""
    if match["digits"]:
        parts = [int(match["digits"][at : at + 2]) for at in range(0, len(match["digits"]), 2)]
        hour, minute, second = (*parts, 0)[:3]
    else:
        hour, minute, second = (int(match[name] or 0) for name in ("hour", "minute", "second"))
        hour = int(match["full"] or hour)
    half = (match["half"] or "").upper()
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "PM" else 0)
    return hour * 3600 + minute * 60 + second if hour < 24 and minute < 60 and second < 60 else None


def _offset(zone: str | None) -> int:
    """Seconds that a written zone is ahead of UTC."""
    zone = (zone or "").removeprefix("UTC").removeprefix("GMT")
    if zone[:1] not in {"+", "-"}:
        return 0
    digits = zone[1:].replace(":", "").ljust(4, "0")
    seconds = int(digits[:2]) * 3600 + int(digits[2:]) * 60
    return -seconds if zone[0] == "-" else seconds
