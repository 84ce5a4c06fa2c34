"""Order of the outbox: whatever happens to it, a thread stays in order."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.signals.replay.event import EventKind
from bot.store.outbox.claim import ClaimedDelivery, claim
from bot.store.outbox.outcomes import mark_dropped, mark_retry, mark_sent
from bot.store.outbox.requeue import requeue_interrupted
from bot.store.sqlite import Database
from tests.store.rows import NOW, event, people, put


class World:
    """An outbox that things happen to, and what the chats saw of it."""

    def __init__(self, db: Database, random) -> None:
        for table in ("deliveries", "message_events", "messages", "events", "alerts", "subscriptions", "subscribers"):
            db.execute(f"DELETE FROM {table}")
        people(db, 1, 2)
        self.db, self.random, self.now, self.bar, self.alerts = db, random, NOW, 0, [0]
        self.under_way: list[ClaimedDelivery] = []
        self.seen: list[tuple[int, str, int | None]] = []
        self.fire()

    def fire(self) -> None:
        self.bar += 1
        self.alerts.append(self.bar)
        put(self.db, event(alert_bar=self.bar, bar=self.bar, severity=self.random.choice(["low", "high"])))

    def follow(self) -> None:
        self.bar += 1
        alert = self.random.choice(self.alerts[1:])
        put(self.db, event(EventKind.HELD, alert_bar=alert, bar=self.bar, severity="high"))

    def claim(self) -> None:
        self.under_way += claim(self.db, self.now, 3)
        assert len({each.chat_id for each in self.under_way}) == len(self.under_way)

    def sent(self) -> None:
        for each in self.some():
            self.seen.append((each.chat_id, each.content.html, each.reply_to))
            mark_sent(self.db, {each.id: len(self.seen)}, self.now)

    def retry(self) -> None:
        for each in self.some():
            mark_retry(self.db, each.id, self.now + 5, "timeout")

    def drop(self) -> None:
        for each in self.some():
            mark_dropped(self.db, each.id, "bad request", self.now)

    def crash(self) -> None:
        requeue_interrupted(self.db, self.now)
        self.under_way = []

    def later(self) -> None:
        self.now += 10

    def some(self) -> list[ClaimedDelivery]:
        return [self.under_way.pop(self.random.randrange(len(self.under_way)))] if self.under_way else []


HAPPENINGS = [World.fire, World.follow, World.claim, World.sent, World.retry, World.drop, World.crash, World.later]
steps = st.lists(st.sampled_from(HAPPENINGS), max_size=40)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps, st.randoms(use_true_random=False))
def test_whatever_happens_a_thread_stays_in_order(db: Database, actions, random) -> None:
    world = World(db, random)
    for action in [*actions, World.claim, World.sent]:
        action(world)
    for chat_id, html, reply_to in world.seen:
        assert (reply_to is None) == html.endswith("fired</b>")
        if reply_to is not None:
            assert world.seen[reply_to - 1][0] == chat_id
            assert world.seen[reply_to - 1][1].endswith("fired</b>")
