"""`bellwether backtest`: the days on which rules would have fired, and what followed."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from bot.cli.analysis.backtest_document import backtest_document
from bot.cli.analysis.backtest_hours import hours_in_words, hours_table, tally_of
from bot.cli.analysis.backtest_summary import (
    Span,
    afterwards,
    by_year,
    endings,
    in_words,
    line_of,
    never_met,
    totals,
)
from bot.cli.analysis.missing_in_windows import holed_in_words, holed_windows, unread_in_words
from bot.cli.io.bars import bars_of, no_bars
from bot.cli.io.hours import hours_of, watched
from bot.cli.io.options import book_with_files, current_settings, date_option, end_as_read, select_rules
from bot.cli.io.output import png_path, print_json
from bot.cli.io.tables import TextTable
from bot.cli.loading import imported
from bot.problem import ProblemError
from bot.rulebook.book import Rulebook
from bot.rulebook.dependencies import with_needs
from bot.rulebook.rule_definition import RuleDefinition
from bot.scan.missing.joined import Unread, unread
from bot.scan.missing.windows import HoledWindow
from bot.scan.series import Series
from bot.settings import Settings
from bot.signals.bars import Bars
from bot.signals.formula import ConditionReach, Frame, condition_reaches
from bot.signals.hours.hourly_replay import Hours, replay_by_hours
from bot.signals.hours.tally import HoursTally
from bot.signals.replay.event import Event, EventKind
from bot.signals.replay.replay import Replay
from bot.signals.replay.ruleset import joined
from bot.signals.sessions import Sessions
from bot.signals.timeframe import Timeframe, label
from bot.views.formatting import numbers


def backtest(
    *,
    rules: list[str] | None,
    data: Path | None,
    first: str | None,
    last: str | None,
    events: bool | None,
    plot: Path | None,
    dark: bool,
    as_json: bool,
) -> None:
    """`bellwether backtest`, as it is typed in `bot.cli.signatures.analysis`."""
    settings = current_settings()
    book = book_with_files(settings, rules or [])
    span = Span(date_option("--from", first), date_option("--to", last))
    if plot:
        png_path("--plot", plot)
    picked = select_rules(book, rules or [])
    done = replayed(settings, book, picked, data, all_needed=bool(rules), by_hours=span)
    runs = [(rule, done.replays[rule.rule.id]) for rule in picked if rule.rule.id in done.replays]
    reaches = {rule.rule.id: _reaches(replay, span, done) for rule, replay in runs}
    holed = _holed(runs, span, settings, done.bars)
    blank = {rule.rule.id: _unread(replay, span, done.bars) for rule, replay in runs}
    if as_json:
        documents = [
            backtest_document(each, span, reaches[each.rule.id], done.hours, holed[each.rule.id], blank[each.rule.id])
            for _, each in runs
        ]
        print_json({"rules": documents})
    else:
        _print(runs, span, reaches, done.hours, events=len(runs) == 1 if events is None else events)
        for rule, _ in runs:
            for line in (*map(unread_in_words, blank[rule.rule.id]), *holed_in_words(holed[rule.rule.id])):
                print(line if len(runs) == 1 else f"{rule.rule.id}: {line.strip()}")
    if plot:
        draw = imported("bot.cli.analysis.backtest_plot:plot_runs")
        draw(runs, span, plot, f"from {data.name or data}" if data else "", dark=dark, quiet=as_json)
    end_as_read(book, rules or [])


def _holed(
    runs: Sequence[tuple[RuleDefinition, Replay]], span: Span, settings: Settings, bars: Mapping[Series, Bars]
) -> dict[str, list[HoledWindow]]:
    """By rule, which of its alerts within the span look back across missing sessions."""
    calendars: dict[str, Sessions] = {}
    markets = settings.specs
    found = {}
    for rule, replay in runs:
        within = span.positions(replay.bars)
        fired = [at for at in replay.fires.tolist() if within.start <= at < within.stop]
        found[rule.rule.id] = holed_windows(
            rule.rule, replay.bars, fired, markets, joined(bars, rule.rule.timeframe), calendars
        )
    return found


def _unread(replay: Replay, span: Span, bars: Mapping[Series, Bars]) -> list[Unread]:
    """The other markets of which nothing recent was known on some of the span's bars."""
    others = joined(bars, replay.rule.timeframe)
    names = sorted(name for name in replay.rule.when.markets - {replay.rule.market} if name in others)
    found = [unread(name, replay.bars, span.positions(replay.bars), others[name]) for name in names]
    return [each for each in found if each is not None]


class Replayed(NamedTuple):
    """Replays by rule, the bars that they read, and the hours by which days were looked at as they formed."""

    replays: Mapping[str, Replay]
    bars: Mapping[Series, Bars]
    hours: Hours


