"""The running bot: start, look, deliver, answer, stop."""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import TypeVar

from bot.app.activity_log import ActivityLog
from bot.app.clock import Clock
from bot.app.components import ScanComponents, build_scan
from bot.app.database_watch import CHECK_SECONDS, DatabaseWatch
from bot.app.job_scheduler import JobScheduler
from bot.app.jobs import Jobs, postponed_if_store_fails
from bot.app.liveness import Liveness
from bot.app.look_watch import LookWatch
from bot.app.messaging import build_messaging
from bot.app.rule_reloader import RuleReloader, accepted_before
from bot.app.workers import External
from bot.delivery.rate_limit import RateLimiter
from bot.delivery.transport import OutgoingMessage
from bot.market.model import Market
from bot.memory import give_back_memory, resident_bytes
from bot.problem import ProblemError
from bot.scan.scanner import Scan
from bot.scan.snapshots import SnapshotCollector, snapshot_tasks
from bot.scan.status import HEARTBEAT, read_status, save_process_state
from bot.settings import Settings
from bot.severity import Severity
from bot.signals.timeframe import Instant
from bot.store.database import forget_pages
from bot.store.meta import set_value
from bot.store.notices import notice
from bot.store.rule_versions import keep_rules
from bot.store.runs import count_look
from bot.store.sqlite import Database
from bot.store.store import Store, StoreError
from bot.subscriptions.permissions import Access, Mode
from bot.telegram.services import Services
from bot.views.operator.admin import ConfigChange
from bot.views.operator.health import ProcessHealth, SourceHealth, WorkerHealth
from bot.views.operator.notices import database_new
from bot.views.operator.status_facts import ProcessState, StatusFacts

log = logging.getLogger(__name__)

T = TypeVar("T")

SOURCE_PATIENCE_SECONDS = 1.5
"""Seconds that a look waits for sources; what they say later is looked at as soon as it comes."""

HEAD_START_SECONDS = 0.05
"""Seconds that an alert's first messages get for themselves: what /status tells is worked out after them."""

SHUTDOWN_SECONDS = 4.0
"""Seconds that a look under way gets to end when the bot stops."""


