"""DefiLlama as a source: the supply of all stablecoins, crypto's own money, in billions of dollars."""

from __future__ import annotations

from typing import Any, Literal

from bot.market.figures import released
from bot.market.http import get_json
from bot.market.model import FetchAnswer, FetchRequest, SourceError, SourceErrorKind
from bot.market.source_type import SourceType, single
from bot.signals.timeframe import DAY, Instant

KIND = "defillama"
SOURCE = SourceType(
    KIND, Literal["stablecoins"], "bot.market.sources.macro.defillama:fetch", single(KIND), calendar="releases/utc-day"
)

_ADDRESS = "https://stablecoins.llama.fi"


def fetch(request: FetchRequest) -> FetchAnswer:
    """The supply at the beginning of each UTC day. Option: `base_url`. Raises SourceError."""
    base_url = str(request.source.options.get("base_url", _ADDRESS))
    document = get_json(KIND, f"{base_url}/stablecoincharts/all")
    if not isinstance(document, list):
        raise SourceError(SourceErrorKind.BROKEN, KIND, f"stablecoins: no list of days: {str(document)[:120]}")
    return released(request, dict(filter(None, map(_figure, document))))


def _figure(row: Any) -> tuple[Instant, float] | None:
    """The day of a row and its supply, all pegs together; None where it tells none. Raises SourceError."""
    try:
        day, pegs = int(row["date"]), row["totalCirculatingUSD"]
        total = sum(float(each) for each in pegs.values())
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        detail = f"stablecoins: {type(error).__name__}: {error}"[:200]
        raise SourceError(SourceErrorKind.BROKEN, KIND, detail) from error
    return (day - day % DAY, total / 1e9) if total > 0 else None
