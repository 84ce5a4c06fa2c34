"""The demo's run: the sandbox, the bot on simulated markets, and the person at the terminal."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Coroutine, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import SecretStr
from pydantic_core import Url
from rich.text import Text

from bot.app.bellwether import Bellwether
from bot.app.clock import LeapingClock
from bot.app.serve import stop_on_signals
from bot.app.workers import WorkerPool
from bot.demo.calendar import DemoCalendar, SessionPace
from bot.demo.chat import ANSWER_SECONDS, TerminalChat
from bot.demo.prompt import Prompt
from bot.demo.screen import Screen
from bot.market.model import Market, Source
from bot.market.simulation.scenarios import SCENARIOS
from bot.market.sources import simulated
from bot.rulebook.book import load_book
from bot.rulebook.rule_files import find_rule_files
from bot.sandbox.server import Sandbox
from bot.sandbox.users import SOMEBODY
from bot.settings import Settings
from bot.signals.timeframe import DAY, start_of
from bot.telegram.commands.registry import COMMANDS
from bot.views.formatting import numbers

BANNER = "SIMULATED"
START = "2026-03-02"
"""The first day of the demo's world: a Monday."""

LAST_DAY = start_of("2028-12-31")
SCENARIO_SESSIONS = 25
"""Sessions within which every scenario is told."""

OPENING_COMMANDS = ("/start", "/subscribe")
SCENARIO_COMMANDS = dict.fromkeys(("quiet", "holds"), ("/settings digest weekly",))
"""What the person writes besides, by scenario: there it is the digest that tells."""

_POLL_SECONDS = 0.02

INTRODUCTION = """[bold]Bellwether, simulated:[/bold] {tells}.
The bot is the real one. The market and the chat server are made up, on this machine.
You are in a private chat with it, as its operator too."""

TYPING_HELP = """
Days pass by themselves. Type:
  [bold]/help[/bold]        what the bot understands, or any command of it
  [bold]7[/bold]            to press the button with that number
  [bold]send FILE[/bold]    to send it a file: a rule that you wrote, as my-rule.yaml
  [bold]Enter[/bold]        alone, to stop the days, and again to let them pass
Tab completes, ↑ brings back what you typed. Ctrl-D or Ctrl-C ends the demo."""


@dataclass(frozen=True)
class DemoOptions:
    """What is played: without `sessions` until the person ends it. `talks`: there is a person to talk with.

    `pace` are the seconds that a session takes. `lines` are said to the bot before the first session.
    """

    scenario: str
    seed: int
    sessions: int | None
    pace: float
    talks: bool
    lines: tuple[str, ...] = ()


