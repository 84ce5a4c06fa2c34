"""Questions back about the time of a mute, each answer a button."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.alert import Buttons
from bot.rulebook.rule_definition import RuleDefinition
from bot.signals.timeframe import Instant
from bot.telegram.command import Reply
from bot.telegram.keyboard import button_row, copy_button
from bot.telegram.parsing.until import Until
from bot.telegram.parsing.windows import Often, Recurring, Window, named_windows
from bot.views.chats import mutes as texts

_NIGHT = (22 * 60, 7 * 60)
_LENGTHS = (("1 hour", "1h"), ("8 hours", "8h"), ("24 hours", "24h"), ("7 days", "7d"))
_EXACT = "%Y-%m-%d %H:%M"


def ask_when(span: Until, word: str, now: Instant, zone: ZoneInfo) -> Reply:
    """Until when, of several ends; where it may begin later, whether only then. `word` stands for what is muted."""
    only = stretch_rows(named_windows(span.said, now, zone) if span.later else (), word, zone, "Only ")
    rows: Buttons = ()
    for at in span.instants:
        end = datetime.fromtimestamp(at, zone)
        label = f"Now until {texts.local(end)}" if only else texts.local(end)
        rows += button_row((label, "hush", f"{word} until {end:{_EXACT}}"))
    return Reply(texts.which_end(span.said, later=span.later, only=bool(only)), rows + only)


def ask_which_stretch(window: Window, word: str, zone: ZoneInfo) -> Reply:
    """Which of several stretches is meant, or how long what begins then lasts."""
    text = texts.which_stretch(window.said, ends=bool(window.readings))
    if window.readings:
        rows = stretch_rows(window.readings, word, zone)
        if len(rows) == len(window.readings):
            return Reply(text, rows)
        ends = [[datetime.fromtimestamp(at, zone) for at in each] for each in window.readings]
        return Reply(texts.type_stretch(text, word, [(f"{one:{_EXACT}}", f"{end:{_EXACT}}") for one, end in ends]))
    starts = [datetime.fromtimestamp(at, zone) for at in window.begins]
    if len(starts) == 1:
        return Reply(text, button_row(*((name, "hush", _from(word, starts[0], length)) for name, length in _LENGTHS)))
    days: Buttons = ()
    for start in starts:
        days += button_row((f"{texts.local(start)}, 24 hours", "hush", _from(word, start, "24h")))
    return Reply(text, days)


def _from(word: str, start: datetime, length: str) -> str:
    return f"{word} from {start:{_EXACT}} for {length}"


def stretch_rows(spans: Iterable[tuple[Instant, Instant]], word: str, zone: ZoneInfo, before: str = "") -> Buttons:
    """A button for each stretch that mutes for just that long."""
    rows: Buttons = ()
    for begins, ends in spans:
        one, end = datetime.fromtimestamp(begins, zone), datetime.fromtimestamp(ends, zone)
        label = f"{before}{texts.local_span(one, end)}"
        rows += button_row((label, "hush", f"{word} from {one:{_EXACT}} to {end:{_EXACT}}"))
    return rows


def quiet_hours_rows(clocks: tuple[int, int] | None, label: str = "") -> Buttons:
    """What sets quiet hours between these minutes after midnight, and what copies the command; none for None."""
    if clocks is None:
        return ()
    hours = texts.hours(*clocks)
    label = label or ("Every night: quiet hours" if clocks[0] > clocks[1] else "Every day: quiet hours")
    command = f"/settings quiet {hours}"
    return (*button_row((f"🌙 {label}", "settings", f"quiet {hours}")), (copy_button(f"📋 {command}", command),))


def answer_recurring(often: Recurring, on_weekends: Iterable[RuleDefinition], now: Instant, zone: ZoneInfo) -> Reply:
    """What comes again and again: nights are quiet hours; of other days only the next can be muted.

    `on_weekends` are the rules whose markets trade then.
    """
    if often.often is Often.NIGHTS:
        clocks = often.clocks or _NIGHT
        return Reply(texts.every_night(often.said, *clocks), quiet_hours_rows(clocks, "Set these quiet hours"))
    if often.often is Often.WEEKENDS:
        rows = stretch_rows(named_windows("weekend", now, zone), "all", zone)
        return Reply(texts.every_weekend(often.said, [each.title for each in on_weekends]), rows)
    return Reply(texts.no_week_plan(often.said), quiet_hours_rows(often.clocks, "Quiet hours, every day"))
