"""The gate: which of a source's bars are believed, and which ones should be there and are not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import bottleneck as bn
import numpy as np

from bot.market.expected_bars import between, expected_bars
from bot.market.model import FetchAnswer
from bot.market.quality.closes import LARGEST_SPLIT, suspect_closes
from bot.market.quality.fields import outside, without_nonsense
from bot.market.quality.outliers import SuspectPrice, suspect_prices
from bot.market.quality.splits import estranged, leapt, repeated, reported, rescaled
from bot.signals.bars import COLUMNS, PRICES, Bars, IntArray, Mask, among, shared
from bot.signals.sessions import ROUND_THE_CLOCK, Sessions
from bot.signals.timeframe import Instant, Timeframe

_SAME_CLOSE_RATIO = 1e-3
"""How far a vendor's later close may be from the first, as a ratio, for the bar to count as unchanged."""

_MEASURED_BY_BARS = 300
"""Known bars before an answer that its own are measured by."""


@dataclass(frozen=True, slots=True, eq=False)
class Gated:
    """Bars that passed; why others are held back; starts of the bars that should be there.

    `suspect` has the starts of the bars held back, `held` the reasons, in the same order. `doubtful` are those of them
    that are sound in themselves and only beyond belief, so that another source may bear them out. A bar with a doubtful
    high, low or open has passed without that price, and `doubts` say which. `rescaled` is by how much the source's
    prices differ from all that was known, 1.0 as a rule: after a split the whole history must be fetched anew, and
    where it is NaN, too. `strange` is the same of prices that are held as nobody explains them.
    `notes` tell what other sources contributed, and `confirmed` which of them have the same closes, by start.
    """

    bars: Bars
    held: tuple[str, ...]
    suspect: IntArray
    missing: IntArray
    doubts: tuple[SuspectPrice, ...] = ()
    rescaled: float = 1.0
    strange: float = 1.0
    notes: tuple[str, ...] = ()
    doubtful: Bars | None = None
    confirmed: dict[Instant, tuple[str, ...]] = field(default_factory=dict)


def gate(
    answer: FetchAnswer,
    sessions: Sessions,
    now: Instant,
    since: Instant | None = None,
    *,
    history: Bars | None = None,
    sister: Bars | None = None,
    splits: bool = True,
    same: float = 2e-3,
    patient: bool = True,
) -> Gated:
    """The answer's closed bars, checked one by one against the sessions, against themselves and what surrounds them.

    Bars are expected from `since` on (a start); by default from the answer's first bar. A field that can't be becomes
    unknown, and in passing a high or a low that is off by no more than float noise is put right. Of equities' bars
    within a day only sessions without any bar are missing: in a quiet half hour nobody trades. A bar held back is not
    missing.

    `history` are the bars known of the market: daily bars are measured by the latest of them, and what was believed
    once of a bar stays believed. `sister` is a market that moves alike, whose bars bear out what stands alone. Prices
    on another scale than the known ones are held: without `splits`, as of an index, as a mistake of the source, else
    until the source reports a split. So are closes of which most are not those known, by more than `same` as a ratio.
    Who is not `patient` any more believes both.
    """
    bars, nonsense = without_nonsense(answer.bars)
    reasons = _checked_alone(bars, answer, sessions, now)
    past = _Past(bars, history, sister, crypto=sessions.calendar == ROUND_THE_CLOCK)
    shares = splits and 1 / LARGEST_SPLIT < past.scale < LARGEST_SPLIT
    anew = past.anew(answer, bars, shares=shares, same=same, patient=patient)
    strange = "" if anew else past.strangeness(bars, same)
    sound = past.hold_strangers(bars, reasons, strange, splits=splits)
    passed = _free(bars, reasons)
    believed, found = past.doubted(picked(bars, passed), nonsense)
    missing, doubtful = _missing(bars, sessions, now, since), picked(bars, sound & ~passed)
    new, odd = (past.new_scale if each else 1.0 for each in (anew, strange))
    held = tuple(reasons[at] for at in sorted(reasons))
    return Gated(believed, held, bars.start[~passed], missing, found, new, odd, doubtful=doubtful)


def _checked_alone(bars: Bars, answer: FetchAnswer, sessions: Sessions, now: Instant) -> dict[int, str]:
    """Why bars are held back for what they say themselves, by their positions."""
    reasons: dict[int, str] = {}
    for check, reason in _CHECKS:
        _hold(bars, reasons, check(bars, sessions, now), reason)
    _hold(bars, reasons, among(bars.start, np.array(sorted(answer.contested), dtype=np.int64)), _CONTESTED)
    return reasons


