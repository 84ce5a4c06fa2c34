"""`bellwether replay`: the messages that a subscriber would have received in past sessions."""

from __future__ import annotations

import asyncio
import contextlib
import io
import logging
import sys
import tempfile
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bot.app.clock import VirtualClock
from bot.cli.analysis.backtest_summary import Span
from bot.cli.analysis.replay_document import ReplayedMessage, message_events, months_table, replay_document
from bot.cli.io.bars import BRINGS_BARS, bars_of
from bot.cli.io.chat_text import bubble, console, styled
from bot.cli.io.hours import hours_of
from bot.cli.io.options import current_rulebook, current_settings, date_option, end_as_read, select_rules
from bot.cli.io.output import ensure_folder, print_json, write_file
from bot.cli.io.sessions import sessions_of
from bot.cli.loading import imported
from bot.delivery.rate_limit import RateLimiter
from bot.delivery.transport import Failure, OutgoingMessage, Sent
from bot.delivery.worker import OutboxWorker
from bot.market.model import FetchAnswer, FetchRequest, Market, Source, SourceError, SourceErrorKind
from bot.market.releases import RELEASES
from bot.market.sources import csv
from bot.problem import ProblemError
from bot.rulebook.dependencies import with_needs
from bot.rulebook.rule_definition import RuleDefinition
from bot.scan.context import context_markets
from bot.scan.series import Series, series_read
from bot.settings import Settings
from bot.signals.bars import Bars
from bot.signals.hours.forming_days import FormingDays
from bot.signals.replay.event import AlertId, EventKind
from bot.signals.sessions import Sessions
from bot.signals.timeframe import DAY, Instant, Timeframe
from bot.store.outbox.queue import next_due
from bot.store.store import Store
from bot.store.subscribers.subscribers import subscribe
from bot.subscriber import Chat
from bot.views.formatting import numbers

if TYPE_CHECKING:
    from bot.app.rule_reloader import RuleReloader

READER = Chat(1, 0, "private", "the reader of the replay")

_LONG = 300
"""Looks from which on a replay is long enough to be announced, where no bar of progress can be seen."""


def replay(
    *, first: str, last: str, data: Path | None, charts: Path | None, rules: str, summary: bool, as_json: bool
) -> None:
    """`bellwether replay`, as it is typed in `bot.cli.signatures.analysis`."""
    since, until = date_option("--from", first), date_option("--to", last)
    assert since is not None
    assert until is not None
    if until < since:
        raise ProblemError.of("--to", f"before --from (got {last}); allowed: {first} or later")
    settings = current_settings()
    if charts:
        ensure_folder(charts)
    book: RuleReloader = imported("bot.app.rule_reloader:RuleReloader")(settings.rules, settings.market_names)
    enabled = [rule for rule in book.current.rules.values() if rule.enabled]
    names = [name.strip() for name in rules.split(",") if name.strip()]
    ids = [rule.rule.id for rule in select_rules(current_rulebook(settings), names)] if names else []
    asked = with_needs(book.current.rules, ids) if ids else enabled
    read = _read_by(asked, settings)
    found = _bars(data, settings, read, {rule.rule.timeframe for rule in enabled})
    bars = {series: known for series, known in found.items() if len(known) and series[1] is not Timeframe.W1}
    if not bars:
        raise ProblemError.of(data or settings.database, f"no bars of any market; {BRINGS_BARS}")
    _note_lacking(read, bars, asked, Span(since, until))
    hours = hours_of(data, settings, asked, found, since, until)
    past = Past(bars, "csv" if data else "database", {}, hours.days if hours.rules else {})
    reader = Reader(charts, quiet=summary or as_json)
    told = asyncio.run(_play(settings, past, book, (since, until + DAY), reader, ids))
    if as_json:
        print_json(replay_document(told))
    elif summary:
        print(months_table(told))
    if not as_json:
        print(f"{numbers.count(len(told), 'message')} from {first} to {last}")
    end_as_read(book.current, ids)


