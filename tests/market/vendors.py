"""Questions to the vendors' real clients, answered by the replay server."""

from collections.abc import Iterable

import numpy as np

from bot.market.model import FetchAnswer, FetchRequest, Source, SourceError, SourceErrorKind
from bot.market.sources import registry
from bot.signals.bars import Bars
from bot.signals.sessions import Sessions
from bot.signals.timeframe import Timeframe, label, start_of
from tests.replay import Replay


class Vendor:
    """One vendor behind the replay server, as the market room asks it."""

    def __init__(
        self, replay: Replay, kind: str, name: str, symbol: str, sessions: Sessions, **options: object
    ) -> None:
        self.replay = replay
        self.source = Source(kind, name, symbol, {"base_url": replay.url, "rateLimit": 1, **options})
        self.sessions = sessions

    def ask(self, since: str, now: str, timeframe: Timeframe = Timeframe.D1) -> FetchAnswer:
        instants = start_of(since), start_of(now)
        return registry.fetch(FetchRequest("MARKET", timeframe, self.source, self.sessions, *instants))

    def error(self, since: str, now: str, timeframe: Timeframe = Timeframe.D1) -> SourceError:
        try:
            self.ask(since, now, timeframe)
        except SourceError as error:
            return error
        raise AssertionError("the source answered")

    def kind(self, since: str, now: str) -> SourceErrorKind:
        return self.error(since, now).kind


def told_too_early(vendor: Vendor, since: str, now: str, instants: int = 200) -> list[int]:
    """Of random instants up to `now` those at which the vendor's source told else than what was public of the whole."""
    whole = vendor.ask(since, now).bars
    drawn = np.random.default_rng(7).integers(start_of(since), start_of(now), instants)
    edges = [int(end) + shift for end in whole.end[:20] for shift in (-1, 0)]
    wrong = []
    for at in (*drawn.tolist(), *edges):
        request = FetchRequest("MARKET", Timeframe.D1, vendor.source, vendor.sessions, start_of(since), at)
        public = whole.known_at(at)
        try:
            told = registry.fetch(request).bars
        except SourceError as error:
            told = public.prefix(0) if error.kind is SourceErrorKind.NO_DATA else whole
        if (told.start.tolist(), told.close.tolist()) != (public.start.tolist(), public.close.tolist()):
            wrong.append(at)
    return wrong


def labels(bars: Bars) -> list[str]:
    return [label(int(start), bars.timeframe) for start in bars.start]


def flat(timestamps: Iterable[int], first: float = 100.0) -> list[list[float]]:
    """Rows whose close tells their position: first, first + 1, …"""
    return [[int(at), first + n, first + n + 2, first + n - 2, first + n, 1000.0] for n, at in enumerate(timestamps)]
