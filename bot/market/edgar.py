"""Requests to the SEC: with a contact in each, as it wants them, and slower than the ten a second that it allows."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from bot import __version__
from bot.market.http import get, get_json
from bot.market.model import FetchRequest, Source
from bot.market.source_type import Accounts, Expand

NAME = "sec"
"""What all sources at the SEC are called: it is one vendor with one limit."""

CONTACT_KEY = "SEC_CONTACT"
WITH_CONTACT = "(your name and e-mail address: the SEC answers nobody who sends none)"
KINDS = ("sec_nport", "sec_frames")

REQUEST_PAUSE_S = 0.25


def with_contact(kind: str) -> Expand:
    """One source with the operator's contact among its options, given for any of KINDS; none where there is none."""

    def expand(value: Any, options: Mapping[str, Any], accounts: Accounts) -> tuple[Source, ...]:
        contact = next(filter(None, (accounts.keys.get(each) for each in KINDS)), None)
        return (Source(kind, NAME, str(value), {**options, "contact": contact}),) if contact else ()

    return expand


def edgar_json(request: FetchRequest, host: str, path: str) -> Any:
    """The document at a path of one of the SEC's hosts. Option: `base_url`. Raises SourceError."""
    time.sleep(REQUEST_PAUSE_S)
    return get_json(NAME, _address(request, host, path), _headers(request))


def edgar_text(request: FetchRequest, host: str, path: str, until: bytes = b"") -> bytes:
    """The body at a path, read up to where `until` has come. Option: `base_url`. Raises SourceError."""
    time.sleep(REQUEST_PAUSE_S)
    return get(NAME, _address(request, host, path), _headers(request), until)


def _address(request: FetchRequest, host: str, path: str) -> str:
    return f"{request.source.options.get('base_url', f'https://{host}')}{path}"


def _headers(request: FetchRequest) -> dict[str, str]:
    contact = " ".join(str(request.source.options["contact"]).split())
    plain = contact.encode("ascii", "replace").decode("ascii")  # a header holds no other letters
    return {"User-Agent": f"bellwether/{__version__} {plain}"}
