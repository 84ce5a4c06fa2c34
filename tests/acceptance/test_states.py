"""What the operator reads of the bot's own states: starting, stopped, a config that was edited under it."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.running_bot import AT, ROOT, RunningBot, running_bot
from tests.acceptance.test_database_faults import told

pytestmark = pytest.mark.timeout(120)


async def shell_status(bot: RunningBot) -> tuple[int, dict[str, Any]]:
    """What `bellwether status --json` says of the bot's process, and the exit code."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.acceptance.at", AT, "status", "--json"),
        cwd=bot.folder,
        env={**os.environ, "TELEGRAM_TOKEN": bot.sandbox.token, "PYTHONPATH": str(ROOT)},
        stdout=asyncio.subprocess.PIPE,
    )
    said, _ = await process.communicate()
    (check,) = (each for each in json.loads(said)["checks"] if each["name"] == "bot")
    return process.returncode or 0, check


async def test_it_says_that_it_starts_that_it_has_stopped_and_what_a_restart_would_change(tmp_path: Path) -> None:
    async with running_bot(tmp_path) as bot:
        bot.vendor.world.fail("^RUT", times=None, delay=20.0, status=200)  # its first look takes long
        await bot.start()
        await bot.until("SELECT count(*) FROM meta WHERE key = 'process'")
        bot.sandbox.say("/health", user=bot.operator)
        await told(bot, "Process: up")
        assert not any("start it:" in message.text for message in bot.sandbox.messages(bot.operator))
        config = tmp_path / "config.yaml"
        config.write_text(config.read_text().replace("retry: 1 second", "retry: 9 seconds"))
        bot.sandbox.say("/reload", user=bot.operator)
        await told(bot, "The config has changed in schedule: restart the bot to take that up.")
        config.write_text(config.read_text().replace("retry: 9 seconds", "retry: soon"))
        bot.sandbox.say("/reload", user=bot.operator)
        await told(bot, "The config can't be read any more; a restart would fail:")
        config.write_text(config.read_text().replace("retry: soon", "retry: 1 second"))
        assert await bot.stop() == 0
        code, check = await shell_status(bot)
        assert (code, check["ok"], check["remedy"]) == (1, False, "start it: `bellwether run`")
        assert check["detail"].startswith("stopped ")
