"""Requests of python-telegram-bot over aiohttp: fast, and without the token in any error."""

from __future__ import annotations

import io
import json
import math
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, cast

import aiohttp
from telegram.error import NetworkError, TelegramError, TimedOut
from telegram.request import BaseRequest, RequestData

from bot.redaction import hide_tokens
from bot.telegram.sending.proxy import ProxyError, proxy_for

JSON: Final = {"Content-Type": "application/json"}
FINE: Final = b'{"ok":true,"result":'
NEVER_LEFT: Final = (aiohttp.ClientConnectorError, aiohttp.ClientHttpProxyError, aiohttp.InvalidURL)
MAX_ANSWER_BYTES: Final = 8_000_000  # after unpacking; a hundred updates take about 2
MAX_RETRY_AFTER_SECONDS: Final = 86_400  # whoever asks for a longer pause is asked again after a day
IDLE_SECONDS: Final = 15.0  # seconds after which an unused connection is given up, before the server does so


@dataclass(frozen=True, slots=True)
class JsonBody:
    """What the library's RequestData is, of parameters without files that are JSON already."""

    json_payload: bytes
    contains_files: bool = False


class NotSentError(Exception):
    """The request did not leave: no connection could be made, or none became free."""


class AnswerLostError(Exception):
    """The request may have been carried out: the connection broke, or the answer did not come in time."""


class UnreadableAnswerError(Exception):
    """An answer that is larger than any of the Bot API, packed so that it can't be read, or a redirect."""


class AiohttpRequest(BaseRequest):
    """A pool of connections to one Bot API server. Times are in seconds; None waits for ever.

    `proxy` is the way there; where it is None, HTTPS_PROXY and NO_PROXY of the environment hold.

    Raises TimedOut or NetworkError whose `__cause__` is a NotSentError or an AnswerLostError, and never an error
    of aiohttp itself: some of those carry the URL, and with it the token.
    """

    __slots__ = ("_connect", "_connections", "_json_timeout", "_pool", "_proxy", "_read", "_session", "_write")

    def __init__(
        self,
        connections: int = 32,
        *,
        read_timeout: float | None = 10.0,
        write_timeout: float | None = 20.0,
        connect_timeout: float | None = 5.0,
        pool_timeout: float | None = 5.0,
        proxy: str | None = None,
    ) -> None:
        self._connections = connections
        self._read = read_timeout
        self._write = write_timeout
        self._connect = connect_timeout
        self._pool = pool_timeout
        # What holds no file is written at once: one limit for all of it, of which connecting takes a part. Each further
        # limit would be one timer more for every message.
        self._json_timeout = aiohttp.ClientTimeout(
            total=read_timeout, connect=connect_timeout, sock_connect=connect_timeout
        )
        self._proxy = proxy
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float | None:
        """Seconds; python-telegram-bot adds a long poll's own wait to it."""
        return self._read

    @property
    def is_open(self) -> bool:
        """Whether there is a pool of connections."""
        return self._session is not None

    async def initialize(self) -> None:
        """Open the pool; again after a shutdown, too."""
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=self._connections, keepalive_timeout=IDLE_SECONDS),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"User-Agent": self.USER_AGENT, "Accept-Encoding": "identity"},
                auto_decompress=False,  # what unpacks to more than it may is given up on the way, see _read_body
            )

    async def shutdown(self) -> None:
        """Close every connection."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def post_json(self, url: str, parameters: Mapping[str, Any]) -> object:
        """The result of a method whose parameters are plain JSON; raises as the library's own calls do.

        They spend as long on making JSON of each parameter as the exchange takes.
        """
        return await self.post(url, cast("RequestData", JsonBody(json.dumps(parameters).encode())))

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | JsonBody | None = None,
        read_timeout: object = BaseRequest.DEFAULT_NONE,
        write_timeout: object = BaseRequest.DEFAULT_NONE,
        connect_timeout: object = BaseRequest.DEFAULT_NONE,
        pool_timeout: object = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """Status and body of the answer."""
        if isinstance(request_data, JsonBody):
            patience = self._json_timeout
        else:
            patience = _timeout(
                _given(read_timeout, self._read),
                _given(write_timeout, self._write),
                _given(connect_timeout, self._connect),
                _given(pool_timeout, self._pool),
                bounded=method == "POST",
            )
        outcome = await self._exchange(url, method, request_data, patience)
        if isinstance(outcome, NetworkError):
            raise outcome  # out here, so that no error of aiohttp stays attached as its context
        status, body = outcome
        if method == "POST" and status < 300 and not body.startswith(FINE):
            _check_answer(body)
        return outcome

    async def _exchange(
        self, url: str, method: str, data: RequestData | JsonBody | None, patience: aiohttp.ClientTimeout
    ) -> tuple[int, bytes] | NetworkError:
        if self._session is None:
            return _failure("the pool of connections is not open", sent=False)
        headers = JSON if data is not None and not data.contains_files else None
        try:
            body = None if data is None else _body(data)
            async with self._session.request(
                method,
                url,
                data=body,
                headers=headers,
                timeout=patience,
                proxy=proxy_for(url.partition("/bot")[0], self._proxy),
                allow_redirects=False,
            ) as response:
                return await _read_answer(response)
        except (ProxyError, UnreadableAnswerError) as error:
            return _failure(str(error), sent=isinstance(error, UnreadableAnswerError))
        except TimeoutError as error:
            # named for what it is: some of aiohttp's own words for it hold the URL
            if isinstance(error, aiohttp.ConnectionTimeoutError):
                return _failure("no connection in time", sent=False, late=True)
            return _failure("no answer in time", sent=True, late=True)
        except (aiohttp.ClientError, OSError) as error:
            words = f"{type(error).__name__}: {error}".rstrip(": ")
            return _failure(hide_tokens(words), sent=not isinstance(error, NEVER_LEFT))

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, object]:
        """The object in an answer; TelegramError for whatever else it is. Nothing of it is logged."""
        try:
            parsed = json.loads(payload.decode("utf-8", "replace"))
        except (ValueError, RecursionError):  # nested without end
            parsed = None
        if not isinstance(parsed, dict):
            raise TelegramError("Invalid server response")
        return parsed if parsed.get("ok") is True else _plausible(parsed)


def _plausible(refusal: dict[str, object]) -> dict[str, object]:
    """A refusal without what python-telegram-bot would stumble over: a proxy's words may have any shape."""
    description, given = refusal.get("description"), refusal.get("parameters")
    kept: dict[str, object] = {"description": description} if isinstance(description, str) else {}
    if isinstance(given, dict):
        moved, wait = given.get("migrate_to_chat_id"), given.get("retry_after")
        if isinstance(moved, int) and not isinstance(moved, bool):
            return kept | {"parameters": {"migrate_to_chat_id": moved}}
        if isinstance(wait, int | float) and 0 < wait < math.inf:
            return kept | {"parameters": {"retry_after": min(wait, MAX_RETRY_AFTER_SECONDS)}}
    return kept


