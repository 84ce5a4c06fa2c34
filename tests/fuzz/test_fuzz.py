"""Odd bytes for all that reads what strangers write. The long form: pytest tests/fuzz --fuzz-seconds 300."""

from __future__ import annotations

import logging

import pytest

from tests.fuzz.mutation import fuzz
from tests.fuzz.targets import TARGETS, VENDORS, vendor
from tests.market.hostile.server import HostileServer


@pytest.fixture
def seconds(request: pytest.FixtureRequest) -> float:
    return float(request.config.getoption("--fuzz-seconds"))


@pytest.fixture
def seed(request: pytest.FixtureRequest) -> int:
    return int(request.config.getoption("--fuzz-seed"))


@pytest.mark.timeout(0)
@pytest.mark.parametrize("name", sorted(TARGETS))
def test_what_people_write(name: str, seconds: float, seed: int) -> None:
    target = TARGETS[name]
    print(f"{name}: {fuzz(seconds, seed, target.take, target.seeds, target.words)} inputs")


@pytest.mark.timeout(0)
@pytest.mark.parametrize("name", sorted(VENDORS))
def test_what_vendors_answer(name: str, seconds: float, seed: int, tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    logging.disable(logging.CRITICAL)  # each stumble is logged with its traceback
    with HostileServer() as server:
        target = vendor(server, name)
        try:
            print(f"{name}: {fuzz(seconds, seed, target.take, target.seeds, target.words)} inputs")
        finally:
            logging.disable(logging.NOTSET)
