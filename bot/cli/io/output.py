"""Files, pictures among them, and JSON documents that commands write."""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path

from bot.problem import ProblemError
from bot.regular_file import write_regular


def png_path(option: str, file: Path) -> None:
    """Refuse a place where no picture can go, before any work is done. Raises ProblemError."""
    if file.suffix.lower() != ".png":
        raise ProblemError.of(option, f"not a PNG file (got {file}); allowed: names that end in .png")
    if not file.absolute().parent.is_dir():
        raise ProblemError.of(option, f"no such folder (got {file.parent}); allowed: one that is there")


def write_file(file: Path, content: bytes) -> None:
    """Put `content` into the file, never through a link. Raises ProblemError where that is not possible."""
    try:
        write_regular(file, content)
    except OSError as error:
        raise ProblemError.of(file, f"can't be written: {error.strerror}") from error


def ensure_folder(path: Path) -> None:
    """See to it that the folder is there. Raises ProblemError where that is not possible."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ProblemError.of(path, f"can't be a folder: {error.strerror}") from error


def json_number(value: float | None) -> float | None:
    """A number as JSON documents have it: eight digits, None where it is unknown."""
    return None if value is None or not math.isfinite(value) else round(value, 8)


def print_json(document: object) -> None:
    """Print one JSON document on standard output; what a terminal without UTF-8 can't show is escaped."""
    print(json.dumps(document, indent=1, ensure_ascii=sys.stdout.encoding.lower() != "utf-8"))
