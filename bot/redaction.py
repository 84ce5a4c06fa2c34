"""Redaction of secrets: tokens, passwords in addresses, what was registered, in all text that leaves the process."""

from __future__ import annotations

import base64
import logging
import re
import sys
import traceback
import warnings
from collections.abc import Iterable
from types import TracebackType
from typing import Any, Final, TextIO
from urllib.parse import quote

HIDDEN: Final = "<token>"

_SHORTEST_PART: Final = 10
"""Characters of a part of a secret that give it away."""

_SHORTEST_SECRET: Final = 8
"""Characters from which on a registered value is looked for: shorter ones stand in ordinary words."""

# Whole or cut off, its colon perhaps percent-encoded, once or more often; or the second half alone.
_token = re.compile(
    r"\d{6,20}(?::|%(?:25)*3[Aa])[A-Za-z0-9_-]{6,}|(?<![A-Za-z0-9_-])AA[A-Za-z0-9_-]{33}(?![A-Za-z0-9_-])"
)
_password = re.compile(r"(://[^/\s:@]*:)[^/\s@]+(?=@)")
"""As in the address of a proxy."""

_random = re.compile(r"[A-Za-z0-9_:%+/=-]{12,}")
"""What a part of gives away: not an address, whose end is everybody's."""

_registered: dict[str, None] = {}


def register_secret(value: str) -> None:
    """From now on `value` is hidden in every text, also percent-encoded, in base64 or in hexadecimal digits."""
    for secret in (value, value.partition(":")[2]):
        if len(secret) >= _SHORTEST_SECRET:
            raw = secret.encode()
            forms = (secret, quote(secret, ""), quote(quote(secret, ""), ""), raw.hex(), base64.b64encode(raw).decode())
            _registered.update(dict.fromkeys(form.rstrip("=") for form in forms))


def hide_tokens(text: str) -> str:
    """The text with every secret replaced; what else it says stays."""
    text = _password.sub(rf"\1{HIDDEN}", text)
    text = _token.sub(HIDDEN, text)  # first: of two tokens of one bot, the old one would hide half of the new one
    for secret in _registered:
        text = _without(text, secret)
    return _token.sub(HIDDEN, text)


def _without(text: str, secret: str) -> str:
    """The text without the secret, and without a beginning of it that was cut off or wrapped, and the rest of that."""
    text = text.replace(secret, HIDDEN)
    if not _random.fullmatch(secret):
        return text
    head, tail = secret[:_SHORTEST_PART], secret[-_SHORTEST_PART:]
    while len(head) == _SHORTEST_PART and (start := text.find(head)) >= 0:
        cut = _alike(text[start:], secret)
        text = f"{text[:start]}{HIDDEN}{text[start + cut :]}"
    while len(tail) == _SHORTEST_PART and (start := text.find(tail)) >= 0:
        end = start + len(tail)
        cut = _alike(text[:end][::-1], secret[::-1])
        text = f"{text[: end - cut]}{HIDDEN}{text[end:]}"
    return text


def _alike(one: str, other: str) -> int:
    """How many characters two texts begin with alike."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (mine, theirs) in pairs if mine != theirs), min(len(one), len(other)))


def install_redaction() -> None:
    """From now on no log record, warning or traceback of this process holds a secret. Twice is harmless."""
    made = logging.getLogRecordFactory()
    if isinstance(made, _Redacting):
        return
    logging.setLogRecordFactory(_Redacting(made))
    formatted = warnings.formatwarning
    warnings.formatwarning = lambda *args, **kwargs: hide_tokens(formatted(*args, **kwargs))
    sys.excepthook = _print_redacted


class RedactedStream:
    """A text stream that hides secrets in all that is written to it; else it is the stream that it stands for."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """As the stream's."""
        self._stream.write(hide_tokens(text))
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        """As the stream's."""
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def _print_redacted(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    sys.stderr.write(hide_tokens("".join(traceback.format_exception(kind, error, trace))))


class _Redacting:
    """Makes log records as before, and empties out what must not be read."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def __call__(self, *args: Any, **kwargs: Any) -> logging.LogRecord:
        record: logging.LogRecord = self._inner(*args, **kwargs)
        try:
            said = record.getMessage()
        except (TypeError, ValueError, KeyError):  # a wrong call: the handler says so, its caller goes on
            said, record.args = f"{record.msg} {record.args}", ()
            record.msg = said
        hidden = hide_tokens(said)
        if hidden != said:
            record.msg, record.args = hidden, ()
        if isinstance(record.exc_info, tuple) and record.exc_info[1] is not None:
            told = "".join(traceback.format_exception(record.exc_info[1])).rstrip()
            hidden = hide_tokens(told)
            if hidden != told:
                record.exc_info, record.exc_text = None, hidden
        return record
