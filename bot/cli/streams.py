"""The streams that commands print to: no secret is in them; a lost output ends the command, lost complaints do not."""

from __future__ import annotations

import errno
import os
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from io import TextIOWrapper
from pathlib import Path
from typing import TextIO

from bot.redaction import RedactedStream


class OutputLostError(Exception):
    """What was printed did not arrive: a full disk, a closed stream, or a reader that went away.

    It is no OSError, of which typer ends some by itself.
    """

    def __init__(self, name: str, error: OSError) -> None:
        super().__init__(f"{name}: can't be written: {error.strerror}")
        self.reader_left = error.errno == errno.EPIPE


class _Closed(TextIOWrapper):
    """What stands for a standard stream that was closed when the command began: it takes nothing."""

    def __init__(self) -> None:
        super().__init__(Path(os.devnull).open("wb"), encoding="utf-8")  # noqa: SIM115  # for good

    def write(self, text: str) -> int:
        """Raise the error of a closed stream, where there is something to write."""
        if text:
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))
        return 0


class _Stream(RedactedStream, ABC):
    """A standard stream, whether it is open or not; what an error of it means is `_errors_handled`'s."""

    def __init__(self, stream: TextIO | None) -> None:
        super().__init__(stream or _Closed())

    def write(self, text: str) -> int:
        """As the stream's."""
        with self._errors_handled():
            super().write(text)
        return len(text)

    def flush(self) -> None:
        """As the stream's."""
        with self._errors_handled():
            self._stream.flush()

    @abstractmethod
    def _errors_handled(self) -> AbstractContextManager[None]: ...


class ErrorStream(_Stream):
    """Standard error. What it does not take is not told, and the next is tried again: a bot goes on while the disk of
    its log is full, and logs when it is no longer.
    """

    def discard_unwritten(self) -> None:
        """Give up what it has not taken, at the end: Python would try once more, and end with 120 whatever was told."""
        try:
            self._stream.flush()
        except OSError:
            _redirect_to_devnull(self._stream)

    def _errors_handled(self) -> AbstractContextManager[None]:
        return suppress(OSError)


class OutputStream(_Stream):
    """Standard output. Raises OutputLostError."""

    _lost: OutputLostError | None = None

    @contextmanager
    def _errors_handled(self) -> Iterator[None]:
        """Once lost, lost for good: a library may have taken the first error for its own."""
        if self._lost:
            raise self._lost
        try:
            yield
        except OSError as error:
            _redirect_to_devnull(self._stream)
            self._lost = OutputLostError("standard output", error)
            raise self._lost from error


def _redirect_to_devnull(stream: TextIO) -> None:
    """What a stream still holds back is no longer tried, nor told of, as Python ends."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
