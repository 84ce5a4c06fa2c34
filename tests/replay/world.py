"""The world of the replay server: bars by symbol and interval, and what is to go wrong."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

Row = tuple[float | None, ...]
"""Timestamp in seconds, open, high, low, close, volume; None is a vendor's null."""

HTML_ERROR = "<!doctype html>\n<html><head><title>Error</title></head><body><h1>HTTP Status 500</h1></body></html>"


@dataclass
class Fault:
    """The next `times` requests whose path holds `path` get this instead of an answer; `body` None is the true one.

    With `whole` the path is no part of theirs but all of it. `stall`: so many seconds pass after half of the body;
    `drip`: after each of its bytes.
    """

    path: str
    status: int = 200
    body: str | None = ""
    times: int = 1
    delay: float = 0.0
    headers: dict[str, str] = field(default_factory=dict)
    drop: bool = False
    whole: bool = False
    stall: float = 0.0
    drip: float = 0.0

    def meets(self, path: str) -> bool:
        """Whether a request for this path gets it."""
        return self.times > 0 and (self.path == path if self.whole else self.path in path)


@dataclass
class Listing:
    """What Yahoo says of a symbol beside its bars."""

    timezone: str = "America/New_York"
    instrument: str = "ETF"


@dataclass
class Fund:
    """What Yahoo says of a fund; `shares` are (timestamp, number) pairs. None: it does not say."""

    assets: float | None = None
    nav: float | None = None
    shares: list[tuple[int, float]] = field(default_factory=list)


@dataclass
class Answer:
    status: int
    body: str
    headers: dict[str, str] = field(default_factory=dict)


def told(document: Any, status: int = 200) -> Answer:
    return Answer(status, json.dumps(document), {"Content-Type": "application/json"})


class World:
    """State that the test's thread and the server's threads share."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.rows: dict[tuple[str, str], dict[float, Row]] = {}
        self.listings: dict[str, Listing] = {}
        self.faults: list[Fault] = []
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.overlap = 0
        self.funds: dict[str, Fund] = {}
        self.screens: dict[str, Any] = {}
        self.crypto: dict[str, Any] = {}
        self.splits: dict[str, dict[float, float]] = {}
        self.dividends: dict[str, dict[int, float]] = {}
        self.figures: dict[str, Any] = {}
        """Answers of sources of macro series by path and what is asked for there: "/fng/", "fredgraph.csv WALCL"."""

    def add(self, symbol: str, interval: str, rows: Iterable[Iterable[Any]], **listing: str) -> None:
        """Add bars, or put them in the place of those with the same timestamps."""
        with self.lock:
            held = self.rows.setdefault((symbol, interval), {})
            held.update((row[0], tuple(row)) for row in rows)
            self.listings[symbol] = Listing(**{**asdict(self.listings.get(symbol, Listing())), **listing})

    def remove(self, symbol: str, interval: str, timestamp: float) -> None:
        """Forget a bar, as a vendor does."""
        with self.lock:
            del self.rows[symbol, interval][timestamp]

    def fail(self, path: str, **what: Any) -> None:
        """Let requests go wrong, see Fault."""
        with self.lock:
            self.faults.append(Fault(path, **what))

    def reset(self) -> None:
        with self.lock:
            self.rows, self.listings, self.faults, self.requests, self.overlap = {}, {}, [], [], 0
            self.funds, self.screens, self.crypto, self.figures = {}, {}, {}, {}
            self.splits, self.dividends = {}, {}

    def known(self, symbol: str) -> bool:
        return any(held == symbol for held, _ in self.rows)

    def between(self, symbol: str, interval: str, first: float, last: float) -> list[Row]:
        """Rows with first <= timestamp <= last, oldest first."""
        with self.lock:
            held = self.rows.get((symbol, interval), {})
            return [row for timestamp, row in sorted(held.items()) if first <= timestamp <= last]

    def fault_for(self, path: str) -> Fault | None:
        """The fault that this request meets, counted off."""
        with self.lock:
            for fault in self.faults:
                if fault.meets(path):
                    fault.times -= 1
                    return fault
        return None

    def met(self, path: str, query: dict[str, str]) -> None:
        with self.lock:
            self.requests.append((path, query))

    def load(self, document: dict[str, Any]) -> None:
        """Bars and faults from a plain document: {"bars": [{symbol, interval, rows, …}], "faults": [{path, …}]}."""
        for bars in document.get("bars", []):
            self.add(bars.pop("symbol"), bars.pop("interval"), bars.pop("rows"), **bars)
        for fault in document.get("faults", []):
            self.fail(fault.pop("path"), **fault)


def pause(fault: Fault) -> None:
    if fault.delay:
        time.sleep(fault.delay)


def pieces(body: bytes, fault: Fault | None) -> Iterator[tuple[bytes, float]]:
    """What is sent of a body at once, and the seconds that pass after it."""
    if fault is not None and fault.drip:
        yield from ((body[at : at + 1], fault.drip) for at in range(len(body)))
    elif fault is not None and fault.stall:
        yield body[: len(body) // 2], fault.stall
        yield body[len(body) // 2 :], 0.0
    else:
        yield body, 0.0
