"""Numbers, dates and ages as they read in a message."""

from __future__ import annotations

import math
from datetime import UTC, datetime

from bot.signals.timeframe import DAY, Instant, Timeframe

UNKNOWN = "–"
MINUS = "−"
SPACE = "\u00a0"
"""Keeps a number and its unit on one line."""

_ONLY_LARGE = 1e10
"""Prices from here on, which are market values, are told in words."""

_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def price(value: float | None) -> str:
    """2,467.70 · 117,137 · 0.2213 · 2.99 tn: two digits, none from 10,000 on, four that count below 1."""
    if value is not None and math.isfinite(value) and abs(value) >= _ONLY_LARGE:
        return large(value)
    return _price(value, whole_from=10_000)


def short_price(value: float | None) -> str:
    """As `price`, without digits from 1,000 on: for narrow columns."""
    return _price(value, whole_from=1_000)


def large(amount: float | None) -> str:
    """2.99 tn · 19.5 bn · 350 m · 1,204: an amount of money in the largest unit of which there is one."""
    if amount is None or not math.isfinite(amount):
        return UNKNOWN
    for size, name in ((1e12, "tn"), (1e9, "bn"), (1e6, "m")):
        if abs(amount) >= size * 0.9995:
            value = amount / size
            digits = max(0, 2 - int(math.log10(max(abs(value), 1.0))))
            return _minus(f"{value:,.{digits}f}{SPACE}{name}")
    return number(amount, 0)


def percent(ratio: float | None, *, sign: bool = True, digits: int = 1, tight: bool = False) -> str:
    """+1.0 % for 0.01: with a real minus; no digit from 100 % on; zero has no sign.

    Without `sign` a plus is left out, for sentences that say "above" themselves and for parts of a whole. `tight` is
    for columns and pictures: no space. `digits` 0 is for figures of which a digit more would claim too much.
    """
    if ratio is None or not math.isfinite(ratio):
        return UNKNOWN
    value = ratio * 100
    digits = 0 if abs(value) >= 99.95 else digits
    plus = "+" if sign and round(value, digits) > 0 else ""
    return _minus(f"{plus}{value:,.{digits}f}{'' if tight else SPACE}%", keep=round(value, digits) != 0)


def change(value: float | None, *, points: bool, sign: bool = True, tight: bool = False) -> str:
    """A ratio as `percent` has it; with `points` a difference: +0.12 points, `tight` +0.12."""
    if not points or value is None or not math.isfinite(value):
        return percent(value, sign=sign, tight=tight)
    text = f"{'+' if sign and value > 0 else ''}{price(value)}"
    return text if tight else f"{text}{SPACE}points"


def number(value: float | None, digits: int = 1) -> str:
    """1.4 · −0.3 · 1,204.0: grouped, with a real minus."""
    if value is None or not math.isfinite(value):
        return UNKNOWN
    return _minus(f"{value:,.{digits}f}", keep=round(value, digits) != 0)


def signed(value: float | None, digits: int = 1) -> str:
    """+1.4 · −0.3 · 0.0: as `number`, with a plus."""
    text = number(value, digits)
    return f"+{text}" if value is not None and math.isfinite(value) and round(value, digits) > 0 else text


def ordinal(number: float) -> str:
    """34th · 1st · 100th: by the whole part, so that a percentile never reads above what it is."""
    whole = int(number)
    ending = "th" if whole % 100 in {11, 12, 13} else {1: "st", 2: "nd", 3: "rd"}.get(whole % 10, "th")
    return f"{whole}{ending}"


def count(how_many: int, noun: str, plural: str | None = None) -> str:
    """1 session · 968 sessions · no sessions."""
    word = noun if how_many == 1 else plural or f"{noun}s"
    return f"{how_many or 'no':,} {word}" if how_many else f"no {word}"


def age(seconds: float) -> str:
    """40 s · 12 min · 16 h · 3 d: the largest unit of which there are at least two, or days."""
    seconds = max(seconds, 0)
    for size, name in ((2 * DAY, "d"), (7_200, "h"), (120, "min")):
        if seconds >= size:
            return f"{int(seconds // (size / 2)):,}{SPACE}{name}"
    return f"{int(seconds)}{SPACE}s"