async def _read_answer(response: aiohttp.ClientResponse) -> tuple[int, bytes]:
    """Status and body, unpacked. Raises UnreadableAnswerError as soon as it is more than MAX_ANSWER_BYTES."""
    if 300 <= response.status < 400:  # another host would get the token
        raise UnreadableAnswerError(f"a redirect ({response.status}), which the Bot API never sends")
    announced = response.content_length
    short = announced is not None and announced <= MAX_ANSWER_BYTES  # more than it announced is not read
    body = await (response.read() if short else _read_long(response))
    encoding = response.headers.get("Content-Encoding", "identity").lower()
    return response.status, body if encoding == "identity" else _unpacked(body, encoding)


async def _read_long(response: aiohttp.ClientResponse) -> bytes:
    kept, size = [], 0
    async for chunk in response.content.iter_any():
        size += len(chunk)
        if size > MAX_ANSWER_BYTES:
            response.close()
            raise UnreadableAnswerError(f"an answer of more than {MAX_ANSWER_BYTES // 1_000_000} MB")
        kept.append(chunk)
    return b"".join(kept)


def _unpacked(body: bytes, encoding: str) -> bytes:
    """What a server sends packed although nobody asked for that."""
    if encoding not in {"gzip", "deflate"}:
        raise UnreadableAnswerError(f"an answer that is packed by {encoding}")
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 32)
    try:
        plain = unpacker.decompress(body, MAX_ANSWER_BYTES)
    except zlib.error as error:
        raise UnreadableAnswerError("an answer that can't be unpacked") from error
    if unpacker.unconsumed_tail:
        raise UnreadableAnswerError(f"an answer of more than {MAX_ANSWER_BYTES // 1_000_000} MB")
    return plain


def _given(value: object, default: float | None) -> float | None:
    return default if value is BaseRequest.DEFAULT_NONE else cast("float | None", value)


@lru_cache(maxsize=64)  # one for every kind of request, instead of one for every request
def _timeout(
    read: float | None, write: float | None, connect: float | None, pool: float | None, *, bounded: bool
) -> aiohttp.ClientTimeout:
    """In aiohttp waiting for a free connection and making one share a limit, and writing has none of its own."""
    parts = (read, write, connect, pool)
    total = sum(cast("tuple[float, ...]", parts)) if bounded and None not in parts else None
    free = None if pool is None or connect is None else pool + connect
    return aiohttp.ClientTimeout(total=total, connect=free, sock_connect=connect, sock_read=read)


def _body(data: RequestData | JsonBody) -> bytes | aiohttp.FormData:
    if isinstance(data, JsonBody) or not data.contains_files:
        return data.json_payload
    form = aiohttp.FormData(data.json_parameters, quote_fields=False)
    for name, (file_name, content, kind) in data.multipart_data.items():
        stream = io.BytesIO(content) if isinstance(content, bytes) else content
        form.add_field(name, stream, filename=file_name, content_type=kind)
    return form


def _failure(words: str, *, sent: bool, late: bool = False) -> NetworkError:
    fate = "perhaps sent" if sent else "not sent"
    failure = (TimedOut if late else NetworkError)(f"{words} ({fate})")
    failure.__cause__ = (AnswerLostError if sent else NotSentError)(words)
    return failure


def _check_answer(body: bytes) -> None:
    """A success must carry a result: else python-telegram-bot would fail with a KeyError."""
    if "result" not in AiohttpRequest.parse_json_payload(body):
        raise TelegramError("Invalid server response")
