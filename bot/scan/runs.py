"""Runs that go on: the signals whose rules are followed as long as their episode lives."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from bot.evidence.signal_kind import SignalKind, signal_kind
from bot.rulebook.dependencies import with_needs
from bot.rulebook.rule_definition import RuleDefinition
from bot.scan.series import Series
from bot.signals.bars import Bars
from bot.signals.replay.replay import Replay
from bot.signals.replay.ruleset import replay_all
from bot.signals.replay.running import running_at
from bot.views.alerts.runs import RunFacts


def open_runs(rules: Mapping[str, RuleDefinition], bars: Mapping[Series, Bars]) -> tuple[RunFacts, ...]:
    """The runs of a book's enabled rules, over closed bars."""
    wanted = [
        id_ for id_, each in rules.items() if each.enabled and each.rule.follow and each.rule.follow.needs_episode
    ]
    if not wanted:
        return ()
    replays = replay_all([each.rule for each in with_needs(rules, wanted)], bars)
    found = (open_run(rules[id_], replays[id_]) for id_ in wanted)
    return tuple(run for run in found if run is not None)


def open_run(definition: RuleDefinition, replay: Replay) -> RunFacts | None:
    """The rule's newest run; None where that has ended, or where there was none."""
    closes = np.flatnonzero(np.isfinite(replay.bars.close))
    running = running_at(replay, int(closes[-1])) if len(closes) else None
    if running is None:
        return None
    return RunFacts(
        rule=replay.rule.id,
        title=definition.title,
        since=running.since,
        at=int(replay.bars.end[closes[-1]]),
        count=running.count,
        change=running.change,
        in_points=replay.bars.in_points,
        failed=running.failed,
        of_records=signal_kind(replay) is SignalKind.RECORD,
    )