def witness(answer: FetchAnswer, sessions: Sessions, now: Instant, history: Bars | None) -> Bars:
    """The bars of an answer that may bear out another market's: all that are sound and not the one before again."""
    bars, _ = without_nonsense(answer.bars)
    reasons: dict[int, str] = {}
    for check, reason in _CHECKS:
        _hold(bars, reasons, check(bars, sessions, now), reason)
    _Past(bars, history, None).hold_impostors(bars, reasons, _REPEAT)
    return picked(bars, _free(bars, reasons))


_CONTESTED = "the source tells it twice, with different closes"

Check = Callable[[Bars, Bars | None], Mask]

_LEAP: tuple[Check, str] = (leapt, "it leaps away from the bars before; a split served unadjusted?")
_REPEAT: tuple[Check, str] = (repeated, "it is the bar before once more")


class _Past:
    """What is known from before the answer, in the answer's prices, and what daily bars look like beside it."""

    def __init__(self, bars: Bars, history: Bars | None, sister: Bars | None, *, crypto: bool = False) -> None:
        self._known = history if history is not None else Bars.empty(bars.market, bars.timeframe)
        self._sister = sister
        self._crypto = crypto
        self.scale = rescaled(self._known, bars)
        count = int(np.searchsorted(self._known.start, bars.start[0])) if len(bars) else 0
        latest = self._known.slice(max(0, count - _MEASURED_BY_BARS), count)
        scaled: dict[str, Any] = {name: getattr(latest, name) * self.scale for name in PRICES}
        self._latest = replace(latest, **scaled)

    @property
    def new_scale(self) -> float:
        """By how much the answer's prices differ from the known ones; NaN where they are others without a ratio."""
        return self.scale if self.scale != 1.0 else np.nan

    def anew(self, answer: FetchAnswer, bars: Bars, *, shares: bool, same: float, patient: bool) -> bool:
        """Whether other prices than the known ones are to be believed, and all history fetched again."""
        if self.scale != 1.0:
            return shares and (reported(answer.splits, self.scale) or not patient)
        return not patient and self._estranged(bars, same)

    def strangeness(self, bars: Bars, same: float) -> str:
        """Why none of the bars can be of this market; "" where they can."""
        if self.scale != 1.0:
            return f"its prices are {self.scale:.3g} times those known, which nothing here explains"
        return "its closes of the days before are not those known" if self._estranged(bars, same) else ""

    def _estranged(self, bars: Bars, same: float) -> bool:
        return bars.timeframe is Timeframe.D1 and estranged(self._known, bars, same)

    def hold_strangers(self, bars: Bars, reasons: dict[int, str], strange: str, *, splits: bool) -> Mask:
        """Hold back what does not go with what surrounds it. Returns where bars were sound but for that."""
        sound = _free(bars, reasons)
        if strange:
            _hold(bars, reasons, sound, strange)
        if splits:  # what has no shares can't be split; and who shows a split unadjusted bears out nothing
            self.hold_impostors(bars, reasons, _LEAP)
            sound = _free(bars, reasons)
        self.hold_impostors(bars, reasons, _REPEAT)
        self.hold_closes(bars, reasons)
        return sound

    def hold_impostors(self, bars: Bars, reasons: dict[int, str], check: tuple[Check, str]) -> None:
        """Note which of the daily bars without a reason can't be of this market as a whole, by a check of splits."""
        if bars.timeframe is not Timeframe.D1:
            return
        places = np.flatnonzero(_free(bars, reasons))
        odd = np.zeros(len(bars), dtype=bool)
        odd[places] = check[0](self._after_latest(picked(bars, places)), self._sister)[len(self._latest) :]
        _hold(bars, reasons, odd, check[1])

    def hold_closes(self, bars: Bars, reasons: dict[int, str]) -> None:
        """Note which of the daily bars without a reason have a close that nothing bears out."""
        if bars.timeframe is not Timeframe.D1:
            return
        places = np.flatnonzero(_free(bars, reasons))
        context = self._after_latest(picked(bars, places))
        first = len(self._latest)
        known = np.concatenate([np.ones(first, dtype=bool), self._unchanged(bars)[places]])
        for suspect in suspect_closes(context, self._sister, first, known, crypto=self._crypto):
            at = int(places[suspect.at - first])
            reasons[at] = _said(bars, at, suspect.reason)

    def doubted(self, bars: Bars, nonsense: list[SuspectPrice]) -> tuple[Bars, tuple[SuspectPrice, ...]]:
        """The bars without the prices that are doubtful; of a bar that is known those that were believed stay."""
        found = [doubt for doubt in nonsense if bars.position(doubt.start) is not None]
        if bars.timeframe is Timeframe.D1:
            context = self._after_latest(bars)
            found += suspect_prices(context, self._sister, len(self._latest), crypto=self._crypto)
        if not found:
            return bars, ()
        columns: dict[str, Any] = {name: np.array(getattr(bars, name)) for name in PRICES}
        for doubt in found:
            at = int(np.searchsorted(bars.start, doubt.start))
            for name in doubt.prices:
                columns[name][at] = self._before(name, doubt.start, float(bars.close[at]))
        left = replace(bars, **columns)
        return left, tuple(doubt for doubt in found if unsettled(doubt, left))

    def _after_latest(self, bars: Bars) -> Bars:
        """The bars behind those that they are measured by; as they are where there are none, as in a whole history."""
        return self._latest.merged(bars) if len(self._latest) else bars

    def _before(self, name: str, start: Instant, close: float) -> float:
        """The price that was believed of a known bar, where its close is still the same; else unknown."""
        at = self._known.position(start)
        if at is None or abs(float(self._known.close[at]) / close - 1) > _SAME_CLOSE_RATIO:
            return np.nan
        return float(getattr(self._known, name)[at])

    def _unchanged(self, bars: Bars) -> Mask:
        """Which bars are known already, with the same close."""
        same = np.zeros(len(bars), dtype=bool)
        here, there = shared(bars.start, self._known.start)
        same[here] = np.abs(bars.close[here] / (self._known.close[there] * self.scale) - 1) <= _SAME_CLOSE_RATIO
        return same


