"""Earlier versions of a file from git."""

from __future__ import annotations

import subprocess
from pathlib import Path

from bot.problem import ProblemError

GIT_SECONDS = 10
"""Longest time that git may take for one file."""


def text_at(path: Path, revision: str) -> bytes:
    """What stood in a file at a revision, as HEAD or v1.2. Raises ProblemError where git knows no such thing."""
    command = ["git", "-C", str(path.parent), "show", "--end-of-options", f"{revision}:./{path.name}"]
    try:
        done = subprocess.run(command, capture_output=True, timeout=GIT_SECONDS, check=False)  # noqa: S603  # no shell
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ProblemError.of("--old", f"git can't be asked for {revision} ({error}); allowed: a file") from error
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().split("\n")[0].removeprefix("fatal: ")
        told = f"neither a file nor a revision of {path} (got {revision}: {said}); allowed: a file, or like HEAD~1"
        raise ProblemError.of("--old", told)
    return done.stdout
