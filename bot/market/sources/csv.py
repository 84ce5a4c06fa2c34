"""CSV files as a source: bars of a file, with what is odd about its rows."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bot.market.expected_bars import placed
from bot.market.model import FetchAnswer, FetchRequest, SourceError, SourceErrorKind
from bot.market.source_type import SourceType, single
from bot.market.sources.csv_table import Table, read_table
from bot.problem import ProblemError
from bot.signals.bars import COLUMNS, PRICES, Bars, FloatArray
from bot.signals.sessions import Sessions
from bot.signals.timeframe import Instant, Timeframe, label

KIND = "csv"
SOURCE = SourceType(KIND, Path, "bot.market.sources.csv:fetch", single(KIND))


@dataclass(frozen=True, slots=True, eq=False)
class CsvBars:
    """The bars of a file, and what is odd about it without making it unusable."""

    bars: Bars
    doubts: tuple[str, ...]


def read_csv(
    path: Path, market: str, sessions: Sessions, timeframe: Timeframe = Timeframe.D1, since: Instant | None = None
) -> CsvBars:
    """All bars of a file from the one that starts at `since` on, with what is odd about the rows.

    A daily bar closes with its session; on a date without one at 21:00 UTC. A file with `close` and no other
    price gives open = high = low = close; else what is blank is NaN. A row without a close is no bar.
    Raises ProblemError with every problem in the file.
    """
    table = read_table(path)
    if table.intraday != (timeframe is not Timeframe.D1):
        held = "bars within a day" if table.intraday else "daily bars"
        return CsvBars(Bars.empty(market, timeframe), (f"{path}: holds {held}, not {timeframe}",))
    columns = _columns(table)
    where = placed(table.starts, sessions, timeframe)
    known = np.isfinite(columns["close"])
    wanted = np.ones(len(known), dtype=bool) if since is None else table.starts >= since
    stays = where.inside if table.intraday else np.ones_like(wanted)
    doubts = (
        *_doubt(path, table, timeframe, wanted & ~known, "without a close, left out"),
        *_doubt(path, table, timeframe, wanted & ~where.inside, _unexpected(sessions, intraday=table.intraday)),
    )
    keep = wanted & known & stays
    bars = Bars(market, timeframe, table.starts[keep], where.end[keep], *(columns[name][keep] for name in COLUMNS))
    return CsvBars(bars, doubts)


def fetch(request: FetchRequest) -> FetchAnswer:
    """The bars of the file that the source's symbol names, as they were known at the request's `now`.

    There is never a forming one: what a file holds of a bar is how it ended, which nobody knew before.
    """
    try:
        found = read_csv(
            Path(request.source.symbol), request.market, request.sessions, request.timeframe, request.since
        )
    except ProblemError as error:
        raise SourceError(SourceErrorKind.BROKEN, request.source.name, _in_brief(error)) from error
    forming = Bars.empty(request.market, request.timeframe)
    return FetchAnswer(found.bars.known_at(request.now), forming, request.source.name, found.doubts)


def _columns(table: Table) -> dict[str, FloatArray]:
    close = table.numbers["close"]
    alone = not any(name in table.numbers for name in PRICES[:3])
    unknown = np.full(len(close), np.nan)
    columns = {name: table.numbers.get(name, close if alone else unknown) for name in PRICES}
    return columns | {"volume": table.numbers.get("volume", unknown)}


def _unexpected(sessions: Sessions, *, intraday: bool) -> str:
    what = f"no session of {sessions.calendar}"
    return f"in {what}, left out" if intraday else what


def _doubt(path: Path, table: Table, timeframe: Timeframe, odd: np.ndarray, why: str) -> tuple[str, ...]:
    places = np.flatnonzero(odd)
    if not len(places):
        return ()
    first = int(places[0])
    count = f"{len(places)} rows" if len(places) > 1 else "1 row"
    return (f"{path}:{table.lines[first]}: {label(int(table.starts[first]), timeframe)}: {why} ({count})",)


def _in_brief(error: ProblemError) -> str:
    more = len(error.problems) - 3
    said = "; ".join(str(problem) for problem in error.problems[:3])
    return f"{said}; and {more} more" if more > 0 else said
