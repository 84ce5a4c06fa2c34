"""Claiming: which deliveries go now, and which wait until somebody's quiet hours end."""

from __future__ import annotations

from bot.delivery.claiming import Claims, claim_due
from bot.delivery.quiet_hours import ends_at
from bot.signals.replay.event import EventKind
from bot.store.notices import notice
from bot.store.outbox import mark_sent, next_due
from bot.store.store import Store
from bot.store.subscribers.preferences import save_preferences
from bot.store.subscribers.subscribers import subscribe
from bot.subscriber import Chat, Preferences
from tests.delivery.people import NOW, Chats, Clock, drain, fire, people, worker

# NOW is 22:13 in UTC.
NIGHT = Preferences(quiet_from=22 * 60, quiet_to=7 * 60, hold=True)
MORNING = ends_at(NOW, NIGHT)


def settle_in(db, preferences, *chat_ids):
    people(db, *chat_ids)
    for chat_id in chat_ids:
        save_preferences(db, chat_id, 0, preferences, NOW)


async def test_what_comes_at_night_waits_for_the_morning(store: Store, clock: Clock) -> None:
    await store.run(settle_in, NIGHT, 1)
    await store.run(people, 2)
    await store.run(fire, "news", severity="high")
    await store.run(fire, "it failed", kind=EventKind.FAILED)
    await store.run(fire, "more", rule="s", severity="high")
    chats = Chats(clock)
    await drain(worker(store, chats, clock), store, clock, until=NOW + 3_600)
    assert {m.chat_id for _, m in chats.arrived} == {2}
    clock.now = NOW + 3_601
    await drain(worker(store, chats, clock), store, clock, until=MORNING + 3_600)
    mine = [(at, m.html, m.reply_to is not None) for at, m in chats.arrived if m.chat_id == 1]
    assert [(text, answers) for _, text, answers in mine] == [("news", False), ("it failed", True), ("more", False)]
    assert all(at >= MORNING for at, *_ in mine)
    assert all(not m.silent for _, m in chats.arrived)


async def test_silently_is_the_other_way(store: Store, clock: Clock) -> None:
    await store.run(settle_in, Preferences(quiet_from=22 * 60, quiet_to=7 * 60), 1)
    await store.run(fire, "news", severity="high")
    chats = Chats(clock)
    await drain(worker(store, chats, clock), store, clock)
    assert [(m.html, m.silent) for _, m in chats.arrived] == [("news", True)]


async def test_high_severity_passes_where_the_person_chose_so(store: Store, clock: Clock) -> None:
    for chat_id, hold in ((1, True), (2, False)):
        preferences = Preferences(quiet_from=22 * 60, quiet_to=7 * 60, hold=hold, high_passes=True)
        await store.run(settle_in, preferences, chat_id)
    await store.run(fire, "small")
    await store.run(fire, "large", rule="s", severity="high")
    chats = Chats(clock)
    await drain(worker(store, chats, clock), store, clock, until=NOW + 3_600)
    got = sorted((m.chat_id, m.html, m.silent) for _, m in chats.arrived)
    assert got == [(1, "large", False), (2, "large", False), (2, "small", True)]


async def test_what_was_delayed_into_the_night_does_not_ring_either(store: Store, clock: Clock) -> None:
    await store.run(settle_in, NIGHT, 1)
    clock.now = NOW - 20 * 60  # 21:53
    await store.run(fire, "news", now=clock.now)
    ready = (await store.run(claim_due, clock.now, 5)).ready
    assert len(ready) == 1
    await store.run(lambda db: db.execute("UPDATE deliveries SET state = 'queued'"))
    clock.now = float(NOW)
    assert await store.run(claim_due, clock.now, 5) == Claims([], more=False, left=True)


async def test_waking_up_earlier_lets_it_go_at_once(store: Store, clock: Clock) -> None:
    await store.run(settle_in, NIGHT, 1)
    await store.run(fire, "news")
    assert await store.run(claim_due, clock.now, 5) == Claims([], more=False, left=True)
    assert await store.run(next_due) == MORNING
    await store.run(save_preferences, 1, 0, Preferences(), NOW)
    ready = (await store.run(claim_due, clock.now, 5)).ready
    assert [each.content.html for each in ready] == ["news"]


async def test_many_that_are_held_hold_up_nobody(store: Store, clock: Clock) -> None:
    await store.run(settle_in, NIGHT, *range(1, 61))
    await store.run(people, 100, 101)
    await store.run(notice, "news", "all", NOW)
    ready = (await store.run(claim_due, clock.now, 4)).ready
    assert [each.chat_id for each in ready] == [100, 101]
    for each in ready:
        await store.run(mark_sent, {each.id: 1}, NOW)
    assert await store.run(claim_due, clock.now, 4) == Claims([], more=False, left=True)
    claims = await store.run(claim_due, float(MORNING), 4)
    assert (len(claims.ready), claims.more, claims.left) == (4, True, True)


async def test_two_topics_of_one_forum_keep_different_hours(store: Store, clock: Clock) -> None:
    def topics(db):
        for topic in (5, 6):
            subscribe(db, Chat(-100, topic, "supergroup", ""), NOW - 9)
        save_preferences(db, -100, 5, NIGHT, NOW)

    await store.run(topics)
    await store.run(fire, "news")
    ready = (await store.run(claim_due, clock.now, 5)).ready
    assert [each.thread_id for each in ready] == [6]
