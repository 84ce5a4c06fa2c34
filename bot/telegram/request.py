"""How do python-telegram-bot's requests travel over aiohttp, fast and without giving the token away?"""

from __future__ import annotations

import io
import json
from functools import lru_cache
from typing import Final, cast

import aiohttp
from telegram.error import NetworkError, TelegramError, TimedOut
from telegram.request import BaseRequest, RequestData

from bot.telegram.secrecy import hide_tokens

JSON: Final = {"Content-Type": "application/json"}
FINE: Final = b'{"ok":true,"result":'
IDLE_LIMIT: Final = 15.0  # seconds after which an unused connection is given up, before the server does so


class NotSentError(Exception):
    """The request did not leave: no connection could be made, or none became free."""


class AnswerLostError(Exception):
    """The request may have been carried out: the connection broke, or the answer did not come in time."""


class AiohttpRequest(BaseRequest):
    """A pool of connections to one Bot API server. Times are in seconds; None waits for ever.

    Raises TimedOut or NetworkError whose `__cause__` is a NotSentError or an AnswerLostError, and never an error
    of aiohttp itself: some of those carry the URL, and with it the token.
    """

    __slots__ = ("_connect", "_connections", "_pool", "_proxy", "_read", "_session", "_write")

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
        self._proxy = proxy
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float | None:
        """Seconds; python-telegram-bot adds a long poll's own wait to it."""
        return self._read

    async def initialize(self) -> None:
        """Open the pool; again after a shutdown, too."""
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=self._connections, keepalive_timeout=IDLE_LIMIT),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"User-Agent": self.USER_AGENT},
            )

    async def shutdown(self) -> None:
        """Close every connection."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: object = BaseRequest.DEFAULT_NONE,
        write_timeout: object = BaseRequest.DEFAULT_NONE,
        connect_timeout: object = BaseRequest.DEFAULT_NONE,
        pool_timeout: object = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """Status and body of the answer."""
        patience = _timeout(
            _given(read_timeout, self._read),
            _given(write_timeout, self._write),
            _given(connect_timeout, self._connect),
            _given(pool_timeout, self._pool),
            bounded=method == "POST",
        )
        outcome = await self._exchange(url, method, request_data, patience)
        if isinstance(outcome, Exception):
            # raised out here, so that no error of aiohttp stays attached as its context
            raise _telegram_error(outcome) from outcome
        status, body = outcome
        if method == "POST" and status < 300 and not body.startswith(FINE):
            _check_answer(body)
        return outcome

    async def _exchange(
        self, url: str, method: str, data: RequestData | None, patience: aiohttp.ClientTimeout
    ) -> tuple[int, bytes] | NotSentError | AnswerLostError:
        if self._session is None:
            return NotSentError("the pool of connections is not open")
        headers = JSON if data is not None and not data.contains_files else None
        try:
            body = None if data is None else _body(data)
            async with self._session.request(
                method, url, data=body, headers=headers, timeout=patience, proxy=self._proxy
            ) as response:
                return response.status, await response.read()
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL) as error:
            return NotSentError(_words(error))
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            return AnswerLostError(_words(error))

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, object]:
        """The object in an answer; TelegramError for whatever else it is. Nothing of it is logged."""
        try:
            parsed = json.loads(payload.decode("utf-8", "replace"))
        except ValueError:
            parsed = None
        if not isinstance(parsed, dict):
            raise TelegramError("Invalid server response")
        return parsed


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


def _body(data: RequestData) -> bytes | aiohttp.FormData:
    if not data.contains_files:
        return data.json_payload
    form = aiohttp.FormData(data.json_parameters, quote_fields=False)
    for name, (file_name, content, kind) in data.multipart_data.items():
        stream = io.BytesIO(content) if isinstance(content, bytes) else content
        form.add_field(name, stream, filename=file_name, content_type=kind)
    return form


def _words(error: Exception) -> str:
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        return "no connection in time"
    return hide_tokens(f"{type(error).__name__}: {error}".rstrip(": "))


def _telegram_error(cause: NotSentError | AnswerLostError) -> NetworkError:
    late = "in time" in str(cause) or "imeout" in str(cause)
    kind = TimedOut if late else NetworkError
    sent = "not sent" if isinstance(cause, NotSentError) else "sent, but the answer was lost"
    return kind(f"{cause} ({sent})")


def _check_answer(body: bytes) -> None:
    """A success must carry a result: else python-telegram-bot would fail with a KeyError."""
    if "result" not in AiohttpRequest.parse_json_payload(body):
        raise TelegramError("Invalid server response")
