"""Markets, their sources, and what a source is asked, answers and fails with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

from bot.printable import printable
from bot.signals.bars import Bars
from bot.signals.sessions import Sessions
from bot.signals.timeframe import Instant, Timeframe


class MarketKind(StrEnum):
    """What sort of thing is traded; decides how it is spoken of and which checks apply."""

    INDEX = "index"
    EQUITY = "equity"
    CRYPTO = "crypto"
    BASKET = "basket"
    SERIES = "series"
    MACRO = "macro"


@dataclass(frozen=True, slots=True)
class Source:
    """One place for one market's bars: `^RUT` at yahoo, `BTC/USDT` at binance, a CSV file.

    `kind` is that of a SourceType. `name` is what people read and what a circuit breaker is kept for: "yahoo",
    "binance", "csv". `options` are plain data that go to the vendor's library as they are (ccxt); since they may hold
    an API key, no text of a source shows them.
    """

    kind: str
    name: str
    symbol: str
    options: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Market:
    """A name in the config, bound to its sources in the order in which they are tried.

    `calendar` is an exchange's code ("XNYS") or "24/7". A basket has `members` (names of markets) and no
    sources of its own. `sister` names a market that moves alike, by which odd prices are judged; "" is none.
    """

    name: str
    title: str
    kind: MarketKind
    calendar: str
    sources: tuple[Source, ...] = ()
    members: tuple[str, ...] = ()
    sister: str = ""


class FetchRequest(NamedTuple):
    """One question to one source: the bars of `market` from the one that starts at `since`, as of `now`.

    `sessions` are those of the market's calendar from `since` on; they say when each daily bar closes.
    """

    market: str
    timeframe: Timeframe
    source: Source
    sessions: Sessions
    since: Instant
    now: Instant


@dataclass(frozen=True, slots=True)
class FetchAnswer:
    """What a source said: closed bars only, the forming one apart, and what was left out and why.

    `contested` are the starts of bars that it told twice with different closes. `splits` are those that the source
    reports within its answer: the start of the first bar in new shares, and how many came of one.
    """

    bars: Bars
    forming: Bars
    source: str
    problems: tuple[str, ...] = ()
    contested: tuple[Instant, ...] = ()
    splits: tuple[tuple[Instant, float], ...] = ()


LONGEST_DETAIL = 600
"""Characters of what a vendor said, which may be a whole page, or what moves the cursor of a terminal."""


class SourceErrorKind(StrEnum):
    """Why a source gave no bars."""

    TIMEOUT = "timeout"
    RATE_LIMITED = "rate limited"
    REFUSED = "refused"  # by country, by key: asking again is useless for long
    NO_DATA = "no data"
    UNKNOWN_SYMBOL = "unknown symbol"
    BROKEN = "broken answer"
    UNREACHABLE = "unreachable"


class SourceError(Exception):
    """A source gave no bars. Picklable: it crosses from the worker process. `detail` is cut, and is printable."""

    def __init__(self, kind: SourceErrorKind, source: str, detail: str, retry_after: float | None = None) -> None:
        detail = printable(detail if len(detail) <= LONGEST_DETAIL else f"{detail[:LONGEST_DETAIL]}…")
        super().__init__(kind, source, detail, retry_after)
        self.kind = kind
        self.source = source
        self.detail = detail
        self.retry_after = retry_after

    def __str__(self) -> str:
        return f"{self.source}: {self.kind}: {self.detail}"
