"""Which series are due to be fetched now, and from which bar on."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.market.model import Market
from bot.scan.series import Series
from bot.signals.sessions import Sessions
from bot.signals.timeframe import DAY, Instant, Timeframe

OVERLAP_SESSIONS = 7
"""Sessions fetched again with each new one: vendors correct their last days."""

VERIFY_AFTER_S = (45 * 60, 12 * 3_600)
"""Seconds after a close at which its bar is looked at once more: within the hour, and the next morning."""

HOURLY_SETTLE_DIVISOR = 10
"""Hourly bars of crypto settle in a tenth of `settle`: those up to a close are stored before its own bar is due."""

WARM_S = 120
"""Seconds before a bar is due in which its source is asked once for nothing, so that nothing has to start first."""

FIRST_SESSION = 473_385_600
"""1985-01-01: before the first bar of any market that Bellwether was made for."""

MACRO_RETRY_S = 6 * 3_600
"""Seconds between two questions for a macro figure that is due: it comes when its publisher likes."""

PROMPT_TRIES = 12
"""Answers in a row without the bar that is due, after which the time to the next question doubles with each."""

LONGEST_RETRY_S = 6 * 3_600
"""Seconds between two questions for a bar that does not come, as of a delisted market, at the most."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """Seconds from a close until its bar is asked for, between two tries for it, between two looks at a forming bar."""

    settle: int = 900
    retry: int = 600
    live: int = 300


@dataclass(frozen=True, slots=True)
class Asked:
    """When a series was last asked for, and last answered; None: not since the start.

    `in_vain` answers in a row, of sources that work, held nothing new. An outage is no answer: `retry` and the sources'
    breakers are for that.
    """

    tried: Instant | None = None
    answered: Instant | None = None
    in_vain: int = 0

    def by(self, now: Instant) -> Asked:
        """The same without what lies ahead: the clock has been set back since."""
        tried, answered = (None if at is not None and at > now else at for at in (self.tried, self.answered))
        return replace(self, tried=tried, answered=answered)


@dataclass(frozen=True, slots=True)
class Need:
    """One series to fetch, from the bar that starts at `since`, after `in_vain` answers without what is due now."""

    series: Series
    since: Instant
    reason: str
    in_vain: int = 0


def need(
    series: Series,
    last: Instant | None,
    sessions: Sessions,
    asked: Asked,
    now: Instant,
    schedule: Schedule,
    *,
    live: bool = False,
    first: Instant = FIRST_SESSION,
    odd: Instant | None = None,
    until: Instant | None = None,
) -> Need | None:
    """What to fetch of a series whose newest stored bar starts at `last`; None: nothing now.

    With `live` its forming bar is wanted too, while its market is open. `first` is where a new series begins. `odd` is
    the start of the newest bar that the gate did not believe wholly: for a day it is asked for again and again.

    `until` is for bars that tell of the time up to an instant, as crypto's hours up to a close. It stands in for "now,
    less `settle`": no bar is wanted that ends after it; those that end by then are wanted though `settle` has not
    passed; and once they are there, nothing is verified.
    """
    asked = asked.by(now)
    waited = now - asked.tried if asked.tried is not None else now
    in_vain = _in_vain(last, sessions, asked, now, schedule.settle)
    if live and last is not None and sessions.is_open(now) and waited >= retry_after(schedule.live, in_vain):
        return Need(series, overlap(last, sessions), "forming", in_vain)
    expected = newest_expected(series[1], sessions, now - schedule.settle if until is None else until)
    if waited < schedule.retry or expected is None:
        return None
    if (last is None or last < expected) and waited >= retry_after(schedule.retry, in_vain):
        since, reason = (first, "first") if last is None else (overlap(last, sessions), "new")
        return Need(series, since, reason, in_vain)
    if until is None and last is not None and last >= expected and _wants_verifying(last, sessions, asked, now, odd):
        return Need(series, overlap(last, sessions), "verify")
    return None


def retry_after(retry: int, in_vain: int) -> int:
    """Seconds from one question to the next after so many answers without what is due."""
    doublings = min(max(0, in_vain - PROMPT_TRIES + 1), 16)
    return max(retry, min(retry << doublings, LONGEST_RETRY_S))


def _in_vain(last: Instant | None, sessions: Sessions, asked: Asked, now: Instant, settle: int) -> int:
    """Answers without what is due now. A close since the last question starts anew, save where there never was a bar.

    So a day off that no calendar knew of does not keep the next day's bar waiting.
    """
    if last is None or asked.tried is None:
        return asked.in_vain
    same = sessions.last_closed(asked.tried - settle) == sessions.last_closed(now - settle)
    return asked.in_vain if same else 0


def _wants_verifying(last: Instant, sessions: Sessions, asked: Asked, now: Instant, odd: Instant | None) -> bool:
    closed = _close_of(last, sessions)
    due = any(asked.answered is not None and asked.answered < closed + after <= now for after in VERIFY_AFTER_S)
    doubted = odd is not None and now - _close_of(odd, sessions) < DAY
    return asked.answered is None or due or doubted


def next_due(sessions: Sessions, now: Instant, schedule: Schedule) -> Instant | None:
    """When the next daily bar is asked for; None beyond the calendar's end."""
    close = sessions.next_close(now - schedule.settle)
    return None if close is None else close + schedule.settle


def last_close(timeframe: Timeframe, sessions: Sessions, now: Instant, *, live: bool) -> Instant | None:
    """The last instant by `now` of which an alert on a market may tell: a close, or `now` where forming bars count."""
    if (live or not timeframe.has_dates) and sessions.is_open(now):
        return now
    at = sessions.last_closed(now)
    return None if at is None else int(sessions.closes[at])


def sources_wanted(due: Need, market: Market) -> int:
    """How many sources are asked at once: all for a whole history, two to compare a day's close, else one."""
    if due.series[1] is not Timeframe.D1 or due.reason == "forming":
        return 1
    return len(market.sources) if due.since == FIRST_SESSION else min(2, len(market.sources))


def newest_expected(timeframe: Timeframe, sessions: Sessions, now: Instant) -> Instant | None:
    """Start of the newest bar that must have closed by `now`."""
    if timeframe is Timeframe.D1:
        at = sessions.last_closed(now)
        return None if at is None else int(sessions.start[at])
    at = int(sessions.opens.searchsorted(now - timeframe.seconds, side="right")) - 1
    if at < 0:
        return None
    step, opened = timeframe.seconds, int(sessions.opens[at])
    ended = min(now, int(sessions.closes[at]))
    return opened + max(0, (ended - opened) // step - 1) * step


def overlap(last: Instant, sessions: Sessions) -> Instant:
    """Start of the session OVERLAP_SESSIONS sessions before the bar that starts at `last`."""
    at = int(sessions.start.searchsorted(last, side="right")) - 1
    return int(sessions.start[max(0, at - OVERLAP_SESSIONS)]) if len(sessions) else last - OVERLAP_SESSIONS * DAY


def _close_of(start: Instant, sessions: Sessions) -> Instant:
    at = int(sessions.start.searchsorted(start, side="right")) - 1
    return int(sessions.closes[at]) if at >= 0 else start + DAY
