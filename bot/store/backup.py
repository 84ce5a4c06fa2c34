"""How is the file copied while the bot is running?"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from bot.problem import ProblemError
from bot.store.database import open_readonly


def backup(db_path: Path, target: Path) -> None:
    """Copy the database at `db_path` to the new file `target` (mode 0600), as it is at one instant.

    The bot goes on writing meanwhile. Raises ProblemError where `target` exists or can't be written.
    """
    with closing(open_readonly(db_path)) as source:
        partial = Path(f"{target}.partial")
        try:
            # The name is taken at once and filled at the end: a copy that was cut short is never taken for a backup.
            os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        except FileExistsError:
            raise ProblemError.of(target, "exists already; name a new file") from None
        except OSError as error:
            raise ProblemError.of(
                target, f"can't be written ({error.strerror}); name a file in a folder that may be written to"
            ) from error
        try:
            _copy(source.conn, partial)
            partial.replace(target)
        except (sqlite3.Error, OSError) as error:
            target.unlink()
            raise ProblemError.of(target, f"the copy failed ({error})") from error
        finally:
            partial.unlink(missing_ok=True)


def _copy(source: sqlite3.Connection, partial: Path) -> None:
    partial.unlink(missing_ok=True)
    os.close(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    with closing(sqlite3.connect(partial)) as copy:
        source.backup(copy)  # one step: one read transaction, which holds up no writer under WAL
        # A backup is one file: with the journal in WAL mode it would grow companions when somebody looks at it.
        copy.execute("PRAGMA journal_mode = DELETE").fetchall()
