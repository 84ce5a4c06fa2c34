"""`bellwether doctor`: every part that a running bot leans on, tried, each failure with its remedy."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import typer

from bot.app.workers import External, WorkerPool
from bot.charts.request import MarketChart
from bot.cli.io.output import print_json
from bot.market.feed import Feed, NoSource
from bot.market.model import Market
from bot.problem import ProblemError
from bot.rulebook.book import load_book
from bot.scan.status import read_status
from bot.settings import Settings, find_config, load_settings
from bot.signals.bars import Bars
from bot.signals.sessions import ROUND_THE_CLOCK, Sessions
from bot.signals.timeframe import DAY, Instant, Timeframe
from bot.store.database import damage, open_readonly
from bot.telegram.token_check import check_token
from bot.worker.client import WorkerError

SPACE = 200_000_000
"""Bytes that should be free where the database is."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at; `remedy` is empty where all is well."""

    name: str
    ok: bool
    detail: str
    remedy: str = ""


def doctor(as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False) -> None:
    """Try the config, the token, the database, the rules, every market's sources and a chart; exit code 1 if ill."""
    checks = asyncio.run(_all(tell=not as_json))
    fine = all(check.ok for check in checks)
    if as_json:
        print_json({"ok": fine, "checks": [asdict(check) for check in checks]})
    else:
        wrong = sum(not check.ok for check in checks)
        print(f"{len(checks)} checks, all fine" if fine else f"{wrong} of {len(checks)} checks fail")
    raise typer.Exit(0 if fine else 1)


async def _all(*, tell: bool) -> list[Check]:
    found = []
    async for check in _checks():
        found.append(check)
        if tell:
            print(f"{'✓' if check.ok else '✗'} {check.name}: {check.detail}", flush=True)
            if check.remedy:
                print(f"    {check.remedy}")
    return found


async def _checks() -> AsyncIterator[Check]:
    here = Path.cwd()
    config = find_config(os.environ, here)
    try:
        settings = load_settings(config, os.environ, here)
    except ProblemError as error:
        yield Check("config", False, "; ".join(map(str, error.problems)), "mend the lines that are named")
        return
    told = str(config) if config else "none here, so the example's settings hold"
    yield Check("config", config is not None, told, "" if config else "`bellwether init` makes one")
    yield await _token(settings)
    for check in (*_database(settings), _rules(settings)):
        yield check
    workers = WorkerPool()
    try:
        async for check in _outside(settings, workers.external):
            yield check
    finally:
        await workers.close()


async def _token(settings: Settings) -> Check:
    token = settings.telegram.token
    if token is None:
        return Check("telegram", False, "no token", "set TELEGRAM_TOKEN, or let `bellwether init` ask for it")
    bot = await check_token(token.get_secret_value(), str(settings.telegram.api_url), settings.telegram.proxy_url)
    remedy = (
        "check the token with @BotFather, and the way to telegram.api_url (telegram.proxy, HTTPS_PROXY)"
        if bot.trouble
        else ""
    )
    return Check("telegram", not bot.trouble, bot.trouble or f"this is @{bot.username}", remedy)


def _database(settings: Settings) -> Iterator[Check]:
    path = settings.database
    free = shutil.disk_usage(path.parent if path.parent.is_dir() else Path.cwd()).free
    yield Check("disk", free > SPACE, f"{free / 1e9:.1f} GB free", "" if free > SPACE else "make room for the database")
    if not path.is_file():
        yield Check("database", False, f"{path} is not there yet", "`bellwether run` makes it")
        return
    try:
        db = open_readonly(path)
    except ProblemError as error:
        yield Check("database", False, str(error), "put back a copy made by `bellwether db backup`")
        return
    with contextlib.closing(db):
        wrong = damage(db)
        remedy = "put back a copy made by `bellwether db backup`" if wrong else ""
        yield Check("database", not wrong, "; ".join(wrong[:3]) or f"{path} is whole", remedy)
        beat = read_status(db, int(time.time())).heartbeat
    silent = None if beat is None else int(time.time()) - beat
    alive = silent is not None and silent < 300
    detail = "no sign of life yet" if silent is None else f"last sign of life {silent} s ago"
    yield Check("bot", alive, detail, "" if alive else "start it: `bellwether run`")


def _rules(settings: Settings) -> Check:
    book = load_book(settings.rules, frozenset(settings.markets))
    detail = "; ".join(map(str, book.problems)) or f"{len(book.rules)} rules, no problems"
    return Check(
        "rules", not book.problems, detail, "`bellwether rules check` names each line" if book.problems else ""
    )


async def _outside(settings: Settings, external: External) -> AsyncIterator[Check]:
    """What can only be found out by asking: calendars, sources, charts."""
    now = int(time.time())
    try:
        sessions = await external.sessions("XNYS", now - 30 * DAY, now + 200 * DAY)
    except WorkerError as error:
        yield Check("calendar", False, str(error), "install Bellwether again: `pip install -r constraints.txt`")
        return
    yield Check("calendar", True, f"XNYS, {len(sessions)} sessions")
    for market in settings.specs.values():
        if market.sources:
            yield await _market(Feed(external.fetch), market, sessions, now)
    empty = Bars.empty("IWM", Timeframe.D1)
    drawn = await external.draw(MarketChart(bars=empty, title="doctor"))
    remedy = "" if drawn else "install Bellwether again: `pip install -r constraints.txt`"
    yield Check("charts", drawn is not None, "drawn" if drawn else "could not be drawn", remedy)


async def _market(feed: Feed, market: Market, sessions: Sessions, now: Instant) -> Check:
    around = Sessions.round_the_clock(now - 10 * DAY, now + DAY)
    own = around if market.calendar == ROUND_THE_CLOCK else sessions
    try:
        answer = await feed.fetch(market, Timeframe.D1, own, now - 10 * DAY, now)
    except NoSource as error:
        remedy = "wait if it is rate limited; else check its symbol, or add another source in config.yaml"
        return Check(f"market {market.name}", False, error.brief, remedy)
    bars = answer.bars
    last = f"last bar {bars.label(len(bars) - 1)}" if len(bars) else "no closed bar in ten days"
    remedy = "" if len(bars) else "check its symbol in config.yaml"
    return Check(f"market {market.name}", len(bars) > 0, f"{answer.source}, {last}", remedy)
