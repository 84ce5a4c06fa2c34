"""Installing a rule's file in its folder at once and wholly, and keeping the versions before it."""

from __future__ import annotations

import contextlib
import re
import stat
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bot.problem import ProblemError
from bot.regular_file import read_regular, refuse_link, write_regular
from bot.rulebook.rule_file import RULE_ID
from bot.rulebook.rule_files import PREVIOUS, SUFFIX, find_rule_files
from bot.yamlfile.decode import MAX_FILE_BYTES

VERSIONS_KEPT = 20
"""Earlier versions kept of each rule."""

_STAMP = "%Y%m%dT%H%M%SZ"
_VERSION = re.compile(r"(?P<rule>[a-z0-9-]+)\.(?P<stamp>\d{8}T\d{6}Z)(?:-(?P<count>\d{1,4}))?\.yaml")


@dataclass(frozen=True, slots=True, order=True)
class InstalledVersion:
    """An earlier version of a rule's file, and when it was replaced (epoch seconds)."""

    at: int
    count: int
    path: Path

    def read(self) -> bytes:
        """What stands in it, at most a byte more than a rule may have. Raises ProblemError."""
        return _read(self.path) or b""


def rule_path(folder: Path, rule_id: str) -> Path:
    """Where the file of a rule lies in a folder or below it, or is to lie.

    Raises ValueError for what is no rule's id, which could lie anywhere.
    """
    if RULE_ID.fullmatch(rule_id) is None:
        raise ValueError(f"not a rule's id (got {rule_id!r})")
    return find_rule_files(folder).rules.get(rule_id, folder / f"{rule_id}{SUFFIX}")


def installed_text(folder: Path, rule_id: str) -> bytes | None:
    """What stands in a rule's file now; None where there is none. Raises ProblemError."""
    return _read(rule_path(folder, rule_id))


def install_rule(folder: Path, rule_id: str, raw: bytes, now: int) -> bool:
    """Put a file in its place, at once and wholly; the one before is kept. Returns whether there was one.

    Raises ProblemError where the folder can't be written to; then nothing has changed.
    """
    path = rule_path(folder, rule_id)
    before = installed_text(folder, rule_id)
    try:
        refuse_link(path)
        refuse_link(folder / PREVIOUS)
        folder.mkdir(mode=0o755, parents=True, exist_ok=True)  # the last of several may be there no sooner than this
        if before is not None:
            _keep(folder, rule_id, before, now, stat.S_IMODE(path.stat().st_mode))
        write_regular(path, raw)
    except OSError as error:
        raise ProblemError.of(error.filename or path, f"can't be read or written: {error.strerror or error}") from error
    _prune(folder, rule_id)
    return before is not None


def installed_versions(folder: Path, rule_id: str) -> list[InstalledVersion]:
    """The earlier versions of a rule, the newest first."""
    try:
        names = [path.name for path in (folder / PREVIOUS).iterdir()]
    except OSError:
        return []
    found = [version for name in names if (version := _version(folder, rule_id, name)) is not None]
    return sorted(found, reverse=True)


def previous_version(folder: Path, rule_id: str) -> InstalledVersion | None:
    """The newest version that says something else than the file does now. Raises ProblemError."""
    now = installed_text(folder, rule_id)
    return next((version for version in installed_versions(folder, rule_id) if version.read() != now), None)


def _version(folder: Path, rule_id: str, name: str) -> InstalledVersion | None:
    found = _VERSION.fullmatch(name)
    if found is None or found["rule"] != rule_id:
        return None
    try:
        at = datetime.strptime(found["stamp"], _STAMP).replace(tzinfo=UTC)
    except ValueError:
        return None
    return InstalledVersion(int(at.timestamp()), int(found["count"] or 0), folder / PREVIOUS / name)


def _keep(folder: Path, rule_id: str, raw: bytes, now: int, mode: int) -> None:
    known = installed_versions(folder, rule_id)
    if known and known[0].read() == raw:
        return
    count = 1 + max((version.count for version in known if version.at == now), default=-1)
    stamp = datetime.fromtimestamp(now, UTC).strftime(_STAMP)
    (folder / PREVIOUS).mkdir(mode=0o755, exist_ok=True)
    write_regular(folder / PREVIOUS / f"{rule_id}.{stamp}{f'-{count}' if count else ''}{SUFFIX}", raw, mode)


def _prune(folder: Path, rule_id: str) -> None:
    for version in installed_versions(folder, rule_id)[VERSIONS_KEPT:]:
        with contextlib.suppress(OSError):  # the next installation tries again
            version.path.unlink()


def _read(path: Path) -> bytes | None:
    try:
        return read_regular(path, MAX_FILE_BYTES)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ProblemError.of(path, f"can't be read or written: {error.strerror or error}") from error
