"""The streams that commands print to: no secret is in them; a lost output ends the command, lost complaints do not."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

from bot.redaction import RedactedStream


class OutputLostError(Exception):
    """What was printed did not arrive: a full disk, or a reader that went away.

    It is no OSError, of which typer ends some by itself.
    """

    def __init__(self, name: str, error: OSError) -> None:
        super().__init__(f"{name}: can't be written: {error.strerror}")
        self.reader_left = error.errno == errno.EPIPE


class ErrorStream(RedactedStream):
    """Standard error, or none where it was closed. What it does not take is not told, and the next is tried again: a
    bot goes on while the disk of its log is full, and logs when it is no longer.
    """

    def __init__(self, stream: TextIO | None) -> None:
        super().__init__(_or_none(stream))

    def write(self, text: str) -> int:
        """As the stream's."""
        with suppress(OSError):
            super().write(text)
        return len(text)

    def flush(self) -> None:
        """As the stream's."""
        with suppress(OSError):
            self._stream.flush()

    def discard_unwritten(self) -> None:
        """Give up what it has not taken, at the end: Python would try once more, and end with 120 whatever was told."""
        try:
            self._stream.flush()
        except OSError:
            _lead_nowhere(self._stream)


class OutputStream(RedactedStream):
    """Standard output, or none where it was closed. Raises OutputLostError."""

    def __init__(self, stream: TextIO | None) -> None:
        super().__init__(_or_none(stream))
        self._lost: OutputLostError | None = None

    def write(self, text: str) -> int:
        """As the stream's."""
        with self._heard():
            return super().write(text)

    def flush(self) -> None:
        """As the stream's."""
        with self._heard():
            self._stream.flush()

    @contextmanager
    def _heard(self) -> Iterator[None]:
        """Once lost, lost for good: a library may have taken the first error for its own."""
        if self._lost:
            raise self._lost
        try:
            yield
        except OSError as error:
            _lead_nowhere(self._stream)
            self._lost = OutputLostError("standard output", error)
            raise self._lost from error


def _lead_nowhere(stream: TextIO) -> None:
    """What a stream still holds back is no longer tried, nor told of, as Python ends."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _or_none(stream: TextIO | None) -> TextIO:
    return stream or Path(os.devnull).open("w", encoding="utf-8")  # for good
