"""`bellwether demo`: how does it feel to have this bot, without an account, a token or a network?"""

from __future__ import annotations

import asyncio
import difflib
import io
import logging
import shutil
import sys
import tempfile
from collections.abc import Coroutine
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import typer
from pydantic import HttpUrl, SecretStr
from rich.text import Text

from bot.app.bellwether import Bellwether
from bot.app.clock import LeapingClock
from bot.app.serve import stop_on_signals
from bot.app.workers import WorkerPool
from bot.cli.io.options import settings_here
from bot.demo.calendar import DemoCalendar, Tempo
from bot.demo.chat import Chat
from bot.demo.prompt import Prompt
from bot.demo.screen import Screen
from bot.market.model import Market, MarketKind, Source
from bot.market.simulation.scenarios import SCENARIOS
from bot.market.sources import simulated
from bot.problem import Problem, ProblemError
from bot.sandbox.server import Sandbox
from bot.sandbox.users import SOMEBODY
from bot.settings import Settings
from bot.signals.timeframe import DAY, start_of
from bot.views.formatting import numbers

BANNER = "SIMULATED"
START = "2026-03-02"
"""The first day of the demo's world: a Monday."""

LAST_DAY = start_of("2028-12-31")
STORY = 25
"""Sessions within which every scenario is told."""

GREETINGS = ("/start", "/subscribe")
ASIDE = {"quiet": ("/settings digest weekly",)}
"""What the person writes besides, by scenario: there the digest is the proof of life."""

INTRO = """[bold]Bellwether, simulated:[/bold] {tells}.
The bot is the real one. The market and the chat server are made up, on this machine.
You are in a private chat with it, as its operator too."""

TALK = """
Days pass by themselves. Type:
  [bold]/help[/bold]        what the bot understands, or any command of it
  [bold]7[/bold]            to press the button with that number
  [bold]send FILE[/bold]    to send it a file: a rule that you wrote, as my-rule.yaml
  [bold]Enter[/bold]        alone, to stop the days, and again to let them pass
Ctrl-D or Ctrl-C ends the demo."""

_CHOICES = "; ".join(f"{name}: {scenario.tells}" for name, scenario in SCENARIOS.items())


def add(program: typer.Typer) -> None:
    """Make the command known."""
    program.command("demo")(demo)


def demo(
    days: Annotated[int | None, typer.Option(min=1, max=500, help="Play so many sessions, then end.")] = None,
    pace: Annotated[float | None, typer.Option(min=0.01, max=60, help="Seconds that a session takes.")] = None,
    scenario: Annotated[str, typer.Option(help=f"What happens. {_CHOICES}.")] = "default",
    seed: Annotated[int, typer.Option(min=0, help="Another number, another market.")] = 7,
    files: Annotated[Path | None, typer.Option(help="Folder for pictures and files; else a temporary one.")] = None,
) -> None:
    """Show the bot at work on a simulated market, in this terminal."""
    _check(scenario)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # where an old terminal knows no emoji
    talks = sys.stdin.isatty() and sys.stdout.isatty()
    logging.basicConfig(level=logging.CRITICAL if talks else logging.ERROR)
    kept = files or Path(tempfile.mkdtemp(prefix="bellwether-demo-"))
    with tempfile.TemporaryDirectory(prefix="bellwether-demo-") as folder:
        play = Play(scenario, seed, days or (None if talks else STORY), pace or (2.0 if talks else 0.3), talks=talks)
        show = Demo(settings_here(), Path(folder), kept, play)
        asyncio.run(show.run())
    if not files and not any(kept.iterdir()):
        kept.rmdir()


def _check(scenario: str) -> None:
    if scenario in SCENARIOS:
        return
    near = difflib.get_close_matches(scenario.lower(), SCENARIOS, 1)
    hint = f"did you mean {near[0]}?" if near else f"allowed: {', '.join(SCENARIOS)}"
    raise ProblemError([Problem("--scenario", 0, 0, "", f"no such scenario (got {scenario}); {hint}")])


@dataclass(frozen=True)
class Play:
    """What is played: without `sessions` until the person ends it. `talks`: there is a person to talk with."""

    scenario: str
    seed: int
    sessions: int | None
    pace: float
    talks: bool


