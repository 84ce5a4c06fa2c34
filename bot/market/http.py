"""HTTP requests of sources that need no vendor's library; every failure leaves as a SourceError.

The libraries for it are imported with the first request, by name: whoever only asks which sources there are makes none.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib import import_module
from typing import Any

from bot.market.model import SourceError, SourceErrorKind


def get_json(source: str, address: str, headers: Mapping[str, str] | None = None) -> Any:
    """The document at an address. Raises SourceError, also where the body is no JSON."""
    body = get(source, address, {"Accept": "application/json", **(headers or {})})
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        start = " ".join(body[:80].decode("utf-8", "replace").split())
        raise SourceError(SourceErrorKind.BROKEN, source, f"not JSON: {start}") from error


def get(source: str, address: str, headers: Mapping[str, str] | None = None, until: bytes = b"") -> bytes:
    """The body at an address, read no farther than to where `until` has come.

    Raises SourceError named after `source`, never with the address, which may hold a key.
    """
    body: bytes = import_module("bot.market.http_client").body_at(source, address, headers or {}, until)
    return body