class Demo:
    """One showing: the sandbox, the bot, and the person at the terminal."""

    def __init__(self, settings: Settings, folder: Path, files: Path, options: DemoOptions) -> None:
        self._options = options
        self._files = files
        self._clock = LeapingClock(start_of(START))
        self._sandbox = Sandbox(clock=self._clock.time)
        self._screen = Screen()
        self._chat = TerminalChat(self._sandbox, files, self._screen)
        self._workers = WorkerPool()
        self._pace = SessionPace(options.pace, reads=options.talks)
        rules = tuple(  # copies, so that a rule installed here stays here
            Path(shutil.copytree(each, folder / f"rules-{at}")) for at, each in enumerate(settings.rules)
        )
        shown = {name: shape for name, shape in settings.markets.items() if simulated.is_simulated(name, shape.kind)}
        _leave_out_rules(rules, settings, frozenset(shown))
        self._settings = settings.model_copy(update={"database": folder / "demo.db", "rules": rules, "markets": shown})
        self._markets = {name: _simulated(market, options) for name, market in self._settings.specs.items()}
        self._bot: Bellwether | None = None

    async def run(self) -> None:
        """Until the sessions are over, or the person has had enough."""
        stop = stop_on_signals()
        self._screen.on_closed = stop.set
        self._introduce()
        if self._options.talks:
            self._screen.prompt = prompt = Prompt(self._incoming, stop.set, self._words())
            self._pace.typing = lambda: bool(prompt.typed)
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
        for words in (*OPENING_COMMANDS, *SCENARIO_COMMANDS.get(self._options.scenario, ())):
            self._chat.say(words)
            await self._sandbox.wait_for(SOMEBODY, self._chat.shown + 1, timeout=20)
        for line in self._options.lines:
            self._chat.say(line)
            await self._answered(bot)
        if self._options.sessions != 0:
            await self._days(bot)

    async def _answered(self, bot: Bellwether) -> None:
        """Return when the bot has said all that it has to say to the last line, or when patience ends."""
        until = time.monotonic() + ANSWER_SECONDS

        def waits() -> bool:
            return bool(len(self._sandbox.updates) or bot.telegram.busy or self._chat.waits)

        while waits() and time.monotonic() < until:  # noqa: ASYNC110  # three things, not one event
            await asyncio.sleep(_POLL_SECONDS)

    async def _days(self, bot: Bellwether) -> None:
        calendar = await self._workers.external.sessions("XNYS", self._clock.now(), LAST_DAY)
        days = DemoCalendar(bot, self._clock, calendar, self._screen, self._pace)
        after = await days.play(start_of(START), self._options.sessions or SCENARIO_SESSIONS, self._chat)
        self._screen.catch_up()
        if self._options.sessions is None:
            self._screen.show(Text("── the story is told; the days go on until you end it ──", "dim"))
            await days.play(after, len(calendar), self._chat)

    def _incoming(self, line: str) -> None:
        """Enter alone stops the days, or lets them go on."""
        if line:
            self._pace.linger()
            self._chat.say(line)
        else:
            self._pace.paused = not self._pace.paused
            self._screen.show_day(paused=self._pace.paused)

    def _words(self) -> list[str]:
        """What Tab completes: the chat's commands, `send`, rules and markets."""
        rules = sorted(find_rule_files(self._settings.rules).rules)
        return [*(f"/{command.name}" for command in COMMANDS), "send", *rules, *self._markets]

    def _introduce(self) -> None:
        self._screen.show(INTRODUCTION.format(tells=SCENARIOS[self._options.scenario].tells))
        if self._options.talks:
            self._screen.show(TYPING_HELP)
        self._screen.show(Text(f"Pictures and files are saved in {self._files}\n", overflow="fold"))

    def _settings_for_sandbox(self) -> Settings:
        telegram = self._settings.telegram.model_copy(
            update={
                "token": SecretStr(self._sandbox.token),
                "api_url": Url(self._sandbox.url),
                "access": "open",
                "operators": frozenset({SOMEBODY}),
            }
        )
        return self._settings.model_copy(update={"telegram": telegram})

    async def _end(self) -> None:
        if self._screen.prompt is not None:
            await self._screen.prompt.close()
        self._screen.prompt = None
        self._screen.catch_up()
        await self._workers.close()
        if self._bot is not None:
            await self._bot.close()
        await self._sandbox.close()


def _leave_out_rules(copies: Iterable[Path], settings: Settings, markets: frozenset[str]) -> None:
    """Delete from copies of the rule folders what reads a market that is not simulated, as published figures are."""
    book = load_book(settings.rules, settings.market_names)
    blind = {id_ for id_, rule in book.rules.items() if not rule.markets <= markets}
    for folder in copies:
        for file in list(folder.rglob("*.yaml")):
            if file.stem in blind:
                file.unlink()


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


def _simulated(market: Market, options: DemoOptions) -> Market:
    """The same market out of the simulator; a basket stays one. Who is to fail has a source apart."""
    if market.members:
        return market
    outage = SCENARIOS[options.scenario].outage
    name = "small-cap simulator" if outage is not None and market.name in outage.markets else "simulator"
    world = {"seed": options.seed, "scenario": options.scenario, "start": START}
    return replace(market, sources=(Source(simulated.KIND, name, market.name, world),))
