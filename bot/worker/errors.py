"""What can go wrong with a worker, apart from what the called function raises."""

from __future__ import annotations


class WorkerError(Exception):
    """A call came to nothing for a reason that is not the called function's own exception."""


class WorkerTimeout(WorkerError):  # noqa: N818  # named for the fact, as TimeoutError's readers know it
    """The call overran its time; the process was killed."""


class WorkerDied(WorkerError):  # noqa: N818  # named for the fact
    """The process ended in the middle of the call, or could not say what came of it."""
