"""An HTTP adapter for libraries that use requests: it gives up an answer that unpacks to more than it may."""

from __future__ import annotations

from typing import Any

from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter

_CHUNK_BYTES = 65_536


class AnswerTooLargeError(Exception):
    """An answer of more bytes than allowed, given up on the way."""


class BoundedAdapter(HTTPAdapter):
    """Reads each answer at once, redirects too, and no more of it than `most` bytes after unpacking."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most

    def send(self, request: PreparedRequest, *arguments: Any, **options: Any) -> Response:
        """As the library's. Raises AnswerTooLargeError."""
        response = super().send(request, *arguments, **options)
        kept = bytearray()
        for chunk in response.iter_content(_CHUNK_BYTES):
            kept += chunk
            if len(kept) > self._most:
                response.close()
                raise AnswerTooLargeError(f"an answer of more than {self._most // 1_000_000} MB")
        response._content = bytes(kept)  # noqa: SLF001  # as requests itself sets it
        return response
