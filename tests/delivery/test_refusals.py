"""The outbox where Telegram refuses: floods, outages, chats that are gone or can't be written to."""

from __future__ import annotations

from collections import Counter

import pytest

from bot.delivery.rate_limit import FLOODED_CHATS
from bot.delivery.retry_policy import REFUSED_SECONDS
from bot.delivery.transport import Failure, FailureKind
from bot.signals.replay.event import EventKind
from bot.store.outbox.expiry import TOO_LATE
from bot.store.outbox.queue import dropped_since
from bot.store.store import Store
from bot.store.subscribers.refusals import refused_chats
from bot.store.subscribers.subscribers import count_subscribers, subscriber
from tests.delivery.people import NOW, Chats, Clock, drain, fire, first, flood, people, worker

K = FailureKind


async def test_a_chat_that_is_flooded_waits_and_holds_up_nobody(store: Store, clock: Clock) -> None:
    await store.run(people, *range(1, 31))
    await store.run(fire, "news", severity="low")
    chats = Chats(clock, lambda m: flood(600) if m.chat_id == 5 and clock.now < NOW + 600 else None)
    working = worker(store, chats, clock, limit=4)
    await drain(working, store, clock, until=NOW + 60)
    assert working.trouble is None
    assert len(chats.arrived) == 29
    assert max(at for at, _ in chats.arrived) < NOW + 2
    await store.run(fire, "urgent", rule="u", severity="high")
    await drain(working, store, clock, until=NOW + 500)
    assert Counter(m.chat_id for _, m in chats.tried)[5] == 1, "nothing of higher severity breaks its pause"
    await drain(working, store, clock)
    assert all(at >= NOW + 600 for at, m in chats.arrived if m.chat_id == 5)
    assert Counter(chats.texts) == {(i, text): 1 for i in range(1, 31) for text in ("news", "urgent")}


async def test_a_flood_of_several_chats_stops_everybody_and_doubles_nothing(store: Store, clock: Clock) -> None:
    await store.run(people, *range(1, 31))
    await store.run(fire, "news", severity="low")
    begun = clock.now
    chats = Chats(clock, lambda _: flood(40) if len(chats.tried) > 5 and clock.now < begun + 40 else None)
    working = worker(store, chats, clock, limit=2)
    while working.trouble is None:
        await working.step()
    assert working.trouble == "Telegram asks for a pause"
    before = len(chats.tried)
    assert before <= 5 + FLOODED_CHATS + 1, "those under way, and no more"
    await store.run(fire, "urgent", rule="u", severity="high")
    await drain(working, store, clock)
    assert all(at >= NOW + 39 for at, _ in chats.tried[before:])
    assert {m.html for _, m in chats.tried[before : before + 20]} == {"urgent"}, "the order is made anew"
    assert Counter(chats.texts) == {(i, text): 1 for i in range(1, 31) for text in ("news", "urgent")}
    assert working.trouble is None


async def test_three_groups_in_slow_mode_pause_only_themselves(store: Store, clock: Clock) -> None:
    await store.run(people, *range(1, 10), -1, -2, -3, *range(10, 20))
    await store.run(fire, "news")
    chats = Chats(clock, lambda m: flood(300) if m.chat_id < 0 and clock.now < NOW + 300 else None)
    await drain(worker(store, chats, clock, limit=1), store, clock, until=NOW + 60)
    assert len(chats.arrived) >= 16


async def test_a_bad_chat_stops_no_other_and_is_given_up_after_a_day(store: Store, clock: Clock) -> None:
    await store.run(people, 1, 2, 3)
    await store.run(fire, "news")
    await store.run(fire, "urgent", rule="u", severity="high")
    chats = Chats(clock, lambda m: Failure(K.NOT_SENT, "timeout") if m.chat_id == 2 else None)
    working = worker(store, chats, clock)
    await drain(working, store, clock, until=NOW + 60)
    assert sorted(chats.texts) == [(1, "news"), (1, "urgent"), (3, "news"), (3, "urgent")]
    await drain(working, store, clock, until=NOW + 25 * 3_600)
    assert await store.run(dropped_since, 0) == {TOO_LATE: 1}
    await drain(working, store, clock, until=NOW + 80 * 3_600)
    assert await store.run(dropped_since, 0) == {TOO_LATE: 2}
    assert len(chats.tried) < 700


