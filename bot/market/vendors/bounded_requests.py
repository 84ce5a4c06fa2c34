"""An HTTP adapter for libraries that use requests: it gives up an answer that is too large, or takes too long."""

from __future__ import annotations

import time
from typing import Any

from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from requests.exceptions import ChunkedEncodingError, ContentDecodingError, ReadTimeout
from urllib3.exceptions import DecodeError, ProtocolError, ReadTimeoutError

from bot.market.http_client import ANSWER_TIMEOUT_S

_CHUNK_BYTES = 65_536


class AnswerTooLargeError(Exception):
    """An answer of more bytes than allowed, given up on the way."""


class BoundedAdapter(HTTPAdapter):
    """Reads each answer at once, redirects too, and no more of it than `most` bytes after unpacking."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most

    def send(self, request: PreparedRequest, *arguments: Any, **options: Any) -> Response:
        """As the library's. Raises AnswerTooLargeError, and ReadTimeout where a body drips."""
        response = super().send(request, *arguments, **options)
        kept, ends = bytearray(), time.monotonic() + ANSWER_TIMEOUT_S
        while chunk := _next(response):
            kept += chunk
            if len(kept) > self._most:
                response.close()
                raise AnswerTooLargeError(f"an answer of more than {self._most // 1_000_000} MB")
            if time.monotonic() > ends:
                response.close()
                raise ReadTimeout(f"no whole answer within {ANSWER_TIMEOUT_S:g} s")
        response._content = bytes(kept)  # noqa: SLF001  # as requests itself sets it
        response._content_consumed = True  # noqa: SLF001
        return response


def _next(response: Response) -> bytes:
    """What has come of the body since, unpacked; its errors are those that requests would make of them."""
    try:
        return bytes(response.raw.read1(_CHUNK_BYTES, decode_content=True))
    except ProtocolError as error:
        raise ChunkedEncodingError(error) from error
    except DecodeError as error:
        raise ContentDecodingError(error) from error
    except ReadTimeoutError as error:
        raise ReadTimeout(error) from error
