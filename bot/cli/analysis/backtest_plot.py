"""Pictures of a backtest, one for each rule."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bot.charts.request import BacktestChart
from bot.cli.analysis.backtest_summary import Span
from bot.cli.io.charts import draw, save
from bot.cli.io.terminal import tracked
from bot.rulebook.rule_definition import RuleDefinition
from bot.signals.replay.alert_outcomes import alert_outcomes
from bot.signals.replay.replay import Replay


def plot_runs(
    runs: Sequence[tuple[RuleDefinition, Replay]], span: Span, file: Path, source: str, *, dark: bool, quiet: bool
) -> None:
    """A picture for each rule; with several, each file bears its rule's name. Raises ProblemError."""
    for rule, replay in tracked(runs, "drawing"):
        inside = span.positions(replay.bars)
        shown = tuple(outcome.from_bar(inside.start) for outcome in alert_outcomes(replay, span.events(replay)))
        follows = rule.rule.follow is not None
        bars = replay.bars.slice(inside.start, inside.stop)
        chart = BacktestChart(bars=bars, title=rule.title, outcomes=shown, follows=follows, dark=dark, source=source)
        png = draw(chart)
        path = file if len(runs) == 1 else file.with_stem(f"{file.stem}-{rule.rule.id}")
        save(path, png, quiet=quiet)
