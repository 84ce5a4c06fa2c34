"""Dry run of a rule file: its problems, or what it would have said."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from bot.market.model import MarketKind
from bot.problem import Problem
from bot.queries.market_data import MarketData
from bot.rulebook.book import Candidate, Rulebook, book_with, load_book
from bot.rulebook.rule_definition import RuleDefinition
from bot.rulebook.rule_files import Folders, folders_of
from bot.rulebook.rule_folder import installed_text, rule_path
from bot.signals.formula import MarketNames
from bot.signals.replay.replay import Replay


@dataclass(frozen=True, eq=False, slots=True)
class DryRun:
    """What came of trying a file as the rule `rule_id`: its problems, or the rule and what it would have said.

    `problems` are those in the file, and those that it would bring into other rules. `before` is what stands in the
    rule's file now, None where there is none.
    """

    rule_id: str
    raw: bytes
    before: bytes | None
    problems: tuple[Problem, ...]
    definition: RuleDefinition | None = None
    replay: Replay | None = None


async def dry_run(market_data: MarketData, folders: Folders, rule_id: str, raw: bytes) -> DryRun:
    """Read the file as if it lay in the last folder, and replay it. Writes nothing. Raises ProblemError."""
    signed = (name for name, market in market_data.markets.items() if market.kind is MarketKind.MACRO)
    markets = MarketNames(market_data.markets, signed)
    before, now, then = await asyncio.to_thread(_books, folders, markets, rule_id, raw)
    own = str(rule_path(folders_of(folders)[-1], rule_id))
    problems = tuple(each for each in then.problems if each.file == own or each not in now.problems)
    definition = then.rules.get(rule_id)
    if problems or definition is None:
        return DryRun(rule_id, raw, before, problems)
    replay = (await market_data.replays(then, [rule_id]))[rule_id]
    return DryRun(rule_id, raw, before, (), definition, replay)


def _books(
    folders: Folders, markets: frozenset[str], rule_id: str, raw: bytes
) -> tuple[bytes | None, Rulebook, Rulebook]:
    candidate = Candidate(str(rule_path(folders_of(folders)[-1], rule_id)), raw)
    now, then = load_book(folders, markets), book_with(folders, markets, {rule_id: candidate})
    return installed_text(folders_of(folders)[-1], rule_id), now, then
