"""Earlier versions of a file from git."""

from __future__ import annotations

import subprocess
from pathlib import Path

from bot.problem import ProblemError

GIT_SECONDS = 10
"""Longest time that git may take for one file."""


def text_at(path: Path, revision: str) -> tuple[bytes, Path]:
    """What stood in a file at a revision, as HEAD or v1.2, and how it was called then, before git was told to move it.

    Raises ProblemError where git knows no such thing.
    """
    text, said = _shown(path, revision)
    if text is None and (before := _name_before(path, revision)) is not None:
        path = before
        text, said = _shown(path, revision)
    if text is None:
        told = f"neither a file nor a revision of {path} (got {revision}: {said}); allowed: a file, or like HEAD~1"
        raise ProblemError.of("--old", told)
    return text, path


def _shown(path: Path, revision: str) -> tuple[bytes | None, str]:
    """The file's text, else what git says."""
    done = _git(path, revision, "show", "--end-of-options", f"{revision}:./{path.name}")
    if done.returncode == 0:
        return done.stdout, ""
    return None, done.stderr.decode("utf-8", "replace").strip().split("\n")[0].removeprefix("fatal: ").rstrip(".")


def _name_before(path: Path, revision: str) -> Path | None:
    """How a file of the same folder was called at a revision that has been moved to this name since."""
    options = ("--name-status", "--find-renames", "--diff-filter=R", "--relative", "-z")
    done = _git(path, revision, "diff", *options, "--end-of-options", revision)
    fields = done.stdout.decode("utf-8", "replace").split("\0") if done.returncode == 0 else []
    moved = zip(fields[1::3], fields[2::3], strict=False)  # kind, old name and new one, in turn
    return next((path.parent / old for old, new in moved if new == path.name), None)


def _git(path: Path, revision: str, *words: str) -> subprocess.CompletedProcess[bytes]:
    command = ["git", "-C", str(path.parent), *words]
    try:
        return subprocess.run(command, capture_output=True, timeout=GIT_SECONDS, check=False)  # noqa: S603  # no shell
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ProblemError.of("--old", f"git can't be asked for {revision} ({error}); allowed: a file") from error
