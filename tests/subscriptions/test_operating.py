"""What operators decide, where the database fails in the middle of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.store.meta import HELD_BACK, PAUSED, get_value, set_value
from bot.store.outbox.claim import claim
from bot.store.sqlite import Database
from bot.store.store import Store
from bot.subscriptions.operating import resume_alerts
from tests.delivery.people import NOW, fire, people


async def test_a_resume_that_breaks_off_is_made_up_for_by_the_next_one(tmp_path: Path) -> None:
    """The last step fails: alerts are held back as before, and none has been sent."""
    store = Store(tmp_path / "bellwether.db")
    await store.run(people, 1)
    await store.run(fire, "news")
    await store.run(_hold_back)
    woken: list[int] = []
    with pytest.raises(Exception, match="the disk is gone"):
        await resume_alerts(store, lambda: woken.append(1))
    assert not woken
    assert await store.run(claim, NOW, 5) == []
    assert await store.run(get_value, PAUSED) is not None
    await store.run(lambda db: db.execute("DROP TRIGGER breaks"))
    resumed = await resume_alerts(store, lambda: woken.append(1))
    assert (resumed.was_paused, resumed.waiting, woken) == (True, 1, [1])
    assert len(await store.run(claim, NOW, 5)) == 1
    await store.close()


def _hold_back(db: Database) -> None:
    """Paused and held back, what waits has its next turn in a day, and nothing can be taken from `meta`."""
    for key in (PAUSED, HELD_BACK):
        set_value(db, key, "x", NOW)
    db.execute("UPDATE deliveries SET due = due + 86400")
    db.execute("CREATE TEMP TRIGGER breaks BEFORE DELETE ON meta BEGIN SELECT RAISE(ABORT, 'the disk is gone'); END")