def _bars(
    data: Path | None, settings: Settings, read: Sequence[str], lengths: Collection[Timeframe]
) -> dict[Series, Bars]:
    """The bars of all markets, as the bot has them; what the gate says of those that are not read is not told."""
    found = bars_of(data, settings, read, lengths)
    with contextlib.redirect_stderr(io.StringIO()):
        return bars_of(data, settings, [name for name in settings.markets if name not in read], lengths) | found


def _read_by(rules: Sequence[RuleDefinition], settings: Settings) -> list[str]:
    """The markets that the rules, their headlines, claims or the context of their alerts read."""
    context = context_markets(settings.specs, settings.crypto) if any(rule.context for rule in rules) else ()
    return list(dict.fromkeys(name for name, _ in series_read(rules, settings.specs, context)))


def _note_lacking(
    read: Sequence[str], bars: Mapping[Series, Bars], rules: Sequence[RuleDefinition], span: Span
) -> None:
    """Say in a line which of the markets that are read have no bars, and where the rules' own have none in the span."""
    logging.getLogger("bot.scan.fetching").setLevel(logging.ERROR)
    if lacking := [name for name in read if (name, Timeframe.D1) not in bars]:
        print(f"without bars, so left out: {', '.join(lacking)}", file=sys.stderr)
    _note_empty_span(rules, bars, span)


def _note_empty_span(rules: Sequence[RuleDefinition], bars: Mapping[Series, Bars], span: Span) -> None:
    """Say where none of the rules' own markets has a bar within the span, and which bars there are."""
    own = [
        bars[name, Timeframe.D1]
        for name in sorted({each.rule.market for each in rules})
        if (name, Timeframe.D1) in bars
    ]
    if own and all((within := span.positions(each)).start == within.stop for each in own):
        first = min(own, key=lambda each: int(each.start[0])).label(0)
        last = max(own, key=lambda each: int(each.start[-1])).label(-1)
        markets = ", ".join(each.market for each in own)
        print(f"no bars of {markets} in this span; there are bars from {first} to {last}", file=sys.stderr)


@dataclass
class Past:
    """What was known at any instant, out of bars that are all there, and days as they formed."""

    bars: Mapping[Series, Bars]
    source: str
    calendars: dict[str, Sessions]
    days: Mapping[str, FormingDays] = field(default_factory=dict)

    async def fetch(self, request: FetchRequest) -> FetchAnswer:
        """The bars that a source would have had at `request.now`, the forming one of a day with hours too."""
        bars = self.bars.get((request.market, request.timeframe), Bars.empty(request.market, request.timeframe))
        if (request.market, Timeframe.D1) not in self.bars:
            raise SourceError(SourceErrorKind.UNKNOWN_SYMBOL, self.source, f"no bars of {request.market}")
        known = bars.known_at(request.now)
        since = int(known.start.searchsorted(request.since))
        forming = Bars.empty(request.market, request.timeframe)
        if request.timeframe is Timeframe.D1 and request.market in self.days:
            forming = self.days[request.market].after(known, request.now)
        return FetchAnswer(known.slice(since, len(known)), forming, self.source)

    async def sessions(self, calendar: str, first: Instant, last: Instant) -> Sessions:  # noqa: ARG002  # all are known
        """Every session there is."""
        return sessions_of(calendar, self.calendars)

    def looks(self, settings: Settings, first: Instant, last: Instant) -> list[Instant]:
        """The instants at which the bot would have found something new.

        Every close, settled, of sessions and of the bars within them; and the hours' ends of days that were forming.
        """
        names = {market.calendar for market in settings.specs.values()} - RELEASES.keys()
        known = {name: sessions_of(name, self.calendars) for name in names}
        within = [bars.end for (_, timeframe), bars in self.bars.items() if not timeframe.has_dates]
        closes = {int(close) for ends in (*(each.closes for each in known.values()), *within) for close in ends}
        hours = {int(at) for days in self.days.values() for at in days.at}
        settled = {close + settings.schedule.settle for close in closes if first < close <= last}
        return sorted(settled | {at for at in hours if first < at <= last})


