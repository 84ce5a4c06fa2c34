"""What `rules test` prints: failures bar by bar, rules that nothing proves, and the count."""

from __future__ import annotations

import math
from collections.abc import Sequence

from bot.rulebook.testing.event_diff import Difference
from bot.rulebook.testing.runner import CaseResult, TestRun

NONE = "–"
_MOST_ROWS = 20
_HEAD = ("bar", "close", "level", "expected", "got", "")


def run_report(run: TestRun) -> str:
    """Every failure with the bars that differ, files that can't be read, rules that nothing proves, and the count."""
    failed = [result for result in run.results if not result.passed]
    lines = [str(problem) for problem in run.problems]
    lines += [case_text(result) for result in failed]
    lines += [f"{rule_id}: no test shows it; needed: {lack}" for rule_id, lack in run.unproven]
    count = f"{len(run.results) - len(failed)} passed, {len(failed)} failed"
    files = len({problem.file for problem in run.problems})
    lines.append(f"{count}, {files} {'file' if files == 1 else 'files'} with mistakes" if files else count)
    return "\n".join(lines)


def case_text(result: CaseResult) -> str:
    """One failed test: its place, why it failed, and the bars at which events differ."""
    lines = [f"✗ {result.rule} › {result.name}     {result.file}:{result.line}"]
    lines += [f"    {line}" for line in result.reason.split("\n") if line]
    if result.rows:
        lines += _table(result.rows[:_MOST_ROWS])
        more = len(result.rows) - _MOST_ROWS
        lines += [f"    and {more} bars more"] if more > 0 else []
    return "\n".join(lines)


def _table(rows: Sequence[Difference]) -> list[str]:
    cells = [_HEAD, *(_cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(_HEAD))]
    return [_line(line, widths) for line in cells]


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    numbers = [cell.rjust(width) for cell, width in zip(cells[:3], widths[:3], strict=True)]
    words = [cell.ljust(width) for cell, width in zip(cells[3:], widths[3:], strict=True)]
    return ("    " + "   ".join([*numbers, *words])).rstrip()


def _cells(row: Difference) -> tuple[str, ...]:
    kinds = (", ".join(row.expected) or NONE, ", ".join(row.got) or NONE)
    return (row.day or str(row.number), _number(row.close), _number(row.level), *kinds, row.remark)


def _number(value: float) -> str:
    return NONE if math.isnan(value) else f"{value:.6g}"
