"""Calendars and files that many tests of the room read."""

from pathlib import Path

import pytest

from bot.market.vendors import calendars
from bot.signals.sessions import Sessions
from bot.signals.timeframe import start_of
from tests.replay import Replay

SHARED = Path(__file__).parents[2].parent / "shared"


@pytest.fixture(scope="session")
def new_york() -> Sessions:
    return calendars.sessions("XNYS", start_of("1987-01-02"), start_of("2027-11-01"))


@pytest.fixture(scope="session")
def everyday() -> Sessions:
    return Sessions.round_the_clock(start_of("2010-01-01"), start_of("2027-11-01"))


@pytest.fixture(scope="session")
def _cache(tmp_path_factory):
    """A place for yfinance's cache, which it opens once in the life of a process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session")
def server(_cache):
    """The vendors' stand-in; every test that uses it resets it first."""
    with Replay() as replay:
        yield replay


@pytest.fixture(scope="session")
def shared() -> Path:
    if not SHARED.exists():
        pytest.skip("the shared recordings are not here")
    return SHARED
