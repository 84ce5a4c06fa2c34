"""One source's bars beside another's: closes confirmed or disputed, doubts settled, gaps filled."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from bot.market.model import FetchAnswer
from bot.market.quality.gate import Gated, picked, unsettled
from bot.market.quality.outliers import SuspectPrice
from bot.signals.bars import PRICES, Bars, IntArray, among, distinct, shared
from bot.signals.timeframe import Instant, Timeframe, label

if TYPE_CHECKING:
    from numpy.typing import NDArray

_AGREE_RATIO = 2e-3
"""How far two sources' highs, lows or opens may be apart to bear each other out."""

COMPARABLE_RATIO = 1e-2
"""How far two sources' closes may be apart: beyond, one of them tells of something else."""


@dataclass(frozen=True)
class CrossCheck:
    """Compares the bars of the source `first` with others', one after another.

    Closes that are `agree` apart at most, as a ratio, are the same, and other prices that are `reach_agree` apart. Only
    bars that start at `recent` or later are held or filled, and only those from `since` on are disputed. `told`
    remembers what each source said of a disputed bar, `rivals` what another said of a disputed price.
    """

    first: str
    agree: float
    reach_agree: float
    recent: Instant
    since: Instant
    told: dict[Instant, dict[str, float]] = field(default_factory=dict)
    rivals: dict[tuple[Instant, str], float] = field(default_factory=dict)

    def joined(self, found: Gated, other: FetchAnswer, theirs: Gated) -> Gated:
        """What was found, with what `other` and the gate's judgement of it settle."""
        found = self._borne_out(found, other)
        found = self._decided(found, other, theirs)
        found = self._compared(found, theirs, other.source)
        found = self._disputed(found, theirs, other.source)
        return self._filled(found, theirs, other.source)

    def _borne_out(self, found: Gated, other: FetchAnswer) -> Gated:
        """The bars that were held only for being beyond belief, where the other source has the same prices."""
        doubtful = found.doubtful
        if doubtful is None or not len(doubtful):
            return found
        here, there, apart = _apart(doubtful, other.bars)
        same = apart <= self.agree
        for name in PRICES[:3]:
            same &= ~(np.abs(getattr(other.bars, name)[there] / getattr(doubtful, name)[here] - 1) > self.reach_agree)
        right = here[same & (doubtful.start[here] >= self.recent)]
        if not len(right):
            return found
        taken = picked(doubtful, right)
        note = f"{other.source}: {found.bars.market}: bears out {_days(taken)}"
        confirmed = {**found.confirmed, **dict.fromkeys(taken.start.tolist(), (other.source,))}
        return replace(_accepted(found, taken), notes=(*found.notes, note), confirmed=confirmed)

    def _compared(self, found: Gated, theirs: Gated, source: str) -> Gated:
        """The bars whose close the other source has too are confirmed; new ones that differ are held, with both."""
        bars = found.bars
        if bars.timeframe is not Timeframe.D1 or not len(bars):
            return found
        here, there, apart = _apart(bars, theirs.bars)
        confirmed = dict(found.confirmed)
        for start in bars.start[here[apart <= self.agree]].tolist():
            confirmed[start] = (*confirmed.get(start, ()), source)
        known = np.array([start in confirmed for start in bars.start[here].tolist()], dtype=bool)
        fresh = bars.start[here] >= max(self.recent, self.since)
        odd = (apart > self.agree) & fresh & ~known
        for place, theirs_at in zip(here[odd].tolist(), there[odd].tolist(), strict=True):
            closes = {self.first: float(bars.close[place]), source: float(theirs.bars.close[theirs_at])}
            self.told[int(bars.start[place])] = closes
        found = replace(found, confirmed=confirmed)
        return _held_back(found, here[odd], self.told) if odd.any() else found

    def _disputed(self, found: Gated, theirs: Gated, source: str) -> Gated:
        """New bars without the open, high or low that the other source has otherwise, until a third one decides."""
        bars = found.bars
        if bars.timeframe is not Timeframe.D1 or not len(bars):
            return found
        here, there, _ = _apart(bars, theirs.bars)
        fresh = bars.start[here] >= max(self.recent, self.since)
        columns: dict[str, Any] = {name: np.array(getattr(bars, name)) for name in PRICES}
        doubts: list[SuspectPrice] = []
        for name in PRICES[:3]:
            ours, hers = columns[name][here], getattr(theirs.bars, name)[there]
            for at in np.flatnonzero(fresh & (np.abs(hers / ours - 1) > self.reach_agree)).tolist():
                start = int(bars.start[here[at]])
                if (start, name) in self.rivals:
                    continue
                self.rivals[start, name] = float(hers[at])
                told = f"{self.first} {ours[at]:.10g} and {source} {hers[at]:.10g}"
                doubts.append(SuspectPrice(start, {name: float(ours[at])}, f"the {name} differs: {told}"))
                columns[name][here[at]] = np.nan
        return replace(found, bars=replace(bars, **columns), doubts=(*found.doubts, *doubts)) if doubts else found

    def _decided(self, found: Gated, other: FetchAnswer, theirs: Gated) -> Gated:
        """The doubted prices that the other source bears out, or knows better."""
        columns: dict[str, Any] = {name: np.array(getattr(found.bars, name)) for name in PRICES}
        for doubt in found.doubts:
            at = int(np.searchsorted(found.bars.start, doubt.start))
            for name, ours in doubt.prices.items():
                close, pair = float(found.bars.close[at]), (other.bars, theirs.bars)
                price = _price(name, ours, close, doubt.start, pair)
                rival = self.rivals.get((doubt.start, name))
                if rival is not None and not any(abs(price / each - 1) <= self.reach_agree for each in (ours, rival)):
                    price = np.nan
                columns[name][at] = price
        bars = replace(found.bars, **columns)
        still = tuple(doubt for doubt in found.doubts if unsettled(doubt, bars))
        done = [label(doubt.start, bars.timeframe) for doubt in found.doubts if doubt not in still]
        told = (f"{other.source}: {bars.market}: settles what was odd on {', '.join(done)}",) if done else ()
        return replace(found, bars=bars, doubts=still, notes=(*found.notes, *told))

    def _filled(self, found: Gated, theirs: Gated, source: str) -> Gated:
        """The bars that were missing or held back, where the other source has good ones; of disputed ones by vote."""
        wanted = distinct(np.concatenate([found.missing, found.suspect]))
        which = among(theirs.bars.start, wanted)
        for at in np.flatnonzero(which).tolist():
            which[at] = self._outvoted(int(theirs.bars.start[at]), source, float(theirs.bars.close[at]))
        if not which.any():
            return found
        taken = picked(theirs.bars, which)
        left = _accepted(found, taken)
        missing = left.missing[~among(left.missing, taken.start)]
        note = f"{source}: {found.bars.market}: gave {_days(taken)}"
        return replace(left, missing=missing, notes=(*found.notes, note))

    def _outvoted(self, start: Instant, source: str, close: float) -> bool:
        """Whether a bar is not disputed, or one more source than this has its close."""
        if start not in self.told:
            return True
        others = [each for name, each in self.told[start].items() if name != source]
        self.told[start][source] = close
        return any(abs(each / close - 1) <= self.agree for each in others)


