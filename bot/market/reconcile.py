"""Bars that one source lacks or tells oddly, settled by the sources behind it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from bot.market.feed import Feed, NoSource
from bot.market.gate import Gated, gate, picked, unsettled
from bot.market.model import FetchAnswer, Market
from bot.signals.bars import PRICES, Bars, among
from bot.signals.sessions import Sessions
from bot.signals.timeframe import DAY, Instant, Timeframe, label

RECENT = 30 * DAY
"""Seconds back from now within which other sources are asked; what is odd about older bars stays as it is."""

_BESIDE = 7 * DAY
"""Seconds before the first bar in question that another source is asked for too, to see whether it can be compared."""

_AGREE = 2e-3
"""How far two sources' prices may be apart, as a ratio, to bear each other out."""

_COMPARABLE = 1e-2
"""How far two sources' closes may be apart, as a ratio: beyond, one of them tells of something else."""

_FITTING = 0.25
"""As _COMPARABLE, from one bar to a later one."""


@dataclass(frozen=True)
class GateContext:
    """What the bars of one market are judged by, see `gate`: the bars from `since` on are those that are expected."""

    market: Market
    sessions: Sessions
    now: Instant
    since: Instant | None = None
    history: Bars | None = None
    sister: Bars | None = None

    def gated(self, answer: FetchAnswer) -> Gated:
        """The gate's judgement of one source's answer."""
        return gate(answer, self.sessions, self.now, self.since, history=self.history, sister=self.sister)


async def reconcile(feed: Feed, answer: FetchAnswer, setting: GateContext) -> Gated:
    """The answer's bars after the gate, and after the sources behind its own were asked for what is open.

    A doubted price passes where another source tells the same, and gives way to another source's that is not
    doubted; a missing bar, or one held back, is taken from the next source that has a good one. What stays open is told
    as the gate tells it, what the others gave in `notes`. Raises nothing for a source that fails.
    """
    found, source = setting.gated(answer), answer.source
    for _ in setting.market.sources:
        first = _first_open(found, setting)
        if first is None or found.rescaled != 1.0 or not len(setting.sessions):
            break
        begin = max(first - _BESIDE, int(setting.sessions.start[0]))
        span = (answer.bars.timeframe, setting.sessions, begin, setting.now)
        try:
            other = await feed.fetch(setting.market, *span, after=source)
        except NoSource as error:
            if error.errors:
                found = replace(found, notes=(*found.notes, *map(str, error.errors)))
            break
        found, source = joined(found, other, setting), other.source
    return found


def joined(found: Gated, other: FetchAnswer, setting: GateContext) -> Gated:
    """What was found, with what another source's answer settles of it. One on another scale settles nothing."""
    theirs = setting.gated(other)
    known = setting.history.merged(found.bars) if setting.history is not None else found.bars
    if not _comparable(known, other.bars):
        note = f"{other.source}: {found.bars.market}: its closes are others, not used"
        return replace(found, notes=(*found.notes, note)) if len(other.bars) else found
    return _filled(_decided(found, other, theirs), theirs, other.source)


def _first_open(found: Gated, setting: GateContext) -> Instant | None:
    """Start of the oldest recent bar that is missing, doubted, or held back although it should be there."""
    daily = found.bars.timeframe is Timeframe.D1
    held = [at for at in found.suspect.tolist() if not daily or setting.sessions.position(at) is not None]
    starts = [*found.missing.tolist(), *held, *(doubt.start for doubt in found.doubts)]
    return min((start for start in starts if start >= setting.now - RECENT), default=None)


def _comparable(known: Bars, theirs: Bars) -> bool:
    """Whether both have the same closes at the bars that they share; where they share none, whether theirs fits on."""
    if not len(known) or not len(theirs):
        return bool(len(theirs))
    _, here, there = np.intersect1d(known.start, theirs.start, return_indices=True)
    if len(here):
        apart = float(np.median(np.abs(theirs.close[there] / known.close[here] - 1)))
        return apart <= _COMPARABLE
    before = max(int(np.searchsorted(known.start, theirs.start[0])) - 1, 0)
    return abs(float(theirs.close[0] / known.close[before]) - 1) <= _FITTING


def _decided(found: Gated, other: FetchAnswer, theirs: Gated) -> Gated:
    """The doubted prices that the other source bears out, or knows better."""
    columns: dict[str, Any] = {name: np.array(getattr(found.bars, name)) for name in PRICES}
    for doubt in found.doubts:
        at = int(np.searchsorted(found.bars.start, doubt.start))
        for name, ours in doubt.prices.items():
            columns[name][at] = _price(name, ours, float(found.bars.close[at]), doubt.start, (other.bars, theirs.bars))
    bars = replace(found.bars, **columns)
    still = tuple(doubt for doubt in found.doubts if unsettled(doubt, bars))
    done = [label(doubt.start, bars.timeframe) for doubt in found.doubts if doubt not in still]
    told = (f"{other.source}: {bars.market}: settles what was odd on {', '.join(done)}",) if done else ()
    return replace(found, bars=bars, doubts=still, notes=(*found.notes, *told))


def _price(name: str, ours: float, close: float, start: Instant, theirs: tuple[Bars, Bars]) -> float:
    """Ours where the other source tells the same, else theirs where the gate believes it, else unknown."""
    for bars in theirs:
        at = bars.position(start)
        if at is None or abs(float(bars.close[at]) / close - 1) > _COMPARABLE:
            return np.nan
    raw, judged = (float(getattr(bars, name)[bars.position(start)]) for bars in theirs)
    if abs(raw / ours - 1) <= _AGREE:
        return ours
    holds = {"high": np.fmax, "low": np.fmin}.get(name)
    return float(holds(judged, close)) if holds and np.isfinite(judged) else judged


def _filled(found: Gated, theirs: Gated, source: str) -> Gated:
    """The bars that were missing or held back, where the other source has good ones."""
    wanted = np.union1d(found.missing, found.suspect)
    which = np.flatnonzero(among(theirs.bars.start, wanted))
    if not len(which):
        return found
    taken = picked(theirs.bars, which)
    held = ~among(found.suspect, taken.start)
    days = ", ".join(taken.label(at) for at in range(min(len(taken), 3)))
    more = f" and {len(taken) - 3} more" if len(taken) > 3 else ""
    return replace(
        found,
        bars=found.bars.merged(taken),
        held=tuple(reason for reason, keep in zip(found.held, held, strict=True) if keep),
        suspect=found.suspect[held],
        missing=found.missing[~among(found.missing, taken.start)],
        notes=(*found.notes, f"{source}: {found.bars.market}: gave {days}{more}"),
    )
