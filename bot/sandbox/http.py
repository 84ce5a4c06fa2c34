"""HTTP of the Bot API: parameters of a request, and the envelope of its answer."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import BodyPartReader, MultipartReader, web

from bot.sandbox.errors import ApiError, bad

TRUE = frozenset({"1", "true", "yes", "on"})
MAX_REQUEST_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """One file of a multipart body."""

    name: str
    content: bytes


@dataclass(slots=True)
class Params:
    """Parameters as they came: typed (JSON) or text (form, multipart, query)."""

    values: dict[str, Any]
    files: dict[str, UploadedFile] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """Empty where it is absent."""
        value = self.values.get(name)
        return value if isinstance(value, str) else "" if value is None else str(value)

    def number(self, name: str, default: int = 0) -> int:
        """The default where it is absent or no number, as the official server has it."""
        value = self.values.get(name)
        if isinstance(value, int):
            return value
        return int(value) if isinstance(value, str) and value.strip().removeprefix("-").isdecimal() else default

    def flag(self, name: str) -> bool:
        """False where it is absent."""
        return str(self.values.get(name, "")).lower() in TRUE

    def json(self, name: str, what: str) -> Any:
        """An object or array, also where it came as text; None where it is absent."""
        value = self.values.get(name)
        if not isinstance(value, str) or not value:
            return None if value == "" else value
        try:
            return json.loads(value)
        except ValueError:
            raise bad(f"can't parse {what} JSON object") from None


async def read_params(request: web.BaseRequest) -> Params:
    """From the query and the body, whatever its type."""
    values: dict[str, Any] = dict(request.query) if "?" in request.raw_path else {}
    if request.method != "POST":
        return Params(values)
    kind = request.content_type
    if kind == "multipart/form-data":
        return await _multipart(await request.multipart(), values)
    body = await request.read()
    if kind == "application/json" and body:
        values.update(_object(body))
    elif body:
        values.update(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    return Params(values)


def _object(body: bytes) -> dict[str, Any]:
    try:
        parsed = json.loads(body)
    except ValueError:
        raise bad("can't parse request JSON object") from None
    if not isinstance(parsed, dict):
        raise bad("request must be a JSON object")
    return parsed


async def _multipart(reader: MultipartReader, values: dict[str, Any]) -> Params:
    params = Params(values)
    while (part := await reader.next()) is not None:
        if not isinstance(part, BodyPartReader) or not part.name:
            continue
        content = bytes(await part.read())
        if part.filename is None:
            values[part.name] = content.decode("utf-8", "replace")
        else:
            params.files[part.name] = UploadedFile(part.filename, content)
    return params


def ok_response(result: object) -> web.Response:
    """200 with the result."""
    body = json.dumps({"ok": True, "result": result}, ensure_ascii=False, separators=(",", ":"))
    return web.Response(body=body.encode("utf-8", "replace"), content_type="application/json")


def error_response(refused: ApiError) -> web.Response:
    """The status, and Retry-After beside `parameters.retry_after`."""
    body = json.dumps(refused.body(), ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    response = web.Response(status=refused.status, body=body, content_type="application/json")
    if "retry_after" in refused.parameters:
        response.headers["Retry-After"] = str(refused.parameters["retry_after"])
    return response