class Demo:
    """One showing: the sandbox, the bot, and the person at the terminal."""

    def __init__(self, settings: Settings, folder: Path, kept: Path, play: Play) -> None:
        self._play = play
        self._kept = kept
        self._clock = LeapingClock(start_of(START))
        self._sandbox = Sandbox(clock=self._clock.time)
        self._screen = Screen()
        self._chat = Chat(self._sandbox, kept, self._screen)
        self._workers = WorkerPool()
        self._tempo = Tempo(play.pace, reads=play.talks)
        rules = Path(shutil.copytree(settings.rules, folder / "rules"))  # so that a rule installed here stays here
        shown = {name: shape for name, shape in settings.markets.items() if shape.kind is not MarketKind.SERIES}
        self._settings = settings.model_copy(update={"database": folder / "demo.db", "rules": rules, "markets": shown})
        self._markets = {name: _simulated(market, play) for name, market in self._settings.specs.items()}
        self._bot: Bellwether | None = None

    async def run(self) -> None:
        """Until the sessions are over, or the person has had enough."""
        stop = stop_on_signals()
        self._screen.on_gone = stop.set
        self._introduce()
        if self._play.talks:
            self._screen.prompt = prompt = Prompt(self._incoming, stop.set)
            self._tempo.typing = lambda: bool(prompt.typed)
        try:
            await _unless(stop, self._show())
        finally:
            await self._end()
        self._screen.show(f"The demo is over: {numbers.count(self._chat.shown, 'message')}.")

    async def _show(self) -> None:
        await self._sandbox.start()
        self._sandbox.add_person(SOMEBODY, "You")
        bot = self._bot = Bellwether(
            self._settings_for_sandbox(), self._markets, self._clock, self._workers.external, BANNER
        )
        await bot.scanner.scan(self._clock.now())
        await bot.start(DAY, _nothing)
        if self._screen.prompt is not None:
            self._screen.prompt.open()
        for words in (*GREETINGS, *ASIDE.get(self._play.scenario, ())):
            self._chat.say(words)
            await self._sandbox.wait_for(SOMEBODY, self._chat.shown + 1, timeout=20)
        await self._days(bot)

    async def _days(self, bot: Bellwether) -> None:
        calendar = await self._workers.external.sessions("XNYS", self._clock.now(), LAST_DAY)
        days = DemoCalendar(bot, self._clock, calendar, self._screen, self._tempo)
        after = await days.play(start_of(START), self._play.sessions or STORY, self._chat)
        self._screen.catch_up()
        if self._play.sessions is None:
            self._screen.show(Text("── the story is told; the days go on until you end it ──", "dim"))
            await days.play(after, len(calendar), self._chat)

    def _incoming(self, line: str) -> None:
        """Enter alone stops the days, or lets them go on."""
        if line:
            self._tempo.linger()
            self._chat.say(line)
        else:
            self._tempo.paused = not self._tempo.paused
            self._screen.head(paused=self._tempo.paused)

    def _introduce(self) -> None:
        self._screen.show(INTRO.format(tells=SCENARIOS[self._play.scenario].tells))
        if self._play.talks:
            self._screen.show(TALK)
        self._screen.show(Text(f"Pictures and files are saved in {self._kept}\n", overflow="fold"))

    def _settings_for_sandbox(self) -> Settings:
        telegram = self._settings.telegram.model_copy(
            update={
                "token": SecretStr(self._sandbox.token),
                "api_url": HttpUrl(self._sandbox.url),
                "access": "open",
                "operators": frozenset({SOMEBODY}),
            }
        )
        return self._settings.model_copy(update={"telegram": telegram})

    async def _end(self) -> None:
        if self._screen.prompt is not None:
            self._screen.prompt.close()
        self._screen.prompt = None
        self._screen.catch_up()
        await self._workers.close()
        if self._bot is not None:
            await self._bot.close()
        await self._sandbox.close()


async def _unless(stop: asyncio.Event, show: Coroutine[object, object, None]) -> None:
    """Play until the end, or break off in the middle of whatever it is doing."""
    playing, stopped = asyncio.create_task(show), asyncio.create_task(stop.wait())
    await asyncio.wait([playing, stopped], return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    if not playing.done():
        playing.cancel()
        await asyncio.wait([playing])
    elif (error := playing.exception()) is not None:
        raise error


async def _nothing() -> None:
    """The demo looks by itself."""


def _simulated(market: Market, play: Play) -> Market:
    """The same market out of the simulator; a basket stays one. Who is to fail has a source apart."""
    if market.members:
        return market
    outage = SCENARIOS[play.scenario].outage
    name = "small-cap simulator" if outage is not None and market.name in outage.markets else "simulator"
    world = {"seed": play.seed, "scenario": play.scenario, "start": START}
    return replace(market, sources=(Source(simulated.KIND, name, market.name, world),))
