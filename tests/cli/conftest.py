"""An author's folder for each test."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.cli.author import PINNED, RULE, Shell, write_prices


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "iwm-tops.yaml").write_text(RULE)
    (tmp_path / "rules" / "iwm-mine.yaml").write_text(PINNED)
    write_prices(tmp_path / "data")
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith(("BELLWETHER_", "TELEGRAM_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("COLUMNS", "80")  # as who reads in a terminal
    return tmp_path


@pytest.fixture
def shell(place: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(capsys)
