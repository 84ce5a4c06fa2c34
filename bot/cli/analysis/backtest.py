"""`bellwether backtest`: the days on which rules would have fired, and what followed."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import track
from rich.table import Table

from bot.charts.request import BacktestChart
from bot.cli.analysis.backtest_summary import (
    Span,
    afterwards,
    by_year,
    endings,
    in_words,
    line_of,
    never_met,
    totals,
    unknown_share,
)
from bot.cli.io.bars import bars_of, no_bars
from bot.cli.io.charts import draw, png_path, save
from bot.cli.io.options import Data, book_with_files, current_settings, date_option, select_rules
from bot.cli.io.output import json_number, print_json
from bot.cli.io.terminal import console, progress
from bot.problem import ProblemError
from bot.rulebook.book import Rulebook
from bot.rulebook.dependencies import with_needs
from bot.rulebook.rule_definition import RuleDefinition
from bot.scan.fetch_plan import Series
from bot.signals.bars import Bars
from bot.signals.formula import ConditionReach, FiredHistory, Frame, condition_reaches
from bot.signals.replay.alert_outcomes import alert_outcomes, rule_stats
from bot.signals.replay.event import Event, EventKind
from bot.signals.replay.forward_returns import ForwardReturns, forward_returns
from bot.signals.replay.replay import Replay
from bot.signals.replay.ruleset import joined, replay_all
from bot.signals.timeframe import Timeframe
from bot.views.formatting import numbers


def backtest(
    rules: Annotated[list[str] | None, typer.Argument(help="Rules by name; all enabled ones if left out.")] = None,
    data: Data = None,
    first: Annotated[str | None, typer.Option("--from", help="First date, as 2020-01-31.")] = None,
    last: Annotated[str | None, typer.Option("--to", help="Last date.")] = None,
    events: Annotated[bool | None, typer.Option("--events/--totals", help="List what was said, or only count.")] = None,
    plot: Annotated[Path | None, typer.Option(help="Draw the market with its alerts, a .png for each rule.")] = None,
    dark: Annotated[bool, typer.Option("--dark", help="Draw light on dark.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Replay rules over their whole history: what they said, how often, and what became of it."""
    settings = current_settings()
    book = book_with_files(settings, rules or [])
    span = Span(date_option("--from", first), date_option("--to", last))
    if plot:
        png_path("--plot", plot)
    picked = select_rules(book, rules or [])
    replays, bars = replayed(book, picked, data, all_needed=bool(rules))
    runs = [(rule, replays[rule.rule.id]) for rule in picked if rule.rule.id in replays]
    fired = {id_: each.fired for id_, each in replays.items()}
    reaches = {rule.rule.id: _reaches(replay, span, bars, fired) for rule, replay in runs}
    if as_json:
        print_json({"rules": [_document(replay, span, reaches[replay.rule.id]) for _, replay in runs]})
    else:
        _print(runs, span, reaches, events=len(runs) == 1 if events is None else events)
    if plot:
        _plot(runs, span, plot, f"from {data.name or data}" if data else "", dark=dark, quiet=as_json)


def replayed(
    book: Rulebook, picked: Sequence[RuleDefinition], data: Path | None, *, all_needed: bool = True
) -> tuple[dict[str, Replay], dict[Series, Bars]]:
    """The replays of the picked rules and of those they build on, and the bars that they read.

    A rule can't run where any market that it or they read has no bars. Raises ProblemError for that, naming each such
    market; unless `all_needed`, only where no rule can run, and says on standard error which ones are left out.
    """
    needed = with_needs(book.rules, [rule.rule.id for rule in picked])
    lengths = {rule.rule.timeframe for rule in needed}
    bars = bars_of(data, current_settings(), [name for rule in needed for name in sorted(rule.markets)], lengths)
    lost = {rule.rule.id: _lost(with_needs(book.rules, [rule.rule.id]), bars) for rule in picked}
    running = [rule for rule in picked if not lost[rule.rule.id]]
    if not running or (all_needed and len(running) < len(picked)):
        series = sorted({each for missing in lost.values() for each in missing})
        raise ProblemError([no_bars(name, data, "", timeframe) for name, timeframe in series])
    for id_, missing in lost.items():
        if missing:
            print(f"left out: {id_}: no bars of {', '.join(_named(each) for each in missing)} here", file=sys.stderr)
    rules = [rule.rule for rule in with_needs(book.rules, [rule.rule.id for rule in running])]
    return replay_all(rules, bars), bars


