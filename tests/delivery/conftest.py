"""A real store for every test, closed at its end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.store.store import Store
from tests.delivery.people import Clock


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = Store(tmp_path / "bellwether.db")
    yield opened
    await opened.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()
