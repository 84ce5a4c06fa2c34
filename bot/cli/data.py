"""`bellwether data fetch`: the history of every configured market, into the bot's database, without a token."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import typer

from bot.cli.io.options import current_settings, end_as_read, market_named, note_left_out
from bot.cli.loading import imported
from bot.market.model import Market
from bot.problem import ProblemError
from bot.rulebook.book import Rulebook
from bot.scan.fetching.health import Health
from bot.scan.series import Series, hours_looked_at, is_switched_off, series_of
from bot.settings import Settings
from bot.signals.timeframe import Timeframe
from bot.store.database import DatabaseInUseError
from bot.store.store import Store, StoreError
from bot.views.formatting.numbers import count

if TYPE_CHECKING:
    from bot.app.components import ScanComponents
    from bot.app.rule_reloader import RuleReloader


def fetch(*, markets: list[str] | None) -> None:
    """`bellwether data fetch`, as it is typed in `bot.cli.signatures.operation`."""
    settings = current_settings()
    logging.basicConfig(level=logging.CRITICAL)  # what a source says is told below, market by market
    named = [market_named(name, settings) for name in markets or settings.markets]
    specs = settings.specs
    plain = list(dict.fromkeys(each for name in named for each in (specs[name].members or (name,))))
    off = [name for name in plain if is_switched_off(specs[name])]
    if off:
        print(f"off, since no source of theirs may be asked (`bellwether doctor` says why): {', '.join(off)}")
    plain = [name for name in plain if name not in off]
    try:
        lost, book = asyncio.run(_fetch(settings, plain))
    except DatabaseInUseError:
        raise ProblemError.of(settings.database, _IN_USE) from None
    except StoreError as error:
        raise ProblemError.of(settings.database, f"{error}; a bot that runs fetches its markets by itself") from None
    if lost:
        print(f"{count(lost, 'market has', 'markets have')} no bars; the same command tries again")
    if lost and lost == len(plain):
        print("Is there a network, or is a proxy needed (HTTPS_PROXY)? Offline, --data demo takes a simulated market.")
    if lost:
        raise typer.Exit(1)
    end_as_read(book)


_IN_USE = (
    "a bot runs on it, which fetches the history of its markets by itself, and each night the hours of rules with"
    " `trigger: intraday`; allowed: leave it to the bot (`bellwether status` says how far it is), or stop the bot first"
)


async def _fetch(settings: Settings, names: Sequence[str]) -> tuple[int, Rulebook]:
    """Fetch market by market, telling each; how many have no bars after it, and the rules whose bars were fetched."""
    store, workers, lost = Store(settings.database), imported("bot.app.workers:WorkerPool")(), 0
    rules: RuleReloader = imported("bot.app.rule_reloader:RuleReloader")(settings.rules, settings.market_names)
    note_left_out(rules.book())
    build_scan = imported("bot.app.components:build_scan")
    scan: ScanComponents = build_scan(settings, settings.specs, store, workers.external, rules)
    try:
        for group in groups(names, settings.specs):
            within = sorted(each for each in _within_days(rules.book(), settings.specs) if each[0] in group)
            series: list[Series] = [*((name, Timeframe.D1) for name in group), *within]
            await scan.bar_cache.open(series)
            fetched = await scan.fetcher.gather(series, int(time.time()))
            added = {each.series: each.added for each in fetched}
            for each in series:
                lost += not len(scan.bar_cache.bars(*each))
                print(_line(scan, each, added.get(each, 0), max(map(len, names))), flush=True)
    finally:
        await scan.close()
        await store.close()
        await workers.close()
    return lost, rules.book()


def _within_days(book: Rulebook, markets: Mapping[str, Market]) -> set[Series]:
    """The series of bars within a day that the rules read; vendors keep such bars for weeks or months only.

    Those too by which the days of a rule with `trigger: intraday` are looked at as they formed.
    """
    rules = book.rules.values()
    read = {each for rule in rules for each in series_of(rule)} | {*hours_looked_at(rules, markets)}
    return {(name, timeframe) for name, timeframe in read if not timeframe.has_dates}


def groups(names: Sequence[str], markets: dict[str, Market]) -> Iterator[list[str]]:
    """Markets that are fetched together: each with those whose sister it is, for they are judged by one another."""
    left = list(names)
    while left:
        group = [left.pop(0)]
        for name in group:
            kin = [each for each in left if markets[each].sister == name or markets[name].sister == each]
            group += kin
            left = [each for each in left if each not in kin]
        yield group


def _line(scan: ScanComponents, series: Series, added: int, width: int) -> str:
    bars, health = scan.bar_cache.bars(*series), scan.fetcher.health.get(series, Health())
    name = series[0].ljust(width) if series[1] is Timeframe.D1 else f"{series[0]} {series[1]}".ljust(width)
    if not len(bars):
        return f"{name}  no bars: {health.trouble or 'nothing came'}"
    span = f"{count(len(bars), 'bar')}, {bars.label(0)} to {bars.label(len(bars) - 1)}"
    news = f"{added:,} new" if added else "nothing new"
    source = f", {health.source}" if health.source else ""
    trouble = f"; {health.trouble}" if health.trouble else ""
    return f"{name}  {span}, {news}{source}{trouble}"
