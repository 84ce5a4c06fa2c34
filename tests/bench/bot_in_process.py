"""A whole bot in this process: every shipped rule, every market out of the simulator, charts in a worker, the Bot API
in another process."""

from __future__ import annotations

import contextlib
import gc
import shutil
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from pydantic import HttpUrl, SecretStr

from bot.app.bellwether import Bellwether
from bot.app.clock import LeapingClock
from bot.app.workers import External, WorkerPool
from bot.charts.request import Draw
from bot.market.model import FetchAnswer, FetchRequest, Market, Source
from bot.market.new_york import CALENDAR
from bot.market.sources import simulated
from bot.memory import collect_less_often, keep_large_apart, keep_one_heap
from bot.sandbox.process import SandboxProcess
from bot.scan.series import series_of
from bot.settings import load_settings, without_absent
from bot.signals.bars import Bars
from bot.signals.replay.ruleset import replay_all
from bot.signals.sessions import ROUND_THE_CLOCK, Sessions
from bot.signals.timeframe import Instant, Timeframe, start_of
from bot.store.database import immediate
from bot.store.sqlite import Database

ROOT = Path(__file__).parents[2]
FIRST, START = start_of("2015-01-02"), start_of("2026-03-02")
LAST_DAY = start_of("2033-12-31")
FIRST_READER = 5_000_000_001
SETTLED = 20 * 60

OFTEN = "russell-2000-all-time-high"
"""The rule that is made to fire every few weeks, by asking for a high of 60 sessions only."""


SMALL = ("_RETURNS", "_DIVIDENDS")
"""Ends of the names of series that are no prices, but fractions of some."""

FRACTIONS = "BTC_FUNDING"
"""A series of the simulated world that stays near 0."""


@dataclass
class InProcessBot:
    bot: Bellwether
    clock: LeapingClock
    sandbox: SandboxProcess
    closes: list[Instant]
    sessions: Sessions
    workers: Callable[[], tuple[tuple[str, int | None], ...]]
    """Names and process ids."""

    pictures: Mapping[bytes, bytes]
    """Those that are kept."""

    @cached_property
    def firings(self) -> list[Instant]:
        """Ends of the bars at which rules fire, as the replay of all prices to come has it."""
        return firings(self.bot, self.sessions)

    async def next_session(self) -> None:
        """The time is some minutes after the next close; nobody has looked yet."""
        self.clock.leap(self.closes.pop(0) + SETTLED)

    async def before_next_firing(self) -> None:
        """The bot has looked at all closes up to the last one before a rule fires again."""
        ahead = next((end for end in self.firings if end > self.closes[0]), None)
        while ahead is not None and self.closes[1] < ahead:
            del self.closes[0]
        await self.next_session()
        await self.bot.look()

    async def forget_what_waits(self) -> None:
        """Nothing more is sent of what is queued."""
        await self.bot.store.run(_drop_queued)


def as_served() -> None:
    """Have the heap and the garbage collector work in this process as they do in the bot's."""
    keep_one_heap()
    keep_large_apart()
    gc.collect()
    gc.freeze()
    collect_less_often()


async def fetch_simulated(request: FetchRequest) -> FetchAnswer:
    return simulated.fetch(request)


async def never() -> None:
    """In place of the look that the bot takes by itself."""


