"""Inputs that grow out of good ones by mutation, and the alarms that sound while a target takes them."""

from __future__ import annotations

import random
import resource
import time
from collections.abc import Callable, Sequence

MOST_SECONDS = 10.0
"""Processor time for one input, on a slow machine that does other things too."""

MOST_GROWTH_MB = 300

_ODD = (b"\0", b"\xff", b"\xe2\x80\xae", b"\r", b"\n\n", b"9" * 400, b"-", b"\t", b"\\")


def mutated(rng: random.Random, seeds: Sequence[bytes], words: Sequence[bytes]) -> bytes:
    """A seed that was cut, spliced, repeated and sprinkled with words and odd bytes."""
    data = bytearray(rng.choice(seeds))
    for _ in range(rng.randrange(1, 6)):
        at = rng.randrange(len(data) + 1)
        end = min(len(data), at + rng.choice((1, 2, 5, 20, 100)))
        match rng.randrange(7):
            case 0:
                del data[at:end]
            case 1:
                data[at:at] = rng.choice(words)
            case 2:
                data[at:end] = rng.choice(words)
            case 3:
                data[at:at] = data[at:end] * rng.choice((1, 2, 50, 500))
            case 4:
                other = rng.choice(seeds)
                data[at:] = other[rng.randrange(len(other) + 1) :]
            case 5:
                data[at:end] = rng.randbytes(end - at)
            case _:
                data[at:at] = rng.choice(_ODD)
    return bytes(data[:20_000])


def fuzz(
    seconds: float, seed: int, target: Callable[[bytes], object], seeds: Sequence[bytes], words: Sequence[bytes]
) -> int:
    """Feed a target for so many seconds; how many inputs it took. AssertionError tells the input that broke it."""
    rng, taken = random.Random(seed), 0
    before, end = _memory_mb(), time.monotonic() + seconds
    while time.monotonic() < end or taken < 20:
        given = mutated(rng, seeds, words)
        began = time.process_time()
        try:
            target(given)
        except Exception as error:
            raise AssertionError(f"{type(error).__name__}: {error} over {given!r}") from error
        assert time.process_time() - began < MOST_SECONDS, f"too slow over {given!r}"
        assert _memory_mb() - before < MOST_GROWTH_MB, f"too large over {given!r}"
        taken += 1
    return taken


def _memory_mb() -> int:
    """The most that this process ever had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
