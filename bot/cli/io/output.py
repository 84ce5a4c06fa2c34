"""How does a command write a file that a person named?"""

from __future__ import annotations

import math
from pathlib import Path

from bot.problem import Problem, ProblemError


def write(file: Path, content: bytes) -> None:
    """Put `content` into the file. Raises ProblemError where that is not possible."""
    try:
        file.write_bytes(content)
    except OSError as error:
        raise _refusal(file, "be written", error) from error


def folder(path: Path) -> None:
    """See to it that the folder is there. Raises ProblemError where that is not possible."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _refusal(path, "be a folder", error) from error


def _refusal(path: Path, what: str, error: OSError) -> ProblemError:
    return ProblemError([Problem(str(path), 0, 0, "", f"can't {what}: {error.strerror}")])


def plain(value: float | None) -> float | None:
    """A number as JSON documents have it: eight digits, None where it is unknown."""
    return None if value is None or not math.isfinite(value) else round(value, 8)