@contextlib.asynccontextmanager
async def bot_in_process(
    folder: Path,
    readers: int,
    rate: float = 30.0,
    *,
    listens: bool = True,
    apart: bool = False,
    wrap_draw: Callable[[Draw], Draw] = lambda draw: draw,
) -> AsyncIterator[InProcessBot]:
    """`readers` have subscribed, the rules have looked at the markets once; the bot looks only when it is told to.

    Prices are made in this process, or where they are to be `apart`, in the worker that a bot asks for them. Charts are
    drawn by what `wrap_draw` makes of the worker's own.
    """
    as_served()
    workers = WorkerPool()
    sessions = await workers.external.sessions(CALENDAR, FIRST, LAST_DAY)
    outside = workers.external
    fetch, draw = outside.fetch if apart else fetch_simulated, wrap_draw(outside.draw)
    external = External(fetch, outside.sessions, draw, outside.workers)
    async with SandboxProcess() as sandbox:
        clock = LeapingClock(START)
        bot = bot_of(folder, sandbox, clock, external, rate)
        try:
            await bot.store.run(subscribe_all, range(FIRST_READER, FIRST_READER + readers))
            for reader in range(FIRST_READER, FIRST_READER + readers):
                await sandbox.ask("add_person", user_id=reader, first_name="Reader")
            await bot.look()
            if listens:
                await bot.start(3_600, never)
            pictures = workers._pictures._kept
            yield InProcessBot(bot, clock, sandbox, _closes(sessions), sessions, outside.workers, pictures)
        finally:
            await bot.close()
            await workers.close()


def bot_of(folder: Path, sandbox: SandboxProcess, clock: LeapingClock, external: External, rate: float) -> Bellwether:
    rules = Path(shutil.copytree(ROOT / "rules", folder / "rules"))
    file = rules / f"{OFTEN}.yaml"
    often = file.read_text("utf-8").replace("highest(close, all)", "highest(close, 60)")
    file.write_text(often.replace("quiet: 60 bars", "quiet: 10 bars"), "utf-8")
    settings = without_absent(load_settings(ROOT / "config.example.yaml", {}, folder))
    telegram = settings.telegram.model_copy(
        update={"token": SecretStr(sandbox.token), "api_url": HttpUrl(sandbox.url), "messages_per_second": rate}
    )
    settings = settings.model_copy(update={"telegram": telegram, "database": folder / "bench.db", "rules": rules})
    markets = {name: _simulated(market) for name, market in settings.specs.items()}
    return Bellwether(settings, markets, clock, external, "SIMULATED")


def _simulated(market: Market) -> Market:
    world = {"seed": 7, "scenario": "default", "start": "2026-03-02"}
    if market.members:
        return market
    symbol = FRACTIONS if market.name.endswith(SMALL) else market.name
    return replace(market, sources=(Source("simulated", "simulator", symbol, world),))


def firings(bot: Bellwether, sessions: Sessions) -> list[Instant]:
    """Ends of the bars to come at which a rule fires that reads no basket and nothing that is published."""
    calendars = {CALENDAR: sessions, ROUND_THE_CLOCK: Sessions.round_the_clock(FIRST, LAST_DAY)}
    known = bot.scanner._settings.markets.items()
    markets = {name: market for name, market in known if market.calendar in calendars and not market.members}
    rules = [each for each in bot.rules.current.rules.values() if each.markets <= markets.keys()]
    bars = {
        (name, timeframe): _all_bars(markets[name], timeframe, calendars[markets[name].calendar])
        for each in rules
        for name, timeframe in series_of(each)
    }
    done = replay_all([each.rule for each in rules], bars).values()
    return sorted({int(end) for each in done for end in each.bars.end[each.fires] if end > START})


def _all_bars(market: Market, timeframe: Timeframe, sessions: Sessions) -> Bars:
    request = FetchRequest(market.name, timeframe, market.sources[0], sessions, FIRST, LAST_DAY)
    return simulated.fetch(request).bars


def _closes(sessions: Sessions) -> list[Instant]:
    return [int(close) for close in sessions.closes if close > START]


def subscribe_all(db: Database, chats: Iterable[int]) -> None:
    rows = [(chat,) for chat in chats]
    with immediate(db):
        db.conn.executemany(
            "INSERT INTO subscribers (id, chat_id, kind, state, since, changed)"
            " VALUES (?1, ?1, 'private', 'active', 0, 0)",
            rows,
        )
        db.conn.executemany("INSERT INTO subscriptions VALUES (?, 'all', '')", rows)


def _drop_queued(db: Database) -> None:
    with immediate(db):
        db.conn.execute("UPDATE deliveries SET state = 'dropped', reason = 'bench' WHERE state = 'queued'")
