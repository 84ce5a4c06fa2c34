"""Questions and answers as bytes on the pipe between the bot and its worker."""

from __future__ import annotations

import pickle
import struct
from dataclasses import dataclass
from typing import Any, BinaryIO

HEADER = struct.Struct(">Q")
"""Before each message: the length of what follows, in bytes."""


@dataclass(frozen=True, slots=True)
class Question:
    """A function's name, "package.module:function", and what to call it with; the answer bears the same number."""

    number: int
    function: str
    arguments: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Returned:
    """What the function gave back."""

    value: Any


@dataclass(frozen=True, slots=True)
class Raised:
    """The exception that left the function."""

    error: BaseException


@dataclass(frozen=True, slots=True)
class NotPicklable:
    """An exception, or a value, that can't cross the pipe; only its text can."""

    text: str


@dataclass(frozen=True, slots=True)
class OutOfMemory:
    """The call needed more memory than the process may have."""


Outcome = Returned | Raised | NotPicklable | OutOfMemory


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of the question of that number."""

    number: int
    outcome: Outcome


def packed(message: Question | Answer) -> bytes:
    """The message with its header, ready for the pipe."""
    body = pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)
    return HEADER.pack(len(body)) + body


def unpacked(body: bytes) -> Any:
    """The message in a body. Both ends are the same program of the same person, so pickle is safe here."""
    return pickle.loads(body)  # noqa: S301  # see above: no stranger writes onto this pipe


def read(pipe: BinaryIO) -> Any:
    """The next message; raises EOFError when the other end is gone."""
    header = pipe.read(HEADER.size)
    if len(header) < HEADER.size:
        raise EOFError
    (length,) = HEADER.unpack(header)
    body = pipe.read(length)
    if len(body) < length:
        raise EOFError
    return unpacked(body)
