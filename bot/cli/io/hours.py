"""The hours by which commands look at the days of intraday rules as they formed."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from bot.cli.io.bars import hourly_bars, wanted_file
from bot.cli.io.sessions import sessions_of
from bot.cli.io.terminal import tracked
from bot.market.model import Market
from bot.rulebook.rule_definition import RuleDefinition
from bot.scan.series import Series, hourly_series
from bot.settings import Settings
from bot.signals.bars import Bars
from bot.signals.hours.forming_days import forming_days
from bot.signals.hours.hourly_replay import Hours, forms_daily
from bot.signals.replay.rule import Trigger
from bot.signals.sessions import Sessions
from bot.signals.timeframe import Instant, Timeframe


def hours_of(
    data: Path | None,
    settings: Settings,
    rules: Iterable[RuleDefinition],
    bars: Mapping[Series, Bars],
    first: Instant | None = None,
    last: Instant | None = None,
) -> Hours:
    """What the daily intraday rules among `rules` need to be looked at by hours, out of files or the bot's database.

    Of the days that start from `first` to `last`, both included; None is open. Hours among `bars` are not read again.
    Of such a rule that lacks the hours of a market, one line on standard error says which are wanted; it is looked at
    at closes only, since today's bar can't be compared with another market's bar of yesterday.
    """
    needs: dict[str, list[str]] = {}
    specs = settings.specs
    for rule in rules:  # two versions of one rule may be among them
        if rule.rule.trigger is Trigger.INTRADAY and not forms_daily(rule.rule):
            print(_closed_only(rule), file=sys.stderr)
        needs.setdefault(rule.rule.id, []).extend(name for name, _ in hourly_series(rule, specs))
    calendars: dict[str, Sessions] = {}
    names = dict.fromkeys(name for needed in needs.values() for name in needed)
    found = {name: bars[name, Timeframe.H1] for name in names if (name, Timeframe.H1) in bars}
    found |= hourly_bars(data, settings, [name for name in names if name not in found], bars, calendars)
    days = {name: forming_days(each, sessions_of(specs[name].calendar, calendars)) for name, each in found.items()}
    days = {name: each for name, each in days.items() if len(each)}
    shown = {name: each.between(first, last) for name, each in days.items()}
    lacks = {id_: [name for name in dict.fromkeys(needed) if name not in days] for id_, needed in needs.items()}
    for id_, lacking in lacks.items():
        if lacking:
            print(_lacking(id_, lacking, data, specs), file=sys.stderr)
    return Hours(shown, frozenset(id_ for id_, needed in needs.items() if needed and not lacks[id_]))


def watched(looks: Sequence[Instant]) -> Iterable[Instant]:
    """The looks one by one, with a bar of progress where somebody watches."""
    return tracked(looks, "as days formed")


def _closed_only(written: RuleDefinition) -> str:
    told = f"its bars of {written.rule.timeframe} are looked at once they have closed; as they form, by the bot alone"
    return f"{written.rule.id}: {told}"


def _lacking(rule: str, names: Sequence[str], data: Path | None, specs: Mapping[str, Market]) -> str:
    told = f"{rule}: its days are looked at once they have closed; to look at them hour by hour, wanted:"
    if data:
        return f"{told} {', '.join(wanted_file(name, data, specs, Timeframe.H1) for name in names)}"
    who = "the running bot fetches at night, or `bellwether data fetch` while none runs"
    return f"{told} hours of {', '.join(names)}, which {who}"