async def test_what_may_have_arrived_is_tried_seldom_and_as_long_as_it_is_of_use(store: Store, clock: Clock) -> None:
    await store.run(people, 1, 2)
    await store.run(fire, "news")
    await store.run(fire, "it failed", kind=EventKind.FAILED)
    chats = Chats(clock, lambda m: Failure(K.AMBIGUOUS, "timeout") if m.chat_id == 2 else None)
    await drain(worker(store, chats, clock), store, clock, until=NOW + 23 * 3_600)
    assert await store.run(dropped_since, 0) == {}
    await drain(worker(store, chats, clock), store, clock, until=NOW + 27 * 3_600)
    assert 10 <= sum(m.chat_id == 2 for _, m in chats.tried) <= 20
    assert await store.run(dropped_since, 0) == {TOO_LATE: 2}
    assert chats.texts == [(1, "news"), (1, "it failed")]


async def test_bad_gateways_for_hours_lose_nothing(store: Store, clock: Clock) -> None:
    await store.run(people, 1)
    await store.run(fire, "news")
    chats = Chats(clock, lambda _: Failure(K.AMBIGUOUS, "502") if clock.now < NOW + 20 * 3_600 else None)
    await drain(worker(store, chats, clock), store, clock, until=NOW + 24 * 3_600)
    assert chats.texts == [(1, "news")]


@pytest.mark.parametrize("kind", [K.NOT_SENT, K.AMBIGUOUS])
async def test_when_telegram_is_back_nobody_waits_out_what_the_outage_made(
    store: Store, clock: Clock, kind: FailureKind
) -> None:
    await store.run(people, 1)
    await store.run(fire, "news")
    chats = Chats(clock, lambda _: Failure(kind, "no route") if clock.now < NOW + 7_000 else None)
    working = worker(store, chats, clock)
    await drain(working, store, clock, until=NOW + 7_000)
    working.reachable()
    while await working.step():
        pass
    assert chats.texts == [(1, "news")]
    assert chats.arrived[0][0] < NOW + 7_010


async def test_the_first_that_arrives_after_an_outage_takes_all_others_along(store: Store, clock: Clock) -> None:
    await store.run(people, *range(1, 101))
    await store.run(fire, "news")
    chats = Chats(clock, lambda _: Failure(K.AMBIGUOUS, "502") if clock.now < NOW + 3_600 else None)
    await drain(worker(store, chats, clock), store, clock, until=NOW + 6 * 3_600)
    arrived = [at for at, _ in chats.arrived]
    assert len(arrived) == 100
    assert max(arrived) - min(arrived) < 10


async def test_an_outage_without_clear_answers_is_outlasted(store: Store, clock: Clock) -> None:
    await store.run(people, *range(1, 31))
    await store.run(fire, "news")
    chats = Chats(clock, lambda _: Failure(K.AMBIGUOUS, "502") if clock.now < NOW + 3_600 else None)
    await drain(worker(store, chats, clock), store, clock, until=NOW + 6 * 3_600)
    assert Counter(chats.texts) == {(i, "news"): 1 for i in range(1, 31)}


async def test_no_attempts_are_worn_out_while_telegram_is_away(store: Store, clock: Clock) -> None:
    await store.run(people, *range(1, 101))
    await store.run(fire, "news")
    chats = Chats(clock, lambda _: Failure(K.NOT_SENT, "no route") if clock.now < NOW + 600 else None)
    working = worker(store, chats, clock)
    await drain(working, store, clock, until=NOW + 590)
    assert len(chats.tried) < 200
    assert working.trouble == "Telegram can't be reached: no route"
    await drain(working, store, clock, until=NOW + 1_800)
    assert Counter(chats.texts) == {(i, "news"): 1 for i in range(1, 101)}