def _reaches(
    replay: Replay, span: Span, bars: Mapping[Series, Bars], fired: Mapping[str, FiredHistory]
) -> tuple[ConditionReach, ...]:
    """How near the conditions of a rule came that did not fire within the span; nothing for one that did."""
    within = span.positions(replay.bars)
    if not len(replay.bars.start[within]) or any(within.start <= at < within.stop for at in replay.fires.tolist()):
        return ()
    rule = replay.rule
    frame = Frame(replay.bars, joined(bars, rule.timeframe), fired).with_names({}, rule.pinned)
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


def _document(replay: Replay, span: Span, reaches: Sequence[ConditionReach]) -> dict[str, Any]:
    bars, rule = replay.bars, replay.rule
    inside, told = range(len(bars))[span.positions(bars)], span.events(replay)
    return {
        "rule": rule.id,
        "market": rule.market,
        "timeframe": rule.timeframe.value,
        "from": bars.label(inside[0]) if inside else None,
        "to": bars.label(inside[-1]) if inside else None,
        "unknown": json_number(unknown_share(replay, span)),
        "counts": counts_document(told),
        "endings": dict(rule_stats(replay, told, span.positions(bars)).endings),
        "returns": [_returns_document(each) for each in forward_returns(replay, span.positions(bars))],
        "never_met": [_reach_document(each, bars) for each in reaches],
        "events": [event_document(event) for event in told],
    }


def _returns_document(found: ForwardReturns) -> dict[str, Any]:
    counts = {"bars": found.bars, "alerts": found.firings, "open": found.open, "higher": found.higher}
    base = {"base": found.base, "base_higher": found.base_higher, "base_median": found.base_median}
    return {name: json_number(value) for name, value in ({**counts, "median": found.median, **base}).items()}


def _reach_document(found: ConditionReach, bars: Bars) -> dict[str, Any]:
    near = found.nearest
    sides = None
    if near is not None:
        values = {"left": json_number(near.left), "right": json_number(near.right)}
        sides = {"bar": bars.label(near.position), "symbol": near.symbol, **values}
    return {"condition": found.text, "known": found.known, "yes": found.yes, "nearest": sides}


def counts_document(events: Sequence[Event]) -> dict[str, int]:
    """Events by kind, in the order in which they are told; only the kinds that there were."""
    counted = Counter(event.kind for event in events)
    return {kind.value: counted[kind] for kind in EventKind if counted[kind]}


def event_document(event: Event) -> dict[str, Any]:
    """One event as the contract of `--json` has it."""
    return {
        "bar": event.label,
        "event": event.kind.value,
        "alert": str(event.alert),
        "close": json_number(event.close),
        "level": json_number(event.level),
    }


def _print(
    runs: Sequence[tuple[RuleDefinition, Replay]],
    span: Span,
    reaches: Mapping[str, Sequence[ConditionReach]],
    *,
    events: bool,
) -> None:
    for rule, replay in runs:
        told = span.events(replay)
        if events and told:
            console.print(_table(rule, told))
    lines = [line_of(replay, span) for _, replay in runs]
    if len(lines) == 1:
        console.print("\n".join(in_words(lines[0])), soft_wrap=True)
    else:
        for table in (totals(lines), endings(lines), afterwards(lines), by_year(lines)):
            console.print(table, "")
    for rule, replay in runs:
        named = "" if len(runs) == 1 else f"{rule.rule.id}: "
        for line in never_met(replay, reaches[rule.rule.id]):
            console.print(f"{named}{line}", soft_wrap=True, markup=False, highlight=False)


def _table(rule: RuleDefinition, events: Sequence[Event]) -> Table:
    table = Table(title=f"{rule.rule.id}: {rule.title}", title_justify="left")
    for name in ("bar", "event", "close", "level", "alert of"):
        table.add_column(name, justify="right" if name in {"close", "level"} else "left")
    for event in events:
        own = event.alert.bar == event.bar
        level = numbers.price(event.level)
        alert = "" if own else str(event.alert).split("/")[-1]
        table.add_row(event.label, event.kind.value, numbers.price(event.close), level, alert)
    return table


def _plot(
    runs: Sequence[tuple[RuleDefinition, Replay]], span: Span, file: Path, source: str, *, dark: bool, quiet: bool
) -> None:
    """A picture for each rule; with several, each file bears its rule's name."""
    for rule, replay in track(runs, "drawing", console=progress, transient=True, disable=not progress.is_terminal):
        inside = span.positions(replay.bars)
        shown = tuple(outcome.from_bar(inside.start) for outcome in alert_outcomes(replay, span.events(replay)))
        follows = rule.rule.follow is not None
        bars = replay.bars.slice(inside.start, inside.stop)
        chart = BacktestChart(bars=bars, title=rule.title, outcomes=shown, follows=follows, dark=dark, source=source)
        png = draw(chart)
        path = file if len(runs) == 1 else file.with_stem(f"{file.stem}-{rule.rule.id}")
        save(path, png, quiet=quiet)
