"""Installing a rule file: the draft that was tried, the version in its place, the version before it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from hashlib import blake2s
from pathlib import Path

from bot.problem import Problem, ProblemError
from bot.rulebook.book import Rulebook, RuleLife
from bot.rulebook.rule_file import RULE_ID
from bot.rulebook.rule_folder import InstalledVersion, install_rule, previous_version
from bot.signals.timeframe import Instant
from bot.store.meta import delete_value, get_value, set_value
from bot.store.store import Store

CheckFile = Callable[[str, bytes], Awaitable[tuple[Problem, ...]]]
"""The problems that a file would have as the rule of that id, or would bring into others."""

_DRAFT = "draft:"


@dataclass(frozen=True, slots=True)
class Installed:
    """The file is in its place. `replaced`: there was one before, which is kept."""

    replaced: bool
    life: RuleLife


@dataclass(frozen=True, slots=True)
class Restored:
    """The version that was replaced at `at` is in its place again."""

    at: Instant
    life: RuleLife


@dataclass(frozen=True, slots=True)
class NotInstalled:
    """The file has problems among the rules as they are now; none are named where there is no such draft or version."""

    problems: tuple[Problem, ...] = ()


class RuleInstaller:
    """Puts rule files into a folder, once `check` finds nothing wrong with them, and has them taken up."""

    def __init__(
        self,
        store: Store,
        folder: Path,
        *,
        check: CheckFile,
        reload: Callable[[], Awaitable[object]],
        rulebook: Callable[[], Rulebook],
    ) -> None:
        self._store = store
        self._folder = folder
        self._check = check
        self._reload = reload
        self._rulebook = rulebook

    async def keep_draft(self, rule_id: str, raw: bytes, now: Instant) -> str:
        """Remember a file that was tried; returns the digest by which `install` knows it again."""
        await self._store.run(set_value, _DRAFT + rule_id, raw.decode(), now)
        return file_digest(raw)

    async def install(self, rule_id: str, digest: str, now: Instant) -> Installed | NotInstalled:
        """Put the draft of that digest into place. Raises ProblemError where the folder can't be written to."""
        draft = await self._store.run(get_value, _DRAFT + rule_id)
        if draft is None or RULE_ID.fullmatch(rule_id) is None or file_digest(draft.encode()) != digest:
            return NotInstalled()
        outcome = await self._put(rule_id, draft.encode(), now)
        if isinstance(outcome, Installed):
            await self._store.run(delete_value, _DRAFT + rule_id)
        return outcome

    async def restore(self, rule_id: str, now: Instant) -> Restored | NotInstalled:
        """Put the version before back; the one that it replaces is kept. Raises as `install`."""
        version = await self._previous(rule_id)
        if version is None:
            return NotInstalled()
        outcome = await self._put(rule_id, await asyncio.to_thread(version.read), now)
        return outcome if isinstance(outcome, NotInstalled) else Restored(version.at, outcome.life)

    async def previous_at(self, rule_id: str) -> Instant | None:
        """When the version that can be restored was replaced; None where there is none."""
        try:
            version = await self._previous(rule_id)
        except ProblemError:
            return None
        return version.at if version is not None else None

    async def _previous(self, rule_id: str) -> InstalledVersion | None:
        if RULE_ID.fullmatch(rule_id) is None:
            return None
        return await asyncio.to_thread(previous_version, self._folder, rule_id)

    async def _put(self, rule_id: str, raw: bytes, now: Instant) -> Installed | NotInstalled:
        problems = await self._check(rule_id, raw)  # the others may have changed since it was tried
        if problems:
            return NotInstalled(problems)
        replaced = await asyncio.to_thread(install_rule, self._folder, rule_id, raw, now)
        await self._reload()
        return Installed(replaced, self._rulebook().life_of(rule_id, raw))


def file_digest(raw: bytes) -> str:
    """A short hash that tells one file from another."""
    return blake2s(raw, digest_size=6).hexdigest()
