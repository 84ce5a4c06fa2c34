"""`bellwether demo`: how does it feel to have this bot, without an account, a token or a network?"""

from __future__ import annotations

import asyncio
import logging
import shutil
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from pydantic import HttpUrl, SecretStr

from bot.app.bellwether import Bellwether
from bot.app.clock import LeapingClock
from bot.app.edges import Workers
from bot.app.serve import stop_on_signals
from bot.cli.chat import Chat, read_lines
from bot.cli.place import settings_here
from bot.cli.terminal import console
from bot.market.spec import Market, Source, SourceKind
from bot.sandbox.cast import SOMEBODY
from bot.sandbox.server import Sandbox
from bot.settings import Settings
from bot.signals.sessions import Sessions
from bot.signals.timeframe import day_of, midnight, start_of
from bot.store.outbox import depth

BANNER = "SIMULATED"
START = "2026-03-02"
"""The first day of the demo's world: a Monday."""

LAST_DAY = start_of("2028-12-31")
SETTLED = 20 * 60
"""Seconds after a close at which the demo looks: a little more than a bar needs to settle."""

INTRO = """[bold]Bellwether, simulated.[/bold] The bot is the real one;
the market and the chat server are made up, on this machine.
You are in a private chat with it. Days pass by themselves; write when you like:
  /status  /rules  /help  /subscribe  /unsubscribe
A number presses that button. Ctrl-C ends the demo.
"""


def add(program: typer.Typer) -> None:
    """Make the command known."""
    program.command("demo")(demo)


def demo(
    days: Annotated[int | None, typer.Option(min=1, max=500, help="Play so many sessions, then end.")] = None,
    pace: Annotated[float | None, typer.Option(min=0.01, max=60, help="Seconds that a session takes.")] = None,
    scenario: Annotated[str, typer.Option(help="What happens on the market.")] = "default",
    seed: Annotated[int, typer.Option(help="Another number, another market.")] = 7,
) -> None:
    """Show the bot at work on a simulated market, in this terminal."""
    talks = sys.stdin.isatty() and days is None
    logging.basicConfig(level=logging.ERROR)
    world = {"seed": seed, "scenario": scenario, "start": START}
    with tempfile.TemporaryDirectory(prefix="bellwether-demo-") as folder:
        show = Demo(settings_here(), Path(folder), world)
        sessions = days or (None if talks else 30)
        raise typer.Exit(asyncio.run(show.play(sessions, pace or (2.0 if talks else 0.3), talks=talks)))


class Demo:
    """One showing: the sandbox, the bot, and the person at the terminal."""

    def __init__(self, settings: Settings, folder: Path, world: dict[str, object]) -> None:
        self._clock = LeapingClock(start_of(START))
        self._sandbox = Sandbox(clock=self._clock.time)
        self._chat = Chat(self._sandbox, Path(tempfile.gettempdir()) / "bellwether-demo-charts")
        self._workers = Workers()
        rules = Path(shutil.copytree(settings.rules, folder / "rules"))  # so that a rule installed here stays here
        self._settings = settings.model_copy(update={"database": folder / "demo.db", "rules": rules})
        self._markets = {name: _simulated(market, world) for name, market in settings.specs.items()}
        self._over = asyncio.Event()

    async def play(self, sessions: int | None, pace: float, *, talks: bool) -> int:
        """Until the sessions are over, or the person has had enough."""
        console.print(INTRO)
        stop = stop_on_signals()
        await self._sandbox.start()
        telegram = self._settings.telegram.model_copy(
            update={
                "token": SecretStr(self._sandbox.token),
                "api_url": HttpUrl(self._sandbox.url),
                "access": "open",
                "operators": frozenset({SOMEBODY}),
            }
        )
        settings = self._settings.model_copy(update={"telegram": telegram})
        bot = Bellwether(settings, self._markets, self._clock, self._workers.edges, BANNER)
        try:
            await self._play(bot, stop, sessions, pace, talks=talks)
        finally:
            await bot.close()
            await self._workers.close()
            await self._sandbox.close()
        console.print(f"The demo is over: {self._chat.shown} messages.")
        return 0

    async def _play(
        self, bot: Bellwether, stop: asyncio.Event, sessions: int | None, pace: float, *, talks: bool
    ) -> None:
        calendar = await self._workers.edges.sessions("XNYS", self._clock.now(), LAST_DAY)
        days = Days(bot, self._clock, calendar, self._chat, sessions)
        await bot.watch.scan(self._clock.now())
        await bot.start(pace, days.next)
        for greeting in ("/start", "/subscribe"):
            self._chat.say(greeting)
            await self._sandbox.wait_for(SOMEBODY, self._chat.shown + 1, timeout=20)
        days.begin.set()
        waits = [asyncio.create_task(stop.wait()), asyncio.create_task(days.over.wait())]
        listening = [asyncio.create_task(self._listen())] if talks else []
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for task in waits + listening:
            task.cancel()

    async def _listen(self) -> None:
        async for line in read_lines():
            self._chat.say(line)


class Days:
    """The demo's days: each leaps over the night, and then to a little after the close."""

    def __init__(
        self, bot: Bellwether, clock: LeapingClock, calendar: Sessions, chat: Chat, sessions: int | None
    ) -> None:
        self._bot = bot
        self._clock = clock
        self._closes = [int(close) for close in calendar.closes if close > clock.now()][:sessions]
        self._chat = chat
        self.begin = asyncio.Event()
        self.over = asyncio.Event()

    async def next(self) -> None:
        """Play one session, once all that was told of the last one has been delivered."""
        if self.over.is_set() or not self.begin.is_set():
            return
        if not self._closes:
            self.over.set()
            return
        close = self._closes.pop(0)
        self._chat.day(day_of(close).strftime("%a %d %b %Y"))
        for look in (midnight(day_of(close)) + SETTLED, close + SETTLED):
            self._clock.leap(look)
            await self._bot.look()
            await self._delivered()

    async def _delivered(self) -> None:
        # the outbox is a table: it tells nobody that it is empty
        while (await self._bot.store.do(depth)).queued:  # noqa: ASYNC110
            await asyncio.sleep(0.05)


def _simulated(market: Market, world: dict[str, object]) -> Market:
    """The same market out of the simulator; a basket stays one."""
    if market.members:
        return market
    return replace(market, sources=(Source(SourceKind.SIMULATED, "simulator", market.name, world),))
