"""Bytes of a file to text: size, encoding, line ends and characters that do not print."""

from __future__ import annotations

import codecs
import re

from bot.problem import Problem

MAX_FILE_BYTES = 256 * 1024
"""Bytes that a file may have."""

# What YAML calls non-printable; libyaml gives up at these without naming the place.
UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")
_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def decode(raw: bytes, file: str) -> tuple[str, Problem | None]:
    """Text of the file with one sort of line end and without a byte order mark, or why there is none."""
    if len(raw) > MAX_FILE_BYTES:
        limit = f"{MAX_FILE_BYTES // 1024} KiB"
        return "", Problem.in_file(file, f"larger than {limit}; allowed: up to {limit}")
    if raw.startswith(_WIDE):
        return "", Problem.in_file(file, "written in UTF-16; allowed: UTF-8")
    body = raw.removeprefix(codecs.BOM_UTF8)
    try:
        text = _unix(body.decode("utf-8"))
    except UnicodeDecodeError as error:
        before = _unix(body[: error.start].decode("utf-8"))
        return "", _after(before, file, f"not UTF-8 (got byte 0x{body[error.start]:02x}); save the file as UTF-8")
    if odd := UNPRINTABLE.search(text):
        return "", _after(text[: odd.start()], file, unprintable(odd[0]))
    return text, None


def unprintable(character: str) -> str:
    """The complaint about a character that `UNPRINTABLE` found, as it is or behind an escape."""
    return f"a character that does not print (U+{ord(character):04X}); remove it"


def _unix(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _after(before: str, file: str, message: str) -> Problem:
    return Problem(file, before.count("\n") + 1, len(before) - before.rfind("\n"), "", message)
