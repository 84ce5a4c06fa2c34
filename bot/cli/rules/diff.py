"""`bellwether rules diff`: days on which an edited rule fires now, beside those before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer

from bot.cli.analysis.backtest_hours import tally_of
from bot.cli.analysis.backtest_summary import Span, line_of
from bot.cli.io.bars import bars_of, missing_market
from bot.cli.io.hours import hours_of, watched
from bot.cli.io.options import current_settings
from bot.cli.io.output import print_json
from bot.cli.io.tables import TextTable
from bot.cli.rules.versions import RuleText, file_text, old_text, text_before
from bot.problem import ProblemError
from bot.rulebook.book import Candidate, Rulebook, book_with
from bot.rulebook.dependencies import with_needs
from bot.settings import Settings
from bot.signals.bars import Bars
from bot.signals.hours.hourly_replay import Hours, forms_daily, replay_by_hours
from bot.signals.replay.alert_outcomes import RuleStats
from bot.signals.replay.replay import Replay
from bot.signals.replay.ruleset import Series
from bot.signals.timeframe import Instant, Timeframe, label
from bot.views.formatting import numbers

_EVER = Span(None, None)


def diff(*, files: list[Path], old: str | None, data: Path | None, as_json: bool) -> None:
    """`bellwether rules diff`, as it is typed in `bot.cli.signatures.rules`."""
    settings = current_settings()
    now, before = _versions(files, old, settings)
    pair = Pair(_read(before, now, settings), _read(now, now, settings), now.rule)
    bars = bars_of(data, settings, pair.markets, pair.timeframes)
    hours = hours_of(data, settings, [book.rules[pair.rule] for book in (pair.old, pair.new)], bars)
    replays = pair.replays(bars, hours)
    missing = [replay.rule for replay in replays if not len(replay.bars)]
    if missing:
        raise missing_market(missing[0].market, data, settings.specs, None, missing[0].timeframe)
    if as_json:
        print_json(_document(now.rule, before, now, replays, hours))
    else:
        _print(before, now, pair, replays, hours)


@dataclass(frozen=True)
class Pair:
    """A rule in the midst of the others, as it was and as it is."""

    old: Rulebook
    new: Rulebook
    rule: str

    @property
    def decide_alike(self) -> bool:
        """Whether both fire on the same days, whatever the data."""
        return self.old.rules[self.rule].rule.digest == self.new.rules[self.rule].rule.digest

    @property
    def markets(self) -> list[str]:
        """Markets that either reads, with the rules that it speaks of."""
        needed = [each for book in (self.old, self.new) for each in with_needs(book.rules, [self.rule])]
        return sorted({name for each in needed for name in each.markets})

    @property
    def timeframes(self) -> set[Timeframe]:
        """Lengths of the bars that either reads, with the rules that it speaks of."""
        needed = [each for book in (self.old, self.new) for each in with_needs(book.rules, [self.rule])]
        return {each.rule.timeframe for each in needed}

    def replays(self, bars: Mapping[Series, Bars], hours: Hours) -> tuple[Replay, Replay]:
        """What both say over the bars."""
        old, new = (
            replay_by_hours([each.rule for each in with_needs(book.rules, [self.rule])], bars, hours, watched)[
                self.rule
            ]
            for book in (self.old, self.new)
        )
        return old, new


def _versions(files: list[Path], old: str | None, settings: Settings) -> tuple[RuleText, RuleText]:
    """The new text and the old one. Raises ProblemError where there is nothing to compare with."""
    if len(files) > 2 or (len(files) == 2 and old is not None):
        raise typer.BadParameter("one rule, or the old file and the new one")
    now = file_text(files[-1], settings)
    if len(files) == 2:
        return now, file_text(files[0], settings)
    return now, old_text(old, now, settings) if old else text_before(now, settings)


def _read(text: RuleText, named: RuleText, settings: Settings) -> Rulebook:
    """The book with this version in it, under the new one's name. Raises ProblemError with what is wrong with it."""
    candidate = Candidate(text.name, text.raw)
    book = book_with(settings.rules, settings.market_names, {named.rule: candidate})
    if named.rule not in book.rules:
        own = [each for each in book.problems if each.file == text.name]
        raise ProblemError(own or list(book.problems))
    return book


