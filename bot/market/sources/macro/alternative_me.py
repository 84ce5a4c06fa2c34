"""alternative.me as a source: the fear and greed index of crypto, from 0 (fear) to 100 (greed)."""

from __future__ import annotations

from typing import Literal

from bot.market.figures import released
from bot.market.http import get_json
from bot.market.model import FetchAnswer, FetchRequest, SourceError, SourceErrorKind
from bot.market.source_type import SourceType, single
from bot.signals.timeframe import DAY

KIND = "alternative_me"
SOURCE = SourceType(
    KIND,
    Literal["fear_and_greed"],
    "bot.market.sources.macro.alternative_me:fetch",
    single(KIND),
    calendar="releases/day-start",
)

_ADDRESS = "https://api.alternative.me"


def fetch(request: FetchRequest) -> FetchAnswer:
    """The index of each UTC day, which is told at its beginning. Option: `base_url`. Raises SourceError."""
    base_url = str(request.source.options.get("base_url", _ADDRESS))
    days = 0 if request.now - request.since > 30 * DAY else 40  # 0 is all that there are
    document = get_json(KIND, f"{base_url}/fng/?limit={days}")
    try:
        figures = {int(row["timestamp"]): float(row["value"]) for row in document["data"]}
    except (KeyError, TypeError, ValueError) as error:
        detail = f"fear and greed: {type(error).__name__}: {error}"[:200]
        raise SourceError(SourceErrorKind.BROKEN, KIND, detail) from error
    odd = next((value for value in figures.values() if not 0 <= value <= 100), None)
    if odd is not None:
        raise SourceError(SourceErrorKind.BROKEN, KIND, f"fear and greed: {odd:g} is not between 0 and 100")
    return released(request, {at - at % DAY: value for at, value in figures.items()})
