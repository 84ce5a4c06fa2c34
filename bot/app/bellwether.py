"""How does the running bot live: start, look, deliver, answer, stop?"""

from __future__ import annotations

import asyncio
import logging
import resource
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.app.clock import Clock
from bot.app.components import build_components
from bot.app.jobs import Jobs, done_later
from bot.app.rule_reloader import RuleReloader
from bot.app.workers import External
from bot.delivery.rate_limit import RateLimiter, in_flight_for
from bot.delivery.worker import OutboxWorker
from bot.market.model import Market
from bot.scan.scanner import Scan
from bot.scan.snapshots import SnapshotCollector, snapshot_tasks
from bot.scan.status import HEARTBEAT, read_status
from bot.settings import Settings
from bot.store.meta import set_value
from bot.store.rule_versions import keep_rules
from bot.store.store import Store, StoreError
from bot.subscriptions.permissions import Access, Mode
from bot.telegram.application import TelegramSide, build_bot
from bot.telegram.sending.transport import TelegramTransport
from bot.telegram.services import Services
from bot.views.operator.health import ProcessHealth, SourceHealth
from bot.views.operator.status import StatusFacts

log = logging.getLogger(__name__)

NEW_YORK = ZoneInfo("America/New_York")
FREE_RATE = 30.0
"""Messages a second that Telegram carries for nothing; more is its paid broadcast."""

PATIENCE = 4.0
"""Seconds that a look under way gets to end when the bot stops."""


