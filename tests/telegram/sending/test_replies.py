"""An answer in pages that Telegram takes, and what is done when it does not take one."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.delivery.rate_limit import RateLimiter
from bot.delivery.transport import Failure, FailureKind, OutgoingMessage, Sent
from bot.store.store import Store
from bot.store.subscribers.subscribers import subscribe, subscriber
from bot.subscriber import Chat
from bot.telegram.command import Reply
from bot.telegram.sending import replies as replies_module
from bot.telegram.sending import reply_policy
from bot.telegram.sending.replies import MAX_PAGES, ReplySender, pages
from bot.views.formatting.html import TEXT_LIMIT, escape, visible_length
from tests.telegram.telegram_side import NOW, SOMEBODY, services_for

HERE = Chat(SOMEBODY, 0, "private", "Somebody")
HELLO = OutgoingMessage(SOMEBODY, "<b>hello</b>")


class Post:
    """A messenger that answers as it was told, and keeps what it was given."""

    def __init__(self, *outcomes):
        self.outcomes, self.given = list(outcomes), []

    async def send(self, message):
        self.given.append(message)
        return self.outcomes.pop(0) if self.outcomes else Sent(len(self.given))


def failure(kind, **facts):
    return Failure(kind, "as the test wants it", **facts)


@pytest.fixture
async def store(tmp_path, monkeypatch):
    monkeypatch.setattr(reply_policy, "FIRST_WAIT_SECONDS", 0.001)
    store = Store(tmp_path / "bot.sqlite")
    await store.run(subscribe, HERE, NOW)
    yield store
    await store.close()


def answers(store, *outcomes, limiter=None):
    post = Post(*outcomes)
    services = services_for(store, store.path.parent)
    return post, ReplySender(post, services if limiter is None else replace(services, rate_limiter=limiter))


@given(st.text(st.sampled_from("ab <>&\n🚀"), max_size=3000), st.integers(1, 12))
def test_every_page_fits_and_nothing_is_lost_before_the_last(text, times):
    answer = Reply(f"<b>{escape(text * times)}</b>", buttons=((("Yes", "/yes"),),))
    sent = pages(answer, HERE, reply_to=7)
    assert len(sent) <= MAX_PAGES
    assert all(visible_length(page.html) <= TEXT_LIMIT - 16 for page in sent)
    assert [page.reply_to for page in sent] == [7, *[None] * (len(sent) - 1)][: len(sent)]
    assert [bool(page.buttons) for page in sent] == [False] * (len(sent) - 1) + [True] * bool(sent)


async def test_markup_that_is_refused_goes_out_plain(store):
    post, out = answers(store, failure(FailureKind.BAD_MARKUP))
    assert isinstance(await out.send_message(HELLO), Sent)
    assert [message.plain for message in post.given] == [False, True]


async def test_an_answer_to_a_message_that_is_gone_goes_out_by_itself(store):
    post, out = answers(store, failure(FailureKind.BAD_REQUEST))
    assert isinstance(await out.send_message(OutgoingMessage(SOMEBODY, "hello", reply_to=3)), Sent)
    assert [message.reply_to for message in post.given] == [3, None]


async def test_what_was_surely_not_sent_is_tried_again_and_then_given_up(store):
    post, out = answers(store, *[failure(FailureKind.NOT_SENT)] * 5)
    assert isinstance(await out.send_message(HELLO), Failure)
    assert len(post.given) == 3


async def test_a_short_flood_is_waited_out_and_a_long_one_is_not(store):
    post, out = answers(store, failure(FailureKind.FLOOD, retry_after=0.001))
    assert isinstance(await out.send_message(HELLO), Sent)
    post, out = answers(store, failure(FailureKind.FLOOD, retry_after=35.0))
    assert isinstance(await out.send_message(HELLO), Failure)
    assert len(post.given) == 1


@pytest.mark.parametrize(
    "kind", [FailureKind.AMBIGUOUS, FailureKind.BAD_REQUEST, FailureKind.NO_RIGHTS, FailureKind.TOKEN]
)
async def test_what_can_not_be_mended_is_not_tried_again(store, kind):
    post, out = answers(store, failure(kind))
    assert isinstance(await out.send_message(HELLO), Failure)
    assert len(post.given) == 1
    assert (await store.run(subscriber, SOMEBODY, 0)).state == "active"


@pytest.mark.parametrize(("kind", "state"), [(FailureKind.BLOCKED, "unreachable"), (FailureKind.GONE, "active")])
async def test_who_is_surely_gone_is_switched_off(store, kind, state):
    _, out = answers(store, failure(kind))
    await out.send_message(HELLO)
    assert (await store.run(subscriber, SOMEBODY, 0)).state == state


async def test_a_topic_that_is_gone_does_not_switch_off_the_group(store):
    _, out = answers(store, failure(FailureKind.GONE))
    await out.send_message(OutgoingMessage(SOMEBODY, "hello", thread_id=4))
    assert (await store.run(subscriber, SOMEBODY, 0)).state == "active"


async def test_after_a_page_that_failed_no_other_follows_but_others_are_told(store):
    post, out = answers(store, failure(FailureKind.AMBIGUOUS))
    await out.send(HERE, Reply("x" * 9000, others=(OutgoingMessage(5, "told"),)))
    assert [message.chat_id for message in post.given] == [SOMEBODY, 5]


async def test_answers_keep_to_the_pace_and_slow_the_alerts_down_by_no_more_than_their_share(store):
    post, out = answers(store)
    begun = time.monotonic()
    for _ in range(16):
        await out.send_message(HELLO)
    spent = time.monotonic() - begun
    assert spent >= 14 / 30
    assert len(post.given) == 16


async def test_an_answer_does_not_wait_for_ever_while_alerts_go_out(store):
    pace = RateLimiter()
    _, out = answers(store, limiter=pace)

    async def alerts():
        while True:
            if pace.wait_any(time.time()) <= 0:
                pace.took(1, time.time())
            await asyncio.sleep(0.001)

    busy = asyncio.create_task(alerts())
    async with asyncio.timeout(5):
        assert isinstance(await out.send_message(HELLO), Sent)
    busy.cancel()


async def test_when_telegram_shuts_the_gate_alerts_and_answers_both_wait(store):
    pace = RateLimiter()
    post, out = answers(store, failure(FailureKind.FLOOD, retry_after=35.0), limiter=pace)
    await out.send_message(HELLO)
    assert pace.wait_chat(SOMEBODY, time.monotonic()) > 30
    assert pace.wait_global(time.monotonic()) < 1, "it is this chat that Telegram wants nothing for"
    assert isinstance(await out.send_message(HELLO), Failure)
    assert len(post.given) == 1


async def test_what_a_flood_holds_up_comes_after_it_in_order(store, monkeypatch):
    monkeypatch.setattr(replies_module, "MAX_WAIT_SECONDS", 0.01)
    post, out = answers(store, failure(FailureKind.FLOOD, retry_after=0.3))
    await out.send(HERE, Reply("first"))
    await out.send(HERE, Reply("second"))
    assert len(post.given) == 1, "nobody else waits for it"
    await asyncio.gather(*out.late)
    assert [message.html for message in post.given] == ["first", "first", "second"]


async def test_a_reply_heeds_how_long_telegram_wants_it_to_wait(store):
    post, out = answers(store, failure(FailureKind.FLOOD, retry_after=0.3))
    began = time.monotonic()
    assert isinstance(await out.send_message(HELLO), Sent)
    assert len(post.given) == 2
    assert time.monotonic() - began >= 0.3


@pytest.mark.parametrize("rate", [30.0, 1_000.0])
async def test_many_who_ask_at_once_are_answered_one_after_the_other(store, rate):
    """Each takes a place of its own, thirty a second at most, and leaves room between for the alerts."""
    limiter = RateLimiter(rate)
    post, sender = answers(store, limiter=limiter)
    taken: list[float] = []
    record = limiter.record

    def noting(chat_id, now):
        taken.append(now)
        return record(chat_id, now)

    limiter.record = noting
    await asyncio.gather(*(sender.send_message(OutgoingMessage(5_000 + at, "x")) for at in range(40)))
    assert len(post.given) == 40
    for first, last in zip(taken, taken[30:], strict=False):
        assert last - first >= 1.0 - 0.02
