"""The SEC's XBRL frames as a source: the share of smaller companies that lost money, quarter by quarter, in percent."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any, Literal, NamedTuple

from bot.market.edgar import CONTACT_KEY, NAME, WITH_CONTACT, edgar_json, with_contact
from bot.market.figures import released
from bot.market.model import FetchAnswer, FetchRequest, SourceError, SourceErrorKind
from bot.market.source_type import SourceType
from bot.signals.timeframe import Instant

KIND = "sec_frames"
SOURCE = SourceType(
    KIND,
    Literal["losing_companies"],
    "bot.market.sources.macro.sec_frames:fetch",
    with_contact(KIND),
    calendar="releases/quarterly",
    key=CONTACT_KEY,
    with_key=f"how many smaller companies lost money, quarter by quarter since 2012 {WITH_CONTACT}",
)

_HOST = "data.sec.gov"
_FIRST_YEAR = 2012
"""Smaller companies tag their reports since 2011, and the size of one is that of the year before."""

LARGER, COUNTED = 1_000, 2_000
"""How many companies are larger than those that are counted, and how many these are: as the Russell 2000 is made."""

FEWEST = 500
"""Companies with a known result below which a quarter has no figure."""

BUDGET_S = 40.0
"""Seconds after which no further year is begun: the rest comes with the next question."""

_QUARTER_DAYS = (75, 110)
_SAME_DAYS = 10


class _Result(NamedTuple):
    """A company's net income over a span."""

    value: float
    start: date
    end: date


@dataclass(slots=True)
class _Shares:
    """Shares of losing companies in percent, and how many companies' results are known, by quarters' first days."""

    percent: dict[Instant, float] = field(default_factory=dict)
    companies: dict[Instant, float] = field(default_factory=dict)


def fetch(request: FetchRequest) -> FetchAnswer:
    """One bar a quarter, its volume the number of companies counted; public by the schedule. Raises SourceError.

    Counted are the companies that are the 1,001st to 3,000th by their public float of the June before, whose quarter
    has a tagged net income in a frame. The fourth quarter is the year less the other three, of companies whose year
    these make. Results are as they were filed last: what was corrected later is seen too early. Options: `contact`,
    `base_url`.
    """
    found, begun, problems = _Shares(), time.monotonic(), []
    try:
        for year in range(max(_year(request.since), _FIRST_YEAR), _year(request.now) + 1):
            if time.monotonic() - begun > BUDGET_S:
                break
            _add_year(request, year, found)
    except SourceError as error:
        if not found.percent:
            raise
        problems.append(str(error))
    return replace(released(request, found.percent, counts=found.companies), problems=tuple(problems))


def _add_year(request: FetchRequest, year: int, found: _Shares) -> None:
    due = {each for each in range(1, 5) if _is_due(request, _first_day(year, each))}
    if not due:
        return
    small = _smaller_companies(request, year - 1)
    quarters = {each: _results(request, f"CY{year}Q{each}") for each in range(1, 4) if each in due or 4 in due}
    if 4 in due:
        quarters[4] = _fourth(_results(request, f"CY{year}"), quarters)
    for quarter in sorted(due):
        known = [quarters[quarter][each].value for each in small if each in quarters[quarter]]
        if len(known) >= FEWEST:
            day = _first_day(year, quarter)
            found.percent[day] = 100.0 * sum(value < 0 for value in known) / len(known)
            found.companies[day] = float(len(known))


def _is_due(request: FetchRequest, day: Instant) -> bool:
    """Whether a quarter is wanted and was public by its schedule."""
    at = request.sessions.position(day)
    return at is not None and day >= request.since and int(request.sessions.closes[at]) <= request.now


def _smaller_companies(request: FetchRequest, year: int) -> list[int]:
    """The companies by their public float at the end of June of a year, the LARGER largest left out."""
    floats = {
        cik: result.value for cik, result in _rows(request, "dei/EntityPublicFloat", f"CY{year}Q2I") if result.value > 0
    }
    ranked = sorted(floats, key=lambda cik: floats[cik], reverse=True)
    return ranked[LARGER : LARGER + COUNTED]


def _results(request: FetchRequest, period: str) -> dict[int, _Result]:
    return dict(_rows(request, "us-gaap/NetIncomeLoss", period))


def _rows(request: FetchRequest, tag: str, period: str) -> Iterator[tuple[int, _Result]]:
    """Values by company of one frame; none where there is no such frame. Raises SourceError."""
    try:
        document: Any = edgar_json(request, _HOST, f"/api/xbrl/frames/{tag}/USD/{period}.json")
    except SourceError as error:
        if error.kind is SourceErrorKind.UNKNOWN_SYMBOL:
            return
        raise
    try:
        for row in document["data"]:
            end = date.fromisoformat(row["end"])
            yield int(row["cik"]), _Result(float(row["val"]), date.fromisoformat(row.get("start", row["end"])), end)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        detail = f"{tag} {period}: {type(error).__name__}: {error}"[:200]
        raise SourceError(SourceErrorKind.BROKEN, NAME, detail) from error


def _fourth(years: Mapping[int, _Result], quarters: Mapping[int, Mapping[int, _Result]]) -> dict[int, _Result]:
    """The fourth quarters: years less three, of companies whose year begins with the first and ends a quarter later."""
    found = {}
    for cik, whole in years.items():
        parts = [quarters[each][cik] for each in (1, 2, 3) if cik in quarters[each]]
        if len(parts) < 3 or abs((parts[0].start - whole.start).days) > _SAME_DAYS:
            continue
        if _QUARTER_DAYS[0] <= (whole.end - parts[2].end).days <= _QUARTER_DAYS[1]:
            found[cik] = _Result(whole.value - sum(part.value for part in parts), parts[2].end, whole.end)
    return found


def _first_day(year: int, quarter: int) -> Instant:
    return int(datetime(year, 3 * quarter - 2, 1, tzinfo=UTC).timestamp())


def _year(at: Instant) -> int:
    return datetime.fromtimestamp(at, UTC).year
