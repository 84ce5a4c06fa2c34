"""How does a bot reach the sandbox, and a test or the demo the people in it?"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, Final

from aiohttp import web

from bot.sandbox.cast import Cast
from bot.sandbox.looking import Looking
from bot.sandbox.menus import Menus
from bot.sandbox.refusal import Refused
from bot.sandbox.sending import Sending
from bot.sandbox.updates import Updates
from bot.sandbox.wire import LARGEST_REQUEST, Params, answer, read_params, refusal
from bot.sandbox.world import SentMessage, World

BOT_ID: Final = 4_200_000_001
TOKEN: Final = f"{BOT_ID}:sandbox-token-of-no-use-anywhere-00"  # noqa: S105  # opens nothing but the sandbox

Method = Callable[[Params], Any]


class Sandbox(Cast):
    """A Bot API server on 127.0.0.1 with people and chats in memory.

    `url` + "/bot" is python-telegram-bot's base_url, `url` + "/file/bot" its base_file_url.
    `on_message` is told of every message that the bot sends or edits.
    """

    def __init__(self, *, token: str = TOKEN, clock: Callable[[], float] = time.time) -> None:
        super().__init__(World(int(token.partition(":")[0]), clock), Updates())
        self.token = token
        self.url = ""
        self.on_message: Callable[[SentMessage], None] | None = None
        self._waiters: list[asyncio.Future[None]] = []
        self._runner: web.ServerRunner | None = None
        self._looking = Looking(self.world)
        self._methods = self._table()

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
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def messages(self, chat_id: int) -> list[SentMessage]:
        """What the bot has in that chat, oldest first, without what it deleted."""
        chat = self.world.chats.get(chat_id)
        return [] if chat is None else [message for message in chat.messages.values() if message.by_bot]

    async def wait_for(self, chat_id: int, count: int, timeout: float = 5.0) -> list[SentMessage]:  # noqa: ASYNC109  # the caller's patience is a fact of the call
        """The bot's messages in that chat, once there are at least `count`; TimeoutError says what came instead."""
        await self.wait_until(lambda: len(self.messages(chat_id)) >= count, timeout, lambda: self._seen(chat_id))
        return self.messages(chat_id)

    async def wait_until(
        self,
        ready: Callable[[], bool],
        timeout: float = 5.0,  # noqa: ASYNC109
        seen: Callable[[], str] = lambda: "",
    ) -> None:
        """Until `ready` says yes; it is asked after every call of the bot."""
        deadline = asyncio.get_running_loop().time() + timeout
        while not ready():
            left = deadline - asyncio.get_running_loop().time()
            waiter = asyncio.get_running_loop().create_future()
            self._waiters.append(waiter)
            done, _ = await asyncio.wait([waiter], timeout=max(left, 0))
            if not done:
                raise TimeoutError(f"nothing of the kind within {timeout} s{seen()}")

    def _seen(self, chat_id: int) -> str:
        texts = [message.text for message in self.messages(chat_id)]
        return f"; chat {chat_id} has {len(texts)} messages: {texts}"

    def _called(self) -> None:
        if self._waiters:
            waiters, self._waiters = self._waiters, []
            for waiter in waiters:
                if not waiter.done():
                    waiter.set_result(None)

    def _sent(self, message: SentMessage) -> None:
        if self.on_message is not None:
            self.on_message(message)

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        path = request.raw_path.partition("?")[0]
        try:
            if path.startswith("/bot"):
                return await self._bot_call(request, path)
            raise Refused(404, "Not Found")
        except Refused as refused:
            return refusal(refused)
        finally:
            self._called()

    async def _bot_call(self, request: web.BaseRequest, path: str) -> web.StreamResponse:
        token, _, name = path.removeprefix("/bot").rpartition("/")
        if token != self.token:
            raise Refused(401, "Unauthorized")
        method = self._methods.get(name.lower())
        if method is None:
            raise Refused(404, "Not Found: method not found")
        params = await read_params(request)
        result = method(params)
        return answer(await result if isinstance(result, Awaitable) else result)

    def _delete_webhook(self, params: Params) -> bool:
        if params.flag("drop_pending_updates"):
            self.updates.forget()
        return True

    def _table(self) -> dict[str, Method]:
        sending = Sending(self.world, self._sent)
        menus = Menus(self.world)
        looking = self._looking
        return {
            "getme": looking.get_me,
            "getupdates": self.updates.get,
            "deletewebhook": self._delete_webhook,
            "sendmessage": sending.send_message,
            "sendphoto": sending.send_photo,
            "senddocument": sending.send_document,
            "setmycommands": menus.set_commands,
            "getmycommands": menus.get_commands,
            "deletemycommands": menus.delete_commands,
        }


def _request(message: Any, payload: Any, protocol: Any, writer: Any, task: Any) -> web.BaseRequest:
    loop = asyncio.get_running_loop()
    return web.BaseRequest(message, payload, protocol, writer, task, loop, client_max_size=LARGEST_REQUEST)
