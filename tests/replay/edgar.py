"""The SEC's lists, filings and frames as its servers answer for them."""

from __future__ import annotations

from typing import Any

from tests.replay.world import Answer, World, told

_ARCHIVES = "/Archives/edgar/data/"


def edgar(world: World, path: str, query: dict[str, str]) -> Answer | None:
    """The answer that the world holds; None where the path is none of the SEC's.

    In `world.figures`: "funds" as {ticker: series}, "filings SERIES" as [(day, accession number)], "filing NUMBER" as
    the document, and frames by their path.
    """
    if path == "/files/company_tickers_mf.json":
        funds: dict[str, str] = world.figures.get("funds", {})
        rows = [[1100663, series, f"C{at:09}", ticker] for at, (ticker, series) in enumerate(funds.items())]
        return told({"fields": ["cik", "seriesId", "classId", "symbol"], "data": rows})
    if path == "/cgi-bin/browse-edgar":
        entries = "".join(_entry(*each) for each in world.figures.get(f"filings {query['CIK']}", []))
        body = (
            f'<?xml version="1.0" encoding="ISO-8859-1" ?>\n<feed xmlns="http://www.w3.org/2005/Atom">{entries}</feed>'
        )
        return Answer(200, body, {"Content-Type": "application/atom+xml"})
    if path.startswith(_ARCHIVES):
        document = world.figures.get(f"filing {path.split('/')[-2]}")
        return Answer(404, "<html>no such document</html>") if document is None else Answer(200, document)
    if path.startswith("/api/xbrl/frames/"):
        frame = world.figures.get(path)
        return Answer(404, "<html>no such frame</html>") if frame is None else told(frame)
    return None


def filing(series: str, last: str, flows: list[tuple[Any, Any]], holdings: int = 3) -> str:
    """An N-PORT document with (sales, redemptions) of three months, and some holdings behind them."""
    months = "".join(
        f'<mon{at}Flow redemption="{out}" reinvestment="0.00" sales="{sales}"/>'
        for at, (sales, out) in enumerate(flows, 1)
    )
    held = "<invstOrSec><name>SOME COMPANY</name><valUSD>1</valUSD></invstOrSec>" * holdings
    return (
        '<?xml version="1.0" encoding="UTF-8"?><edgarSubmission xmlns="http://www.sec.gov/edgar/nport">'
        f"<headerData><filerInfo><seriesClassInfo><seriesId>{series}</seriesId></seriesClassInfo></filerInfo></headerData>"
        f"<formData><genInfo><seriesId>{series}</seriesId><repPdEnd>2025-03-31</repPdEnd><repPdDate>{last}</repPdDate>"
        f"</genInfo><fundInfo><netAssets>1</netAssets>{months}</fundInfo><invstOrSecs>{held}</invstOrSecs>"
        "</formData></edgarSubmission>"
    )


def _entry(day: str, number: str, form: str = "NPORT-P") -> str:
    return (
        f'<entry><category term="{form}" /><content type="text/xml"><accession-number>{number}</accession-number>'
        f"<filing-date>{day}</filing-date><filing-href>https://www.sec.gov{_ARCHIVES}1100663/{number}/{number}-index.htm"
        f"</filing-href><filing-type>{form}</filing-type></content></entry>"
    )
