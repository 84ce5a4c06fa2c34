"""Cancellation of work in threads: what nobody waits for any more ends at its next step."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


class WorkCancelledError(Exception):
    """The work was given up by who had asked for it."""


@dataclass(slots=True)
class _Work:
    """Seen by every thread that was begun within; Python writes and reads one attribute at once."""

    cancelled: bool = False

    def cancel(self) -> None:
        self.cancelled = True


_work: ContextVar[_Work | None] = ContextVar("_work", default=None)


@contextmanager
def cancellable() -> Iterator[Callable[[], None]]:
    """What is begun within, by `asyncio.to_thread` too, can be ended by the function that this yields."""
    work = _Work()
    token = _work.set(work)
    try:
        yield work.cancel
    finally:
        _work.reset(token)


def end_if_cancelled() -> None:
    """A step of long work. Raises WorkCancelledError where nobody waits for it any more."""
    work = _work.get()
    if work is not None and work.cancelled:
        raise WorkCancelledError
