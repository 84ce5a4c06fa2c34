"""The sandbox: a Bot API server on loopback, and the people who talk to the bot there."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote

from aiohttp import web

from bot.sandbox.control import control
from bot.sandbox.errors import ApiError, too_many
from bot.sandbox.faults import Disconnect, Fault, Faults
from bot.sandbox.http import MAX_REQUEST_BYTES, Params, error_response, ok_response, read_params
from bot.sandbox.limits import Limits, SendLimits
from bot.sandbox.methods.registry import Methods
from bot.sandbox.updates import Updates
from bot.sandbox.users import SimulatedUsers
from bot.sandbox.world import SentMessage, World

BOT_ID: Final = 4_200_000_001
TOKEN: Final = f"{BOT_ID}:sandbox-token-of-no-use-anywhere-00"  # opens nothing but the sandbox
MAX_CALLS_KEPT: Final = 50_000
VERBS: Final = (
    "add_chat", "add_person", "answer_to", "ask_inline", "calls", "deactivate", "edit", "fail", "forget", "heal",
    "inline_results", "limit", "member", "messages", "migrate", "press", "react", "say", "set_member", "set_rights",
    "state", "upload", "wait_for",
)  # fmt: skip
"""Methods that a driver in another process may call."""


@dataclass(slots=True)
class Call:
    """One request of the bot: the parameters as they came, and the status of the answer (0: cut off)."""

    method: str
    params: dict[str, Any]
    files: tuple[str, ...]
    status: int = 200


class Sandbox(SimulatedUsers):
    """A Bot API server on 127.0.0.1 with people and chats in memory.

    `url` + "/bot" is python-telegram-bot's base_url, `url` + "/file/bot" its base_file_url.
    `on_message` is told of every message that the bot sends or edits.
    """

    def __init__(self, *, token: str = TOKEN, clock: Callable[[], float] = time.time) -> None:
        super().__init__(World(int(token.partition(":")[0]), clock), Updates())
        self.token = token
        self.url = ""
        self.on_message: Callable[[SentMessage], None] | None = None
        self._methods = Methods(self.world, self.updates, self.queries, self.inline_queries, self._sent)
        self._faults = Faults()
        self._gate: SendLimits | None = None
        self._calls: deque[Call] = deque(maxlen=MAX_CALLS_KEPT)
        self._waiters: list[asyncio.Future[None]] = []
        self._runner: web.ServerRunner | None = None
        self._verbs = {verb: getattr(self, verb) for verb in VERBS}

    async def start(self, port: int = 0) -> None:
        """Listen on 127.0.0.1; port 0 takes a free one."""
        server = web.Server(self._handle, request_factory=_request)
        self._runner = web.ServerRunner(server, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port).start()
        host, bound = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{bound}"

    async def close(self) -> None:
        """End every request that still waits, and stop listening."""
        self.updates.release()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def messages(self, chat_id: int) -> list[SentMessage]:
        """What the bot has in that chat, oldest first, without what it deleted."""
        chat = self.world.chats.get(chat_id)
        return [] if chat is None else [message for message in chat.messages.values() if message.by_bot]

    def calls(self, method: str = "") -> list[Call]:
        """The bot's requests in order (of one method), refused ones and getUpdates too."""
        return [call for call in self._calls if not method or call.method.lower() == method.lower()]

    def state(self) -> dict[str, Any]:
        """Counts, for a driver in another process."""
        return {
            "chats": {chat.id: chat.bot_status for chat in self.world.chats.values()},
            "messages": sum(message.by_bot for chat in self.world.chats.values() for message in chat.messages.values()),
            "calls": len(self._calls),
            "updates_waiting": len(self.updates),
        }

    def forget(self) -> None:
        """Empty the log of calls and every chat; people, chats and their ids stay."""
        self._calls.clear()
        for chat in self.world.chats.values():
            chat.messages.clear()

    def answer_to(self, query: str) -> str | None:
        """What the person who pressed a button was shown; None while the bot has not answered."""
        return self.queries.get(query)

    def inline_results(self, query: str) -> list[dict[str, Any]] | None:
        """What the bot offers for an inline query; None while it has not answered."""
        return self.inline_queries.get(query)

    def fail(
        self,
        method: str,
        status: int = 500,
        *,
        times: int | None = 1,
        retry_after: int | None = None,
        body: str | None = None,
        delay: float = 0.0,
        drop: str = "",
        chat: int | None = None,
        description: str = "",
        stored: bool = False,
    ) -> None:
        """Let the next calls of a method go wrong; see Fault."""
        fault = Fault(method, status, times, retry_after, body, delay, Disconnect(drop), chat, description, stored)
        self._faults.add(fault)

    def heal(self) -> None:
        """Everything works again."""
        self._faults.clear()

    def limit(self, *, on: bool = True, **limits: float) -> None:
        """Enforce Telegram's rates (or others, see Limits), or stop doing so."""
        self._gate = SendLimits(Limits(**limits)) if on else None  # type: ignore[arg-type]  # burst and group are whole numbers

    async def wait_for(self, chat_id: int, count: int, timeout: float = 5.0) -> list[SentMessage]:  # noqa: ASYNC109  # part of what the caller asks
        """The bot's messages in that chat, once there are at least `count`; TimeoutError says what came instead."""
        await self.wait_until(lambda: len(self.messages(chat_id)) >= count, timeout, lambda: self._seen(chat_id))
        return self.messages(chat_id)

    async def wait_until(
        self,
        ready: Callable[[], bool],
        timeout: float = 5.0,  # noqa: ASYNC109  # as above
        seen: Callable[[], str] = lambda: "",
    ) -> None:
        """Until `ready` says yes; it is asked after every call of the bot."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout
        while not ready():
            waiter = loop.create_future()
            self._waiters.append(waiter)
            done, _ = await asyncio.wait([waiter], timeout=max(deadline - loop.time(), 0))
            if not done:
                raise TimeoutError(f"nothing of the kind within {timeout} s{seen()}")

    def _seen(self, chat_id: int) -> str:
        texts = [message.text for message in self.messages(chat_id)]
        return f"; chat {chat_id} has {len(texts)} messages: {texts}"

    def _sent(self, message: SentMessage) -> None:
        if self.on_message is not None:
            self.on_message(message)

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        path = unquote(request.raw_path.partition("?")[0])
        if path.startswith("/bot"):
            return await self._call(request, path)
        if path.startswith("/control/"):
            return await control(self._verbs, path.removeprefix("/control/"), request)
        content = self._methods.download(path.removeprefix(f"/file/bot{self.token}/"))
        return error_response(ApiError(404, "Not Found")) if content is None else web.Response(body=content)

    async def _call(self, request: web.BaseRequest, path: str) -> web.StreamResponse:
        token, _, name = path.removeprefix("/bot").rpartition("/")
        if token != self.token:
            return error_response(ApiError(401, "Unauthorized"))
        try:
            params = await read_params(request)
        except ApiError as refused:
            return error_response(refused)
        call = Call(name, params.values, tuple(params.files))
        self._calls.append(call)
        fault = self._faults.take(name, params.values.get("chat_id"))
        if fault is None:
            response = await self._carry_out(name, params)
        else:
            response = await self._go_wrong(fault, request, name, params)
        call.status = response.status
        self._tell_waiters()
        return response

    async def _carry_out(self, name: str, params: Params) -> web.Response:
        try:
            method = self._methods.find(name)
            self._check_rate(name, params)
            result = method(params)
            return ok_response(await result if isinstance(result, Awaitable) else result)
        except ApiError as refused:
            return error_response(refused)

    async def _go_wrong(self, fault: Fault, request: web.BaseRequest, name: str, params: Params) -> web.Response:
        response = await self._carry_out(name, params) if fault.carried_out else error_response(fault.api_error())
        self._tell_waiters()
        await asyncio.sleep(fault.delay)
        if fault.drop and request.transport is not None:
            request.transport.close()
        elif fault.body is not None:
            kind = "text/html" if fault.body.startswith("<") else "application/json"
            return web.Response(status=fault.status, text=fault.body, content_type=kind)
        elif fault.status != 200:
            return error_response(fault.api_error())
        return response

    def _check_rate(self, name: str, params: Params) -> None:
        name = name.lower()
        if self._gate is None or not name.startswith(("send", "editmessage")) or name == "sendchataction":
            return
        wait = self._gate.enter(
            params.number("chat_id"), asyncio.get_running_loop().time(), paid=params.flag("allow_paid_broadcast")
        )
        if wait is not None:
            raise too_many(wait)

    def _tell_waiters(self) -> None:
        if not self._waiters:
            return
        waiters, self._waiters = self._waiters, []
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)


def _request(message: Any, payload: Any, protocol: Any, writer: Any, task: Any) -> web.BaseRequest:
    loop = asyncio.get_running_loop()
    return web.BaseRequest(message, payload, protocol, writer, task, loop, client_max_size=MAX_REQUEST_BYTES)
