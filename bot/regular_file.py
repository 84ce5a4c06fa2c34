"""Reading and writing of ordinary files: no device or pipe, no more than allowed, and nothing through a link."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path


class NotRegularFileError(OSError):
    """What stands at a path is no ordinary file; `strerror` says what it is."""

    def __init__(self, what: str, path: Path | None = None) -> None:
        super().__init__(errno.EINVAL, what, *([str(path)] if path else []))


def read_regular(path: Path, most: int) -> bytes:
    """At most one byte more than `most` of an ordinary file, which links may lead to.

    Never waits for a pipe. Raises OSError.
    """
    _refuse_special(path.stat().st_mode)  # before it is opened, which some devices take for a command
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        known = os.fstat(handle)
        _refuse_special(known.st_mode)
        with os.fdopen(handle, "rb", closefd=False) as file:
            content = file.read(min(known.st_size, most) + 1)  # memory is taken for as many as are asked for
            return content + file.read(most + 1 - len(content)) if len(content) > known.st_size else content
    finally:
        os.close(handle)


def write_regular(path: Path, content: bytes, most: int = 0o666) -> None:
    """Put a file in its place at once and wholly, so that no half of it is ever seen.

    One that is there already keeps its mode, a new one gets what the process's mask leaves of 0644, both within `most`.
    Raises OSError, and writes nothing, where a link or anything else that is no ordinary file stands there.
    """
    kept = _mode_of(path)
    beside = path.with_name(f".{path.name[:200]}.{os.urandom(4).hex()}.new")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644 & most)
    try:
        with os.fdopen(handle, "wb") as file:
            if kept is not None:
                os.fchmod(file.fileno(), kept & most)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def refuse_link(path: Path) -> None:
    """Raise NotRegularFileError where the path itself is a link, whether it leads anywhere or not."""
    if path.is_symlink():
        raise NotRegularFileError(f"it is a link, to {path.readlink()}, and nothing is written through one", path)


def _mode_of(path: Path) -> int | None:
    """The mode of the file that is to be replaced; None where there is none."""
    refuse_link(path)
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return None
    _refuse_special(mode)
    return stat.S_IMODE(mode) & 0o777


def _refuse_special(mode: int) -> None:
    if not stat.S_ISREG(mode):
        raise NotRegularFileError("a folder" if stat.S_ISDIR(mode) else "not an ordinary file")