def _apart(ours: Bars, theirs: Bars) -> tuple[NDArray[np.intp], NDArray[np.intp], Any]:
    """Positions of the bars that both have, and how far the closes are apart, as ratios."""
    here, there = shared(ours.start, theirs.start)
    return here, there, np.abs(theirs.close[there] / ours.close[here] - 1)


def _accepted(found: Gated, taken: Bars) -> Gated:
    """The bars taken in, and no longer held."""
    still = ~among(found.suspect, taken.start)
    held = tuple(reason for reason, keep in zip(found.held, still, strict=True) if keep)
    doubtful = found.doubtful
    if doubtful is not None:
        doubtful = picked(doubtful, ~among(doubtful.start, taken.start))
    return replace(found, bars=found.bars.merged(taken), held=held, suspect=found.suspect[still], doubtful=doubtful)


def _held_back(found: Gated, places: NDArray[np.intp], told: dict[Instant, dict[str, float]]) -> Gated:
    """The bars at these places taken out again and held, as sound ones whose close is disputed."""
    taken = picked(found.bars, places)
    keep = np.ones(len(found.bars), dtype=bool)
    keep[places] = False
    starts: IntArray = np.concatenate([found.suspect, taken.start])
    order = np.argsort(starts, kind="stable")
    held = [*found.held, *(_dispute(taken, at, told) for at in range(len(taken)))]
    return replace(
        found,
        bars=picked(found.bars, keep),
        held=tuple(held[at] for at in order.tolist()),
        suspect=starts[order],
        doubtful=found.doubtful.merged(taken) if found.doubtful is not None else taken,
        doubts=tuple(doubt for doubt in found.doubts if doubt.start not in taken.start),
    )


def _dispute(taken: Bars, at: int, told: dict[Instant, dict[str, float]]) -> str:
    closes = " and ".join(f"{name} {close:.10g}" for name, close in told[int(taken.start[at])].items())
    return f"{taken.market} {taken.label(at)}: its sources differ ({closes})"


def _price(name: str, ours: float, close: float, start: Instant, theirs: tuple[Bars, Bars]) -> float:
    """Ours where the other source tells the same, else theirs where the gate believes it, else unknown."""
    for bars in theirs:
        at = bars.position(start)
        if at is None or abs(float(bars.close[at]) / close - 1) > COMPARABLE_RATIO:
            return np.nan
    raw, judged = (float(getattr(bars, name)[bars.position(start)]) for bars in theirs)
    if ours > 0 and abs(raw / ours - 1) <= _AGREE_RATIO:
        return ours
    holds = {"high": np.fmax, "low": np.fmin}.get(name)
    return float(holds(judged, close)) if holds and np.isfinite(judged) else judged


def _days(bars: Bars) -> str:
    """The first three bars by name, and how many more."""
    more = f" and {len(bars) - 3} more" if len(bars) > 3 else ""
    return ", ".join(bars.label(at) for at in range(min(len(bars), 3))) + more
