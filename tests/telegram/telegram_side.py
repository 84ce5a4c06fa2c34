"""The Telegram side as it runs, against the sandbox, on a database of its own: for tests to talk to."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from telegram import Bot

from bot.charts.request import ChartRequest
from bot.delivery.rate_limit import RateLimiter
from bot.queries.market_data import MarketData
from bot.rulebook.book import load_book
from bot.sandbox.server import Sandbox
from bot.scan.bar_cache import BarCache
from bot.store.store import Store
from bot.store.subscribers.subscribers import subscribe, subscriber
from bot.subscriber import Chat, Subscriber
from bot.subscriptions.permissions import Access, Mode
from bot.telegram.application import TelegramSide, build_bot, running
from bot.telegram.services import Services
from bot.views.operator.health import ProcessHealth
from bot.views.operator.status_facts import StatusFacts

NOW = 1_700_000_000
OPERATOR, MEMBER, BOSS = 8_000_000_001, 8_000_000_002, 8_000_000_003
SOMEBODY = 7_000_000_001
OPEN = Access(Mode.OPEN, frozenset({OPERATOR}))
APPROVAL = Access(Mode.APPROVAL, frozenset({OPERATOR}))
MEMBERS = Access(Mode.MEMBERS, frozenset({OPERATOR}), frozenset({MEMBER}))
RULES = {
    "iwm-resistance-break": "title: IWM breaks\nmarket: IWM\nwhen: close > resistance(touches=2)\ntags: [iwm]\n",
    "russell-record": "title: A <record> & more\nmarket: RUT\nwhen: close > highest(close, all)[1]\nseverity: high\n",
    "sleeping": "title: Sleeping\nmarket: RUT\nwhen: close > 1\nenabled: false\n",
}


@dataclass
class RunningBot:
    """What a test holds: the sandbox to speak through, the store to look into, the running side."""

    sandbox: Sandbox
    store: Store
    services: Services
    side: TelegramSide
    bot: Bot
    read: dict[int, int] = field(default_factory=dict)

    async def answer(self, chat: int = SOMEBODY) -> str:
        """The next text that the bot sends to this chat, as it is shown."""
        seen = self.read.get(chat, 0)
        messages = await self.sandbox.wait_for(chat, seen + 1)
        self.read[chat] = seen + 1
        return messages[seen].text

    async def ask(self, text: str, *, user: int = SOMEBODY, chat: int | None = None, **how: object) -> str:
        """Say something and read the answer."""
        self.sandbox.say(text, user=user, chat=chat, **how)
        return await self.answer(user if chat is None else chat)

    async def silence(self, text: str, *, user: int = SOMEBODY, chat: int | None = None, **how: object) -> None:
        """Say something and see that nobody answers."""
        before = len(self.sandbox.messages(user if chat is None else chat))
        self.sandbox.say(text, user=user, chat=chat, **how)
        await self.settled()
        assert len(self.sandbox.messages(user if chat is None else chat)) == before

    async def settled(self) -> None:
        """Until the bot has fetched and dealt with everything that was said so far."""
        async with asyncio.timeout(5):
            while len(self.sandbox.updates) or self.side.busy:
                await asyncio.sleep(0.005)

    async def subscribed(self, chat: int = SOMEBODY, thread: int = 0) -> Subscriber | None:
        return await self.store.run(subscriber, chat, thread)

    async def state(self, chat: int = SOMEBODY, thread: int = 0) -> str | None:
        known = await self.subscribed(chat, thread)
        return known.state if known else None

    async def enter(self, chat: int = SOMEBODY, kind: str = "private", thread: int = 0) -> None:
        """Subscribe a chat without a word."""
        await self.store.run(subscribe, Chat(chat, thread, kind, "somewhere"), NOW)


async def no_trouble() -> StatusFacts:
    return StatusFacts(now=NOW, version="0.0", rules=2)


def rule_folder(path: Path) -> Path:
    folder = path / "rules"
    folder.mkdir(exist_ok=True)
    for name, text in RULES.items():
        (folder / f"{name}.yaml").write_text(text + "timeframe: 1d\nheadline: something happened\n")
    return folder


async def no_picture(_chart: ChartRequest) -> None:
    """A draughtsman who never succeeds."""


async def healthy() -> ProcessHealth:
    return ProcessHealth()


def services_for(store: Store, path: Path, access: Access = OPEN, banner: str = "") -> Services:
    folder = rule_folder(path)
    book = load_book(folder, frozenset({"IWM", "RUT"}))
    assert not book.problems, book.problems

    async def reload() -> None:
        pass

    return Services(
        store=store,
        rulebook=lambda: book,
        rule_folders=(folder,),
        reload=reload,
        waits=lambda _rule: "",
        market_data=MarketData(BarCache(store, {}), {}, (), lambda *_: "test"),
        draw=no_picture,
        status=no_trouble,
        process_health=healthy,
        now=lambda: NOW,
        access=access,
        wake=lambda: None,
        recall=lambda _chat_id: None,
        rate_limiter=RateLimiter(),
        clock=time.monotonic,
        banner=banner,
    )


@asynccontextmanager
async def running_bot(
    path: Path,
    access: Access = OPEN,
    banner: str = "",
    furnish: Callable[[Services], Services] = lambda services: services,
    clock: Callable[[], float] = time.monotonic,
    **services: object,
) -> AsyncIterator[RunningBot]:
    """A bot that listens to a sandbox of its own."""
    sandbox, store = Sandbox(), Store(path / "bot.sqlite")
    await sandbox.start()
    sandbox.add_person(OPERATOR, "The operator")
    try:
        mine = furnish(replace(services_for(store, path, access, banner), **services))
        bot = build_bot(sandbox.token, sandbox.url)
        async with running(bot, mine, long_poll=5, clock=clock) as side:
            await side.connected.wait()
            yield RunningBot(sandbox, store, mine, side, bot)
    finally:
        await sandbox.close()
        await store.close()
