"""Text of /evidence: the whole event study of a rule and an asset."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.evidence.closes import Waypoint
from bot.evidence.event_study.event_study import Horizon, Study, StudyEvent
from bot.evidence.event_study.significance import P_VALUE_LIMIT, StudyVerdict
from bot.views.alerts.claims import asset_name, claim_block
from bot.views.alerts.facts import ClaimView
from bot.views.alerts.track_record import FEW
from bot.views.formatting import html, numbers
from bot.views.formatting.table import hundredths, short_day, table

_SHOWN = 12
"""Events that are listed in sight; of more, the newest."""

_IN_TABLES = (7, 30, 90, 180, 365)
"""Horizons that the tables have columns for; claims may ask for others."""


def render_study(study: Study, title: str, claims: Sequence[ClaimView] = (), source: str = "") -> str:
    """The answer to /evidence as Telegram HTML, possibly longer than one message: see `html.split`."""
    asset = html.escape(asset_name(study.asset))
    head = f"{html.bold(html.escape(html.clip(title, 120)))}\nand what {asset} did after it"
    blocks = [head, *(_few(study) if study.n < FEW else _enough(study))]
    if claims:
        blocks.append("\n\n".join([html.bold("What others say"), *map(claim_block, claims)]))
    blocks.append(html.italic("\n".join(html.escape(line) for line in _remarks(study, source))))
    return "\n\n".join(blocks)


def _few(study: Study) -> Iterator[str]:
    if not study.events:
        yield f"No signal yet with a price of {html.escape(asset_name(study.asset))} after it: nothing to conclude."
        return
    yield f"{numbers.count(study.n, 'signal')}: {html.bold(StudyVerdict.CANT_TELL.value)}. Here is each of them."
    yield from _each(study)
    yield html.folded(f"Together, and beside any day of {html.escape(asset_name(study.asset))}\n{_horizons(study)}")


def _enough(study: Study) -> Iterator[str]:
    yield f"{numbers.count(study.n, 'signal')} since {numbers.day(study.events[0].bar)}\n{_horizons(study)}"
    yield "\n".join(f"→ {line}" for line in _verdicts(study))
    yield html.folded("\n".join([_HOW, *(_detail(horizon) for horizon in _shown(study))]))
    yield from _each(study)


_HOW = (
    "After each signal the count begins at the asset's next close. The intervals take the signals for independent."
    " p says how often the same signals at other dates, with the same spacing, show a median as far from the usual one;"
    f" an edge is spoken of below {P_VALUE_LIMIT:g}."
)


def _shown(study: Study) -> list[Horizon]:
    return [study.horizons[days] for days in _IN_TABLES if days in study.horizons]


def _horizons(study: Study) -> str:
    """Median and share of higher closes over each horizon, after the signals and on any day."""
    head = ["", "n", "median", "up", "any day", "up"]
    rows = [
        [
            f"{horizon.days} d",
            str(horizon.n),
            numbers.percent(horizon.median, tight=True),
            _tight_share(horizon.hit_rate),
            numbers.percent(horizon.base_median, tight=True),
            _tight_share(horizon.base_hit_rate),
        ]
        for horizon in _shown(study)
    ]
    return table([head, *rows])


def _tight_share(ratio: float | None) -> str:
    return numbers.percent(ratio, sign=False, digits=0, tight=True)


def _verdicts(study: Study) -> list[str]:
    """Each verdict once, with the horizons that it holds for."""
    by_words: dict[str, list[str]] = {}
    for horizon in _shown(study):
        by_words.setdefault(horizon.verdict.value, []).append(str(horizon.days))
    if len(by_words) == 1:
        return [f"{html.bold(words)} over any of these spans" for words in by_words]
    return [f"{html.bold(words)} after {', '.join(days)} days" for words, days in by_words.items()]


def _detail(horizon: Horizon) -> str:
    if horizon.hit_rate_interval is None:
        return f"{horizon.days} d: no signal is so old yet."
    low, high = horizon.hit_rate_interval
    chance = numbers.UNKNOWN if horizon.p_value is None else numbers.number(horizon.p_value, 3)
    broke = ""
    if horizon.breakouts is not None and horizon.base_breakouts is not None:
        share, usual = (
            numbers.percent(each, sign=False, digits=0) for each in (horizon.breakouts, horizon.base_breakouts)
        )
        broke = f"; a breakout of its own after {share} (any day {usual})"
    return (
        f"{horizon.days} d: higher {horizon.hits} of {horizon.n} ({low * 100:.0f} to {high * 100:.0f}{numbers.SPACE}%),"
        f" p {chance}, {numbers.count(horizon.non_overlapping, 'window does', 'windows do')} not overlap{broke}."
    )


def _each(study: Study) -> Iterator[str]:
    """A table of returns, the older ones of many folded, and the details of each."""
    days = [horizon.days for horizon in _shown(study)]
    newest, older = study.events[-_SHOWN:], study.events[:-_SHOWN]
    yield f"{html.bold('Each signal')}, change in % after so many days\n{_returns(newest, days)}"
    if older:
        yield html.folded(f"Before these\n{_returns(older, days)}")
    longest = max(study.horizons, default=0)
    told = "\n".join(_way(event, longest) for event in reversed(study.events[-2 * _SHOWN :]))
    yield html.folded(f"Best and worst close within {longest} days\n{told}")


def _returns(events: Sequence[StudyEvent], days: Sequence[int]) -> str:
    head = ["", *(f"{each}d" for each in days)]
    rows = [
        [short_day(numbers.day(event.bar)), *(hundredths(event.returns.get(each)) for each in days)]
        for event in reversed(events)
    ]
    return table([head, *rows])


def _way(event: StudyEvent, longest: int) -> str:
    best, worst = event.best.get(longest), event.worst.get(longest)
    broke = (
        f"own breakout {numbers.day(event.breakout.bar)}" if event.breakout is not None else "no breakout of its own"
    )
    later = "" if event.entry == event.bar else f" ({numbers.day(event.entry)})"
    return (
        f"{numbers.day(event.bar)}: from {numbers.price(event.price)}{later}"
        f" best {_point(best)}, worst {_point(worst)}; {broke}"
    )


def _point(mark: Waypoint | None) -> str:
    return "not yet" if mark is None else f"{numbers.percent(mark.change, digits=0)} on {numbers.day(mark.bar)}"


def _remarks(study: Study, source: str) -> Iterator[str]:
    if study.first is not None and study.last is not None:
        span = f"{numbers.day(study.first)} to {numbers.day(study.last)}"
        yield f"Any day: all closes of {asset_name(study.asset)}, {span}." + (f" Source: {source}." if source else "")
    yield from (f"{note}." for note in study.notes)
    yield "What came before a rise did not have to cause it. Not investment advice."
