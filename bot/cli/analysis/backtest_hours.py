"""What days brought as they formed, in a backtest: provisional alerts, and what the closes made of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from bot.cli.analysis.backtest_summary import Span, share
from bot.cli.io.tables import TextTable
from bot.signals.hours.hourly_replay import Hours
from bot.signals.hours.tally import HoursTally, hours_tally
from bot.signals.replay.replay import Replay
from bot.signals.timeframe import Timeframe


def tally_of(replay: Replay, span: Span, hours: Hours) -> HoursTally | None:
    """The count over a span; None for a rule that was not looked at by hours."""
    if replay.rule.id not in hours.rules:
        return None
    days = hours.days[replay.rule.market]
    return hours_tally(replay, span.events(replay), days, span.positions(replay.bars))


def hours_in_words(tally: HoursTally) -> Iterator[str]:
    """One rule's count in lines of text."""
    if not tally.days:
        yield f"{_by(tally.length)}: none of these days has {'hours' if tally.length is Timeframe.H1 else 'any'}"
        return
    of = f"{tally.days:,} of {tally.bars:,}" if tally.days < tally.bars else f"all {tally.days:,}"
    yield f"{_by(tally.length)}, on {of} days, {tally.first} to {tally.last}:"
    if tally.provisional:
        closes = f"fired at the close {share(tally.fired, tally.provisional)}"
        withdrawn = f"withdrawn {share(tally.withdrawn, tally.provisional)}"
        yield f"  provisional {tally.provisional}: {closes}, {withdrawn}{f', open {tally.open}' if tally.open else ''}"
    else:
        yield "  provisional 0"
    yield f"  alerts that no {_bar(tally.length)} had shown: {tally.close_only}"


def hours_table(tallies: Mapping[int, HoursTally]) -> TextTable:
    """One row a rule, by its number."""
    counts = ("days", "provisional", "fired", "withdrawn", "open", "close alone")
    lengths = {each.length for each in tallies.values()}
    title = _by(*lengths)
    table = TextTable(f"{title[0].upper()}{title[1:]}", ("#", *counts), right=counts)
    for number, each in tallies.items():
        closes = (share(each.fired, each.provisional), share(each.withdrawn, each.provisional))
        table.add(str(number), f"{each.days:,}", str(each.provisional), *closes, str(each.open), str(each.close_only))
    table.caption = (
        "fired at the close, withdrawn and open add up to the provisional ones;\n"
        f"close alone: no {_bar(*lengths)} had shown"
    )
    return table


def _by(*lengths: Timeframe) -> str:
    """How days were looked at: "hour by hour", or "by bars of 15m" where other bars than hours made them."""
    return "hour by hour" if set(lengths) == {Timeframe.H1} else f"by bars of {_either(lengths)}"


def _bar(*lengths: Timeframe) -> str:
    return "hour" if set(lengths) == {Timeframe.H1} else f"bar of {_either(lengths)}"


def _either(lengths: Iterable[Timeframe]) -> str:
    ascending = sorted(set(lengths), key=lambda each: each.seconds)
    return " or ".join(ascending)
