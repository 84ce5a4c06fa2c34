"""Whether a secret stands in a text: whole or in part, wrapped, escaped or encoded."""

from __future__ import annotations

import base64
import binascii
import html
import re
from urllib.parse import unquote

_FEWEST = 10
"""Characters in a row of a secret that give it away."""


def leaks(text: str, secret: str) -> bool:
    """Whether `text` tells so much of `secret` as helps to guess it."""
    return any(_stands_in(secret, each) for each in _readings(text))


def _readings(text: str) -> list[str]:
    """The text as it is, without what wraps lines, and decoded in the ways that texts are encoded in."""
    plain = re.sub(r"[\s│┃|\\]+|\x1b\[[0-9;]*m", "", text)
    unescaped = re.sub(r"\\u00([0-9a-fA-F]{2})|\\x([0-9a-fA-F]{2})", _character, text)
    found = [text, plain, unescaped, html.unescape(text), unquote(text), unquote(unquote(text)), plain[::-1]]
    for run in re.findall(r"[A-Za-z0-9+/_-]{16,}", plain):
        for at in range(4):
            with_padding = run[at:].translate(str.maketrans("-_", "+/"))
            found.append(base64.b64decode(with_padding[: len(with_padding) // 4 * 4]).decode("latin-1"))
    for run in re.findall(r"[0-9a-fA-F]{20,}", plain):
        found += [binascii.unhexlify(run[at : at + (len(run) - at) // 2 * 2]).decode("latin-1") for at in (0, 1)]
    return found


def _character(escape: re.Match[str]) -> str:
    return chr(int(escape[1] or escape[2], 16))


def _stands_in(secret: str, text: str) -> bool:
    return any(secret[at : at + _FEWEST] in text for at in range(len(secret) - _FEWEST + 1))
