"""The messenger through the real python-telegram-bot against the sandbox: what arrives, and what each failure is."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
import telegram
from hypothesis import given, settings
from hypothesis import strategies as st
from telegram.error import (
    InvalidToken,
    NetworkError,
    RetryAfter,
)
from telegram.request import HTTPXRequest

from bot.delivery.transport import Failure, FailureKind, OutgoingMessage, Sent
from bot.sandbox.faults import BAD_GATEWAY
from bot.sandbox.markup.entities import utf16_length
from bot.sandbox.markup.parser import parse_html
from bot.sandbox.server import Sandbox
from bot.telegram.errors import classify_error
from bot.telegram.sending.aiohttp_request import AiohttpRequest
from bot.telegram.sending.redacted_bot import RedactedBot
from bot.telegram.sending.transport import TelegramTransport
from bot.views.formatting.html import escape, visible_length
from tests.telegram.pictures import png

ADA, GROUP, FORUM = 5_000_000_001, -4_000_000_001, -1_001_000_000_001
IDLE = telegram.Bot("1:x", request=AiohttpRequest(), get_updates_request=AiohttpRequest())
Send = Callable[[OutgoingMessage], Awaitable[Sent | Failure]]


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    running = Sandbox()
    await running.start()
    running.add_person(ADA, "Ada")
    running.add_chat(GROUP, "group", "Caps")
    running.add_chat(FORUM, "supergroup", "Topics", topics=(4,))
    yield running
    await running.close()


def made_bot(sandbox: Sandbox, token: str = "", **timeouts: float) -> telegram.Bot:
    """Requests that give up soon."""
    request = AiohttpRequest(2, **{"read_timeout": 0.3, "connect_timeout": 0.3, "pool_timeout": 0.1, **timeouts})
    base = f"{sandbox.url}/bot"
    return RedactedBot(token or sandbox.token, base, request=request, get_updates_request=AiohttpRequest())


@pytest.fixture
async def bot(sandbox: Sandbox) -> AsyncIterator[telegram.Bot]:
    async with made_bot(sandbox) as made:
        yield made


@pytest.fixture
def send(bot: telegram.Bot) -> Send:
    return TelegramTransport(bot).send


async def test_a_text_with_everything(send: Send, sandbox: Sandbox) -> None:
    asked = sandbox.say("/start", user=ADA)
    buttons = ((("Evidence", "e:1"), ("Chart", "c:1")), (("Mute", "m:1"),))
    sent = await send(OutgoingMessage(ADA, "<b>New high</b> &amp; more", reply_to=asked, silent=True, buttons=buttons))
    (kept,) = sandbox.messages(ADA)
    assert sent == Sent(kept.message_id)
    assert (kept.text, kept.reply_to, kept.silent) == ("New high & more", asked, True)
    assert [[(button.text, button.data) for button in row] for row in kept.buttons] == [list(row) for row in buttons]
    call = sandbox.calls("sendMessage")[0]
    assert call.params["link_preview_options"] == {"is_disabled": True}
    assert "allow_paid_broadcast" not in call.params


async def test_a_photo_as_bytes_and_then_by_its_id(send: Send, sandbox: Sandbox) -> None:
    first = await send(OutgoingMessage(ADA, "<i>chart</i>", photo=png(640, 480), buttons=((("a", "b"),),)))
    assert isinstance(first, Sent)
    assert first.photo_file_id is not None
    again = await send(OutgoingMessage(GROUP, "", photo=first.photo_file_id))
    assert again == Sent(1, first.photo_file_id)
    assert [(m.text, m.photo) for c in (ADA, GROUP) for m in sandbox.messages(c)] == [
        ("chart", png(640, 480)),
        ("", png(640, 480)),
    ]
    assert sandbox.messages(ADA)[0].buttons[0][0].data == "b"
    assert [call.files for call in sandbox.calls("sendPhoto")] == [("photo",), ()]


async def test_a_topic_and_an_answer_to_what_is_gone(send: Send, sandbox: Sandbox) -> None:
    assert await send(OutgoingMessage(FORUM, "x", thread_id=4, reply_to=999)) == Sent(5)
    assert await send(OutgoingMessage(FORUM, "x", thread_id=0)) == Sent(6)
    assert [(m.thread_id, m.reply_to) for m in sandbox.messages(FORUM)] == [(4, None), (None, None)]


async def test_plain_shows_the_same_without_markup(send: Send, sandbox: Sandbox) -> None:
    html = "📈 <b>one</b>\n\ntwo &lt;3 <a href='x'>why</a>"
    assert isinstance(await send(OutgoingMessage(ADA, html, plain=True)), Sent)
    (kept,) = sandbox.messages(ADA)
    assert (kept.text, kept.entities) == ("📈 one\n\ntwo <3 why", ())


async def test_broken_markup_goes_out_as_plain_text(send: Send, sandbox: Sandbox) -> None:
    failure = await send(OutgoingMessage(ADA, "<b>open &amp; <u>broken"))
    assert isinstance(failure, Failure)
    assert failure.kind is FailureKind.BAD_MARKUP
    assert isinstance(await send(OutgoingMessage(ADA, "<b>open &amp; <u>broken", plain=True)), Sent)
    assert sandbox.messages(ADA)[0].text == "open & broken"


async def test_a_banner_stands_before_every_text(bot: telegram.Bot, sandbox: Sandbox) -> None:
    messenger = TelegramTransport(bot, "<SIMULATED>", paid_broadcast=True)
    await messenger.send(OutgoingMessage(ADA, "<b>x</b>"))
    await messenger.send(OutgoingMessage(ADA, "<b>x</b>", plain=True))
    await messenger.send(OutgoingMessage(ADA, "", photo=png()))
    assert [m.text for m in sandbox.messages(ADA)] == ["<SIMULATED>\nx", "<SIMULATED>\nx", "<SIMULATED>"]
    assert sandbox.calls("sendMessage")[0].params["allow_paid_broadcast"] is True


@pytest.mark.parametrize("plain", [False, True])
@pytest.mark.parametrize(("photo", "limit"), [(None, 4096), (png(), 1024)], ids=["text", "caption"])
async def test_a_text_that_is_too_long_is_cut_and_arrives(
    bot: telegram.Bot, sandbox: Sandbox, photo: bytes | None, limit: int, *, plain: bool
) -> None:
    messenger = TelegramTransport(bot, "SIMULATED")
    html = "<b>" + "📈 &lt;more " * 1000 + "</b>"
    assert isinstance(await messenger.send(OutgoingMessage(ADA, html, photo=photo, plain=plain)), Sent)
    (kept,) = sandbox.messages(ADA)
    assert kept.text.startswith("SIMULATED\n📈 <more 📈")
    assert kept.text.endswith("…")
    assert limit * 0.9 < utf16_length(kept.text) <= limit


async def test_a_text_of_just_the_limit_is_left_alone(bot: telegram.Bot, sandbox: Sandbox) -> None:
    messenger = TelegramTransport(bot, "SIMULATED")
    await messenger.send(OutgoingMessage(ADA, "<b>x</b>" * 4086))
    await messenger.send(OutgoingMessage(ADA, "y" * 4087))
    assert [(utf16_length(m.text), m.text[-1]) for m in sandbox.messages(ADA)] == [(4096, "x"), (4096, "…")]


async def test_nothing_but_white_space_is_refused_and_not_tripped_over(send: Send) -> None:
    for plain in (False, True):
        failure = await send(OutgoingMessage(ADA, "\n" * 9000, plain=plain))
        assert isinstance(failure, Failure)
        assert failure.kind is FailureKind.BAD_REQUEST


pieces = st.lists(
    st.sampled_from(["<b>", "</b>", "<i>", "</i>", "&amp;", "&lt;", "📈", "word ", "\n", "é", "<", "&"]), max_size=40
)


@settings(max_examples=50, deadline=None)
@given(parts=pieces, times=st.integers(1, 300), photo=st.booleans(), plain=st.booleans())
def test_whatever_the_text_is_its_length_is_within_the_limit(
    parts: list[str], times: int, *, photo: bool, plain: bool
) -> None:
    messenger = TelegramTransport(IDLE, "SIMULATED")
    message = OutgoingMessage(ADA, "".join(parts) * times, photo="id" if photo else None, plain=plain)
    text, mode = messenger.text_of(message)
    assert (mode is None) == plain
    assert (utf16_length(text) if plain else visible_length(text)) <= (1024 if photo else 4096)


@settings(max_examples=50, deadline=None)
@given(st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=60), st.integers(1, 40))
def test_what_is_cut_is_still_sound_html(text: str, times: int) -> None:
    messenger = TelegramTransport(IDLE)
    html = f"<b>{escape(text)} <i>{escape(text)}</i></b>\n" * times
    cut, _ = messenger.text_of(OutgoingMessage(ADA, html, photo="id"))
    shown = parse_html(cut).text
    assert utf16_length(shown) <= 1024
    whole = parse_html(html).text
    assert whole.startswith(shown.removesuffix("…").strip())


@pytest.mark.parametrize(
    ("bot_status", "chat", "kind"),
    [
        ("kicked", ADA, FailureKind.BLOCKED),
        ("left", ADA, FailureKind.GONE),
        ("kicked", GROUP, FailureKind.BLOCKED),
        ("left", FORUM, FailureKind.GONE),
    ],
)
async def test_chats_that_are_closed_to_the_bot(
    send: Send, sandbox: Sandbox, bot_status: str, chat: int, kind: FailureKind
) -> None:
    sandbox.member(bot_status, chat=chat, user=ADA)
    failure = await send(OutgoingMessage(chat, "x"))
    assert isinstance(failure, Failure)
    assert failure.kind is kind


async def test_other_refusals(send: Send, sandbox: Sandbox) -> None:
    async def kind(message: OutgoingMessage) -> FailureKind | None:
        answer = await send(message)
        return answer.kind if isinstance(answer, Failure) else None

    assert await kind(OutgoingMessage(999, "x")) is FailureKind.GONE
    assert await kind(OutgoingMessage(FORUM, "x", thread_id=5)) is FailureKind.TOPIC_GONE
    assert await kind(OutgoingMessage(ADA, "")) is FailureKind.BAD_REQUEST
    assert await kind(OutgoingMessage(ADA, "x", buttons=((("a", "b" * 65),),))) is FailureKind.BAD_REQUEST
    assert await kind(OutgoingMessage(ADA, "x", photo="AgACgone")) is FailureKind.STALE_PHOTO
    sandbox.set_rights(chat=GROUP, photos=False)
    assert await kind(OutgoingMessage(GROUP, "x", photo=png())) is FailureKind.NO_RIGHTS
    sandbox.set_rights(chat=GROUP, write=False)
    assert await kind(OutgoingMessage(GROUP, "x")) is FailureKind.NO_RIGHTS
    sandbox.deactivate(ADA)
    assert await kind(OutgoingMessage(ADA, "x")) is FailureKind.BLOCKED


async def test_a_group_that_moved(send: Send, sandbox: Sandbox) -> None:
    sandbox.migrate(GROUP, -1_001_999_999_999)
    failure = await send(OutgoingMessage(GROUP, "x"))
    assert isinstance(failure, Failure)
    assert (failure.kind, failure.new_chat_id) == (FailureKind.MIGRATED, -1_001_999_999_999)


async def test_a_flood(send: Send, sandbox: Sandbox) -> None:
    sandbox.fail("sendMessage", 429, retry_after=35)
    failure = await send(OutgoingMessage(ADA, "x"))
    assert isinstance(failure, Failure)
    assert (failure.kind, failure.retry_after) == (FailureKind.FLOOD, 35.0)


async def test_a_wrong_token(sandbox: Sandbox) -> None:
    token = "123456789:AAHfiqksKZ8WmR2zSjiQ7-otherToken0"
    bot = made_bot(sandbox, token)
    with pytest.raises(InvalidToken) as caught:
        await bot.initialize()
    assert token not in str(caught.value)
    failure = await TelegramTransport(bot).send(OutgoingMessage(ADA, "x"))
    assert isinstance(failure, Failure)
    assert failure.kind is FailureKind.TOKEN
    assert token not in failure.detail
    await bot.shutdown()


@pytest.mark.parametrize(
    ("fault", "kind", "arrived"),
    [
        ({"drop": "before"}, FailureKind.AMBIGUOUS, 0),
        ({"drop": "after"}, FailureKind.AMBIGUOUS, 1),
        ({"status": 200, "delay": 0.6}, FailureKind.AMBIGUOUS, 1),
        ({"status": 200, "body": "{"}, FailureKind.AMBIGUOUS, 1),
        ({"status": 200, "body": "[]"}, FailureKind.AMBIGUOUS, 1),
        ({"status": 200, "body": '{"ok":true}'}, FailureKind.AMBIGUOUS, 1),
        ({"status": 200, "body": '{"ok":true,"result":true}'}, FailureKind.AMBIGUOUS, 1),
        ({"status": 200, "body": '{"ok":true,"result":{"message_id":"x"}}'}, FailureKind.AMBIGUOUS, 1),
        ({"status": 500}, FailureKind.AMBIGUOUS, 0),
        ({"status": 502, "body": BAD_GATEWAY}, FailureKind.AMBIGUOUS, 0),
        ({"status": 400, "body": "[]"}, FailureKind.BAD_REQUEST, 0),
        ({"status": 429, "body": "<html>slow down</html>"}, FailureKind.FLOOD, 0),
        ({"status": 413, "body": "<html>too large</html>"}, FailureKind.BAD_REQUEST, 0),
        ({"status": 401}, FailureKind.TOKEN, 0),
        ({"status": 404}, FailureKind.TOKEN, 0),
        ({"status": 409}, FailureKind.NOT_SENT, 0),
    ],
)
async def test_what_the_network_and_the_server_do(
    send: Send, sandbox: Sandbox, fault: dict[str, object], kind: FailureKind, arrived: int
) -> None:
    sandbox.fail("sendMessage", **fault)
    failure = await send(OutgoingMessage(ADA, "x"))
    assert isinstance(failure, Failure)
    assert failure.kind is kind, failure
    assert len(sandbox.messages(ADA)) == arrived
    assert len(failure.detail) <= 300
    assert isinstance(await send(OutgoingMessage(ADA, "x")), Sent)


async def test_nobody_listens(sandbox: Sandbox, send: Send) -> None:
    await sandbox.close()
    failures = [await send(OutgoingMessage(ADA, "x")) for _ in range(2)]
    kinds = [failure.kind for failure in failures if isinstance(failure, Failure)]
    # the first goes out on a connection that was still open: nobody can tell how far it came
    assert kinds == [FailureKind.AMBIGUOUS, FailureKind.NOT_SENT]


async def test_httpx_failures_are_understood_too(sandbox: Sandbox) -> None:
    request = HTTPXRequest(connection_pool_size=1, read_timeout=0.3, httpx_kwargs={"verify": False})
    made = telegram.Bot(sandbox.token, f"{sandbox.url}/bot", request=request, get_updates_request=AiohttpRequest())
    async with made as bot:
        send = TelegramTransport(bot).send
        sandbox.fail("sendMessage", 200, delay=0.6)
        late = await send(OutgoingMessage(ADA, "x"))
        sandbox.fail("sendMessage", drop="after")
        cut = await send(OutgoingMessage(ADA, "x"))
        await sandbox.close()
        refused = await send(OutgoingMessage(ADA, "x"))
    kinds = [answer.kind for answer in (late, cut, refused) if isinstance(answer, Failure)]
    assert kinds == [FailureKind.AMBIGUOUS, FailureKind.AMBIGUOUS, FailureKind.NOT_SENT]


def test_a_wait_given_as_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    assert classify_error(RetryAfter(7)).retry_after == 7.0
    monkeypatch.delenv("PTB_TIMEDELTA", raising=False)
    with pytest.warns(match="retry_after"):
        assert classify_error(RetryAfter(7)).retry_after == 7.0


def test_no_token_in_a_detail() -> None:
    token = "123456789:AAHfiqksKZ8WmR2zSjiQ7_v4TMAKdiHm9T0"
    failure = classify_error(NetworkError(f"https://api.telegram.org/bot{token}/sendMessage: no route"))
    assert not re.search(r"AAHfiqks|9T0", failure.detail)
    assert "no route" in failure.detail
