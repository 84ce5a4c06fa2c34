"""Text of a rule that somebody looks at, sends or installs."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from bot.problem import Problem
from bot.rulebook.book import RuleLife
from bot.rulebook.rule_definition import RuleDefinition
from bot.signals.replay.event import Event, EventKind
from bot.signals.replay.replay import Replay
from bot.signals.replay.rule import Follow
from bot.signals.timeframe import DAY, Instant, Timeframe
from bot.views.alerts.runs import RunFacts, run_line
from bot.views.formatting import html, numbers
from bot.views.operator.admin import problem_list

SHOWN = 10
"""Firings that are listed, the newest."""

_LONGEST_NAME = 64
_YEAR = 365.25 * DAY
_LIVES = {
    RuleLife.RUNS: "It runs from now on.",
    RuleLife.OFF: "It is switched off (enabled: false): it sends no alerts.",
    RuleLife.WAITS: "It does not run yet: /status says what holds the rules up.",
}
_MARKS = {"high": "🔴", "normal": "🔵", "low": "⚪"}


@dataclass(frozen=True, slots=True)
class RuleStatus:
    """How a rule stands in the running bot: its last firing, the alerts it gave, whether its file is broken now.

    `earlier` is when the version before this one was replaced, None where there is none to go back to. `run` is what
    goes on of its last firing.
    """

    last_fired: Instant | None = None
    stale: bool = False
    earlier: Instant | None = None
    run: RunFacts | None = None


def explained(definition: RuleDefinition, status: RuleStatus) -> str:
    """The answer to /rules with a name: what the rule looks for, why, and what follows."""
    blocks = [_head(definition, status), _formulas(definition), _terms(definition, status), _reasons(definition)]
    return "\n\n".join(block for block in blocks if block)


def tried(rule_id: str, definition: RuleDefinition, replay: Replay, *, replaces: bool, same: bool) -> str:
    """The answer to a rule file without problems: on which days it would have fired."""
    name = html.bold(html.escape(rule_id))
    fate = "the same as the file in use" if same else "replaces the one in use" if replaces else "a new rule"
    head = f"📝 {name}: no problems, {fate}.\n{html.escape(html.clip(definition.title, 120))}"
    return f"{head}\n\n{_history(replay)}"


def refused(rule_id: str, problems: Sequence[Problem]) -> str:
    """The answer to a rule file with problems."""
    return f"📝 {html.bold(html.escape(rule_id))} can't be taken up.\n{problem_list(problems)}"


def installed(rule_id: str, life: RuleLife, *, replaced: bool) -> str:
    """The answer to Install."""
    kept = " The version before is kept." if replaced else ""
    return f"✅ {html.bold(html.escape(rule_id))} is installed. {_LIVES[life]}{kept}"


def restored(rule_id: str, at: Instant, life: RuleLife) -> str:
    """The answer to a restored version."""
    back = f"The version that was replaced on {numbers.moment(at)} is back"
    return f"↩️ {html.bold(html.escape(rule_id))}: {back}. {_LIVES[life]} The one that it replaced is kept, too."


def nothing_to_restore(rule_id: str) -> str:
    """The answer where there is no other version."""
    return f"There is no earlier version of {html.bold(html.escape(rule_id))} that differs from the one in use."


def draft_gone(rule_id: str) -> str:
    """The answer to an Install button whose file is not waiting any more."""
    called = html.bold(html.escape(html.clip(rule_id, _LONGEST_NAME)))
    return f"The file of {called} that this button belongs to is not waiting any more. Send it again, please."


def not_a_rule_file(name: str) -> str:
    """The answer to a document that can be no rule."""
    called = html.code(html.clip(name, _LONGEST_NAME) or "without a name")
    return (
        f"“{called}” is no name of a rule file. I take files like {html.code('iwm-break.yaml')}: small letters, digits"
        " and hyphens, up to 40 of them, then .yaml."
    )


def too_large(limit: int) -> str:
    """The answer to a document that is larger than any rule."""
    return f"That file is too large for a rule: allowed are {limit // 1024}{numbers.SPACE}KB."


def not_fetched() -> str:
    """The answer where Telegram did not give the file."""
    return "I could not get that file from Telegram. Please send it again."


def disk_trouble(problems: Sequence[Problem]) -> str:
    """The answer where the folder of rules can't be read or written."""
    return f"That could not be done; nothing has changed.\n{problem_list(problems)}"


