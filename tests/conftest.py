"""Settings of hypothesis, and the fixture `golden`: long texts that tests compare with files.

One command renews those: `pytest --renew-golden tests/views` writes what the code says now; a reviewer reads what
has changed.
"""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("project", deadline=None)  # how long an example takes says more of the machine than of us
settings.load_profile("project")

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as in the background of a script
    signal.signal(signal.SIGINT, signal.default_int_handler)  # else what is started here would not hear Ctrl-C either

Golden = Callable[[str, str], None]
"""Compares a text with the file `golden/NAME` beside the test, in this order: name, text."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--renew-golden", action="store_true", help="write the golden files anew instead of comparing")
    parser.addoption("--fuzz-seconds", default="1", help="seconds for each target of tests/fuzz")
    parser.addoption("--fuzz-seed", default="7", help="where the odd inputs of tests/fuzz begin")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    renew = bool(request.config.getoption("--renew-golden"))

    def compare(name: str, text: str) -> None:
        place = Path(request.path).parent / "golden" / name
        told = text if text.endswith("\n") else f"{text}\n"
        if renew:
            place.parent.mkdir(exist_ok=True)
            place.write_text(told, encoding="utf-8")
        assert place.exists(), f"no {place.name} yet: pytest --renew-golden writes it"
        assert told == place.read_text(encoding="utf-8")

    return compare