def unsettled(doubt: SuspectPrice, bars: Bars) -> bool:
    """Whether a price that was doubted is still unknown in these bars, which have the bar in question."""
    at = int(np.searchsorted(bars.start, doubt.start))
    return any(np.isnan(getattr(bars, name)[at]) for name in doubt.prices)


def _hold(bars: Bars, reasons: dict[int, str], odd: Mask, reason: str) -> None:
    """Note a reason to hold back the bars that are odd and have none yet."""
    if not odd.any():
        return
    for at in np.flatnonzero(odd & _free(bars, reasons)).tolist():
        reasons[at] = _said(bars, at, reason)


def _free(bars: Bars, reasons: Mapping[int, str]) -> Mask:
    """The bars without a reason to hold them back."""
    free = np.ones(len(bars), dtype=bool)
    free[list(reasons)] = False
    return free


def _unknown(bars: Bars, _sessions: Sessions, _now: Instant) -> Mask:
    return ~np.isfinite(bars.close)


def _zero(bars: Bars, _sessions: Sessions, _now: Instant) -> Mask:
    """Zero stands for a price that a vendor does not have; below it only what usually is may be, as a spread."""
    usually = bool(np.isfinite(bars.close).any()) and float(bn.nanmedian(bars.close)) < 0
    return np.asarray((bars.close == 0) | ((bars.close < 0) & (not usually)))


def _outside(bars: Bars, _sessions: Sessions, _now: Instant) -> Mask:
    return outside(bars)


def _open(bars: Bars, _sessions: Sessions, now: Instant) -> Mask:
    return bars.end > now


def _sessionless(bars: Bars, sessions: Sessions, _now: Instant) -> Mask:
    """Only daily bars, and only where the calendar reaches: how bars within a day are cut is the vendor's choice."""
    if bars.timeframe is not Timeframe.D1:
        return np.zeros(len(bars), dtype=bool)
    if not len(sessions):
        return np.ones(len(bars), dtype=bool)
    return np.asarray(~among(bars.start, sessions.start) & (bars.start >= sessions.start[0]))


_CHECKS: tuple[tuple[Callable[[Bars, Sessions, Instant], Mask], str], ...] = (
    (_unknown, "the close is unknown"),
    (_zero, "the close is zero or negative"),
    (_outside, "high and low do not hold the close"),
    (_open, "it has not closed yet"),
    (_sessionless, "the market had no session"),
)


def _said(bars: Bars, at: int, reason: str) -> str:
    prices = " ".join(f"{name} {float(getattr(bars, name)[at]):.10g}" for name in PRICES)
    return f"{bars.market} {bars.label(at)}: {reason} ({prices})"


def picked(bars: Bars, which: Mask | IntArray) -> Bars:
    """Some of the bars, by a mask or by ascending positions."""
    if len(which) == len(bars) and (which.dtype != np.bool_ or which.all()):
        return bars
    arrays = {name: getattr(bars, name)[which] for name in ("start", "end", *COLUMNS)}
    return Bars(bars.market, bars.timeframe, **arrays)


def _missing(bars: Bars, sessions: Sessions, now: Instant, since: Instant | None) -> IntArray:
    first = since if since is not None else (int(bars.start[0]) if len(bars) else now)
    due = between(sessions, first, now)
    if not len(due):
        return due.start
    whole = bars.timeframe is Timeframe.D1 or sessions.calendar == ROUND_THE_CLOCK
    starts, ends = expected_bars(due, bars.timeframe) if whole else (due.opens, due.closes)
    inside = bars.end[(bars.end > starts[0]) & (bars.end <= ends[-1])]
    there = bars.start if whole else starts[np.searchsorted(ends, inside)]
    return starts[(starts >= first) & (ends <= now) & ~among(starts, there)]
