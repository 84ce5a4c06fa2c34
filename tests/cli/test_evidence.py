"""`bellwether evidence`, as a person reads it."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.cli.io.chat_text import console
from tests.cli.author import Shell
from tests.cli.test_claims import write_bitcoin


@pytest.mark.parametrize("columns", range(60, 81, 4))
def test_no_line_breaks_between_a_number_and_its_unit(
    shell: Shell, place: Path, monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    write_bitcoin(place / "data")
    monkeypatch.setattr(console, "width", columns)
    lines = shell("evidence iwm-tops --data data --placebo").splitlines()
    assert max(map(len, lines)) <= columns
    assert any(" %" in line for line in lines)
    assert not [line for line in lines if line.startswith("%") and not line.startswith("%  ")]
