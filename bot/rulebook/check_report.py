"""What `rules check` prints: every problem on a line, or one JSON document."""

from __future__ import annotations

from typing import Any

from bot.problem import Problem
from bot.rulebook.book import Rulebook


def check_report(book: Rulebook) -> str:
    """Every problem on a line of its own, and a last line that counts them."""
    if not book.problems:
        checked = counted(len(book.rules), "rule") if book.rules or not book.files else counted(book.files, "file")
        return f"{checked}, no problems"
    broken = len({problem.file for problem in book.problems})
    of_all = f" in {f'{broken} of ' if broken < book.files else ''}{counted(book.files, 'file')}" if book.files else ""
    lines = [str(problem) for problem in book.problems]
    return "\n".join([*lines, counted(len(lines), "problem") + of_all])


def check_json(problems: tuple[Problem, ...]) -> dict[str, Any]:
    """The same for programs; a line or column of 0 means the whole file."""
    return {
        "problems": [
            {
                "file": problem.file,
                "line": problem.line,
                "column": problem.column,
                "path": problem.path,
                "message": problem.message,
            }
            for problem in problems
        ]
    }


def counted(count: int, noun: str) -> str:
    """The count with its noun, in the plural where it is not one."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
