"""Claiming: which deliveries go now, and which wait until somebody's quiet hours end."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.delivery.claiming import Claims, claim_due
from bot.delivery.quiet_hours import ends_at
from bot.severity import Severity
from bot.signals.replay.event import AlertId, Event, EventKind
from bot.signals.timeframe import DAY, Timeframe
from bot.store.meta import PAUSED, delete_value, set_value
from bot.store.notices import notice
from bot.store.outbox.outcomes import mark_retry, mark_sent
from bot.store.outbox.queue import next_due
from bot.store.schema import MIGRATIONS
from bot.store.sqlite import Database
from bot.store.store import Store
from bot.store.stories import NewEvent, NewMessage, record_story
from bot.store.subscribers.mutes import MUTED, mute
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


LATE = NOW + 2 * 3_600  # 0:13: the mute begins in the quiet hours


async def muted(store: Store, rule: str = "", *, begins: int = LATE, until: int = MORNING + DAY) -> None:
    await store.run(mute, 1, 0, until, NOW, rule, begins=begins)


async def fates(store: Store) -> list[tuple[str, str, str | None]]:
    return await store.run(
        lambda db: db.execute(
            "SELECT n.html, d.state, d.reason FROM deliveries d JOIN messages n ON n.id = d.message ORDER BY d.id"
        ).fetchall()
    )


async def test_what_the_night_held_does_not_come_into_a_mute_that_began_meanwhile(store: Store, clock: Clock) -> None:
    await store.run(settle_in, NIGHT, 1)
    await muted(store)
    await store.run(fire, "news")
    await store.run(fire, "it failed", kind=EventKind.FAILED)
    await store.run(lambda db: notice(db, "a notice", "operators", NOW))
    chats = Chats(clock)
    await drain(worker(store, chats, clock), store, clock, until=MORNING + 2 * DAY)
    assert "news" not in [text for _, text in chats.texts]
    assert "it failed" not in [text for _, text in chats.texts]
    told = {text: (state, reason) for text, state, reason in await fates(store)}
    assert told["news"] == ("dropped", MUTED)
    assert told["it failed"][0] == "dropped"
    assert await store.run(lambda db: db.execute("SELECT count(*) FROM alerts").fetchone()[0]) == 1


async def test_what_was_delayed_otherwise_does_not_either(store: Store, clock: Clock) -> None:
    await store.run(people, 1, 2)
    await muted(store)
    await store.run(lambda db: set_value(db, PAUSED, "x", NOW))
    await store.run(fire, "news")
    assert (await store.run(claim_due, LATE, 5)).ready == []
    await store.run(delete_value, PAUSED)
    claims = await store.run(claim_due, LATE, 5)
    assert [each.chat_id for each in claims.ready] == [2]


async def test_what_failed_while_a_mute_was_made_is_not_tried_again(store: Store, clock: Clock) -> None:
    await store.run(people, 1, 2)
    await store.run(fire, "news")
    claims = await store.run(claim_due, float(NOW), 5)
    await muted(store, begins=NOW)
    for each in claims.ready:
        await store.run(mark_retry, each.id, NOW + 2.0, "not sent: no answer")
    claims = await store.run(claim_due, NOW + 2.0, 5)
    assert [each.chat_id for each in claims.ready] == [2]
    assert ("news", "dropped", MUTED) in await fates(store)


@given(
    rules=st.sets(st.sampled_from("rst"), min_size=1),
    mutes=st.lists(
        st.tuples(st.sampled_from(["", "r", "s", "t"]), st.integers(1, 9), st.integers(1, 9)), max_size=4, unique=True
    ),
    turn=st.integers(0, 10),
)
@settings(max_examples=150, deadline=None)
def test_an_alert_goes_while_one_of_its_rules_is_heard(
    rules: set[str], mutes: list[tuple[str, int, int]], turn: int
) -> None:
    """Every mute is made for later before the alert is queued at 0, whose turn comes at `turn`."""
    db = Database(memory=True, execute_plugins=False)
    MIGRATIONS.apply(db)
    people(db, 1)
    holds: dict[tuple[str, int], int] = {}
    for rule, begins, lasts in mutes:
        mute(db, 1, 0, NOW + begins + lasts, NOW, rule, begins=NOW + begins)
        holds[rule, begins] = begins + lasts
    events = [
        NewEvent(Event(AlertId(r, "IWM", Timeframe.D1, 0), EventKind.FIRED, 0, NOW, 1.0), "d", Severity.NORMAL)
        for r in rules
    ]
    assert record_story(db, events, lambda _: NewMessage("news"), (), NOW) == 1
    silent = {rule for (rule, begins), until in holds.items() if begins <= turn < until}
    goes = "" not in silent and not rules <= silent
    claims = claim_due(db, NOW + turn, 5)
    assert len(claims.ready) == goes
    ((state, reason),) = db.execute("SELECT state, reason FROM deliveries").fetchall()
    assert (state, reason) == (("sending", None) if goes else ("dropped", MUTED))