def _days(replays: tuple[Replay, Replay]) -> dict[Instant, tuple[bool, bool]]:
    """By the start of its bar: whether the old version fired, and the new one."""
    old, new = ({int(start) for start in replay.bars.start[replay.fires]} for replay in replays)
    return {start: (start in old, start in new) for start in sorted(old | new)}


def _print(before: RuleText, now: RuleText, pair: Pair, replays: tuple[Replay, Replay], hours: Hours) -> None:
    days, lines = _days(replays), [line_of(replay, _EVER) for replay in replays]
    rule = replays[1].rule
    print(f"{rule.id} on {rule.market} {rule.timeframe}: {lines[1].first} to {lines[1].last}")
    print(f"  old: {before.name}\n  new: {now.name}\n")
    if pair.decide_alike:
        print("Both decide alike: what differs are words that change no event.\n")
    if days:
        _table(days, replays).print()
        print()
    _counts(lines[0].tally, lines[1].tally, _formed(replays, hours)).print()
    print()
    print(_sentence(days, within=replays[0].rule.timeframe is not Timeframe.D1))


def _table(days: Mapping[Instant, tuple[bool, bool]], replays: tuple[Replay, Replay]) -> TextTable:
    table = TextTable("", ("", "fired", "old", "new", "close"), right={"close"})
    for start, (was, now) in days.items():
        replay = replays[1] if now else replays[0]
        at = replay.bars.position(start)
        close = numbers.price(float(replay.bars.close[at])) if at is not None else ""
        mark, colour = ("", None) if was == now else ("+", "green") if now else ("−", "red")
        name = label(start, replay.rule.timeframe)
        table.add(mark, name, "✓" if was else "", "✓" if now else "", close, colour=colour)
    return table


def _formed(replays: tuple[Replay, Replay], hours: Hours) -> list[Mapping[str, int] | None]:
    """What days brought as they formed, by name, of each version; None for one that is not looked at by hours."""
    found: list[Mapping[str, int] | None] = []
    for replay in replays:
        tally = tally_of(replay, _EVER, hours) if forms_daily(replay.rule) else None
        if tally is None:
            found.append(None)
        else:
            found.append({"provisional": tally.provisional, "at_close": tally.fired, "withdrawn": tally.withdrawn})
    return found


def _counts(old: RuleStats, new: RuleStats, formed: Sequence[Mapping[str, int] | None]) -> TextTable:
    table = TextTable("", ("", "old", "new"), right={"old", "new"})
    table.add("alerts", str(old.alerts), str(new.alerts))
    for name in next(filter(None, formed), {}):
        table.add(name.replace("_", " "), *("–" if each is None else str(each[name]) for each in formed))
    for kind in dict.fromkeys([*old.outcomes, *new.outcomes]):
        table.add(kind.value, *(str(each.outcomes.get(kind, "–")) for each in (old, new)))
    if old.followed or new.followed:
        for name in dict.fromkeys([*old.endings, *new.endings]):
            table.add(name, *(str(each.endings.get(name, "–")) for each in (old, new)))
    return table


def _sentence(days: Mapping[Instant, tuple[bool, bool]], *, within: bool) -> str:
    both = sum(was and now for was, now in days.values())
    gone = sum(was and not now for was, now in days.values())
    came = sum(now and not was for was, now in days.values())
    shared = numbers.count(both, "bar" if within else "day")
    return f"{shared} in both, {gone} only in the old version, {came} only in the new one."


def _document(
    rule: str, before: RuleText, now: RuleText, replays: tuple[Replay, Replay], hours: Hours
) -> dict[str, Any]:
    timeframe = replays[1].rule.timeframe
    old, new = ({"hours": each} for each in _formed(replays, hours))
    return {
        "rule": rule,
        "market": replays[1].rule.market,
        "old": {"version": before.name, **_tally(replays[0]), **old},
        "new": {"version": now.name, **_tally(replays[1]), **new},
        "days": [
            {"bar": label(start, timeframe), "old": was, "new": fires} for start, (was, fires) in _days(replays).items()
        ],
    }


def _tally(replay: Replay) -> dict[str, Any]:
    counted = line_of(replay, _EVER).tally
    outcomes = {kind.value: count for kind, count in counted.outcomes.items()}
    return {"alerts": counted.alerts, **outcomes, **counted.endings}
