"""`bellwether demo`: the real bot on a simulated market, without an account, a token or a network."""

from __future__ import annotations

import asyncio
import io
import logging
import select
import sys
import tempfile
from pathlib import Path

from bot.cli.loading import imported
from bot.market.simulation.scenarios import SCENARIOS
from bot.problem import ProblemError
from bot.suggest import did_you_mean

_PIPE_SECONDS = 2.0
"""Seconds for a program before the pipe to say the first line: some leave theirs open and never say any."""

_MAX_PIPED_BYTES = 100_000


def demo(*, days: int | None, pace: float | None, scenario: str, seed: int, files: Path | None) -> None:
    """`bellwether demo`, as it is typed in `bot.cli.signatures.operation`."""
    _check(scenario)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # where an old terminal knows no emoji
    talks = sys.stdin.isatty() and sys.stdout.isatty()
    logging.basicConfig(level=logging.CRITICAL if talks else logging.ERROR)
    kept = files or Path(tempfile.mkdtemp(prefix="bellwether-demo-"))
    lines = () if sys.stdin.isatty() else _piped_lines()
    played = imported("bot.demo.demo")
    sessions = days or (None if talks else 0 if lines else played.SCENARIO_SESSIONS)
    options = played.DemoOptions(scenario, seed, sessions, pace or (2.0 if talks else 0.3), talks=talks, lines=lines)
    with tempfile.TemporaryDirectory(prefix="bellwether-demo-") as folder:
        settings = imported("bot.cli.io.options:current_settings")()
        asyncio.run(played.Demo(settings, Path(folder), kept, options).run())
    if not files and not any(kept.iterdir()):
        kept.rmdir()


def _piped_lines() -> tuple[str, ...]:
    """What is said to the bot, out of a file or another program. Raises ProblemError where that is too much."""
    if not select.select([sys.stdin], [], [], _PIPE_SECONDS)[0]:
        print(f"standard input: nothing came within {_PIPE_SECONDS:.0f} seconds, so it is not read", file=sys.stderr)
        return ()
    raw = sys.stdin.buffer.read(_MAX_PIPED_BYTES + 1)
    if len(raw) > _MAX_PIPED_BYTES:
        raise ProblemError.of("standard input", f"too much to say; allowed: up to {_MAX_PIPED_BYTES // 1000} kB")
    lines = (line.strip() for line in raw.decode("utf-8", "replace").splitlines())
    return tuple(line for line in lines if line)


def _check(scenario: str) -> None:
    """Raise ProblemError for a scenario that nobody knows."""
    if scenario not in SCENARIOS:
        hint = did_you_mean(scenario, SCENARIOS, otherwise=f"allowed: {', '.join(SCENARIOS)}")
        raise ProblemError.of("--scenario", f"no such scenario (got {scenario}); {hint}")
