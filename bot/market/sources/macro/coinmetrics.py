"""Coin Metrics' community data as a source: what altcoins are worth, and what the largest of each month did."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime
from math import isfinite
from typing import Any, Literal
from urllib.parse import urlencode

from bot.market.figures import released
from bot.market.http import get_json
from bot.market.model import FetchAnswer, FetchRequest, SourceError, SourceErrorKind
from bot.market.source_type import SourceType, single
from bot.signals.timeframe import DAY, Instant, day_of, start_of

KIND = "coinmetrics"
SOURCE = SourceType(
    KIND,
    Literal["altcoin_cap", "largest_returns"],
    "bot.market.sources.macro.coinmetrics:fetch",
    single(KIND),
    calendar="releases/day-end",
)

COINS = (
    "eth,xrp,ltc,bch,bsv,eos,xlm,ada,trx,bnb,sol,doge,dot,link,avax,luna,ftt,matic,shib,uni,xmr,dash,neo,etc,xem,zec,"
    "xtz,atom,algo,vet,theta,fil,icp,near,apt,sui,ton,hbar,egld,aave,mkr,comp,snx,crv,sushi,yfi,cro,leo,okb,ht,btg,dcr,"
    "dgb,waves,qtum,omg,zrx,bat,lsk,icx,maid,ppc,nmc,ftc,xpm,nxt,rep,xvg,iota,hype,arb,op,pepe,tao,kas"
)
"""Coins that were large at one time or another, dead ones too; none that is tied to another coin or to a currency."""

_ADDRESS = "https://community-api.coinmetrics.io"
_FIRST = 1_364_774_400
"""2013-04-01: before, there was hardly anything beside Bitcoin."""

_ROWS = 10_000
REQUEST_PAUSE_S = 0.7
"""Seconds between two requests: ten in six seconds are allowed."""

BUDGET_S = 40.0
"""Seconds after which no further page is asked for: the rest comes with the next question."""

_CARRIED = 7 * DAY
"""How long a coin's last figure stands in a sum, in seconds: a day's gap is no fall."""

_FEWEST = 3
_LARGEST = 9
_TOO_MUCH = 3.0
"""A figure so many times that of the day before counts other coins, not a rise; downwards everything has happened."""

Caps = Mapping[Instant, Mapping[str, float]]
"""Capitalisations in dollars at the end of UTC days, by coin."""


def fetch(request: FetchRequest) -> FetchAnswer:
    """Figures of UTC days, with the number of coins in each as volume. Raises SourceError.

    altcoin_cap: dollars, all of COINS that are covered. largest_returns: mean of the day's returns, as ratios, of the
    nine largest at the end of the month before; those are known then, and a coin that dies stays in to its last figure.
    Options: `coins` (instead of nine), `base_url`.
    """
    month = datetime.fromtimestamp(max(request.since, _FIRST), UTC).date().replace(day=1)
    caps = _caps(request, start_of(month.isoformat()) - _CARRIED)
    if request.source.symbol == "altcoin_cap":
        figures = _sums(caps)
    else:
        figures = _returns(caps, int(request.source.options.get("coins", _LARGEST)))
    values = {day: value for day, (value, _) in figures.items()}
    return released(request, values, counts={day: float(coins) for day, (_, coins) in figures.items()})


def _caps(request: FetchRequest, since: Instant) -> Caps:
    """The capitalisations from `since` on; of a history that takes too long its older days."""
    found: dict[Instant, dict[str, float]] = defaultdict(dict)
    token, begun = "", time.monotonic()
    while True:
        rows, token = _page(request, since, token)
        for day, coin, cap in rows:
            found[day][coin] = cap
        if not token:
            return dict(sorted(found.items()))
        if time.monotonic() - begun > BUDGET_S:
            return dict(sorted(found.items())[:-1])  # the last day may lack coins
        time.sleep(REQUEST_PAUSE_S)


def _page(request: FetchRequest, since: Instant, token: str) -> tuple[list[tuple[Instant, str, float]], str]:
    base_url = str(request.source.options.get("base_url", _ADDRESS))
    query = {
        "assets": COINS,
        "metrics": "CapMrktEstUSD",
        "frequency": "1d",
        "start_time": day_of(since).isoformat(),
        "sort": "time",
        "paging_from": "start",
        "page_size": _ROWS,
        "ignore_forbidden_errors": "true",
        "ignore_unsupported_errors": "true",
    }
    asked = urlencode(query | ({"next_page_token": token} if token else {}))
    document: Any = get_json(KIND, f"{base_url}/v4/timeseries/asset-metrics?{asked}")
    try:
        rows = [_row(row) for row in document["data"]]
    except (KeyError, TypeError, ValueError) as error:
        said = f"{type(error).__name__}: {str(document)[:120]}"
        raise SourceError(SourceErrorKind.BROKEN, KIND, said) from error
    return [row for row in rows if row is not None], str(document.get("next_page_token") or "")


def _row(row: Any) -> tuple[Instant, str, float] | None:
    """Day, coin and capitalisation; None where it has none. Every number is a text, and times have nanoseconds."""
    cap = float(row.get("CapMrktEstUSD") or "nan")
    known = isfinite(cap) and cap > 0
    return (start_of(str(row["time"])[:10]), str(row["asset"]), cap) if known else None


def _sums(caps: Caps) -> dict[Instant, tuple[float, int]]:
    """The sum over the coins, each by its newest figure, and how many they are."""
    newest: dict[str, tuple[Instant, float]] = {}
    found = {}
    for day, of_day in caps.items():
        newest |= {coin: (day, cap) for coin, cap in of_day.items()}
        standing = [cap for at, cap in newest.values() if day - at <= _CARRIED]
        if len(standing) >= _FEWEST:
            found[day] = (sum(standing), len(standing))
    return found


def _returns(caps: Caps, coins: int) -> dict[Instant, tuple[float, int]]:
    """The mean return of each day of the coins that were the largest when its month began, and of how many it is."""
    found, members, month = {}, frozenset[str](), ""
    before: Mapping[str, float] = {}
    for day, of_day in caps.items():
        if (now := day_of(day).isoformat()[:7]) != month:
            members = frozenset(sorted(before, key=lambda coin: before[coin], reverse=True)[:coins])
            month = now
        changes = [of_day[coin] / before[coin] for coin in members if coin in of_day and coin in before]
        believed = [change - 1 for change in changes if change < _TOO_MUCH]
        if len(believed) >= _FEWEST:
            found[day] = (sum(believed) / len(believed), len(believed))
        before = of_day
    return found