def replayed(
    settings: Settings,
    book: Rulebook,
    picked: Sequence[RuleDefinition],
    data: Path | None,
    *,
    all_needed: bool = True,
    by_hours: Span | None = None,
) -> Replayed:
    """The replays of the picked rules and of those they build on; over the span `by_hours` also as days formed.

    A rule can't run where any market that it or they read has no bars. Raises ProblemError for that, naming each such
    market; unless `all_needed`, only where no rule can run, and says on standard error which ones are left out.
    """
    needed = with_needs(book.rules, [rule.rule.id for rule in picked])
    lengths = {rule.rule.timeframe for rule in needed}
    bars = bars_of(data, settings, [name for rule in needed for name in sorted(rule.markets)], lengths)
    lost = {rule.rule.id: _lost(with_needs(book.rules, [rule.rule.id]), bars) for rule in picked}
    running = [rule for rule in picked if not lost[rule.rule.id]]
    if not running or (all_needed and len(running) < len(picked)):
        series = sorted({each for missing in lost.values() for each in missing})
        raise ProblemError([no_bars(name, data, settings.specs, "", timeframe) for name, timeframe in series])
    for id_, missing in lost.items():
        if missing:
            print(f"left out: {id_}: no bars of {', '.join(_named(each) for each in missing)} here", file=sys.stderr)
    rules = [rule.rule for rule in with_needs(book.rules, [rule.rule.id for rule in running])]
    hours = hours_of(data, settings, running, bars, by_hours.since, by_hours.until) if by_hours else Hours()
    return Replayed(replay_by_hours(rules, bars, hours, watched), bars, hours)


def _reaches(replay: Replay, span: Span, done: Replayed) -> tuple[ConditionReach, ...]:
    """How near the conditions of a rule came that did not fire within the span; nothing for one that did."""
    within = span.positions(replay.bars)
    if not len(replay.bars.start[within]) or any(within.start <= at < within.stop for at in replay.fires.tolist()):
        return ()
    rule, fired = replay.rule, {id_: each.fired for id_, each in done.replays.items()}
    frame = Frame(replay.bars, joined(done.bars, rule.timeframe), fired).with_names({}, rule.pinned)
    return condition_reaches(rule.when, frame, within)


def _lost(rules: Sequence[RuleDefinition], bars: Mapping[Series, Bars]) -> list[Series]:
    """The series that the rules read and that have no bars: each rule's own, of others days where nothing else is."""
    own = {(rule.rule.market, rule.rule.timeframe) for rule in rules}
    others = {name for rule in rules for name in rule.markets} - {name for name, _ in own}
    lacking = {each for each in own if not len(bars.get(each, ()))}
    bare = {name for name in others if not any(len(bars.get(each, ())) for each in _of(name))}
    return sorted(lacking | {(name, Timeframe.D1) for name in bare})


def _named(series: Series) -> str:
    name, timeframe = series
    return name if timeframe.has_dates else f"{name} {timeframe}"


def _of(name: str) -> list[Series]:
    return [(name, timeframe) for timeframe in Timeframe]


def _print(
    runs: Sequence[tuple[RuleDefinition, Replay]],
    span: Span,
    reaches: Mapping[str, Sequence[ConditionReach]],
    hours: Hours,
    *,
    events: bool,
) -> None:
    for rule, replay in runs:
        told = span.events(replay)
        if events and told:
            _table(rule, told).print()
            print()
    lines = [line_of(replay, span) for _, replay in runs]
    if len(lines) == 1:
        print("\n".join(in_words(lines[0])))
    else:
        for table in (totals(lines), endings(lines), afterwards(lines), by_year(lines)):
            table.print()
            print()
    _print_hours([tally_of(replay, span, hours) for _, replay in runs])
    for rule, replay in runs:
        named = "" if len(runs) == 1 else f"{rule.rule.id}: "
        for line in never_met(replay, reaches[rule.rule.id]):
            print(f"{named}{line}")


def _print_hours(tallies: Sequence[HoursTally | None]) -> None:
    looked = {number: each for number, each in enumerate(tallies, start=1) if each is not None}
    if looked and len(tallies) > 1:
        hours_table(looked).print()
        print()
    for tally in looked.values() if len(tallies) == 1 else ():
        print("\n".join(hours_in_words(tally)))


def _table(rule: RuleDefinition, events: Sequence[Event]) -> TextTable:
    names = ("bar", "event", "close", "level", "alert of")
    table = TextTable(f"{rule.rule.id}: {rule.title}", names, right={"close", "level"})
    for event in events:
        own = event.alert.bar == event.bar
        level = numbers.price(event.level)
        alert = "" if own else str(event.alert).split("/")[-1]
        table.add(event.label, _kind(event), numbers.price(event.close), level, alert)
    return table


def _kind(event: Event) -> str:
    """What happened; of a forming day also when, in UTC."""
    if event.kind is not EventKind.PROVISIONAL:
        return event.kind.value
    return f"{event.kind.value} {label(event.at, Timeframe.H1)[11:]}"
