"""The client behind `http`: urllib, within limits of time and size, and to one host."""

from __future__ import annotations

import http.client
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from bot import __version__
from bot.market.model import SourceError, SourceErrorKind

REQUEST_TIMEOUT_S = 10.0
"""Seconds in which nothing comes."""

ANSWER_TIMEOUT_S = 20.0
"""Seconds for a whole body: one that drips would hold its source for as long as it has bytes."""

MOST_REDIRECTS = 2
"""Redirects that a question follows, each with the time of a request of its own."""

LARGEST_BODY_BYTES = 8_000_000
_CHUNK_BYTES = 65_536

_STATUSES = {
    404: SourceErrorKind.UNKNOWN_SYMBOL,
    429: SourceErrorKind.RATE_LIMITED,
    401: SourceErrorKind.REFUSED,
    403: SourceErrorKind.REFUSED,
    451: SourceErrorKind.REFUSED,
}


class _SameHost(urllib.request.HTTPRedirectHandler):
    """Follows a redirect within a host only: another one would get the key that a header may hold."""

    max_redirections = MOST_REDIRECTS

    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:
        """As the library's; a redirect that leads elsewhere is an answer like others, and so an error."""
        old, new = urlsplit(req.full_url), urlsplit(newurl)
        same = (old.scheme, old.netloc) == (new.scheme, new.netloc)
        return super().redirect_request(req, fp, code, msg, headers, newurl) if same else None


_opener = urllib.request.build_opener(_SameHost)


def body_at(source: str, address: str, headers: Mapping[str, str], until: bytes) -> bytes:
    """The body at an address, as `http.get` says. Raises SourceError."""
    given = {"User-Agent": f"bellwether/{__version__}", **headers}
    request = urllib.request.Request(address, headers=given)  # noqa: S310  # ours, or the operator's own server
    try:
        with _opener.open(request, timeout=REQUEST_TIMEOUT_S) as answer:
            body = _read(answer, until)
    except urllib.error.HTTPError as error:
        waits = error.headers.get("Retry-After", "")
        after = float(waits) if waits.isdigit() else None
        kind = _STATUSES.get(error.code, SourceErrorKind.UNREACHABLE)
        error.close()
        raise SourceError(kind, source, f"HTTP status {error.code}", after) from error
    except (OSError, http.client.HTTPException) as error:
        reason = getattr(error, "reason", error)
        kind = SourceErrorKind.TIMEOUT if isinstance(reason, TimeoutError) else SourceErrorKind.UNREACHABLE
        raise SourceError(kind, source, (str(reason) or type(reason).__name__)[:300]) from error
    if len(body) > LARGEST_BODY_BYTES:  # half a file of bars would pass for a whole one
        told = f"an answer of more than {LARGEST_BODY_BYTES // 1_000_000} MB"
        raise SourceError(SourceErrorKind.BROKEN, source, told)
    return body


def _read(answer: http.client.HTTPResponse, until: bytes) -> bytes:
    """The body up to the first piece that holds the end of `until`, never much more than is allowed."""
    body, ends = bytearray(), time.monotonic() + ANSWER_TIMEOUT_S
    while len(body) <= LARGEST_BODY_BYTES and (more := answer.read1(_CHUNK_BYTES)):
        body += more
        if until and until in body[-len(more) - len(until) :]:
            break
        if time.monotonic() > ends:
            raise TimeoutError(f"no whole answer within {ANSWER_TIMEOUT_S:g} s")
    else:
        if answer.length and len(body) <= LARGEST_BODY_BYTES:  # cut off: a table's first half would pass for all of it
            raise http.client.IncompleteRead(bytes(body[-1:]), answer.length)
    return bytes(body)
