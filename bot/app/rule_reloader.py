"""The rules that run, read again when their files change under the running bot."""

from __future__ import annotations

from pathlib import Path

from bot.rulebook.book import Rulebook, load_book


class RuleReloader:
    """The rule files of a folder, read again when one of them changed."""

    def __init__(self, folder: Path, markets: frozenset[str]) -> None:
        self._folder = folder
        self._markets = markets
        self._seen = self._stat_files()
        self.current = load_book(folder, markets)

    def refresh(self) -> bool:
        """Take up what was saved since; whether anything was. A broken save keeps a rule's last good version."""
        seen = self._stat_files()
        if seen == self._seen:
            return False
        self._seen = seen
        self.current = load_book(self._folder, self._markets, self.current)
        return True

    def book(self) -> Rulebook:
        """The rules that run."""
        return self.current

    def _stat_files(self) -> tuple[tuple[str, int, int], ...]:
        """Name, time and size of every file."""
        try:
            entries = sorted(self._folder.iterdir())
            stats = [(path.name, path.stat()) for path in entries]
        except OSError:
            return ()
        return tuple((name, stat.st_mtime_ns, stat.st_size) for name, stat in stats)
