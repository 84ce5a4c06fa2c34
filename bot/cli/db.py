"""`bellwether db …`: back up and restore the one file that matters."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from bot.cli.io.options import current_settings
from bot.store.backup import backup as copy
from bot.store.backup import restore as put_back


def backup(*, file: Path) -> None:
    """`bellwether db backup`, as it is typed in `bot.cli.signatures.operation`."""
    source = current_settings().database
    copy(source, file)
    print(f"{source} copied to {file} ({file.stat().st_size / 1e6:.1f} MB)")


def restore(*, file: Path) -> None:
    """`bellwether db restore`, as it is typed in `bot.cli.signatures.operation`."""
    target = current_settings().database
    kept = put_back(target, file, datetime.now(UTC))
    print(f"{file} is in effect as {target}" + (f"; what was there is kept as {kept}" if kept else ""))
