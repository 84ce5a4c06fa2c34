"""Weeks of looks with faults on all sides, killed again and again: every event is accounted for.

The long form, over years of real history too: `python -m tests.bench.bench_soak`.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.soak.accounts import account, lived
from tests.soak.past import made_past

pytestmark = pytest.mark.timeout(240)

DAYS, KILLS, MESSAGES = 100, 5, 100


def test_every_event_reaches_everybody_once_or_as_often_as_a_kill_allows(tmp_path: Path) -> None:
    made_past(tmp_path, DAYS).keep(tmp_path)
    lives = lived(tmp_path, 7, KILLS, MESSAGES)
    found = account(tmp_path, lives)
    assert lives >= 3, "killed too late to prove anything"
    assert found.events >= 10
    assert sum(found.injected.values()) >= 20
    assert not found.unrecorded, "what the replay says and the bot never recorded"
    assert not found.unexpected, "what the bot recorded and no replay says"
    assert not found.lost
    assert not found.unheard, "on record as sent, and in no chat"
    assert not found.unknown, "in a chat, and not on record"
    assert found.doubles <= found.allowed_doubles
    assert not found.damaged
    assert "Traceback" not in (tmp_path / "log").read_text()
