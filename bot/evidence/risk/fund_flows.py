"""Money that went into a fund, or out of it, by its number of shares.

Nobody publishes it for free; but assets over the price of a share is the number of shares, and shares are made and
taken back against money. What the bot has not looked at it cannot know, so every figure names the span it covers, and a
number of shares that stands still is a vendor's that has not looked either.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from math import isfinite

import numpy as np

from bot.signals.asof import STALE_AFTER_SECONDS
from bot.signals.bars import FloatArray, IntArray
from bot.signals.timeframe import DAY, Instant

SPLIT_SHARE_CHANGE = 0.25
"""A change of the number of shares beyond this, with assets that hardly move, is a split or a wrong price: no flow."""


STILL_STEPS = 5
"""So many equal numbers of shares after each other are no news that nothing flowed: a large fund's moves each day."""

_SAME = 1e-9


@dataclass(frozen=True, slots=True)
class AssetSnapshot:
    """What a fund said of itself at one instant: total net assets, and the net asset value of a share."""

    at: Instant
    fund: str
    assets: float
    nav: float


@dataclass(frozen=True, slots=True)
class Flow:
    """Money in (above 0) or out (below), in the currency of the assets, from `since` to `until`.

    `whole`: the snapshots reach back over all of the span that was asked for. `unknown` steps between two snapshots
    looked like a split, or the shares stood still since, and are left out of the sum.
    """

    amount: float
    since: Instant
    until: Instant
    whole: bool
    unknown: int = 0


@dataclass(frozen=True, slots=True)
class FundFlows:
    """Flows of one fund up to its newest snapshot; None where no two snapshots lie in the span, or none that tells.

    `still_since` is the instant since which the number of shares has stood still, None where it moves.
    """

    fund: str
    day: Flow | None
    month: Flow | None
    year_to_date: Flow | None
    still_since: Instant | None = None


def fund_flows(snapshots: Iterable[AssetSnapshot], now: Instant) -> Mapping[str, FundFlows]:
    """The flows of each fund over the last day, 30 days and the calendar year (UTC), as known at `now`.

    They count to the fund's newest snapshot. Snapshots in any order; of two at one instant the later one given counts.
    What is no number above 0 is passed over.
    """
    by_fund: dict[str, dict[Instant, AssetSnapshot]] = {}
    for each in snapshots:
        if each.at <= now:
            kept = by_fund.setdefault(each.fund, {})
            if _usable(each):
                kept[each.at] = each
    return {fund: _flows(fund, kept) for fund, kept in by_fund.items()}


def _usable(snapshot: AssetSnapshot) -> bool:
    return all(isfinite(value) and value > 0 for value in (snapshot.assets, snapshot.nav))


def _flows(fund: str, kept: Mapping[Instant, AssetSnapshot]) -> FundFlows:
    if not kept:
        return FundFlows(fund, None, None, None)
    at = np.array(sorted(kept), dtype=np.int64)
    shares, steps = _steps([kept[each] for each in at.tolist()])
    still = _still(shares)
    steps[len(steps) - still :] = np.nan
    until = int(at[-1])
    new_year = int(datetime(datetime.fromtimestamp(until, UTC).year, 1, 1, tzinfo=UTC).timestamp())
    spans = (until - DAY, until - 30 * DAY, new_year)
    day, month, year = (_over(at, steps, since) for since in spans)
    return FundFlows(fund, day, month, year, int(at[-1 - still]) if still else None)


def _still(shares: FloatArray) -> int:
    """How many of the newest steps in a row left the number of shares as it was; 0 for fewer than STILL_STEPS."""
    moved = np.flatnonzero(np.abs(np.diff(shares)) > _SAME * shares[:-1])
    still = len(shares) - 1 - (int(moved[-1]) + 1 if len(moved) else 0)
    return still if still >= STILL_STEPS else 0


def _steps(snapshots: list[AssetSnapshot]) -> tuple[FloatArray, FloatArray]:
    """Numbers of shares, and the flow between each two in a row; NaN where they were split or a price was wrong."""
    assets = np.array([each.assets for each in snapshots])
    nav = np.array([each.nav for each in snapshots])
    shares = assets / nav
    more = np.diff(shares) / shares[:-1]
    split = (np.abs(more) > SPLIT_SHARE_CHANGE) & (np.abs(np.diff(assets) / assets[:-1]) < np.abs(more) / 2)
    return shares, np.where(split, np.nan, np.diff(shares) * nav[1:])


def _over(at: IntArray, steps: FloatArray, since: Instant) -> Flow | None:
    """The flow from the last snapshot at or before `since`, or else from the first one after it."""
    first = int(np.searchsorted(at, since, side="right")) - 1
    whole = first >= 0 and since - int(at[first]) <= STALE_AFTER_SECONDS
    first = first if whole else first + 1
    if first >= len(at) - 1:
        return None
    inside = steps[first:]
    unknown = int(np.isnan(inside).sum())
    if unknown == len(inside):
        return None
    return Flow(float(np.nansum(inside)), int(at[first]), int(at[-1]), whole, unknown)