async def test_a_chat_that_blocked_the_bot_is_switched_off(store: Store, clock: Clock) -> None:
    await store.run(people, 1, 2)
    for rule in ("a", "b"):
        await store.run(fire, rule, rule=rule)
    chats = Chats(clock, lambda m: Failure(K.BLOCKED, "Forbidden") if m.chat_id == 1 else None)
    await drain(worker(store, chats, clock), store, clock)
    assert chats.texts == [(2, "a"), (2, "b")]
    assert len(chats.tried) == 3
    gone = await store.run(subscriber, 1, 0)
    assert gone is not None
    assert (gone.state, gone.reason) == ("unreachable", "blocked")
    assert await store.run(dropped_since, 0) == {"blocked": 2}


async def test_one_false_word_that_a_chat_is_not_there_costs_nothing(store: Store, clock: Clock) -> None:
    await store.run(people, 1, 2)
    await store.run(fire, "news")
    chats = Chats(clock, lambda m: Failure(K.GONE, "chat not found") if m.chat_id == 1 and first(chats, m) else None)
    await drain(worker(store, chats, clock), store, clock)
    assert Counter(chats.texts) == {(1, "news"): 1, (2, "news"): 1}
    assert await store.run(count_subscribers) == {"active": 2}
    assert await store.run(refused_chats, 9) == [], "what arrives is the end of it"


async def test_a_chat_that_is_not_there_for_hours_is_given_up(store: Store, clock: Clock) -> None:
    await store.run(people, 1, 2)
    await store.run(fire, "news", severity="high")
    chats = Chats(clock, lambda m: Failure(K.GONE, "chat not found") if m.chat_id == 1 else None)
    working = worker(store, chats, clock)
    await drain(working, store, clock, until=NOW + REFUSED_SECONDS - 60)
    assert await store.run(count_subscribers) == {"active": 2}
    (refused,) = await store.run(refused_chats, 9)
    assert (refused.chat.chat_id, refused.reason) == (1, "gone: chat not found")
    await drain(working, store, clock, until=NOW + 12 * 3_600)
    assert await store.run(count_subscribers) == {"active": 1, "unreachable": 1}
    assert 5 <= sum(m.chat_id == 1 for _, m in chats.tried) <= 10


async def test_where_it_may_not_write_it_tries_for_hours_and_then_says_so(store: Store, clock: Clock) -> None:
    await store.run(people, 1, 2)
    await store.run(fire, "news")
    closed = [True]
    chats = Chats(clock, lambda m: Failure(K.NO_RIGHTS, "TOPIC_CLOSED") if m.chat_id == 1 and closed[0] else None)
    working = worker(store, chats, clock)
    await drain(working, store, clock, until=NOW + 12 * 3_600)
    assert 5 <= sum(m.chat_id == 1 for _, m in chats.tried) <= 10
    assert await store.run(dropped_since, 0) == {"no rights: TOPIC_CLOSED": 1}
    assert [each.chat.chat_id for each in await store.run(refused_chats, 9)] == [1]
    assert await store.run(count_subscribers) == {"active": 2}
    before, closed[0] = len(chats.tried), False
    await store.run(fire, "more", rule="s", now=clock.now)
    await drain(working, store, clock, until=clock.now + 60)
    assert len(chats.tried) == before + 2
    assert await store.run(refused_chats, 9) == [], "it may write again"


async def test_a_right_that_comes_back_lets_the_alert_arrive(store: Store, clock: Clock) -> None:
    await store.run(people, 1)
    await store.run(fire, "news", photo=b"png")
    chats = Chats(clock, lambda _: Failure(K.NO_RIGHTS, "CHAT_RESTRICTED") if clock.now < NOW + 3_600 else None)
    await drain(worker(store, chats, clock), store, clock, until=NOW + 4 * 3_600)
    assert chats.texts == [(1, "news")]
