"""The tests' own eye for secrets sees them in every form, and does not see them where there are none."""

import base64
import json
import textwrap
from urllib.parse import quote

import pytest

from tests.leaks import leaks

SECRET = "AAEhBOweik6ad9r_QXMENQjcrGbqCr4K-bc"


@pytest.mark.parametrize(
    "text",
    [
        SECRET,
        SECRET[:12],
        SECRET[-12:],
        quote(f"987654321:{SECRET}", ""),
        repr(f"987654321:{SECRET}"),
        json.dumps({"token": SECRET}),
        "".join(f"\\u{ord(each):04x}" for each in SECRET),
        base64.b64encode(SECRET.encode()).decode(),
        base64.urlsafe_b64encode(f"bot{SECRET}".encode()).decode(),
        base64.b64encode(f"1:{SECRET}".encode()).decode(),
        SECRET.encode().hex(),
        "\n".join(f"│ {line} │" for line in textwrap.wrap(SECRET, 9)),
    ],
)
def test_it_sees_the_secret(text: str) -> None:
    assert leaks(f"at 10:30 {text} was asked", SECRET)


def test_it_sees_none_where_there_is_none() -> None:
    assert not leaks("<token> is no token; AAEhB is too short to help; abcdef0123456789abcdef0123456789", SECRET)
