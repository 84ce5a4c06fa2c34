"""The SEC's N-PORT filings as a source: what a fund took in and paid out month by month, in billions of dollars."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import date
from importlib import import_module
from math import isfinite
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlencode, urlsplit

from pydantic import Field

from bot.market.edgar import CONTACT_KEY, NAME, WITH_CONTACT, edgar_json, edgar_text, with_contact
from bot.market.figures import released
from bot.market.model import FetchAnswer, FetchRequest, SourceError, SourceErrorKind
from bot.market.source_type import SourceType
from bot.signals.timeframe import DAY, Instant, start_of

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

KIND = "sec_nport"
SOURCE = SourceType(
    KIND,
    Annotated[str, Field(pattern=r"^[A-Z]{1,6}$")],
    "bot.market.sources.macro.sec_nport:fetch",
    with_contact(KIND),
    calendar="releases/nport",
    key=CONTACT_KEY,
    with_key=f"what small-cap funds took in and paid out month by month, since 2019 {WITH_CONTACT}",
)

_HOST = "www.sec.gov"
_MOST_FILINGS = 100
"""Filings in one list: 25 years of quarters."""

BUDGET_S = 40.0
"""Seconds after which no further filing is read: the rest comes with the next question."""

_PUBLIC_AFTER = DAY + 6 * 3_600
"""Seconds from the beginning of the day of a filing to when it surely is public: the SEC takes them until 22:00."""

_MONTHS = 3

funds_by_server: dict[str, dict[str, str]] = {}
"""By server, the SEC's number of each fund by its ticker: one large answer for all funds."""


def fetch(request: FetchRequest) -> FetchAnswer:
    """Sales less redemptions by the month's first day, public with the filing that tells them. Raises SourceError.

    The symbol is a ticker. A month that two filings tell of is as the first one told it, since that was what one could
    know; one whose figures are no numbers is unknown. Options: `contact`, `base_url`.
    """
    series = _series(request)
    flows: dict[Instant, float] = {}
    public: dict[Instant, Instant] = {}
    begun = time.monotonic()
    for filed, path in _filings(request, series):
        if flows and time.monotonic() - begun > BUDGET_S:
            break
        for month, flow in _flows(request, series, path).items():
            if month not in flows:
                flows[month], public[month] = flow, filed + _PUBLIC_AFTER
    return released(request, flows, public)


def _series(request: FetchRequest) -> str:
    """The SEC's number of the fund with the request's ticker."""
    server = str(request.source.options.get("base_url", _HOST))
    if request.source.symbol not in funds_by_server.get(server, {}):
        document = edgar_json(request, _HOST, "/files/company_tickers_mf.json")
        try:
            place = {name: at for at, name in enumerate(document["fields"])}
            rows = document["data"]
            funds_by_server[server] = {str(row[place["symbol"]]): str(row[place["seriesId"]]) for row in rows}
        except (KeyError, IndexError, TypeError) as error:
            raise _broken("list of funds", error) from error
    found = funds_by_server[server].get(request.source.symbol)
    if found is None:
        raise SourceError(SourceErrorKind.UNKNOWN_SYMBOL, NAME, f"{request.source.symbol}: no fund of that ticker")
    return found


def _filings(request: FetchRequest, series: str) -> Iterator[tuple[Instant, str]]:
    """The day of each filing that may tell of the time from `since` on, and the path of its document; oldest first."""
    query = {"action": "getcompany", "CIK": series, "type": "NPORT-P", "owner": "include", "output": "atom"}
    path = f"/cgi-bin/browse-edgar?{urlencode({**query, 'count': _MOST_FILINGS})}"
    body, filings = edgar_text(request, _HOST, path), []
    if b"<feed" not in body:
        raise _broken("list of filings", " ".join(body[:80].decode("utf-8", "replace").split()))
    for entry in _elements(body, "entry", "list of filings"):
        if _text(entry, "filing-type") != "NPORT-P":
            continue
        try:
            filed, folder = start_of(_text(entry, "filing-date")), urlsplit(_text(entry, "filing-href")).path
        except ValueError as error:
            raise _broken("list of filings", error) from error
        filings.append((filed, f"{folder.rpartition('/')[0]}/primary_doc.xml"))
    if not filings:
        raise SourceError(SourceErrorKind.NO_DATA, NAME, f"{request.source.symbol}: no filings of {series}")
    yield from sorted(filing for filing in filings if filing[0] >= request.since)


def _flows(request: FetchRequest, series: str, path: str) -> dict[Instant, float]:
    """Sales less redemptions of one filing, in billions, by the first days of its three months."""
    what = f"{request.source.symbol}: {path}"
    body = edgar_text(request, _HOST, path, until=b"</fundInfo>")
    found = {tag: each for each in _elements(body, "", what) if (tag := _tag(each)) in _WANTED}
    if (told := _content(found.get("seriesId"))) != series:
        raise SourceError(SourceErrorKind.BROKEN, NAME, f"{what}: of another fund ({told or 'none named'})")
    try:
        last = date.fromisoformat(_content(found.get("repPdDate")))
    except ValueError as error:
        raise _broken(what, error) from error
    months = [_month(last, back) for back in reversed(range(_MONTHS))]
    flows = {month: _flow(found.get(f"mon{at}Flow")) for at, month in enumerate(months, 1)}
    return {month: flow for month, flow in flows.items() if flow is not None}


_WANTED = {"seriesId", "repPdDate", *(f"mon{at}Flow" for at in range(1, _MONTHS + 1))}


def _flow(element: Element | None) -> float | None:
    """Filers put a minus before what was redeemed, or they don't: it went out in any case."""
    try:
        given = element.attrib if element is not None else {}
        sales, redeemed = float(given["sales"]), float(given["redemption"])
    except (KeyError, ValueError):
        return None
    flow = (sales - abs(redeemed)) / 1e9
    return flow if isfinite(flow) else None


def _month(last: date, back: int) -> Instant:
    """The first day of the month that lies `back` months before that of `last`."""
    months = last.year * 12 + last.month - 1 - back
    return start_of(date(months // 12, months % 12 + 1, 1).isoformat())


def _elements(body: bytes, name: str, what: str) -> Iterator[Element]:
    """The complete elements of that name, of any name where it is "", in a document that may end in the middle."""
    xml = import_module("xml.etree.ElementTree")  # only here: every command reads this file for its SOURCE
    parser: Any = xml.XMLPullParser(["end"])
    try:
        parser.feed(body)
        found: list[Element] = [element for _, element in parser.read_events()]
        yield from (each for each in found if name in ("", _tag(each)))
    except xml.ParseError as error:
        raise _broken(what, error) from error


def _tag(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _text(element: Element, name: str) -> str:
    return next((_content(each) for each in element.iter() if _tag(each) == name), "")


def _content(element: Element | None) -> str:
    return "" if element is None or element.text is None else element.text.strip()


def _broken(what: str, error: object) -> SourceError:
    said = f"{type(error).__name__}: {error}" if isinstance(error, Exception) else f"not what it should be: {error}"
    return SourceError(SourceErrorKind.BROKEN, NAME, f"{what}: {said}"[:200])
