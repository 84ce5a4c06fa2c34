"""Control of a sandbox from another process: POST /control/<verb> with the arguments as JSON."""

from __future__ import annotations

import base64
import dataclasses
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from aiohttp import web

from bot.sandbox.errors import ApiError

Verbs = Mapping[str, Callable[..., Any]]
"""What can be asked for by name; a verb may be a coroutine function."""


async def control(verbs: Verbs, verb: str, request: web.BaseRequest) -> web.Response:
    """Carry out one verb; bytes are base64 in both directions. 400 with the reason where it is refused."""
    try:
        arguments = json.loads(await request.read() or b"{}")
        result = await _run(verbs, verb, arguments)
    except (LookupError, TypeError, ValueError, TimeoutError, ApiError) as error:
        return _json({"error": f"{verb}: {error}"}, 400)
    return _json({"result": result}, 200)


async def _run(verbs: Verbs, verb: str, arguments: dict[str, Any]) -> Any:
    if verb not in verbs:
        raise LookupError(f"unknown verb; there are {', '.join(sorted(verbs))}")
    if verb == "upload":
        arguments["content"] = base64.b64decode(arguments["content"])
    if verb == "add_chat" and "members" in arguments:
        arguments["members"] = {int(user): status for user, status in arguments["members"].items()}
    result = verbs[verb](**arguments)
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