class Bellwether:
    """The bot of one config: everything wired, on the running event loop."""

    def __init__(
        self, settings: Settings, markets: Mapping[str, Market], clock: Clock, external: External, banner: str = ""
    ) -> None:
        assert settings.telegram.token is not None
        self._settings = settings
        self._clock = clock
        self.store = Store(settings.database)
        self.book = RuleReloader(settings.rules, frozenset(settings.markets))
        self._external = external
        self._components = build_components(
            settings, markets, self.store, external, self.book, banner=banner, wake=self._wake
        )
        self.scanner = self._components.scanner
        ask = external.ask if not banner else None
        facts = tuple(snapshot_tasks(markets, settings.funds))
        collector = None if ask is None else SnapshotCollector(self.store, ask, facts)
        self._jobs = Jobs(self.store, clock.now, self._components.market_data, self.book.book, collector)
        self._held: Mapping[str, str] = {}
        self._reading = asyncio.Lock()
        self._scan_seconds: float | None = None
        self._started = clock.now()
        token, api_url = settings.telegram.token.get_secret_value(), str(settings.telegram.api_url)
        bot = build_bot(token, api_url)
        rate = settings.telegram.messages_per_second
        rate_limiter = RateLimiter(rate)
        self._services = self._make_services(rate_limiter, banner)
        self.side = TelegramSide(bot, self._services)
        messenger = TelegramTransport(bot, banner, paid_broadcast=rate > FREE_RATE)
        self.outbox = OutboxWorker(self.store, messenger, rate_limiter, clock.time, in_flight_for(rate))
        self._scheduler = AsyncIOScheduler(
            timezone=NEW_YORK, job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1}
        )
        self._stop = asyncio.Event()
        self._sending: asyncio.Task[None] | None = None
        self._turns: set[asyncio.Future[object]] = set()

    def _make_services(self, rate_limiter: RateLimiter, banner: str) -> Services:
        telegram = self._settings.telegram
        return Services(
            store=self.store,
            rulebook=self.book.book,
            status=self.status,
            now=self._clock.now,
            access=Access(Mode(telegram.access), telegram.operators, telegram.members),
            banner=banner,
            rate_limiter=rate_limiter,
            clock=self._clock.time,
            market_data=self._components.market_data,
            draw=self._external.draw,
            rules_folder=self._settings.rules,
            reload=self._reload,
            process_health=self._process_health,
            wake=self._wake,
            waits=lambda rule: self._held.get(rule, ""),
        )

    def _wake(self) -> None:
        self.outbox.wake()

    async def _reload(self) -> None:
        """Take up changed rules; one at a time, so that nobody answers from the book as it was."""
        async with self._reading:
            await asyncio.to_thread(self.book.refresh)

    async def _process_health(self) -> ProcessHealth:
        now = self._clock.now()
        sources = [
            SourceHealth(name, breaker.state(now), int(breaker.shut_until) or None, breaker.last_error)
            for name, breaker in self._components.feed.states().items()
        ]
        return ProcessHealth(
            started=self._started,
            memory=_resident(),
            workers=self._external.workers(),
            scan_seconds=self._scan_seconds,
            sources=tuple(sources),
            delivery=self.outbox.trouble or "",
        )

    async def status(self) -> StatusFacts:
        """How the bot is, for /status."""
        last = self._services.troubles.last
        return await self.store.run(read_status, self._clock.now(), (last.what, last.at) if last else None)

    async def start(self, every: float, look: Callable[[], Awaitable[object]] | None = None) -> None:
        """Begin to listen, to deliver, and to look every so many seconds, the first time at once."""
        await self.side.start()
        self._sending = asyncio.create_task(self.outbox.run(self._stop), name="outbox")
        soon = datetime.now(NEW_YORK)
        self._scheduler.add_job(self._turn, "interval", [look or self.look], seconds=every, next_run_time=soon)
        self._scheduler.add_job(self._turn, "cron", [self._tidy], hour=3, minute=30)
        self._scheduler.add_job(self._turn, "interval", [self.jobs], minutes=1)
        self._scheduler.add_job(self._turn, "cron", [self._note], minute=40)
        self._scheduler.start()

    async def look(self) -> Scan | None:
        """Take up changed rules, look at the markets once, deliver what came of it. Never raises."""
        try:
            return await self._look()
        except StoreError as error:
            log.error("the store failed, the look is repeated: %s", error)  # noqa: TRY400  # its text says it all
            self._services.troubles.note(self._clock.now(), f"store: {error}")
        except Exception as error:
            log.exception("the look broke off")
            self._services.troubles.note(self._clock.now(), f"scan: {type(error).__name__}")
        return None

    async def _turn(self, job: Callable[[], Awaitable[object]]) -> None:
        """One run of a job, as a task that `close` can wait for and cancel: the scheduler would log an error."""
        turn = asyncio.ensure_future(job())
        self._turns.add(turn)
        turn.add_done_callback(self._turns.discard)
        await asyncio.wait([turn])

    async def _look(self) -> Scan:
        await self._reload()
        texts = {id_: written.text for id_, written in self.book.current.rules.items()}
        await self.store.run(keep_rules, texts, self._clock.now())
        began = time.monotonic()
        scan = await self.scanner.scan(self._clock.now())
        self._scan_seconds, self._held = time.monotonic() - began, scan.held
        await self.store.run(set_value, HEARTBEAT, str(self._clock.now()), self._clock.now())
        if scan.queued or scan.noticed:
            self.outbox.wake()
        return scan

    async def jobs(self) -> None:
        """The small things of the minute: digests that are due. Never raises."""
        await done_later(self._digests(), "digests")

    async def _digests(self) -> None:
        if await self._jobs.digests(self._held):
            self.outbox.wake()

    async def _note(self) -> None:
        await done_later(self._jobs.note(), "notes")

    async def _tidy(self) -> None:
        await done_later(self._jobs.tidy(), "tidying up")

    async def close(self) -> None:
        """Finish what is in flight within seconds, then let go of everything."""
        if self._scheduler.running:
            self._scheduler.pause()
        if self._turns:
            _, late = await asyncio.wait(self._turns, timeout=PATIENCE)
            for turn in late:
                turn.cancel()
            await asyncio.sleep(0.01)  # so that the scheduler sees its jobs end
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
        self._stop.set()
        if self._sending is not None:
            await self._sending
        await self.side.stop()
        await self.store.close()


def _resident() -> int | None:
    """Bytes of memory that this process holds; None where the machine does not say."""
    try:
        return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * resource.getpagesize()
    except (OSError, ValueError):
        return None
