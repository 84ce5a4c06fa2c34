"""FRED as a source: liquidity, credit and the dollar, from its keyless CSV or, with a free key, as first released."""

from __future__ import annotations

import csv
import time
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from math import isfinite
from typing import Any, Literal, NamedTuple
from urllib.parse import urlencode

from bot.market.figures import released
from bot.market.http import get, get_json
from bot.market.model import FetchAnswer, FetchRequest, Source, SourceError, SourceErrorKind
from bot.market.source_type import Accounts, SourceType
from bot.signals.timeframe import DAY, Instant, Timeframe, start_of

KIND = "fred"

Series = Literal["NET_LIQUIDITY", "WALCL", "WTREGEN", "RRPONTSYD", "NFCI", "M2SL", "BAMLH0A0HYM2", "DTWEXBGS"]
"""What may be asked for; NET_LIQUIDITY is WALCL less WTREGEN less RRPONTSYD, all four in billions of dollars."""

_BILLIONS = {"WALCL": 1e-3, "WTREGEN": 1e-3, "RRPONTSYD": 1.0}
"""What makes billions of a component's figures: two are published in millions, one in billions."""

_CALENDARS: Mapping[str, str] = {
    "NET_LIQUIDITY": "releases/h41",
    "WALCL": "releases/h41",
    "WTREGEN": "releases/h41",
    "RRPONTSYD": "releases/same-day",
    "NFCI": "releases/nfci",
    "M2SL": "releases/monthly",
    "BAMLH0A0HYM2": "releases/next-day",
    "DTWEXBGS": "releases/h10",
}

_WEBSITE = "https://fred.stlouisfed.org"
_API = "https://api.stlouisfed.org"
REQUEST_PAUSE_S = 0.5
"""Seconds between two requests: FRED asks for no more than two a second."""

_OLDEST_COMPONENT = 7 * DAY
"""How old the last figure of a daily component may be to count on a Wednesday, in seconds."""

_REPOS_EVERY_DAY = 1_379_894_400
"""2013-09-23: before it reverse repos were tried out on a few days only; a week without any has none outstanding."""


def _expand(value: Any, options: Mapping[str, Any], accounts: Accounts) -> tuple[Source, ...]:
    key = accounts.keys.get(KIND)
    return (Source(KIND, KIND, str(value), {**options, "key": key} if key else options),)


def calendar_of(value: Any) -> str:
    """The release schedule of a series."""
    return _CALENDARS[str(value)]


SOURCE = SourceType(
    KIND,
    Series,
    "bot.market.sources.macro.fred:fetch",
    _expand,
    calendar=calendar_of,
    key="FRED_API_KEY",
    with_key="macro series as they were first released, so that a revision is never seen too early (free at FRED)",
    needs_key=False,
)


class _Figures(NamedTuple):
    """Figures by day, and the instant at which each was public, where FRED tells that."""

    values: Mapping[Instant, float]
    public: Mapping[Instant, Instant]


def fetch(request: FetchRequest) -> FetchAnswer:
    """The figures of a series, each closing at its release. Options: `key`, `base_url`. Raises SourceError.

    With a key they are the first released ones, public from the end of the day on which FRED had them; without one
    they are today's, public by the series' usual schedule.
    """
    if request.timeframe is not Timeframe.D1:
        raise SourceError(SourceErrorKind.NO_DATA, KIND, f"{request.source.symbol}: allowed: 1d")
    read = _from_api if request.source.options.get("key") else _from_csv
    if request.source.symbol != "NET_LIQUIDITY":
        found = read(request, request.source.symbol)
        factor = _BILLIONS.get(request.source.symbol, 1.0)
        return released(request, {day: value * factor for day, value in found.values.items()}, found.public)
    parts = {}
    for at, name in enumerate(_BILLIONS):
        if at:
            time.sleep(REQUEST_PAUSE_S)
        parts[name] = read(request, name)
    return _net(request, parts)


def _net(request: FetchRequest, parts: Mapping[str, _Figures]) -> FetchAnswer:
    """Assets less the Treasury's account less reverse repos, in billions, on the days on which assets are told."""
    assets, treasury, repos = (parts[name] for name in _BILLIONS)
    values: dict[Instant, float] = {}
    public: dict[Instant, Instant] = {}
    days = sorted(repos.values)
    for day, total in assets.values.items():
        outstanding = _last_figure(repos.values, days, day)
        if outstanding is None and days and day < _REPOS_EVERY_DAY:
            outstanding = 0.0
        if day in treasury.values and outstanding is not None:
            values[day] = (total - treasury.values[day]) * 1e-3 - outstanding
            told = [part.public[day] for part in (assets, treasury) if day in part.public]
            if told:
                public[day] = max(told)
    return released(request, values, public)


def _last_figure(values: Mapping[Instant, float], days: Sequence[Instant], day: Instant) -> float | None:
    """The figure of the last of the `days` at or before `day`, None where that is too old."""
    at = bisect_right(days, day) - 1
    return values[days[at]] if at >= 0 and day - days[at] <= _OLDEST_COMPONENT else None


def _from_csv(request: FetchRequest, series: str) -> _Figures:
    """The whole series as FRED's website gives it to anybody."""
    base_url = str(request.source.options.get("base_url", _WEBSITE))
    body = get(KIND, f"{base_url}/graph/fredgraph.csv?{urlencode({'id': series})}").decode("utf-8-sig", "replace")
    rows = list(csv.reader(body.splitlines()))
    if not rows or len(rows[0]) != 2 or rows[0][0] not in {"observation_date", "DATE"}:
        start = " ".join(body[:80].split())
        raise SourceError(SourceErrorKind.BROKEN, KIND, f"{series}: not a table of figures: {start}")
    return _Figures(_parsed(series, ((row[0], row[1]) for row in rows[1:] if len(row) == 2)), {})


def _from_api(request: FetchRequest, series: str) -> _Figures:
    """The series as it was first released, observation by observation."""
    base_url = str(request.source.options.get("base_url", _API))
    query = {
        "series_id": series,
        "api_key": request.source.options["key"],
        "file_type": "json",
        "output_type": "4",  # initial release only
        "realtime_start": "1776-07-04",
        "realtime_end": "9999-12-31",
    }
    document = get_json(KIND, f"{base_url}/fred/series/observations?{urlencode(query)}")
    try:
        rows = [(str(row["date"]), str(row["value"]), str(row["realtime_start"])) for row in document["observations"]]
    except (KeyError, TypeError) as error:
        raise SourceError(SourceErrorKind.BROKEN, KIND, f"{series}: no observations in the answer") from error
    values = _parsed(series, ((date, value) for date, value, _ in rows))
    public = {start_of(date): start_of(first) + DAY for date, _, first in rows if first > date}
    return _Figures(values, {day: at for day, at in public.items() if day in values})


def _parsed(series: str, rows: Any) -> dict[Instant, float]:
    """Figures by day; a blank or a dot is no figure. Raises SourceError for anything else that is no number."""
    read: Callable[[str], float] = float
    found: dict[Instant, float] = {}
    for date, text in rows:
        if text.strip() in {"", "."}:
            continue
        try:
            value, day = read(text), start_of(date)
        except ValueError as error:
            raise SourceError(SourceErrorKind.BROKEN, KIND, f"{series}: {date}: {text}"[:200]) from error
        if isfinite(value):
            found[day] = value
    return found
