"""`bellwether db …`: back up the one file that matters."""

from __future__ import annotations

from pathlib import Path

from bot.cli.io.options import settings_here
from bot.store.backup import backup as copy


def backup(file: Path) -> None:
    """Copy the database to FILE, consistently, also while the bot runs."""
    source = settings_here().database
    copy(source, file)
    print(f"{source} copied to {file} ({file.stat().st_size / 1e6:.1f} MB)")
