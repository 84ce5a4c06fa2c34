"""Cancellation of work in threads: what nobody waits for any more ends at its next step."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Event


class WorkCancelledError(Exception):
    """The work was given up by who had asked for it."""


_cancelled: ContextVar[Event | None] = ContextVar("_cancelled", default=None)


@contextmanager
def cancellable() -> Iterator[Callable[[], None]]:
    """What is begun within, by `asyncio.to_thread` too, can be ended by the function that this yields."""
    event = Event()
    token = _cancelled.set(event)
    try:
        yield event.set
    finally:
        _cancelled.reset(token)


def end_if_cancelled() -> None:
    """A step of long work. Raises WorkCancelledError where nobody waits for it any more."""
    event = _cancelled.get()
    if event is not None and event.is_set():
        raise WorkCancelledError
