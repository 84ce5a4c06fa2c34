"""The file of ten years that is benched: its rows fit the tables as they are now."""

from pathlib import Path

import pytest

from tests.bench import aged_database


def test_a_small_one_can_be_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small = {"STORIES": 250, "READERS": 200, "HELD": 10, "RULES": 3, "DAILY_MARKETS": 1, "COINS": 1, "YEARS": 1}
    for name, value in small.items():
        monkeypatch.setattr(aged_database, name, value)
    db = aged_database.aged_database(tmp_path / "bot.db")
    assert db.execute("PRAGMA foreign_key_check").fetchall() == []
    for table in ("alerts", "events", "deliveries", "messages", "reactions", "digests", "runs", "bars"):
        assert db.execute(f"SELECT count(*) FROM {table}").fetchone()[0] > 0, table
    db.close()
