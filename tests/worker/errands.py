"""Functions that the worker's tests have called in a real process."""

import os
import sys
import time
from pathlib import Path
from xml.parsers.expat import ExpatError

import numpy as np


class HouseError(Exception):
    def __init__(self, where: str, number: int) -> None:
        super().__init__(where, number)
        self.where = where
        self.number = number


class UnpicklableError(Exception):
    def __init__(self, *, needed: int) -> None:
        super().__init__(f"needed {needed}")


def add(a, b):
    return a + b


def pid():
    return os.getpid()


def big():
    return np.arange(655_360, dtype=np.int64)


def sleep(seconds, mark=None):
    if mark:
        Path(mark).write_text(str(os.getpid()))
    time.sleep(seconds)
    return seconds


def crash():
    print("the last words", file=sys.stderr, flush=True)
    os._exit(7)


def chatter():
    print("a vendor prints " * 1000)
    os.write(1, b"straight to the descriptor")
    os.system("echo a grandchild prints")
    return "clean"


def reads_stdin():
    return sys.stdin.read()


def own_error():
    raise HouseError("here", 3)


def builtin_error():
    raise LookupError("nothing there")


def foreign_error():
    raise ExpatError("not for the bot to import")


def unpicklable_error():
    raise UnpicklableError(needed=1)


def unpicklable_value():
    return lambda: 0


def environment():
    return dict(os.environ), Path("/proc/self/cmdline").read_text()


def loaded():
    return sorted(sys.modules)


BUSY: list[int] = []


def running(seconds):
    BUSY.append(1)
    most = len(BUSY)
    time.sleep(seconds)
    most = max(most, len(BUSY))
    BUSY.pop()
    return most


def takes_at_once(size):
    return len(bytearray(size))


def takes_bit_by_bit(size):
    kept = []
    while sum(map(len, kept)) < size:
        kept.append(b"x" * 10_000_000)
        time.sleep(0.02)
    return len(kept)


class Exploding:
    def __reduce__(self):
        return int, ("no number",)


def exploding():
    return Exploding()
