"""Real SQLite files, and the few rows that most tests begin with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.store.database import open_database
from bot.store.sqlite import Database


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "bellwether.db"


@pytest.fixture
def db(path: Path) -> Iterator[Database]:
    opened = open_database(path)
    yield opened
    opened.close()
