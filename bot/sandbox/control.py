"""How is a sandbox in another process driven: POST /control/<verb> with the arguments as JSON?"""

from __future__ import annotations

import base64
import dataclasses
import json
from collections.abc import Awaitable
from typing import TYPE_CHECKING, Any, Final

from aiohttp import web

from bot.sandbox.errors import ApiError

if TYPE_CHECKING:
    from bot.sandbox.server import Sandbox

VERBS: Final = frozenset({
    "add_chat", "add_person", "answer_to", "calls", "deactivate", "edit", "fail", "forget", "heal", "limit", "member",
    "messages", "migrate", "press", "say", "set_member", "set_rights", "state", "wait_for",
})  # fmt: skip


async def control(sandbox: Sandbox, verb: str, request: web.BaseRequest) -> web.Response:
    """The verbs are the methods of Sandbox; bytes are base64 in both directions."""
    try:
        arguments = json.loads(await request.read() or b"{}")
        result = await _run(sandbox, verb, arguments)
    except (LookupError, TypeError, ValueError, TimeoutError, ApiError) as error:
        return _json({"error": f"{verb}: {error}"}, 400)
    return _json({"result": result}, 200)


async def _run(sandbox: Sandbox, verb: str, arguments: dict[str, Any]) -> Any:
    if verb == "upload":
        return sandbox.upload(base64.b64decode(arguments.pop("content")), **arguments)
    if verb not in VERBS:
        raise LookupError(f"unknown verb; there are {', '.join(sorted(VERBS | {'upload'}))}")
    if verb == "add_chat" and "members" in arguments:
        arguments["members"] = {int(user): status for user, status in arguments["members"].items()}
    result = getattr(sandbox, verb)(**arguments)
    return await result if isinstance(result, Awaitable) else result


def _json(body: object, status: int) -> web.Response:
    text = json.dumps(body, default=_plain, ensure_ascii=False)
    return web.Response(status=status, body=text.encode("utf-8", "replace"), content_type="application/json")


def _plain(value: object) -> object:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, set | frozenset):
        return sorted(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    raise TypeError(f"no JSON for {type(value).__name__}")
