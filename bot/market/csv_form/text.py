"""The text of a file, whatever encoding its first bytes tell of."""

from __future__ import annotations

import codecs
from pathlib import Path

from bot.problem import ProblemError
from bot.regular_file import NotRegularFileError, read_regular

MAX_FILE_BYTES = 128_000_000
"""Bytes that a file may have."""

MAX_ODD_BYTES = 32_000_000
"""Bytes that a file may have that is not in the plain form, and so is read row by row."""

MAX_ODD_LINES = 500_000

_PLAIN_FORM = "date or datetime, open, high, low, close and volume, separated by commas, oldest first"

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def text_of(path: Path, raw: bytes) -> str:
    """All text in a file's bytes. Raises ProblemError where there is none."""
    if len(raw) > MAX_ODD_BYTES or raw.count(b"\n") > MAX_ODD_LINES:
        most = f"{MAX_ODD_BYTES // 1_000_000} MB or {MAX_ODD_LINES:,} lines"
        raise ProblemError.of(
            path, f"larger than {most}; allowed: up to that, or more in the plain form: {_PLAIN_FORM}"
        )
    encoding = next((name for mark, name in _MARKS if raw.startswith(mark)), "")
    if not encoding and b"\0" in raw[:200]:
        encoding = "utf-16-le" if raw[1:2] == b"\0" else "utf-16-be"
    try:
        text = raw.decode(encoding or "utf-8")
    except UnicodeDecodeError:
        if encoding:
            raise ProblemError.of(path, f"not {encoding} text, though it begins so; save it as UTF-8") from None
        text = raw.decode("cp1252", "replace")  # what spreadsheets save in Western Europe; only names can differ by it
    if "\0" in text:
        raise ProblemError.of(path, "not text: it has zero bytes; allowed: CSV as UTF-8")
    return text


def bytes_of(path: Path) -> bytes:
    """All bytes of an ordinary file. Raises ProblemError."""
    try:
        raw = read_regular(path, MAX_FILE_BYTES)
    except NotRegularFileError as error:
        raise ProblemError.of(path, f"{error.strerror}; allowed: a CSV file") from error
    except OSError as error:
        reason = "no such file" if isinstance(error, FileNotFoundError) else f"can't be read: {error.strerror}"
        raise ProblemError.of(path, reason) from error
    if len(raw) > MAX_FILE_BYTES:
        most = f"{MAX_FILE_BYTES // 1_000_000} MB"
        raise ProblemError.of(
            path, f"larger than {most}; allowed: up to {most}, some forty years of bars of five minutes"
        )
    return raw
