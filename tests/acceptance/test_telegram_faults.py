"""One alert to thirty chats, each of which meets another fault of Telegram's: who hears it, and how often."""

from __future__ import annotations

import asyncio
import contextlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.sandbox.faults import BAD_GATEWAY
from bot.store.database import open_database
from bot.store.subscribers.subscribers import subscribe
from bot.subscriber import Chat
from tests.acceptance.running_bot import DEADLINE_SECONDS, EVE, RunningBot, running_bot, stamp

pytestmark = pytest.mark.timeout(200)

FIRST = 6_000_000_001
MOVED_TO = -1_000_777
HEARD = "closed at 2,467.70, a record"


@dataclass(frozen=True)
class Fault:
    """What a chat's sends meet, how often it hears of the alert in the end, and how its delivery then stands.

    `state` is that of its subscriber. `group`: it is no private chat.
    """

    meets: tuple[dict[str, Any], ...]
    heard: int
    delivery: str = "sent"
    state: str = "active"
    photo: bool | None = None
    group: bool = False


def refused(status: int, words: str, **more: Any) -> dict[str, Any]:
    return {"status": status, "description": words, **more}


def answer(status: int, **fields: Any) -> dict[str, Any]:
    return {"status": status, "body": json.dumps({"ok": False, "error_code": status, **fields})}


LASTS = {"times": None}

FAULTS = {
    "none": Fault((), 1, photo=True),
    "429 for a second": Fault(({"status": 429, "retry_after": 1},), 1, photo=True),
    "429 for half a second": Fault((answer(429, description="Too Many Requests", parameters={"retry_after": 0.5}),), 1),
    "429 for years": Fault(
        (answer(429, description="Too Many Requests", parameters={"retry_after": 10**12}),), 0, "queued"
    ),
    "429 for a negative time": Fault((answer(429, description="Too Many Requests: wait", parameters="soon"),), 1),
    "429 of a proxy": Fault(({"status": 429, "body": "<html>slow down</html>"},), 1),
    "slow mode in words": Fault((refused(400, "Bad Request: SLOWMODE_WAIT_2"),), 1, group=True),
    "500 twice": Fault(({"status": 500, "times": 2},), 1),
    "502 with a page": Fault(({"status": 502, "body": BAD_GATEWAY},), 1),
    "503 with nothing": Fault(({"status": 503, "body": ""},), 1),
    "cut before": Fault(({"drop": "before"},), 1),
    "cut after": Fault(({"drop": "after"},), 2),
    "an answer in another form": Fault(({"status": 200, "body": '{"ok":true,"result":true}'},), 2),
    "a page instead of an answer": Fault(({"status": 200, "body": "<html>hello</html>"},), 2),
    "no answer in time": Fault(({"status": 200, "delay": 11.0},), 2),
    "blocked": Fault((refused(403, "Forbidden: bot was blocked by the user"),), 0, "dropped", "unreachable"),
    "deactivated": Fault((refused(403, "Forbidden: user is deactivated"),), 0, "dropped", "unreachable"),
    "kicked": Fault(
        (refused(403, "Forbidden: bot was kicked from the supergroup chat"),), 0, "dropped", "unreachable", group=True
    ),
    "not found, once": Fault((refused(400, "Bad Request: chat not found"),), 0, "queued"),
    "can't be begun": Fault(
        (refused(403, "Forbidden: bot can't initiate conversation with a user", **LASTS),), 0, "queued"
    ),
    "topic closed": Fault((refused(400, "Bad Request: TOPIC_CLOSED", **LASTS),), 0, "queued", group=True),
    "no right to write": Fault(
        (refused(400, "Bad Request: have no rights to send a message", **LASTS),), 0, "queued", group=True
    ),
    "no right to pictures": Fault(
        (refused(400, "Bad Request: not enough rights to send photos to the chat"),), 1, photo=False, group=True
    ),
    "moved": Fault(
        (
            answer(
                400,
                description="Bad Request: group chat was upgraded to a supergroup chat",
                parameters={"migrate_to_chat_id": MOVED_TO},
            ),
        ),
        1,
        group=True,
    ),
    "moved, nobody says where": Fault(
        (refused(400, "Bad Request: group chat was upgraded to a supergroup chat", **LASTS),), 0, "queued", group=True
    ),
    "markup": Fault((refused(400, "Bad Request: can't parse entities: unexpected end tag"),), 1, photo=True),
    "picture refused": Fault((refused(400, "Bad Request: PHOTO_INVALID_DIMENSIONS"),), 1, photo=False),
    "picture forgotten": Fault((refused(400, "Bad Request: wrong file identifier/HTTP URL specified"),), 1),
    "too large": Fault(({"status": 413, "body": "<html>too large</html>"},), 1, photo=False),
}


def chat_of(number: int, fault: Fault) -> int:
    return -(FIRST + number) if fault.group else FIRST + number


def subscribe_all(bot: RunningBot) -> dict[str, int]:
    """Each fault's chat, which meets it whenever the bot sends something there."""
    chats = {name: chat_of(number, fault) for number, (name, fault) in enumerate(FAULTS.items())}
    bot.sandbox.add_chat(MOVED_TO, "supergroup", "Moved")
    with contextlib.closing(open_database(bot.folder / "bellwether.db")) as db:
        for name, chat in chats.items():
            kind = "supergroup" if chat < 0 else "private"
            if chat < 0:
                bot.sandbox.add_chat(chat, kind, name)
            else:
                bot.sandbox.add_person(chat, name)
            subscribe(db, Chat(chat, 0, "supergroup" if chat < 0 else "private", name), stamp(EVE, 0, 0))
            for meets in FAULTS[name].meets:
                bot.sandbox.fail("*", chat=chat, **{"status": 500, **meets})
    return chats


def alerts(bot: RunningBot, chat: int) -> list[bool]:
    """Of each time that the alert is in the chat, whether with its picture."""
    return [message.photo is not None for message in bot.sandbox.messages(chat) if HEARD in message.text]


def standing(bot: RunningBot, chat: int) -> tuple[str, str]:
    """How the chat's delivery and its subscriber stand."""
    found = "FROM deliveries d JOIN messages m ON m.id = d.message JOIN subscribers s ON s.id = d.subscriber"
    where = f"{found} WHERE m.kind = 'alert' AND s.chat_id = {chat}"
    return bot.text(f"SELECT d.state {where}"), bot.text(f"SELECT s.state {where}")


async def test_every_fault_costs_only_its_own_chat_and_no_more_than_it_must(tmp_path: Path) -> None:
    async with running_bot(tmp_path) as bot:
        chats = subscribe_all(bot)
        await bot.start()
        await bot.until("SELECT count(*) FROM watermarks")
        bot.new_record()
        wanted = {name: (fault.heard, fault.delivery, fault.state) for name, fault in FAULTS.items()}

        def now() -> dict[str, tuple[int, str, str]]:
            places = {name: MOVED_TO if name == "moved" else chat for name, chat in chats.items()}
            return {name: (len(alerts(bot, chat)), *standing(bot, chat)) for name, chat in places.items()}

        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(DEADLINE_SECONDS):
                while now() != wanted:
                    await asyncio.sleep(0.2)
        assert now() == wanted
        assert {name: alerts(bot, chats[name])[-1] for name, fault in FAULTS.items() if fault.photo is not None} == {
            name: fault.photo for name, fault in FAULTS.items() if fault.photo is not None
        }
        assert await bot.stop() == 0
        assert "Traceback" not in bot.log()
        assert bot.sandbox.token not in bot.log()