class Bellwether:
    """The bot of one config: everything wired, on the running event loop.

    `banner` stands before every message of a simulated market. `reread` loads the config again, as a restart would.
    """

    def __init__(
        self,
        settings: Settings,
        markets: Mapping[str, Market],
        clock: Clock,
        external: External,
        banner: str = "",
        reread: Callable[[], Settings] | None = None,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._external = external
        self._reread = reread
        self._started = clock.now()
        self.store = Store(settings.database)
        self.rules = RuleReloader(settings.rules, settings.market_names, accepted_before(settings.database))
        self._look_again: Callable[[], None] = _nobody
        self._scan = self._build_scan(markets, banner)
        self.scanner = self._scan.scanner
        self._jobs = self._build_jobs(markets, simulated=bool(banner))
        self._services = self._build_services(banner)
        messaging = build_messaging(settings, self._services, clock.time)
        self.telegram, self.outbox = messaging.telegram, messaging.outbox
        self._deliveries = messaging.deliveries
        self._database = DatabaseWatch(self.store, self._tell_operators)
        self._look_watch = LookWatch(self._tell_operators, time.monotonic)
        self._activity = ActivityLog()
        self.liveness = Liveness(str(settings.monitoring.ping_url or ""), settings.monitoring.heartbeat_file)
        self._scheduler = JobScheduler()
        self._reloading = asyncio.Lock()
        self._held: Mapping[str, str] = {}
        self._scan_seconds = 0.0
        self._looked = False
        self._stop = asyncio.Event()
        self._sending: asyncio.Task[None] | None = None

    def _build_scan(self, markets: Mapping[str, Market], banner: str) -> ScanComponents:
        return build_scan(
            self._settings,
            markets,
            self.store,
            self._external,
            self.rules,
            banner=banner,
            wake=self._wake,
            patience=None if banner else SOURCE_PATIENCE_SECONDS,
            arrived=self._take_arrival,
            head_start=HEAD_START_SECONDS,
        )

    def _build_jobs(self, markets: Mapping[str, Market], *, simulated: bool) -> Jobs:
        collector = None
        if self._external.ask is not None and not simulated:
            tasks = tuple(snapshot_tasks(markets, self._settings.funds, self._settings.switched_off))
            collector = SnapshotCollector(self.store, self._external.ask, tasks)
        hours = None if simulated else self._scan.hours
        return Jobs(self.store, self._clock.now, self._scan.market_data, self.rules.book, collector, hours)

    def _build_services(self, banner: str) -> Services:
        telegram = self._settings.telegram
        return Services(
            store=self.store,
            rulebook=self.rules.book,
            status=self.status,
            now=self._clock.now,
            access=Access(Mode(telegram.access), telegram.operators, telegram.members),
            banner=banner,
            rate_limiter=RateLimiter(telegram.messages_per_second),
            clock=time.monotonic,
            market_data=self._scan.market_data,
            draw=self._external.draw,
            rule_folders=self._settings.rules,
            reload=self._reload,
            process_health=self._process_health,
            config_change=self._config_change,
            wake=self._wake,
            reachable=self._reachable,
            recall=self._recall,
            waits=lambda rule: self._held.get(rule, ""),
        )

    def _wake(self) -> None:
        self.outbox.wake()

    def _reachable(self) -> None:
        self.outbox.reachable()

    def _recall(self, chat_id: int | None) -> None:
        self.outbox.recall(chat_id)

    def _take_arrival(self) -> None:
        """Look at what a slow source has said after the look that asked it."""
        self._look_again()

    async def _reload(self) -> None:
        """Take up changed rules; one at a time, so that nobody answers from the book as it was."""
        async with self._reloading:
            await asyncio.to_thread(self.rules.refresh)

    async def _config_change(self) -> ConfigChange:
        """Which keys of the config a restart would take up anew."""
        if self._reread is None:
            return ConfigChange()
        try:
            written = await asyncio.to_thread(self._reread)
        except ProblemError as error:
            return ConfigChange(problems=tuple(map(str, error.problems)))
        names = type(written).model_fields
        return ConfigChange(tuple(name for name in names if getattr(written, name) != getattr(self._settings, name)))

    async def _process_health(self) -> ProcessHealth:
        now = self._clock.now()
        sources = [
            SourceHealth(name, breaker.state(now), int(breaker.shut_until) or None, breaker.last_error)
            for name, breaker in self._scan.feed.states().items()
        ]
        return ProcessHealth(
            started=self._started,
            memory=resident_bytes(os.getpid()),
            workers=tuple(map(_worker_health, self._external.workers())),
            scan_seconds=self._scan_seconds if self._looked else None,
            sources=tuple(sources),
            delivery=self.outbox.trouble or "",
        )

    async def status(self) -> StatusFacts:
        """How the bot is, for /status."""
        last = self._services.troubles.last
        facts = await self.store.run(read_status, self._clock.now(), (last.what, last.at) if last else None)
        return replace(facts, database=self._database.trouble)

    async def start(self, every: float, look: Callable[[], Awaitable[object]] | None = None) -> None:
        """Begin to listen, to deliver, and to look every so many seconds, the first time at once."""
        await self.store.run(save_process_state, ProcessState.STARTING, self._clock.now())
        await self.telegram.start()
        if self.store.lost:
            await self._tell_of_loss()
        self._sending = asyncio.create_task(self.outbox.run(self._stop), name="outbox")
        self._look_again = self._scheduler.every(every, look or self.look)
        self._scheduler.every(60.0, self.send_digests, wait_first=True)
        self._scheduler.every(CHECK_SECONDS, self._database.check, wait_first=True)
        self._scheduler.at(self._collect_snapshots, minute=40)
        self._scheduler.at(self._collect_hours, minute=20)
        self._scheduler.at(self.prune, hour=3, minute=30)
        self._scheduler.start()

    async def look(self) -> Scan | None:
        """Take up changed rules, look at the markets once, deliver what came of it. Never raises."""
        try:
            scan = await self._look()
        except StoreError as error:
            log.error("the store failed, the look is repeated: %s", error)  # noqa: TRY400  # its text says it all
            why = f"store: {error}"
        except Exception as error:
            log.exception("the look broke off")
            why = f"scan: {type(error).__name__}"
        else:
            self.liveness.looked(ok=True)
            await self._look_watch.succeeded()
            return scan
        self._services.troubles.note(self._clock.now(), why)
        counted = self.store.run(count_look, self._clock.now(), ok=False)
        await postponed_if_store_fails(counted, "the count of a look that broke off")
        self.liveness.looked(ok=False)
        await self._look_watch.failed(why)
        return None

    async def _look(self) -> Scan:
        await self._reload()
        await self.store.run(keep_rules, self.rules.current.texts, self._clock.now())
        began = time.monotonic()
        scan = await self.scanner.scan(self._clock.now())
        self._scan_seconds, self._held = time.monotonic() - began, scan.held
        doubts = self._activity.look(scan, self._scan_seconds, await self.status())
        await self.store.run(_record_heartbeat, self._clock.now(), first=not self._looked, doubts=doubts)
        self._looked = True
        self._activity.deliveries(self._deliveries.take())
        if scan.queued or scan.noticed:
            self.outbox.wake()
        await self._tell_prices()
        if scan.arrivals:
            await self.store.run(forget_pages)
        give_back_memory()
        return scan

    async def _tell_prices(self) -> None:
        """Queue a word for the prices that were reached; what goes wrong is left for the next look."""
        if await self._postponed_if_it_fails("price alerts", self._jobs.price_alerts()):
            self.outbox.wake()

    async def _tell_operators(self, text: str) -> None:
        """Write to the operators at once, past the outbox."""
        for operator in sorted(self._settings.telegram.operators):
            await self.telegram.replies.send_message(OutgoingMessage(operator, text))

    async def _tell_of_loss(self) -> None:
        """The database is new, though there was one before."""
        log.warning("the database %s was not there and is new: nobody is subscribed", self.store.path)
        text = database_new(str(self.store.path))
        await self.store.run(notice, text, "operators", self._clock.now(), Severity.HIGH)

    async def send_digests(self) -> None:
        """Queue the digests that are due. Never raises."""
        await postponed_if_store_fails(self._queue_digests(), "digests")

    async def _queue_digests(self) -> None:
        if await self._jobs.digests(self._held):
            self.outbox.wake()

    async def _collect_snapshots(self) -> None:
        await postponed_if_store_fails(self._jobs.collect_snapshots(), "snapshots")

    async def _collect_hours(self) -> None:
        """Fetch the hours that are due; what broke off goes on an hour later."""
        fetching = postponed_if_store_fails(self._jobs.collect_hours(), "hours of past days")
        await self._postponed_if_it_fails("hours of past days", fetching)
        give_back_memory()

    async def _postponed_if_it_fails(self, what: str, work: Awaitable[T]) -> T | None:
        """What the work gives; None where it broke off, which is logged and told the operators. Never raises."""
        try:
            return await work
        except Exception as error:
            log.exception("%s: left for the next time", what)
            self._services.troubles.note(self._clock.now(), f"{what}: {type(error).__name__}")
            return None

    async def prune(self) -> None:
        """Free the space of what nobody needs any longer. Never raises."""
        await postponed_if_store_fails(self._jobs.prune(), "pruning")

    async def close(self) -> None:
        """Finish what is in flight within seconds, then let go of everything."""
        await self._scheduler.close(SHUTDOWN_SECONDS)
        await self._scan.close()
        self._stop.set()
        if self._sending is not None:
            await self._sending
        await self.telegram.stop()
        await self.liveness.stopped()
        stopped = self.store.run(save_process_state, ProcessState.STOPPED, self._clock.now())
        await postponed_if_store_fails(stopped, "the word that the bot has stopped")
        await self.store.close()


def _record_heartbeat(db: Database, now: Instant, *, first: bool, doubts: int) -> None:
    """A look has ended."""
    count_look(db, now, doubts=doubts)
    set_value(db, HEARTBEAT, str(now), now)
    if first:
        save_process_state(db, ProcessState.RUNNING, now)


def _worker_health(worker: tuple[str, int | None]) -> WorkerHealth:
    """A worker by its name and process id, and what it holds."""
    name, pid = worker
    return WorkerHealth(name, pid, None if pid is None else resident_bytes(pid))


def _nobody() -> None:
    """Nothing looks yet."""