def _head(definition: RuleDefinition, status: RuleStatus) -> str:
    rule = definition.rule
    facts = [rule.market, rule.timeframe.value, definition.severity.word, *(f"#{tag}" for tag in definition.tags)]
    mark = _MARKS[definition.severity.word] if definition.enabled else "⏸"
    lines = [f"{mark} {html.bold(html.escape(definition.title))}", html.escape(" · ".join(facts)), html.code(rule.id)]
    if not definition.enabled:
        lines.append("It is switched off: it sends no alerts.")
    if status.stale:
        lines.append("Its file is broken now: this is the last good version.")
    return "\n".join(lines)


def _formulas(definition: RuleDefinition) -> str:
    level = f"\nlevel: {_one_line(definition.rule.level.text)}" if definition.rule.level else ""
    return html.pre(html.wrapped(_one_line(definition.rule.when.text) + level))


def _terms(definition: RuleDefinition, status: RuleStatus) -> str:
    rule = definition.rule
    fired = (
        f"Last fired {numbers.day(status.last_fired)}."
        if status.last_fired is not None
        else "Not fired since this bot started."
    )
    lines = [fired, *([f"Running: {run_line(status.run)}."] if status.run else [])]
    if rule.quiet > 1:
        lines.append(f"Fires anew only after {numbers.bars_of(rule.quiet, rule.timeframe)} without.")
    if rule.follow:
        span = (
            "as long as it goes on" if rule.follow.bars is None else numbers.bars_of(rule.follow.bars, rule.timeframe)
        )
        lines.append(f"Then watched for {span}:" if rule.follow.bars else f"Then watched {span}:")
        lines += [f"• {line}" for line in _follow(rule.follow, rule.timeframe)]
    if definition.needs:
        lines.append(f"Builds on: {html.escape(', '.join(sorted(definition.needs)))}")
    if status.earlier is not None:
        lines.append(f"The version before this one was replaced on {numbers.day(status.earlier)}.")
    return "\n".join(lines)


def _follow(follow: Follow, timeframe: Timeframe) -> Iterator[str]:
    if follow.confirmed is not None:
        unit = "close" if timeframe.has_dates else "bar"
        yield f"confirmed by {numbers.count(follow.confirmed, unit)} in a row beyond the level"
    for name, formula in (("held", follow.held), ("failed", follow.failed)):
        if formula is not None:
            yield f"{name}: {html.code(_one_line(formula.text))}"
    if follow.resumed:
        yield "after a failure, told when it is back"
    if follow.milestones is not None:
        yield f"told at each further {numbers.percent(follow.milestones)}"


def _reasons(definition: RuleDefinition) -> str:
    parts = [html.escape(_one_line(definition.why))] if definition.why else []
    parts += [f"“{html.escape(claim.text)}” ({html.escape(claim.source)})" for claim in definition.claims]
    parts += [html.italic(html.escape(caveat)) for caveat in definition.caveats]
    return html.folded("\n".join(parts)) if parts else ""


def _history(replay: Replay) -> str:
    bars = replay.bars
    if not len(bars):
        market = html.escape(replay.rule.market)
        return f"There are no bars of {market} here yet, so I can't say when it would have fired."
    span = f"{numbers.bars_of(len(bars), replay.rule.timeframe)} since {numbers.day(int(bars.start[0]))}"
    unknown = int(np.isnan(replay.truth).sum())
    lack = f" At {unknown:,} of them its formula is unknown." if unknown else ""
    if not len(replay.fires):
        return f"It would never have fired on {span}.{lack}"
    could = int(bars.start[replay.known_from])
    years = max((int(bars.end[-1]) - could) / _YEAR, 1 / 12)
    times = f"Would have fired {numbers.count(len(replay.fires), 'time')} on {span}"
    since = f" since {numbers.day(could)}, when it could fire first" if replay.known_from else ""
    rate = f", {numbers.number(len(replay.fires) / years)} a year{since}." if years >= 1 else "."
    lines = list(_firings(replay))
    listed = f"The last {len(lines)} of them:" if len(lines) < len(replay.fires) else "These:"
    return "\n".join([f"{html.bold(times)}{rate}{lack}", listed, *lines])


def _firings(replay: Replay) -> Iterator[str]:
    """The newest firings, the last one first, each with what became of it."""
    after: dict[Instant, list[Event]] = {}
    for event in replay.events:
        after.setdefault(event.alert.bar, []).append(event)
    newest = sorted(after)[-SHOWN:]
    for bar in reversed(newest):
        fired = next((event for event in after[bar] if event.kind is EventKind.FIRED), None)
        if fired is not None:
            became = ", ".join(event.kind.value for event in after[bar] if event.kind is not EventKind.FIRED)
            price = numbers.price(fired.close) if math.isfinite(fired.close) else numbers.UNKNOWN
            name = numbers.bar_name(fired.bar, replay.rule.timeframe)
            yield f"• {name}  {price}{f', then {became}' if became else ''}"


def _one_line(text: str) -> str:
    return " ".join(text.split())
