"""The rules that run, read again when their files change under the running bot."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from bot.problem import ProblemError
from bot.rulebook.book import Rulebook, book_of_texts, load_book
from bot.rulebook.rule_files import Folders, folders_of
from bot.store.database import reading
from bot.store.rule_versions import accepted_texts


def accepted_before(database: Path) -> dict[str, str]:
    """The texts by which the rules ran before a restart; none where there is no database, or one to be migrated."""
    if not database.is_file():
        return {}
    try:
        with reading(database) as db:
            return accepted_texts(db)
    except ProblemError:  # told when the store opens it
        return {}


class RuleReloader:
    """The rule files of some folders, read again when one of them changed.

    `accepted` are the texts by which the rules ran last, before the restart: a file that is broken now keeps to them.
    """

    def __init__(self, folders: Folders, markets: frozenset[str], accepted: Mapping[str, str] | None = None) -> None:
        self._folders = folders_of(folders)
        self._markets = markets
        self._seen = self._stat_files()
        before = book_of_texts(accepted, markets) if accepted else None
        self.current = load_book(self._folders, markets, before)

    def refresh(self) -> bool:
        """Take up what was saved since; whether anything was. A broken save keeps a rule's last good version."""
        seen = self._stat_files()
        if seen == self._seen:
            return False
        self._seen = seen
        self.current = load_book(self._folders, self._markets, self.current)
        return True

    def book(self) -> Rulebook:
        """The rules that run."""
        return self.current

    def _stat_files(self) -> tuple[tuple[str, int, int, int, int], ...]:
        """Path, time, size, mode and identity of every file: a file may become readable, or another one, unaged."""
        found = []
        for folder in self._folders:
            for path in sorted(folder.rglob("*")):
                try:
                    stat = path.stat()
                except OSError:  # gone in the meantime, or a link to nowhere
                    continue
                found.append((str(path), stat.st_mtime_ns, stat.st_size, stat.st_mode, stat.st_ino))
        return tuple(found)
