"""Web addresses of the config: accepted, refused and spelt as pydantic's own type has them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import HttpUrl, TypeAdapter, ValidationError

from bot.settings.model import WebAddress

OURS, THEIRS = TypeAdapter(WebAddress), TypeAdapter(HttpUrl)

PREFIX = "https://example.org/"
LONGEST = 2083


def answer(adapter: TypeAdapter[object], given: object) -> tuple[bool, object]:
    """Whether it is accepted, and as what, or with what kinds of complaint."""
    try:
        return True, str(adapter.validate_python(given))
    except ValidationError as error:
        return False, [(each["type"], each["msg"]) for each in error.errors()]


@pytest.mark.parametrize("length", [LONGEST - 1, LONGEST, LONGEST + 1])
def test_addresses_are_as_long_as_they_may_be(length: int) -> None:
    address = PREFIX + "a" * (length - len(PREFIX))
    assert answer(OURS, address) == answer(THEIRS, address)
    assert answer(OURS, address)[0] == (length <= LONGEST)


@pytest.mark.parametrize(
    ("address", "accepted"),
    [
        ("http://example.org", True),
        ("HTTPS://Example.org:443/a?b=c#d", True),
        ("http://127.0.0.1:8081/bot", True),
        ("http://[::1]:8081", True),
        ("https://münchen.example/ü", True),
        ("https://user:word@example.org", True),
        ("https:example.org", True),
        ("ftp://example.org", False),
        ("file:///etc/passwd", False),
        ("wss://example.org", False),
        ("example.org", False),
        ("https://", False),
        ("https://example.org:99999", False),
        ("", False),
        (5, False),
        (None, False),
    ],
)
def test_addresses_are_judged_as_pydantic_does(address: object, accepted: bool) -> None:  # noqa: FBT001
    assert answer(OURS, address) == answer(THEIRS, address)
    assert answer(OURS, address)[0] == accepted


@given(st.from_regex(r"(https?|ftp|HTTP|)(://|:|)[a-zé0-9.@:\[\]%_ -]{0,20}(/[ -~]{0,10})?", fullmatch=True))
def test_whatever_is_written_is_judged_as_pydantic_does(address: str) -> None:
    assert answer(OURS, address) == answer(THEIRS, address)