class Reader:
    """A messenger whose chat is the terminal; `quiet`: nothing is printed."""

    def __init__(self, charts: Path | None, *, quiet: bool) -> None:
        self.clock = VirtualClock(0)
        self.charts = charts
        self._quiet = quiet
        self._unshown: list[tuple[int, Instant, OutgoingMessage]] = []
        self.messages: list[tuple[int, Instant, OutgoingMessage]] = []

    async def send(self, message: OutgoingMessage) -> Sent | Failure:
        """Keep it until `show`."""
        number = len(self.messages) + 1
        self.messages.append((number, self.clock.now(), message))
        self._unshown.append(self.messages[-1])
        return Sent(number)

    def told(self, events: Mapping[int, Sequence[tuple[AlertId, str]]]) -> list[ReplayedMessage]:
        """All messages, with the events that each tells of."""
        return [
            ReplayedMessage(
                number,
                at,
                message.reply_to,
                styled(message.html).plain,
                any(EventKind(kind).opens for _, kind in events.get(number, ())),
                tuple(events.get(number, ())),
            )
            for number, at, message in self.messages
        ]

    def show(self) -> None:
        """Print what came since the last time."""
        for number, at, message in () if self._quiet else self._unshown:
            when = datetime.fromtimestamp(at, UTC).strftime("%a %d %b %Y %H:%M UTC")
            answer = f", answers #{message.reply_to}" if message.reply_to else ""
            below = self._saved(number, message.photo)
            if console.is_terminal:
                console.print(bubble(message.html, title=f"#{number} {when}{answer}", below=below))
            else:
                print(f"── #{number} {when}{answer}\n{styled(message.html).plain}\n{below}")
        self._unshown.clear()

    def _saved(self, number: int, photo: bytes | str | None) -> str:
        if not isinstance(photo, bytes) or self.charts is None:
            return ""
        path = self.charts / f"{number:03d}.png"
        write_file(path, photo)
        return f"[chart: {path}]"


async def _play(
    settings: Settings,
    past: Past,
    book: RuleReloader,
    span: tuple[Instant, Instant],
    reader: Reader,
    rules: Sequence[str],
) -> list[ReplayedMessage]:
    """What a reader of these rules (of all, where none is named) gets over the span."""
    clock = reader.clock
    clock.advance(span[0])
    pool, build_scan = imported("bot.app.workers"), imported("bot.app.components:build_scan")
    workers = pool.WorkerPool()
    draw = workers.external.draw if reader.charts else _no_picture
    with tempfile.TemporaryDirectory(prefix="bellwether-replay-") as folder:
        store = Store(Path(folder) / "replay.db")
        for problem in book.current.problems:
            print(problem, file=sys.stderr)
        markets = _fed(settings.specs, past)
        scanner = build_scan(settings, markets, store, pool.External(past.fetch, past.sessions, draw), book).scanner
        outbox = OutboxWorker(store, reader, RateLimiter(1_000), clock.time, monotonic=clock.time, sleep=clock.sleep)
        try:
            await scanner.scan(clock.now())
            for topic in [("rule", rule) for rule in rules] or [("all", "")]:
                await store.run(subscribe, READER, clock.now(), topic)
            looks = past.looks(settings, *span)
            if len(looks) > _LONG and not console.is_terminal:
                print(f"replaying {len(looks):,} looks at the markets; this takes a while", file=sys.stderr, flush=True)
            bar = imported("rich.progress:Progress")
            with bar(console=console, transient=True, disable=not console.is_terminal) as progress:
                for look in progress.track(looks, description="replaying"):
                    clock.advance(look)
                    await scanner.scan(look)
                    await _deliver(outbox, store, clock)
                    reader.show()
            return reader.told(await store.run(message_events))
        finally:
            await store.close()
            await workers.close()


def _fed(markets: Mapping[str, Market], past: Past) -> dict[str, Market]:
    """The markets, each with the past for its only source."""
    return {
        name: replace(market, sources=(Source(csv.KIND, past.source, name),) if market.sources else ())
        for name, market in markets.items()
    }


async def _deliver(outbox: OutboxWorker, store: Store, clock: VirtualClock) -> None:
    """Send all that is queued, however long the pace of a chat makes it take on that clock."""
    due: float | None = clock.time()
    while due is not None:
        clock.advance(due)
        outbox.wake()
        while await outbox.step():
            pass
        due = await store.run(next_due)


async def _no_picture(*_: object) -> bytes | None:
    return None
