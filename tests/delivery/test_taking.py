"""Which deliveries go now, and which wait until somebody's quiet hours end?"""

from __future__ import annotations

from bot.delivery.quiet import ends_at
from bot.delivery.taking import take
from bot.signals.event import EventKind
from bot.store.notices import notice
from bot.store.outbox import mark_sent, next_due
from bot.store.subscribers import Chat, subscribe
from bot.store.terms import Terms, set_terms
from bot.store.writer import Store

from .people import NOW, Chats, Clock, fire, people
from .test_outbox import drain, worker

# NOW is 22:13 in UTC.
NIGHT = Terms(quiet_from=22 * 60, quiet_to=7 * 60, hold=True)
MORNING = ends_at(NOW, NIGHT)


def settle_in(db, terms, *chat_ids):
    people(db, *chat_ids)
    for chat_id in chat_ids:
        set_terms(db, chat_id, 0, terms, NOW)


async def test_what_comes_at_night_waits_for_the_morning(store: Store, clock: Clock) -> None:
    await store.do(settle_in, NIGHT, 1)
    await store.do(people, 2)
    await store.do(fire, "news", severity="high")
    await store.do(fire, "it failed", kind=EventKind.FAILED)
    await store.do(fire, "more", rule="s", severity="high")
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
    await store.do(settle_in, Terms(quiet_from=22 * 60, quiet_to=7 * 60), 1)
    await store.do(fire, "news", severity="high")
    chats = Chats(clock)
    await drain(worker(store, chats, clock), store, clock)
    assert [(m.html, m.silent) for _, m in chats.arrived] == [("news", True)]


async def test_high_severity_passes_where_the_person_chose_so(store: Store, clock: Clock) -> None:
    for chat_id, hold in ((1, True), (2, False)):
        terms = Terms(quiet_from=22 * 60, quiet_to=7 * 60, hold=hold, high_passes=True)
        await store.do(settle_in, terms, chat_id)
    await store.do(fire, "small")
    await store.do(fire, "large", rule="s", severity="high")
    chats = Chats(clock)
    await drain(worker(store, chats, clock), store, clock, until=NOW + 3_600)
    got = sorted((m.chat_id, m.html, m.silent) for _, m in chats.arrived)
    assert got == [(1, "large", False), (2, "large", False), (2, "small", True)]


async def test_what_was_delayed_into_the_night_does_not_ring_either(store: Store, clock: Clock) -> None:
    await store.do(settle_in, NIGHT, 1)
    clock.now = NOW - 20 * 60  # 21:53
    await store.do(fire, "news", now=clock.now)
    ready, _ = await store.do(take, clock.now, 5)
    assert len(ready) == 1
    await store.do(lambda db: db.execute("UPDATE deliveries SET state = 'queued'"))
    clock.now = float(NOW)
    assert await store.do(take, clock.now, 5) == ([], False)


async def test_waking_up_earlier_lets_it_go_at_once(store: Store, clock: Clock) -> None:
    await store.do(settle_in, NIGHT, 1)
    await store.do(fire, "news")
    assert await store.do(take, clock.now, 5) == ([], False)
    assert await store.do(next_due) == MORNING
    await store.do(set_terms, 1, 0, Terms(), NOW)
    ready, _ = await store.do(take, clock.now, 5)
    assert [each.letter.html for each in ready] == ["news"]


async def test_many_that_are_held_hold_up_nobody(store: Store, clock: Clock) -> None:
    await store.do(settle_in, NIGHT, *range(1, 61))
    await store.do(people, 100, 101)
    await store.do(notice, "news", "all", NOW)
    ready, _ = await store.do(take, clock.now, 4)
    assert [each.chat_id for each in ready] == [100, 101]
    for each in ready:
        await store.do(mark_sent, each.id, 1, NOW)
    assert await store.do(take, clock.now, 4) == ([], False)
    ready, more = await store.do(take, float(MORNING), 4)
    assert (len(ready), more) == (4, True)


async def test_two_topics_of_one_forum_keep_different_hours(store: Store, clock: Clock) -> None:
    def topics(db):
        for topic in (5, 6):
            subscribe(db, Chat(-100, topic, "supergroup", ""), NOW - 9)
        set_terms(db, -100, 5, NIGHT, NOW)

    await store.do(topics)
    await store.do(fire, "news")
    ready, _ = await store.do(take, clock.now, 5)
    assert [each.thread_id for each in ready] == [6]
