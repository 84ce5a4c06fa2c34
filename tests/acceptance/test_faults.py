"""Faults around the running bot, as an operator of years meets them: floods of one chat, lost files, full disks."""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import signal
import sqlite3
import sys
from pathlib import Path

import pytest

from tests.acceptance.running_bot import AT, DEADLINE_SECONDS, ROOT, RunningBot, running_bot

pytestmark = pytest.mark.timeout(200)

READERS = range(6_000_000_001, 6_000_000_007)
GROUP = -1_000_555
MEMBER = 6_000_000_090


def texts(bot: RunningBot, chat: int) -> list[str]:
    return [message.text for message in bot.sandbox.messages(chat)]


async def until(test, what: str) -> None:
    try:
        async with asyncio.timeout(DEADLINE_SECONDS):
            while not test():
                await asyncio.sleep(0.05)
    except TimeoutError:
        pytest.fail(f"never: {what}")


async def started(bot: RunningBot) -> None:
    await bot.start()
    await bot.until("SELECT count(*) FROM watermarks")


def heard(bot: RunningBot, chat: int) -> int:
    return sum("closed at 2,467.70, a record" in text for text in texts(bot, chat))


async def test_a_group_in_slow_mode_silences_nobody_else(tmp_path: Path) -> None:
    async with running_bot(tmp_path) as bot:
        bot.subscribe(READERS)
        bot.sandbox.add_person(MEMBER, "Member")
        bot.sandbox.add_chat(GROUP, "supergroup", "Slow", members={MEMBER: "member"})
        await started(bot)
        bot.sandbox.fail("*", 429, retry_after=600, chat=GROUP, times=None)
        bot.sandbox.say("/rules", user=MEMBER, chat=GROUP)
        await asyncio.sleep(1)
        bot.new_record()
        for reader in READERS:
            await until(lambda reader=reader: heard(bot, reader) == 1, "an alert to everybody else")
        bot.sandbox.say("/status", user=READERS[0])
        await until(lambda: any("Next scan" in text for text in texts(bot, READERS[0])), "an answer to somebody else")
        assert await bot.stop() == 0


async def test_one_false_answer_each_loses_no_subscriber(tmp_path: Path) -> None:
    async with running_bot(tmp_path) as bot:
        bot.subscribe(READERS)
        bot.sandbox.add_person(bot.operator, "Operator")
        for reader in READERS[:5]:
            bot.sandbox.fail("*", 400, chat=reader, description="Bad Request: chat not found")
        await started(bot)
        bot.new_record()
        await bot.until("SELECT count(*) FROM subscribers WHERE refusals > 0 AND state = 'active'", 5)
        await until(lambda: any("held back" in text for text in texts(bot, bot.operator)), "an alarm to the operator")
        bot.sandbox.say("/resume", user=bot.operator)
        for reader in READERS:
            await until(lambda reader=reader: heard(bot, reader) == 1, "the alert")
        assert bot.count("SELECT count(*) FROM subscribers WHERE state = 'active'") == len(READERS)
        assert await bot.stop() == 0


async def test_a_database_that_is_deleted_is_noticed_and_told(tmp_path: Path) -> None:
    async with running_bot(tmp_path) as bot:
        bot.sandbox.add_person(bot.operator, "Operator")
        await started(bot)
        aside = tmp_path / "aside"
        for name in ("bellwether.db", "bellwether.db-wal", "bellwether.db-shm"):
            (tmp_path / name).rename(f"{aside}{name}")
        await until(lambda: any("not there any more" in text for text in texts(bot, bot.operator)), "a word of it")
        bot.sandbox.say("/health", user=bot.operator)
        await until(
            lambda: any("checks fail" in text for text in texts(bot, bot.operator)), "/health that is not green"
        )
        await bot.stop(signal.SIGKILL)


async def test_a_start_on_a_full_disk_ends_in_a_sentence(tmp_path: Path) -> None:
    async with running_bot(tmp_path) as bot:
        bot.subscribe(READERS)
        with contextlib.closing(sqlite3.connect(tmp_path / "bellwether.db")) as db:
            db.execute("PRAGMA journal_mode = WAL").fetchall()
        full = 4_096

        def no_room() -> None:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (full, full))

        environ = {**os.environ, "TELEGRAM_TOKEN": bot.sandbox.token, "PYTHONPATH": str(ROOT)}
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.acceptance.at", AT, "run"),
            cwd=tmp_path,
            env=environ,
            stderr=asyncio.subprocess.PIPE,
            preexec_fn=no_room,
        )
        async with asyncio.timeout(DEADLINE_SECONDS):
            _, said = await process.communicate()
        assert process.returncode == 2, said.decode()
        assert "bellwether.db" in said.decode()
        assert "Traceback" not in said.decode()
