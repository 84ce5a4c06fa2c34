"""A process that is killed again and again: everything arrives, doubles within the bound."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

from bot.store.database import open_readonly

ALERTS, CHATS, LIMIT, KILLS = 12, 40, 8, 5


def start(folder: Path) -> subprocess.Popen[bytes]:
    script = Path(__file__).with_name("crashing.py")
    arguments = [folder / "bellwether.db", folder / "sent", ALERTS, CHATS, LIMIT]
    return subprocess.Popen([sys.executable, str(script), *map(str, arguments)], cwd=Path(__file__).parents[2])


def lines(folder: Path) -> list[str]:
    sent = folder / "sent"
    return sent.read_text().splitlines() if sent.exists() else []


def test_everything_arrives_and_doubles_stay_within_the_bound(tmp_path: Path) -> None:
    instants, kills = random.Random(20_240_719), 0
    while kills < KILLS and len(set(lines(tmp_path))) < ALERTS * CHATS:
        before = len(lines(tmp_path))
        process = start(tmp_path)
        ends = time.monotonic() + 20
        while len(lines(tmp_path)) == before and time.monotonic() < ends:
            time.sleep(0.005)
        time.sleep(instants.uniform(0, 0.12))
        process.kill()
        process.wait()
        kills += 1
    assert kills >= 3, "killed too late to prove anything"
    assert start(tmp_path).wait(timeout=60) == 0
    arrived = Counter(lines(tmp_path))
    assert set(arrived) == {f"{chat} alert-{n}" for chat in range(1, CHATS + 1) for n in range(ALERTS)}
    doubles = sum(arrived.values()) - ALERTS * CHATS
    assert doubles <= kills * LIMIT
    with closing(open_readonly(tmp_path / "bellwether.db")) as db:
        states = dict(db.execute("SELECT state, count(*) FROM deliveries GROUP BY state").fetchall())
    assert states == {"sent": ALERTS * CHATS}
