"""How does a command write a file that a person named?"""

from __future__ import annotations

import math
from pathlib import Path

from bot.problem import ProblemError


def write(file: Path, content: bytes) -> None:
    """Put `content` into the file. Raises ProblemError where that is not possible."""
    try:
        file.write_bytes(content)
    except OSError as error:
        raise ProblemError.of(file, f"can't be written: {error.strerror}") from error


def folder(path: Path) -> None:
    """See to it that the folder is there. Raises ProblemError where that is not possible."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ProblemError.of(path, f"can't be a folder: {error.strerror}") from error


def plain(value: float | None) -> float | None:
    """A number as JSON documents have it: eight digits, None where it is unknown."""
    return None if value is None or not math.isfinite(value) else round(value, 8)
