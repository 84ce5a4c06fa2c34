"""Odd bytes for all that reads what strangers write. The long form: pytest tests/fuzz --fuzz-seconds 300."""

from __future__ import annotations

import pytest

from bot.worker.client import Worker
from tests.fuzz import targets
from tests.fuzz.mutation import fuzz
from tests.fuzz.targets import TARGETS, VENDORS


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
async def test_what_vendors_answer(name: str, seconds: float, seed: int, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    worker = Worker("fuzz", most_memory=2_000_000_000)  # vendors' libraries keep what they saw in their process
    taken = await worker.call(f"{targets.__name__}:fuzz_vendor", name, seconds, seed, timeout=seconds + 100)
    await worker.close()
    print(f"{name}: {taken} inputs")