def long_span(seconds: float) -> str:
    """9 days · 6 weeks · 17 months · 5 years: how long ago something was, in words that need no counting."""
    days = seconds / DAY
    for size, least, noun in ((365.25, 730, "year"), (30.44, 70, "month"), (7.0, 21, "week")):
        if days >= least:
            return count(round(days / size) if noun != "year" else int(days / size + 1e-9), noun)
    return count(int(days), "day")


def old(seconds: float) -> str:
    """16 h old · new."""
    return f"{age(seconds)} old" if seconds >= 1 else "new"


def day(at: Instant) -> str:
    """8 Nov 2021: the UTC date of an instant, so the session of a daily bar's start."""
    moment = datetime.fromtimestamp(at, UTC)
    return f"{moment.day} {_MONTHS[moment.month - 1]} {moment.year}"


def month(at: Instant) -> str:
    """Nov 2021: the month of an instant's UTC date."""
    return day(at).partition(" ")[2]


def quarter(at: Instant) -> str:
    """Q3 2025: the calendar quarter of an instant's UTC date."""
    moment = datetime.fromtimestamp(at, UTC)
    return f"Q{(moment.month + 2) // 3} {moment.year}"


def near_day(at: Instant, now: Instant) -> str:
    """18 Sep, for a day of the year before `now`; else 18 Sep 2025."""
    return day(at) if abs(now - at) >= 300 * DAY else day(at).rpartition(" ")[0]


def bar_day(start: Instant, timeframe: Timeframe, now: Instant | None = None) -> str:
    """The day that names a bar, near `now` without its year: 18 Sep 2025; of a week: the week from 15 Sep."""
    named = day(start) if now is None else near_day(start, now)
    return f"the week from {named}" if timeframe is Timeframe.W1 else named


def span(first: Instant, last: Instant) -> str:
    """22 Jan to 3 Nov 2026 · 3 Nov 2021 to 5 Jan 2026 · 3 Nov 2026."""
    if day(first) == day(last):
        return day(last)
    begin, _, year = day(first).rpartition(" ")
    return f"{begin} to {day(last)}" if day(last).endswith(year) else f"{day(first)} to {day(last)}"


def short_span(first: Instant, last: Instant) -> str:
    """Jan–Nov 26 · Dec 25–Feb 26 · Nov 26: months, for narrow columns."""
    (begin, first_year), (end, last_year) = month(first).split(), month(last).split()
    whole = f"{end} {last_year[2:]}"
    if (begin, first_year) == (end, last_year):
        return whole
    return f"{begin}–{whole}" if first_year == last_year else f"{begin} {first_year[2:]}–{whole}"


def weekday(at: Instant) -> str:
    """Fri 13 Nov: for days that are near."""
    moment = datetime.fromtimestamp(at, UTC)
    return f"{_WEEKDAYS[moment.weekday()]} {moment.day} {_MONTHS[moment.month - 1]}"


def clock(at: Instant) -> str:
    """21:00 UTC."""
    return datetime.fromtimestamp(at, UTC).strftime("%H:%M UTC")


def moment(at: Instant) -> str:
    """Fri 13 Nov 2020, 21:00 UTC."""
    return f"{_WEEKDAYS[datetime.fromtimestamp(at, UTC).weekday()]} {day(at)}, {clock(at)}"


def bar_name(start: Instant, timeframe: Timeframe) -> str:
    """Fri 13 Nov 2020 for a daily bar, with the time at which it starts for a shorter one; a week by its Monday."""
    if timeframe is Timeframe.W1:
        return f"the week from {moment(start).partition(',')[0]}"
    return moment(start).partition(",")[0] if timeframe is Timeframe.D1 else moment(start)


def bars_of(how_many: int, timeframe: Timeframe) -> str:
    """3 sessions for daily bars, 3 weeks for weekly ones, 3 bars for shorter ones."""
    return count(how_many, {Timeframe.D1: "session", Timeframe.W1: "week"}.get(timeframe, "bar"))


def _price(value: float | None, whole_from: float) -> str:
    if value is None or not math.isfinite(value):
        return UNKNOWN
    size = abs(value)
    if size >= whole_from:
        return _minus(f"{value:,.0f}")
    if size >= 1 or size == 0:
        return _minus(f"{value:,.2f}")
    return _minus(f"{value:.{min(3 - math.floor(math.log10(size)), 12)}f}")


def _minus(text: str, *, keep: bool = True) -> str:
    return text.replace("-", MINUS if keep else "", 1)
